# Benchmarks, side by side with the npm peers that tools/check installs.
bench_modules = $(abs_top_srcdir)/build-check/node
bench: all
	KITH_BUILD='$(abs_top_builddir)' \
	NODE_PATH="$${NODE_PATH:-$(bench_modules)/node_modules:$(bench_modules)/extra/node_modules}" \
		node '$(srcdir)/tests/bench/bench.js'
.PHONY: bench
EXTRA_DIST += %D%/adopt.js %D%/bench.js %D%/blobs.js %D%/coldstart.js %D%/diff.js %D%/early.js %D%/idle.js %D%/npm.js \
	%D%/orders.js %D%/process.js %D%/queries.js %D%/queries-db2.js %D%/scale.js

# Programs of the benchmarks: make tests/bench/NAME
bench_programs = %D%/answer %D%/search %D%/generate %D%/raw %D%/ingest %D%/read %D%/publish %D%/stages
EXTRA_PROGRAMS += $(bench_programs)
bench-programs: $(bench_programs)
.PHONY: bench-programs
bench_libs = src/ingest/libingest.la src/views/libviews.la \
	src/gossip/libgossip.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la -lm
%C%_generate_LDADD = feeds/libfeeds.la $(SODIUM_LIBS) -lm
%C%_raw_SOURCES = %D%/raw.c %D%/bench.c %D%/bench.h
%C%_raw_LDADD = feeds/libfeeds.la $(SODIUM_LIBS) -lpthread
%C%_ingest_SOURCES = %D%/ingest.c %D%/bench.c %D%/bench.h
%C%_ingest_LDADD = $(bench_libs)
%C%_search_SOURCES = %D%/search.c %D%/bench.c %D%/bench.h
%C%_search_LDADD = $(bench_libs)
%C%_answer_SOURCES = %D%/answer.c %D%/bench.c %D%/bench.h
%C%_answer_LDADD = $(bench_libs)
%C%_read_SOURCES = %D%/read.c %D%/bench.c %D%/bench.h
%C%_read_LDADD = $(bench_libs)
%C%_stages_SOURCES = %D%/stages.c %D%/bench.c %D%/bench.h
%C%_stages_LDADD = $(bench_libs)
%C%_publish_SOURCES = %D%/publish.c %D%/bench.c %D%/bench.h
%C%_publish_CFLAGS = $(AM_CFLAGS) $(LMDB_CFLAGS)
%C%_publish_LDADD = $(bench_libs) $(LMDB_LIBS)
CLEANFILES += $(bench_programs)

# How fast questions are answered.
EXTRA_PROGRAMS += %D%/query
CLEANFILES += %D%/query
%C%_query_SOURCES = %D%/query.c %D%/bench.c %D%/bench.h
%C%_query_LDADD = src/views/libviews.la src/gossip/libgossip.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la -lm

# What is private: how long a key that comes late takes.
EXTRA_PROGRAMS += %D%/late_key
CLEANFILES += %D%/late_key
%C%_late_key_SOURCES = %D%/late_key.c %D%/bench.c %D%/bench.h
%C%_late_key_LDADD = $(bench_libs) $(SODIUM_LIBS)

# Depots: what a session takes.
EXTRA_PROGRAMS += %D%/depot %D%/depot_fill
CLEANFILES += %D%/depot %D%/depot_fill
EXTRA_DIST += %D%/depot.js
%C%_depot_fill_SOURCES = %D%/depot_fill.c %D%/bench.c %D%/bench.h
%C%_depot_fill_LDADD = src/depot/libdepot.la $(bench_libs) $(SODIUM_LIBS)
%C%_depot_SOURCES = %D%/depot.c %D%/bench.c %D%/bench.h %D%/stick.c \
	%D%/stick.h
%C%_depot_LDADD = src/depot/libdepot.la src/url/liburl.la $(bench_libs) \
	$(SODIUM_LIBS)

# Counting and drawing, against reading alone.
EXTRA_PROGRAMS += %D%/summary
CLEANFILES += %D%/summary
%C%_summary_SOURCES = %D%/summary.c %D%/bench.c %D%/bench.h
%C%_summary_LDADD = src/store/libstore.la src/liblog.la feeds/libfeeds.la
