# src/web: blobs over HTTP.
noinst_LTLIBRARIES += %D%/libweb.la
%C%_libweb_la_SOURCES = \
	%D%/ask.c \
	%D%/ask.h \
	%D%/web.c \
	%D%/web.h
%C%_libweb_la_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
%C%_libweb_la_LIBADD = $(MICROHTTPD_LIBS)
