# tools/stream: streams
noinst_LTLIBRARIES += %D%/libstream.la
%C%_libstream_la_SOURCES = %D%/interrupt.c %D%/interrupt.h \
	%D%/remove_all.c %D%/remove_all.h %D%/spill.c %D%/spill.h \
	%D%/spill_private.h %D%/spill_run.c %D%/target.c %D%/target.h
%C%_libstream_la_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS)
