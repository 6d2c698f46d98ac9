# src/views: folds over the log.
noinst_LTLIBRARIES += %D%/libviews.la
%C%_libviews_la_SOURCES = %D%/contacts.c %D%/contacts.h %D%/links.c \
	%D%/opinions.c %D%/opinions.h %D%/postings.c %D%/postings.h \
	%D%/rows.c %D%/rows.h %D%/rows_private.h %D%/says.c %D%/terms.c \
	%D%/terms.h %D%/types.c %D%/view.c %D%/view.h %D%/viewer.c %D%/viewer.h
