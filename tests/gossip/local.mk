# tests/gossip
EXTRA_DIST += tests/vectors/protocol/ebt.json

if HAVE_CMOCKA
gossip_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
gossip_test_libs = tests/support/libdata.la src/gossip/libgossip.la \
	feeds/libfeeds.la tests/support/liballoc.la $(SODIUM_LIBS) \
	$(CMOCKA_LIBS)
gossip_test_ldflags = $(AM_LDFLAGS) $(WRAP_ALLOC)

check_PROGRAMS += %D%/dial %D%/ebt %D%/ebt_ask %D%/ebt_bad %D%/ebt_limit \
	%D%/ebt_traces %D%/ebt_wants %D%/graph %D%/history %D%/notes %D%/own
%C%_dial_CFLAGS = $(gossip_test_cflags)
%C%_dial_LDADD = $(gossip_test_libs)
%C%_dial_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_SOURCES = %D%/ebt.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_CFLAGS = $(gossip_test_cflags)
%C%_ebt_LDADD = $(gossip_test_libs)
%C%_ebt_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_ask_SOURCES = %D%/ebt_ask.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_ask_CFLAGS = $(gossip_test_cflags)
%C%_ebt_ask_LDADD = $(gossip_test_libs)
%C%_ebt_ask_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_bad_SOURCES = %D%/ebt_bad.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_bad_CFLAGS = $(gossip_test_cflags)
%C%_ebt_bad_LDADD = $(gossip_test_libs)
%C%_ebt_bad_LDFLAGS = $(gossip_test_ldflags)
check_PROGRAMS += %D%/ebt_doubt %D%/ebt_forget
%C%_ebt_doubt_SOURCES = %D%/ebt_doubt.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_doubt_CFLAGS = $(gossip_test_cflags)
%C%_ebt_doubt_LDADD = $(gossip_test_libs)
%C%_ebt_doubt_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_forget_SOURCES = %D%/ebt_forget.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_forget_CFLAGS = $(gossip_test_cflags)
%C%_ebt_forget_LDADD = $(gossip_test_libs)
%C%_ebt_forget_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_limit_SOURCES = %D%/ebt_limit.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_limit_CFLAGS = $(gossip_test_cflags)
%C%_ebt_limit_LDADD = $(gossip_test_libs)
%C%_ebt_limit_LDFLAGS = $(gossip_test_ldflags)
check_PROGRAMS += %D%/ebt_near %D%/ebt_turn
%C%_ebt_near_SOURCES = %D%/ebt_near.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_near_CFLAGS = $(gossip_test_cflags)
%C%_ebt_near_LDADD = $(gossip_test_libs)
%C%_ebt_near_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_traces_SOURCES = %D%/ebt_traces.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_traces_CFLAGS = $(gossip_test_cflags)
%C%_ebt_traces_LDADD = $(gossip_test_libs)
%C%_ebt_traces_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_turn_SOURCES = %D%/ebt_turn.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_turn_CFLAGS = $(gossip_test_cflags)
%C%_ebt_turn_LDADD = $(gossip_test_libs)
%C%_ebt_turn_LDFLAGS = $(gossip_test_ldflags)
%C%_ebt_wants_SOURCES = %D%/ebt_wants.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_wants_CFLAGS = $(gossip_test_cflags)
%C%_ebt_wants_LDADD = $(gossip_test_libs)
%C%_ebt_wants_LDFLAGS = $(gossip_test_ldflags)
%C%_graph_CFLAGS = $(gossip_test_cflags)
%C%_graph_LDADD = $(gossip_test_libs)
%C%_graph_LDFLAGS = $(gossip_test_ldflags)
%C%_history_CFLAGS = $(gossip_test_cflags)
%C%_history_LDADD = $(gossip_test_libs)
%C%_history_LDFLAGS = $(gossip_test_ldflags)
%C%_own_CFLAGS = $(gossip_test_cflags)
%C%_own_LDADD = $(gossip_test_libs)
%C%_own_LDFLAGS = $(gossip_test_ldflags)
%C%_notes_CFLAGS = $(gossip_test_cflags)
%C%_notes_LDADD = $(gossip_test_libs)
%C%_notes_LDFLAGS = $(gossip_test_ldflags)
check_PROGRAMS += %D%/keep %D%/wants %D%/wants_bounds %D%/wants_fetch \
	%D%/wants_own %D%/wants_resume
%C%_keep_CFLAGS = $(gossip_test_cflags)
%C%_keep_LDADD = $(gossip_test_libs)
%C%_keep_LDFLAGS = $(gossip_test_ldflags)
%C%_wants_SOURCES = %D%/wants.c %D%/wants_case.c %D%/wants_case.h
%C%_wants_CFLAGS = $(gossip_test_cflags)
%C%_wants_LDADD = $(gossip_test_libs)
%C%_wants_LDFLAGS = $(gossip_test_ldflags)
%C%_wants_bounds_SOURCES = %D%/wants_bounds.c %D%/wants_case.c %D%/wants_case.h
%C%_wants_bounds_CFLAGS = $(gossip_test_cflags)
%C%_wants_bounds_LDADD = $(gossip_test_libs)
%C%_wants_bounds_LDFLAGS = $(gossip_test_ldflags)
%C%_wants_fetch_SOURCES = %D%/wants_fetch.c %D%/wants_case.c %D%/wants_case.h
%C%_wants_fetch_CFLAGS = $(gossip_test_cflags)
%C%_wants_fetch_LDADD = $(gossip_test_libs)
%C%_wants_fetch_LDFLAGS = $(gossip_test_ldflags)
%C%_wants_resume_SOURCES = %D%/wants_resume.c %D%/wants_case.c %D%/wants_case.h
%C%_wants_resume_CFLAGS = $(gossip_test_cflags)
%C%_wants_resume_LDADD = $(gossip_test_libs)
%C%_wants_resume_LDFLAGS = $(gossip_test_ldflags)
%C%_wants_own_SOURCES = %D%/wants_own.c %D%/wants_case.c %D%/wants_case.h
%C%_wants_own_CFLAGS = $(gossip_test_cflags)
%C%_wants_own_LDADD = $(gossip_test_libs)
%C%_wants_own_LDFLAGS = $(gossip_test_ldflags)
check_PROGRAMS += %D%/gist
%C%_gist_CFLAGS = $(gossip_test_cflags)
%C%_gist_LDADD = src/gossip/libgossip.la src/wire/libwire.la \
	feeds/libfeeds.la tests/support/liballoc.la $(SODIUM_LIBS) \
	$(CMOCKA_LIBS)
%C%_gist_LDFLAGS = $(gossip_test_ldflags)
endif
