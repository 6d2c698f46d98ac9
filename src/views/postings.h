/*
 * Postings: the messages of a term, by time.
 *
 * TABLE_POSTINGS: a term (terms.h), then time and receive number, 6 bytes
 * each; no value.  All lists have one order, so that lists are intersected and
 * joined by seeking in them, and a place in one (struct posting) is a cursor
 * that stays good when more messages arrive.
 *
 * TABLE_PRIVATE_POSTINGS: the same of private messages that were opened; a
 * message may be in both under one term, and counts once.
 *
 * Time is view_time_ms, from 0 on.  A posting whose message has gone meanwhile
 * is none: readers skip what the log no longer has.
 */
#ifndef VIEWS_POSTINGS_H
#define VIEWS_POSTINGS_H

#include "src/store/store.h"
#include "src/views/terms.h"

enum { POSTING_BYTES = 12 };

struct posting {
	uint64_t time_ms, rx;
};

/* Before the first and after the last of any list. */
#define POSTING_FIRST ((struct posting){ 0, 0 })
#define POSTING_LAST  ((struct posting){ ((uint64_t)1 << 48) - 1, \
					 ((uint64_t)1 << 48) - 1 })

/* Reads the end of a key of the table; false: it is none. */
bool posting_read(struct kith_slice key, struct posting *out);

/* < 0, 0 or > 0, as a comes before b. */
int posting_compare(const struct posting *a, const struct posting *b);

struct viewer;

/* A list as it lies in one table. */
struct posting_list {
	struct cursor cursor;
	struct posting at; /* where it stands */
	bool found;	   /* it stands on one */
};

/* A reader of one list; embedded, belongs to t and ends before it. */
struct postings {
	struct term term;
	struct posting at; /* where it stands */
	bool found;	   /* it stands on one */
	bool private;	   /* reads both, and shows them as one */
	bool back;	   /* both stand at or before where it stands */
	struct posting_list lists[2];
};

/* v: who reads; NULL: anybody.  What is private is there for a viewer with
 * keys only. */
void postings_open(struct postings *p, struct txn *t, const struct viewer *v,
		   const struct term *term);
void postings_close(struct postings *p);
/* To the first at or after from; false: none. */
bool postings_seek(struct postings *p, const struct posting *from);
/* To the last at or before to; false: none. */
bool postings_seek_back(struct postings *p, const struct posting *to);
/* To the next later, or earlier one; false: none. */
bool postings_next(struct postings *p);
bool postings_previous(struct postings *p);

/* Walks the terms of a kind that have postings for v, by jumps: *term zeroed
 * first, and its first byte the kind (or more of a term to stay under); false
 * at the end. */
bool terms_next(struct txn *t, const struct viewer *v,
		struct kith_slice prefix, struct term *term);

#endif
