/*
 * Full text search: words, phrases and beginnings of words in what was said in
 * public, newest or best first.
 *
 * An index of SQLite FTS5 in a file of its own beside the store, store/search
 * and what SQLite puts next to it; src/views/search_*.c alone know SQLite.
 * The file can be made again from the log at any time, and is, by itself,
 * where it is missing, damaged, of another version or of another store.  It
 * stays behind the log until somebody lets it catch up; several processes may.
 * It is never trusted: each hit is looked up in the log.
 *
 * A struct search belongs to one thread at a time.  Source: protocol/14
 * sections 2.2 and 6; doc/design.txt.
 */
#ifndef VIEWS_SEARCH_H
#define VIEWS_SEARCH_H

#include "src/views/postings.h"
#include "src/views/viewer.h"

struct view_message;

enum {
	SEARCH_QUERY_BYTES_MAX = 4096, /* what a person asks */
	SEARCH_PHRASES_MAX = 64,
	SEARCH_DEPTH_MAX = 16,	    /* brackets in brackets */
	SEARCH_RANKED_MAX = 10000   /* the best are found among the newest
				     * so many that match */
};

struct search;

/* Opens the file of h's store, making it where it is not what it should be.
 * Where it cannot be written it is read as it is, and catches up no more.
 * Gives; search_close.  EIO, EFULL, EDENIED: there is none, and none can be
 * made; e says why. */
KITH_CHECK enum kith_err search_open(const struct home *h, struct search **out,
				     struct kith_error *e);
/* The same of what is private, in store/private-words: of what k opened, in the
 * order of opened_next (private.h).  Keeps a view of k.  Only for who may read
 * that: whoever asks has a viewer that sees private messages.  Where h's secret
 * is sealed nothing private lies open beside it: then there is no file, and the
 * index is in memory until search_close. */
KITH_CHECK enum kith_err search_open_private(const struct home *h,
					     const struct keys *k,
					     struct search **out,
					     struct kith_error *e);
/* Removes that file, where it may hold what is not to be in it any more; who
 * asks next makes it anew.  EDENIED. */
KITH_CHECK enum kith_err search_drop_private(const struct home *h,
					     struct kith_error *e);
void search_close(struct search *s); /* NULL is ignored */

/* --- catching up --- */

struct search_slice {
	size_t messages; /* at most so many in one call */
	bool sweep;	 /* and make anew what holds words of messages that are
			  * gone: they are in no answer, but in the file */
	/* What came of it: */
	uint64_t done, total; /* messages of the log */
	bool more;	      /* another call is needed */
	bool stale;	      /* it holds words of messages that are gone */
};
enum { SEARCH_SLICE_MESSAGES = 16384 };

/* Reads the log of st behind where the index stands, and commits what is found
 * there: a slice that a crash ends was never begun.  Not for the thread that
 * commits messages.  EBUSY: another process catches up at the moment; EFULL,
 * EIO, EDENIED: the file cannot be written, e says why, and it answers as
 * before. */
KITH_CHECK enum kith_err search_catch_up(struct search *s, struct store *st,
					 struct search_slice *slice,
					 struct kith_error *e);

/* --- asking --- */

enum search_sort { SEARCH_NEWEST, SEARCH_BEST };

struct search_query {
	/* As a person types it: words, "phrases", beginn*, AND, OR, NOT,
	 * ( ), author:, channel:, before:, after:.  May be empty if something
	 * below is not. */
	struct kith_slice text;
	const struct kith_feed_id *author; /* NULL: anybody */
	struct kith_slice channel; /* any spelling; empty: all */
	uint64_t after_ms, before_ms; /* from, and up to but without; 0: open */
	enum search_sort sort;
	/* How author: in the text is read; NULL: a whole id is needed.  False,
	 * and what is wrong in e: nobody in particular. */
	bool (*author_named)(void *arg, struct txn *t, struct kith_slice name,
			     struct kith_feed_id *out, struct kith_error *e);
	void *arg;
};

/* The answer to a query, in the making; keeps views of s and of the transaction
 * it was begun with, and ends before both. */
struct search_hits;

struct search_hit {
	struct posting at; /* time and receive number, exactly */
	double rank;	   /* SEARCH_BEST: the greater the better */
	struct message_row row; /* lives until the transaction ends */
};

/* Gives *out; search_hits_end.  EFORMAT: the text is no query; e says what is
 * wrong in it and where (offset).  EIO: the file is damaged, and is made anew
 * at the next search_catch_up. */
KITH_CHECK enum kith_err search_find(struct search *s, struct txn *t,
				     const struct search_query *q,
				     const struct viewer *v,
				     struct search_hits **out,
				     struct kith_error *e);

/* NEWEST: in falling order of posting_compare, each message once.  BEST: by
 * falling rank, then newest first.  False: no more, or search_hits_error. */
bool search_next(struct search_hits *hits, struct search_hit *out);
enum kith_err search_hits_error(const struct search_hits *hits,
				struct kith_error *e);
void search_hits_end(struct search_hits *hits); /* NULL is ignored */

/* True if the message is a hit of the query; search_next is not disturbed. */
bool search_has(struct search_hits *hits, const struct view_message *m);

/* --- showing --- */

struct search_mark {
	size_t at, n; /* bytes in the text */
};

/* Appends what of m is searched, Markdown and ids taken out, and gives where
 * the words of the query stand in it, in order, at most *n of them. */
void search_mark(struct search_hits *hits, const struct view_message *m,
		 struct kith_buf *text, struct search_mark *marks, size_t *n);

/* A day, month, year or minute as before: and after: take it (2026-11-21,
 * 2026-11, 2026, 2026-11-21T18:30), local time: when it begins. */
bool search_time(struct kith_slice text, uint64_t *ms);

#endif
