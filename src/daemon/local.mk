# src/daemon: the wiring, and kithd itself.
noinst_LTLIBRARIES += %D%/libdaemon.la
%C%_libdaemon_la_SOURCES = %D%/args.c %D%/args.h \
	%D%/caught_up.c %D%/caught_up.h %D%/chore.c %D%/chore.h \
	%D%/config.c %D%/config.h %D%/daemon.c %D%/daemon.h %D%/dialer.c \
	%D%/dialer.h %D%/ebt_stream.c %D%/ebt_stream.h %D%/facts.c \
	%D%/facts.h %D%/fallback.c %D%/fallback.h %D%/forks.c %D%/forks.h \
	%D%/intake.c %D%/intake.h %D%/load.c %D%/load.h %D%/methods.h \
	%D%/methods_blobs.c %D%/methods_conn.c %D%/methods_core.c \
	%D%/methods_ebt.c %D%/methods_explain.c \
	%D%/methods_feed.c %D%/friends.c %D%/friends.h \
	%D%/methods_friends.c %D%/methods_friends_watch.c %D%/methods_people.c %D%/methods_follow.c %D%/methods_marks.c %D%/methods_forks.c \
	%D%/methods_log.c %D%/methods_room.c %D%/methods_search.c \
	%D%/methods_space.c %D%/methods_status.c \
	%D%/methods_write.c %D%/own_feed.c %D%/own_feed.h %D%/pace.c \
	%D%/pace.h %D%/peer.c %D%/peer.h %D%/peers.c %D%/peers.h \
	%D%/methods_refused.c %D%/refusals.c %D%/refusals.h \
	%D%/replicate.c %D%/replicate.h %D%/request.c %D%/request.h \
	%D%/rate.c %D%/rate.h \
	%D%/rpc.c %D%/rpc.h %D%/searching.c %D%/searching.h %D%/space.c %D%/space.h %D%/streams.c \
	%D%/streams.h
%C%_libdaemon_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_libdaemon_la_LIBADD = $(JANSSON_LIBS) $(SODIUM_LIBS) -lm

# Queries.
%C%_libdaemon_la_SOURCES += %D%/methods_links.c %D%/methods_read.c \
	%D%/methods_views.c \
	%D%/query_source.c %D%/query_source.h

# Blobs.
%C%_libdaemon_la_SOURCES += %D%/blobs.c %D%/blobs.h %D%/blobs_check.c \
	%D%/blobs_check.h %D%/blobs_fetch.c \
	%D%/blobs_fetch.h %D%/blobs_keep.c %D%/blobs_keep.h \
	%D%/blobs_notes.c %D%/blobs_notes.h %D%/blobs_refs.c \
	%D%/blobs_refs.h %D%/blobs_take.c %D%/blobs_take.h \
	%D%/blobs_talk.c %D%/blobs_talk.h %D%/blobs_watch.h \
	%D%/methods_blobs_add.c %D%/methods_blobs_get.c \
	%D%/methods_blobs_watch.c %D%/methods_blobs_why.c

# Private messages and groups.
%C%_libdaemon_la_SOURCES += %D%/methods_groups.c %D%/methods_private.c \
	%D%/opened.c %D%/opened.h %D%/opening.c %D%/opening.h \
	%D%/publishing.c %D%/publishing.h

# Depots.
%C%_libdaemon_la_SOURCES += %D%/config_depots.c %D%/config_depots.h \
	%D%/depot_run.c %D%/depot_run.h %D%/depots.c %D%/depots.h \
	%D%/depots_way.c %D%/depots_way.h

# Captures.
%C%_libdaemon_la_SOURCES += %D%/capture.c %D%/capture.h \
	%D%/capture_private.h %D%/capture_write.c %D%/methods_capture.c
