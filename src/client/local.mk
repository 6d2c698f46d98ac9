# client: blocking calls to a daemon or any peer, for tools and tests
noinst_LTLIBRARIES += %D%/libclient.la
%C%_libclient_la_SOURCES = %D%/capture_file.c \
	%D%/capture_file.h %D%/client.c %D%/client.h %D%/client_open.c \
	%D%/client_private.h %D%/link.c %D%/link.h
