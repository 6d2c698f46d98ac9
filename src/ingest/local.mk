# src/ingest: the way into the log.
noinst_LTLIBRARIES += %D%/libingest.la
%C%_libingest_la_SOURCES = \
	%D%/append.c \
	%D%/clock.c \
	%D%/feed_cache.c \
	%D%/feed_cache.h \
	%D%/forget.c \
	%D%/forget.h \
	%D%/follow.c \
	%D%/fork.c \
	%D%/group.c \
	%D%/group.h \
	%D%/guard.c \
	%D%/guard.h \
	%D%/ingest.c \
	%D%/ingest.h \
	%D%/ingest_private.h \
	%D%/letter.c \
	%D%/letter.h \
	%D%/lists.c \
	%D%/pool.c \
	%D%/pool.h \
	%D%/publish.c \
	%D%/retain.c \
	%D%/retain.h \
	%D%/room.c \
	%D%/verdict.c \
	%D%/verdict.h \
	%D%/verify.c
%C%_libingest_la_LIBADD = $(SODIUM_LIBS) -lpthread
