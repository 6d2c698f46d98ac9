# client: blocking calls to a daemon or any peer, for tools and tests
noinst_LTLIBRARIES += %D%/libclient.la
%C%_libclient_la_SOURCES = %D%/client.c %D%/client.h %D%/link.c %D%/link.h
