# tests/source: one program a module.
if HAVE_CMOCKA
source_bytes_libs = src/source/libsource.la tools/stream/libstream.la \
	feeds/libfeeds.la $(ZLIB_LIBS) $(ZSTD_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += %D%/unpack %D%/lines %D%/flume_log
%C%_unpack_LDADD = $(source_bytes_libs)
%C%_lines_LDADD = $(source_bytes_libs)
%C%_flume_log_LDADD = $(source_bytes_libs)
endif

if HAVE_CMOCKA
source_libs = tests/support/libauthor.la tests/support/libhome.la \
	src/source/libsource.la src/client/libclient.la \
	src/depot/libdepot.la src/url/liburl.la src/ingest/libingest.la \
	src/views/libviews.la src/store/libstore.la src/gossip/libgossip.la \
	src/wire/libwire.la src/liblog.la feeds/libfeeds.la $(ZLIB_LIBS) \
	$(ZSTD_LIBS) $(CMOCKA_LIBS) $(SODIUM_LIBS)
check_PROGRAMS += %D%/index
%C%_index_LDADD = $(source_libs)
check_PROGRAMS += %D%/damage
%C%_damage_LDADD = $(source_libs)
endif

# Two sources side by side, and a live peer.
if HAVE_CMOCKA
check_PROGRAMS += %D%/part %D%/peer %D%/peer_walk
%C%_part_LDADD = $(source_libs)
peer_scene = %D%/peer_scene.c %D%/peer_scene.h tests/client/server.c \
	tests/client/server.h
%C%_peer_SOURCES = %D%/peer.c $(peer_scene)
%C%_peer_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_peer_LDADD = $(source_libs)
%C%_peer_walk_SOURCES = %D%/peer_walk.c $(peer_scene)
%C%_peer_walk_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_peer_walk_LDADD = $(source_libs)
endif

# Logs of other programs, and their databases.
EXTRA_DIST += tests/vectors/own/leveldb
if HAVE_CMOCKA
check_PROGRAMS += %D%/logs %D%/bipf_log %D%/leveldb
%C%_logs_LDADD = tests/support/libbipf.la $(source_libs) -lm
%C%_bipf_log_LDADD = tests/support/libbipf.la $(source_bytes_libs) -lm
%C%_leveldb_LDADD = tests/support/libdata.la src/source/libsource.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS) \
	$(LMDB_LIBS) $(SODIUM_LIBS)
endif
