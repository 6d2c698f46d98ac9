# tests/views
# Asked by tests/interop/people.js.
noinst_PROGRAMS += %D%/answers
%C%_answers_SOURCES = %D%/agree.c %D%/agree.h %D%/agree_social.c \
	%D%/agree_thread.c %D%/answers.c %D%/past.c %D%/past.h
%C%_answers_LDADD = src/views/libviews.la src/gossip/libgossip.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la -lm

if HAVE_CMOCKA
check_PROGRAMS += %D%/contacts %D%/people
%C%_contacts_LDADD = tests/support/libauthor.la tests/support/libhome.la \
	src/views/libviews.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(CMOCKA_LIBS)
%C%_people_SOURCES = %D%/agree.c %D%/agree.h %D%/agree_social.c \
	%D%/agree_thread.c %D%/history.c %D%/history.h %D%/past.c \
	%D%/past.h %D%/people.c
%C%_people_LDADD = tests/support/libhome.la src/views/libviews.la \
	src/gossip/libgossip.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(CMOCKA_LIBS) -lm
check_PROGRAMS += %D%/filler
%C%_filler_LDADD = tests/support/libhome.la src/views/libviews.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS)
check_PROGRAMS += %D%/names %D%/thread
%C%_names_SOURCES = %D%/history.c %D%/history.h %D%/names.c %D%/scene.c \
	%D%/scene.h
%C%_names_LDADD = $(%C%_people_LDADD)
%C%_thread_SOURCES = %D%/history.c %D%/history.h %D%/scene.c %D%/scene.h \
	%D%/thread.c
%C%_thread_LDADD = $(%C%_people_LDADD)

# Views against a plain loop over the log.
check_LTLIBRARIES += %D%/liboracle.la
%C%_liboracle_la_SOURCES = %D%/oracle.c %D%/oracle.h %D%/contents.c \
	%D%/contents.h %D%/feed_log.c %D%/feed_log.h %D%/letters.c \
	%D%/letters.h
%C%_liboracle_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
oracle_libs = %D%/liboracle.la tests/support/libauthor.la \
	tests/support/libhome.la src/ingest/libingest.la \
	src/views/libviews.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(JANSSON_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += %D%/histories %D%/kill %D%/letters_histories \
	%D%/letters_kill %D%/memory %D%/opened %D%/private
%C%_letters_kill_LDADD = $(oracle_libs)
%C%_opened_LDADD = $(oracle_libs)
%C%_private_LDADD = $(oracle_libs)
%C%_letters_histories_LDADD = $(oracle_libs)
%C%_memory_LDADD = $(oracle_libs) tests/support/liballoc.la
%C%_memory_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_histories_LDADD = $(oracle_libs)
%C%_kill_LDADD = $(oracle_libs)
check_PROGRAMS += %D%/search %D%/search_damage
talk = %D%/talk.c %D%/talk.h %D%/talk_ask.c %D%/talk_private.h \
	%D%/talk_words.c
%C%_search_SOURCES = %D%/search.c $(talk)
%C%_search_damage_SOURCES = %D%/search_damage.c $(talk)
%C%_search_damage_LDADD = $(%C%_search_LDADD)
%C%_search_LDADD = tests/support/libhome.la src/views/libviews.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS)
endif

# Queries against plain loops over facts.
if HAVE_CMOCKA
check_PROGRAMS += %D%/link_walk %D%/mfr %D%/query %D%/query_item \
	%D%/query_refused
%C%_link_walk_LDADD = src/views/libviews.la feeds/libfeeds.la $(CMOCKA_LIBS) -lm
%C%_mfr_LDADD = src/views/libviews.la feeds/libfeeds.la $(CMOCKA_LIBS) -lm
%C%_query_SOURCES = %D%/asked.c %D%/asked.h %D%/facts.c %D%/facts.h \
	%D%/query.c %D%/query_run.c %D%/query_run.h
%C%_query_refused_SOURCES = %D%/facts.c %D%/facts.h %D%/query_refused.c \
	%D%/query_run.c %D%/query_run.h
%C%_query_refused_LDADD = $(%C%_query_LDADD)
%C%_query_item_SOURCES = %D%/facts.c %D%/facts.h %D%/query_item.c
%C%_query_item_LDADD = $(%C%_query_LDADD)
%C%_query_LDADD = tests/support/libhome.la src/views/libviews.la \
	src/gossip/libgossip.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(CMOCKA_LIBS) -lm
endif
