# tests/tools: the commands, run as a person runs them
dist_check_SCRIPTS += %D%/feed.sh %D%/init.sh %D%/write.sh %D%/read.sh %D%/import.sh \
	%D%/verify.sh %D%/compare.sh %D%/forks.sh %D%/words.sh %D%/backup.sh %D%/killed.sh %D%/passphrase.sh %D%/usage.sh %D%/man.sh \
	%D%/library.sh %D%/daemon.sh %D%/space.sh %D%/examples.sh %D%/search.sh %D%/search_private.sh %D%/capture.sh %D%/views.sh %D%/query.sh %D%/sync.sh
EXTRA_DIST += %D%/lib.sh %D%/persons.sh %D%/kithd.sh %D%/branch-a.ndjson %D%/branch-b.ndjson %D%/feeds.ndjson %D%/golden %D%/examples.ndjson %D%/alice.secret

# Has more to import than fits into memory.
dist_check_SCRIPTS += %D%/import_large.sh
check_DATA = tests/bench/generate$(EXEEXT)

if HAVE_CMOCKA
tools_tests_libs = tools/stream/libstream.la feeds/libfeeds.la $(ZLIB_LIBS) \
	$(ZSTD_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += %D%/spill
check_PROGRAMS += %D%/text %D%/wrap %D%/markdown %D%/when
text_tests_libs = tools/text/libtext.la feeds/libfeeds.la $(MD4C_LIBS) \
	$(CMOCKA_LIBS) -lm
%C%_text_LDADD = $(text_tests_libs)
%C%_wrap_LDADD = $(text_tests_libs)
%C%_markdown_LDADD = $(text_tests_libs)
%C%_when_SOURCES = %D%/when.c tools/print/when.c tools/print/when.h
%C%_when_LDADD = $(ingest_tests_libs) $(SODIUM_LIBS) -lm
check_PROGRAMS += %D%/ids
%C%_ids_SOURCES = %D%/ids.c tools/pick/ids.c tools/pick/ids.h
%C%_ids_LDADD = $(text_tests_libs)
check_PROGRAMS += %D%/remote
%C%_remote_SOURCES = %D%/remote.c tests/client/server.c tests/client/server.h
%C%_remote_LDADD = $(ingest_tests_libs) src/client/libclient.la \
	src/wire/libwire.la feeds/libfeeds.la $(SODIUM_LIBS)
check_PROGRAMS += %D%/expect
%C%_expect_SOURCES = %D%/expect.c tools/pass/expect.c tools/pass/expect.h
%C%_expect_LDADD = $(ingest_tests_libs) $(SODIUM_LIBS)
check_PROGRAMS += %D%/progress
%C%_progress_SOURCES = %D%/progress.c tools/text/progress.c tools/text/progress.h \
	tools/text/text.c tools/text/text.h tools/text/width.c tools/text/width.h
%C%_progress_LDADD = src/client/libclient.la src/wire/libwire.la \
	feeds/libfeeds.la $(CMOCKA_LIBS) -lm
check_PROGRAMS += %D%/mentions
%C%_mentions_LDADD = tools/text/libtext.la feeds/libfeeds.la $(MD4C_LIBS) \
	$(CMOCKA_LIBS)
%C%_spill_LDADD = $(tools_tests_libs) tests/support/liballoc.la
%C%_spill_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif

dist_check_SCRIPTS += %D%/reading.sh %D%/blob.sh
EXTRA_DIST += %D%/conversation.js %D%/conversation.ndjson %D%/ada.secret \
	%D%/markdown.md

# Looking into the store.
dist_check_SCRIPTS += %D%/look.sh
EXTRA_DIST += %D%/look.js %D%/look.ndjson %D%/announced.ndjson

dist_check_SCRIPTS += %D%/lint.sh
EXTRA_DIST += %D%/edges.ndjson

# kith verify --as against every verdict that was recorded of the others.
check_PROGRAMS += %D%/recorded
%C%_recorded_SOURCES = %D%/recorded.c tests/vectors/recorded.c \
	tests/vectors/recorded.h
%C%_recorded_LDADD = feeds/libfeeds.la $(SODIUM_LIBS)

# Writing: completion, publishing, the README's tour.
dist_check_SCRIPTS += %D%/complete.sh %D%/follow.sh %D%/publish.sh %D%/private.sh

# Bundles, and depots that kithd syncs.
dist_check_SCRIPTS += %D%/bundle.sh %D%/kithd_depots.sh

# Other sources in place of the store.
dist_check_SCRIPTS += %D%/from.sh

# Depots: looked after, and the README by hand.
dist_check_SCRIPTS += %D%/depot.sh %D%/two_users.sh
dist_check_SCRIPTS += %D%/inspect.sh

# Counting and drawing.
dist_check_SCRIPTS += %D%/summary.sh
if HAVE_CMOCKA
draw_tests_libs = tools/draw/libdraw.la tools/text/libtext.la feeds/libfeeds.la \
	$(CMOCKA_LIBS) -lm
check_PROGRAMS += %D%/bars %D%/graph_layout %D%/quantiles %D%/svg
%C%_bars_LDADD = $(draw_tests_libs)
%C%_graph_layout_LDADD = $(draw_tests_libs)
%C%_quantiles_LDADD = $(draw_tests_libs)
%C%_svg_LDADD = $(draw_tests_libs)
endif

# Tokens, redaction, tables.
dist_check_SCRIPTS += %D%/decode.sh %D%/tables.sh
if HAVE_CMOCKA
check_PROGRAMS += %D%/redact_line %D%/decode
%C%_decode_LDADD = tools/wire/libdecode.la tools/text/libtext.la \
	src/views/libviews.la src/wire/libwire.la feeds/libfeeds.la \
	$(SODIUM_LIBS) $(MD4C_LIBS) $(CMOCKA_LIBS) -lm
%C%_redact_line_LDADD = tools/wire/libdecode.la feeds/libfeeds.la $(SODIUM_LIBS) \
	$(CMOCKA_LIBS)
endif

# Recordings of connections.
EXTRA_DIST += %D%/talk.ssbcap
EXTRA_PROGRAMS += %D%/recording
%C%_recording_SOURCES = %D%/recording.c %D%/recording_ways.c \
	%D%/recording_ways.h
%C%_recording_LDADD = tests/wire/liboverheard.la src/wire/libwire.la \
	feeds/libfeeds.la $(SODIUM_LIBS)
check_DATA += tests/tools/recording$(EXEEXT)
CLEANFILES += tests/tools/recording$(EXEEXT)
dist_check_SCRIPTS += %D%/dissect.sh

# Stores of other programs come over.
dist_check_SCRIPTS += %D%/adopt.sh
EXTRA_DIST += %D%/ssb-server %D%/ssb-db2 %D%/ssb-keyring
