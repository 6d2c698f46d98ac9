# src/web: blobs over HTTP.  libmicrohttpd is not linked but loaded, in mhd.c.
noinst_LTLIBRARIES += %D%/libweb.la
%C%_libweb_la_SOURCES = \
	%D%/ask.c \
	%D%/ask.h \
	%D%/mhd.c \
	%D%/mhd.h \
	%D%/web.c \
	%D%/web.h
%C%_libweb_la_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
