/*
 * createHistoryStream as a caller: one feed at a time from peers without EBT.
 *
 * Pure.  A window of parallel calls over the wanted feeds, and for each call a
 * bounded buffer that puts items back in sequence order.
 * Source: protocol/05 sections 2 and 9.
 */
#ifndef GOSSIP_HISTORY_H
#define GOSSIP_HISTORY_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum {
	HISTORY_WINDOW = 10,		/* parallel calls to one peer */
	HISTORY_HELD_MAX = 10000,	/* items out of order, one call */
	HISTORY_HELD_BYTES_MAX = 8 << 20,
	HISTORY_AGAIN_MS = 300000	/* a feed is asked for again */
};

/* The options of one call, theirs or ours. */
struct history_args {
	struct kith_feed_id id;
	uint64_t sequence; /* first to send, inclusive; 0 as 1 */
	int64_t limit;	   /* below zero: no limit */
	bool live, old, keys, values;
};

/* args: the JSON array of the request.  EFORMAT names the option. */
KITH_CHECK enum kith_err history_args_decode(struct kith_slice args,
					     struct history_args *out,
					     struct kith_error *e);

/* Appends the JSON array that every server understands. */
void history_args_encode(const struct history_args *args,
			 struct kith_buf *out);

/* Puts the items of one call in order.  Borrows nothing. */
struct history_order;
/* next: the first sequence that is missing. */
struct history_order *history_order_new(uint64_t next);
void history_order_free(struct history_order *o);
/* Takes one bare value; ETOOBIG when too much is held.  Older items and
 * repeats are dropped. */
KITH_CHECK enum kith_err history_order_put(struct history_order *o,
					   uint64_t sequence,
					   struct kith_slice value);
/* The next value in order, borrowed until the next call; false: a gap. */
bool history_order_next(struct history_order *o, struct kith_slice *value);

#endif
