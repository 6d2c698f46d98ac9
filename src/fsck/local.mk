# src/fsck: is the store what it should be?
noinst_LTLIBRARIES += %D%/libfsck.la
%C%_libfsck_la_SOURCES = \
	%D%/check.c \
	%D%/check.h \
	%D%/child.c \
	%D%/child.h \
	%D%/classes.c \
	%D%/feeds.c \
	%D%/fsck.c \
	%D%/fsck.h \
	%D%/indexes.c \
	%D%/local.c \
	%D%/log.c \
	%D%/private.c \
	%D%/quarantine.c \
	%D%/repair.c \
	%D%/repair.h \
	%D%/repair_facts.c \
	%D%/repair_log.c \
	%D%/repair_private.h \
	%D%/shadow.c \
	%D%/shadow.h \
	%D%/views.c
