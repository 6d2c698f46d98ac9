# src/views: folds over the log.
noinst_LTLIBRARIES += %D%/libviews.la
%C%_libviews_la_SOURCES = %D%/contacts.c %D%/contacts.h %D%/view.c %D%/view.h
