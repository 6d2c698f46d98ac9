# src/source: whatever holds messages, read by one interface.
noinst_LTLIBRARIES += %D%/libsource.la
%C%_libsource_la_SOURCES = %D%/source.c %D%/source.h %D%/source_index.c \
	%D%/source_index.h %D%/values.c %D%/values.h %D%/temporary.c \
	%D%/temporary.h %D%/once.c %D%/once.h %D%/look.c %D%/look.h

# The kinds, one row each.
%C%_libsource_la_SOURCES += %D%/kind.h %D%/store.c %D%/depot.c %D%/bundle.c \
	%D%/ndjson.c %D%/peer.c %D%/peer_ahead.c %D%/peer_ahead.h \
	%D%/peer_clock.c %D%/peer_clock.h %D%/peer_own.h %D%/peer_walk.c

# Where two copies of a feed part.
%C%_libsource_la_SOURCES += %D%/part.c %D%/part.h

# Logs of other programs, in place.
%C%_libsource_la_SOURCES += %D%/bipf.c %D%/flume.c %D%/log_file.c \
	%D%/log_file.h %D%/bipf_log.c %D%/bipf_log.h %D%/flume_log.c \
	%D%/flume_log.h %D%/leveldb.c %D%/leveldb.h

# Bytes, lines and records of files, packed or not.
%C%_libsource_la_SOURCES += %D%/unpack.c %D%/unpack.h %D%/lines.c \
	%D%/lines.h %D%/texts.c %D%/texts.h
%C%_libsource_la_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS)
