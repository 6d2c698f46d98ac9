# tests/ingest
ingest_libs = src/ingest/libingest.la src/views/libviews.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la

if HAVE_CMOCKA
# An author of messages, and a node, for every test that needs one.
check_LTLIBRARIES += tests/support/libauthor.la tests/support/libnode.la
tests_support_libauthor_la_SOURCES = tests/support/author.c \
	tests/support/author.h
tests_support_libauthor_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_support_libnode_la_SOURCES = tests/support/node.c tests/support/node.h
tests_support_libnode_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

ingest_tests_libs = tests/support/libnode.la tests/support/libauthor.la \
	tests/support/libhome.la $(ingest_libs) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/ingest %D%/fork %D%/clock %D%/publish %D%/kill %D%/alloc
%C%_ingest_LDADD = $(ingest_tests_libs)
%C%_fork_LDADD = $(ingest_tests_libs)
%C%_clock_LDADD = $(ingest_tests_libs)
%C%_publish_LDADD = $(ingest_tests_libs)
%C%_kill_LDADD = $(ingest_tests_libs)
check_PROGRAMS += %D%/follow
%C%_follow_LDADD = $(ingest_tests_libs)
check_PROGRAMS += %D%/gaps
%C%_gaps_LDADD = $(ingest_tests_libs)
check_PROGRAMS += %D%/guard
%C%_guard_LDADD = $(ingest_tests_libs)
check_PROGRAMS += %D%/forget %D%/retain %D%/limit
%C%_limit_LDADD = $(ingest_tests_libs)
%C%_retain_LDADD = $(ingest_tests_libs)
%C%_forget_LDADD = $(ingest_tests_libs)
check_PROGRAMS += %D%/letter
%C%_letter_LDADD = $(ingest_tests_libs) $(SODIUM_LIBS)
check_PROGRAMS += %D%/pool
%C%_pool_LDADD = $(ingest_tests_libs)
%C%_alloc_LDADD = $(ingest_tests_libs) tests/support/liballoc.la
%C%_alloc_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif
