/* Between the files of query: what a query is once read, and its plan. */
#ifndef VIEWS_QUERY_PRIVATE_H
#define VIEWS_QUERY_PRIVATE_H

#include "src/store/scan.h"
#include "src/views/link_walk.h"
#include "src/views/query.h"
#include "src/views/query_lanes.h"

/* query_hops.c: the feeds within reach of the viewer. */
struct reach {
	struct kith_feed_id *feeds; /* ascending */
	size_t count, capacity;
};
enum kith_err reach_make(struct reach *r, struct txn *t,
			 const struct kith_feed_id *self, int hops);
void reach_clear(struct reach *r);
bool reach_has(const struct reach *r, const struct kith_feed_id *feed);

/* --- what was asked --- */

enum filter_kind {
	FILTER_AND, FILTER_OR, FILTER_NOT,
	FILTER_AUTHOR, FILTER_TYPE, FILTER_CHANNEL, FILTER_LINK,
	FILTER_PRIVATE, FILTER_HOPS, FILTER_TEXT, FILTER_RANGE
};

enum query_key { KEY_RX, KEY_TS, KEY_RTS, KEY_SEQ };

struct filter {
	enum filter_kind kind;
	struct filter *first, *next; /* AND, OR, NOT: inside; beside */
	const char *name;	     /* the operator, as typed */
	struct kith_feed_id author;
	struct kith_slice text; /* type, words or normalised channel; owned */
	struct kith_ref ref;	/* LINK */
	int relation;		/* LINK: enum relation, or ANY_RELATION */
	bool yes;		/* PRIVATE */
	int hops;
	enum query_key key; /* RANGE: */
	double low, high;
	bool low_open, high_open; /* the end itself is not in it */
	/* Set by query_start: */
	uint32_t feed_number; /* AUTHOR; 0: not here */
	struct reach reach;   /* HOPS */
	bool proven;	      /* the lists hold nothing else */
};
enum { ANY_RELATION = -1 };

enum query_emit {
	EMIT_KV, EMIT_ID, EMIT_VALUE, EMIT_CONTENT, EMIT_COUNT, EMIT_GROUPS
};
enum query_group { GROUP_AUTHOR, GROUP_TYPE, GROUP_CHANNEL };

/* A place in an order: behind every message up to it. */
struct place {
	double key; /* of the order */
	uint64_t rx;
};

struct query {
	struct filter *filter; /* an AND */
	enum query_key order;
	bool descending, scan, old, live, after;
	struct place from; /* after: where the cursor stands */
	uint16_t epoch;	    /* of cursors */
	uint8_t from_id[4]; /* the first bytes of its message's id */
	uint64_t limit;	    /* UINT64_MAX: none */
	uint64_t as_of;	    /* UINT64_MAX: what is there */
	enum query_emit emit;
	enum query_group group;
	unsigned terms;
};

/* query_filter.c: appends what the members of object say to the AND in;
 * at top the members of a query itself are left to query_parse. */
struct filter_reader {
	struct query *query;
	struct kith_slice text; /* whole, for offsets and places */
	struct kith_error *e;
};
bool query_member(struct kith_slice key); /* of a query, not of a filter */
enum kith_err filter_read(struct filter_reader *in, struct kith_slice object,
			  struct filter *into, unsigned depth);
struct filter *filter_new(enum filter_kind kind, const char *name);
void filter_add(struct filter *to, struct filter *f);
void filter_free(struct filter *f);
/* A failure at the value or name p, with the place in words. */
enum kith_err query_fail(const struct filter_reader *in, struct kith_slice at,
			 enum kith_err code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* query_cursor.c.  What tells views from those that are built otherwise, and
 * may see other times. */
uint16_t cursor_epoch(void);
/* False: it is none, or of other views. */
bool cursor_read(struct kith_slice text, struct query *q);
void cursor_write(const struct query *q, const struct place *at,
		  const struct kith_msg_id *id,
		  char out[static QUERY_CURSOR_BYTES]);
int place_compare(const struct place *a, const struct place *b);
struct place place_of(enum query_key order, const struct view_message *m);

enum driver { DRIVER_LISTS, DRIVER_FEED, DRIVER_LOG };

struct plan {
	enum driver driver;
	struct lane *lists;
	uint32_t feed_number;
	uint64_t first, last; /* of rx or seq, as the driver reads */
	struct posting low, high; /* of the lists */
	bool sorted; /* the order is none of the driver's: sort first */
	bool checks; /* something is left to check on the message */
	size_t list_count;
};

/* query_plan.c */
enum kith_err plan_make(struct query_run *r, struct txn *t,
			struct kith_error *e);

/* query_match.c */
/* all: also what the lists have proven. */
bool filter_matches(const struct query_run *r, const struct filter *f,
		    const struct view_message *m, bool all);
bool range_holds(const struct filter *f, const struct view_message *m);
/* The text of a type that messages write with escapes. */
bool filter_is_escaped(const struct filter *f);
bool ref_equal(const struct kith_ref *a, const struct kith_ref *b);

/* query_tally.c */
struct group {
	struct kith_buf name;
	uint64_t count;
};
struct tally {
	struct group *groups;
	size_t count, capacity, next;
};
enum kith_err tally_add(struct tally *t, struct kith_slice name);
void tally_sort(struct tally *t);
void tally_clear(struct tally *t);

/* query_sort.c: the first or last of many, in order. */
struct sorted {
	struct place *places;
	size_t count, capacity, next;
	size_t keep; /* the first so many in the order */
	bool descending, ready;
};
enum kith_err sorted_add(struct sorted *s, const struct place *p);
void sorted_finish(struct sorted *s);
void sorted_clear(struct sorted *s);

enum phase { PHASE_COLLECT, PHASE_OLD, PHASE_GROUPS, PHASE_LIVE, PHASE_OVER };

struct query_run {
	const struct query *query;
	struct filter *filter; /* the query's */
	const struct query_helpers *helpers;
	const struct viewer *viewer;
	struct viewer own; /* in its place, once a block has changed */
	struct plan plan;
	struct txn *txn;
	enum phase phase;
	bool started; /* the driver stands on what came last */
	struct posting at; /* lists */
	uint64_t position; /* log, feed: the next to look at */
	struct scan scan;  /* forwards, from there */
	bool scanning;
	uint64_t as_of, live_from;
	uint64_t opened; /* up to here openings were heard of; private.h */
	uint64_t left; /* of the limit */
	struct sorted sorted;
	struct tally tally;
	struct group total;
	const struct group *group; /* the last one that was given */
	struct kith_error error;
};

#endif
