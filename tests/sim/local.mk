# tests/sim: EBT in a simulated world.  SIM_SEEDS=1000 for all seeds.
check_PROGRAMS += %D%/ebt
%C%_ebt_SOURCES = %D%/ebt.c %D%/events.c %D%/events.h %D%/world.c \
	%D%/world.h
%C%_ebt_LDADD = src/gossip/libgossip.la feeds/libfeeds.la $(SODIUM_LIBS)

# One key in several places.  FORK_SEEDS=10000 for all seeds.
check_PROGRAMS += %D%/fork
%C%_fork_SOURCES = %D%/fork.c %D%/fork_place.c %D%/fork_place.h \
	%D%/fork_world.c %D%/fork_world.h
%C%_fork_LDADD = tools/stream/libstream.la src/gossip/libgossip.la \
	src/ingest/libingest.la src/views/libviews.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la $(SODIUM_LIBS) $(LMDB_LIBS) -lpthread

# Blob wants, with peers of every manner.  BLOB_SEEDS=10000 for all sessions.
check_PROGRAMS += %D%/blobs
%C%_blobs_SOURCES = %D%/blobs.c %D%/blob_shell.c %D%/blob_world.c \
	%D%/blob_world.h %D%/blob_world_private.h
%C%_blobs_LDADD = src/gossip/libgossip.la feeds/libfeeds.la $(SODIUM_LIBS)

# Three nodes and two sticks.  DEPOT_SEEDS=1000 for all seeds.
if HAVE_CMOCKA
check_PROGRAMS += %D%/depots
%C%_depots_LDADD = $(host_libs)
endif
