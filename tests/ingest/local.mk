# tests/ingest
ingest_libs = src/ingest/libingest.la src/views/libviews.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la

if HAVE_CMOCKA
# An author of messages, for every test that needs some.
check_LTLIBRARIES += tests/support/libauthor.la
tests_support_libauthor_la_SOURCES = tests/support/author.c \
	tests/support/author.h
tests_support_libauthor_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

ingest_tests_libs = tests/support/libauthor.la tests/support/libhome.la \
	$(ingest_libs) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/ingest
%C%_ingest_LDADD = $(ingest_tests_libs)
endif

# make tests/bench/ingest
EXTRA_PROGRAMS = tests/bench/ingest
tests_bench_ingest_LDADD = $(ingest_libs)
