# src/url: files of other hosts; the only place that knows libcurl, which is not
# linked but loaded, in curl.c.
noinst_LTLIBRARIES += %D%/liburl.la
%C%_liburl_la_SOURCES = \
	%D%/address.c \
	%D%/address.h \
	%D%/attempt.c \
	%D%/curl.c \
	%D%/curl.h \
	%D%/dav.c \
	%D%/fault.c \
	%D%/fault.h \
	%D%/files.c \
	%D%/head.c \
	%D%/head.h \
	%D%/listing.c \
	%D%/listing.h \
	%D%/private.h \
	%D%/reader.c \
	%D%/s3.c \
	%D%/session.c \
	%D%/session.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/sftp.c \
	%D%/spool.c \
	%D%/spool.h \
	%D%/try.c \
	%D%/xml.c \
	%D%/xml.h
%C%_liburl_la_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
%C%_liburl_la_LIBADD = $(SODIUM_LIBS) -lpthread
