# tools/look: look inside: feeds, messages, where two places differ
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/cat.c %D%/cat.h \
	%D%/cat_bfe.c %D%/cat_forms.c %D%/clock.c %D%/compare.c %D%/compare.h \
	%D%/diff.c %D%/diff.h %D%/diff_views.c %D%/feeds.c %D%/feeds.h \
	%D%/feeds_where.c %D%/forks.c %D%/forks.h %D%/forks_find.c \
	%D%/forks_search.c %D%/links.c %D%/listing.c %D%/listing.h \
	%D%/listing_run.c %D%/log.c %D%/tail.c %D%/tree.c %D%/verify.c \
	%D%/verify_report.c %D%/verify_report.h
