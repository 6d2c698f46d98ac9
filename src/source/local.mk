# src/source: whatever holds messages, read by one interface.
noinst_LTLIBRARIES += %D%/libsource.la
%C%_libsource_la_SOURCES = %D%/source.h

# Bytes, lines and records of files, packed or not.
%C%_libsource_la_SOURCES += %D%/unpack.c %D%/unpack.h %D%/lines.c \
	%D%/lines.h %D%/texts.c %D%/texts.h %D%/flume.c %D%/flume.h
%C%_libsource_la_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS)
