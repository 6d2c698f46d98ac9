# src/views: folds over the log, and what is read from them.
noinst_LTLIBRARIES += %D%/libviews.la
%C%_libviews_la_SOURCES = \
	%D%/abouts.c \
	%D%/abouts.h \
	%D%/channels.c \
	%D%/channels.h \
	%D%/contacts.c \
	%D%/contacts.h \
	%D%/content.c \
	%D%/content.h \
	%D%/filler.c \
	%D%/filler.h \
	%D%/follow.c \
	%D%/follow.h \
	%D%/gather.c \
	%D%/inbox.c \
	%D%/inbox.h \
	%D%/links.c \
	%D%/marks.c \
	%D%/marks.h \
	%D%/names.c \
	%D%/names.h \
	%D%/names_find.c \
	%D%/names_index.c \
	%D%/opinions.c \
	%D%/opinions.h \
	%D%/place.c \
	%D%/place.h \
	%D%/postings.c \
	%D%/postings.h \
	%D%/rebuild.c \
	%D%/rebuild.h \
	%D%/row_sum.c \
	%D%/row_sum.h \
	%D%/rows.c \
	%D%/rows.h \
	%D%/rows_private.h \
	%D%/says.c \
	%D%/sheaf.c \
	%D%/sheaf.h \
	%D%/social.c \
	%D%/social.h \
	%D%/tangle.c \
	%D%/tangle.h \
	%D%/terms.c \
	%D%/terms.h \
	%D%/thread.c \
	%D%/thread.h \
	%D%/thread_order.c \
	%D%/thread_private.h \
	%D%/types.c \
	%D%/view.c \
	%D%/view.h \
	%D%/viewer.c \
	%D%/viewer.h \
	%D%/votes.c \
	%D%/votes.h

# Full text search: what alone knows SQLite.
%C%_libviews_la_SOURCES += %D%/search.h %D%/search_db.c %D%/search_file.c \
	%D%/search_find.c %D%/search_fold.c %D%/search_mark.c \
	%D%/search_parse.c %D%/search_parse.h %D%/search_part.c \
	%D%/search_private.h %D%/search_query.c %D%/search_query.h \
	%D%/search_row.c %D%/search_source.c %D%/search_text.c %D%/search_text.h \
	%D%/search_time.c %D%/search_vfs.c
%C%_libviews_la_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
%C%_libviews_la_LIBADD = $(SQLITE_LIBS) $(SODIUM_LIBS)

# Queries, and the walk over links that they share with the index.
%C%_libviews_la_SOURCES += %D%/link_walk.c %D%/link_walk.h \
	%D%/query.c %D%/query.h %D%/query_cursor.c %D%/query_emit.c \
	%D%/query_explain.c %D%/query_filter.c %D%/query_hops.c \
	%D%/query_lanes.c %D%/query_lanes.h %D%/query_make.c \
	%D%/query_match.c %D%/query_parse.c %D%/query_plan.c \
	%D%/query_plan.h %D%/query_private.h %D%/query_sort.c \
	%D%/query_tally.c

# The queries of existing clients.
%C%_libviews_la_SOURCES += %D%/mfr.c %D%/mfr.h %D%/mfr_private.h \
	%D%/mfr_reduce.c %D%/mfr_rules.c %D%/mfr_value.c

# Private messages: keys, opening, and reading what was opened.
%C%_libviews_la_SOURCES += %D%/keyring.c %D%/keyring.h %D%/opened.c \
	%D%/private.h %D%/private_follow.c %D%/private_group.c \
	%D%/private_keys.c %D%/private_parts.h %D%/private_see.c \
	%D%/private_status.c %D%/private_try.c %D%/private_try.h
