# tests/ingest
ingest_libs = src/ingest/libingest.la src/views/libviews.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la

# make tests/bench/ingest
EXTRA_PROGRAMS = tests/bench/ingest
tests_bench_ingest_LDADD = $(ingest_libs)
