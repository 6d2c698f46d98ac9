/*
 * createHistoryStream: its options, and its use as a caller, one feed at a
 * time, from peers without EBT.
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
	HISTORY_KEY_BYTES = 16,
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

/* Appends the JSON array that every server understands: without a limit
 * unless one is above 0, and without old and values. */
void history_args_encode(const struct history_args *args,
			 struct kith_buf *out);

/* Puts the items of one call in order.  Borrows nothing. */
struct history_order;
/* next: the first sequence that is missing.  NULL when out of memory. */
struct history_order *history_order_new(uint64_t next);
void history_order_free(struct history_order *o);
/* Takes one bare value; ETOOBIG when too much is held; ENOMEM.  Older items
 * and repeats are dropped. */
KITH_CHECK enum kith_err history_order_put(struct history_order *o,
					   uint64_t sequence,
					   struct kith_slice value);
/* The next value in order, borrowed until the next call; false: a gap. */
bool history_order_next(struct history_order *o, struct kith_slice *value);

/* What to ask a peer without EBT for, and when. */
struct history;
struct history_call {
	struct kith_feed_id feed; /* to ask for, from our latest + 1 */
	bool live;		  /* the peer's own feed: the stream stays */
};

/* remote: the peer.  Gives; free with history_free.  NULL when out of
 * memory. */
struct history *history_new(const struct kith_feed_id *remote);
void history_free(struct history *h);

/* Keys the hash table, so that nobody can choose ids that collide.  Before
 * the first feed. */
void history_set_key(struct history *h,
		     const uint8_t key[static HISTORY_KEY_BYTES]);

/* A feed enters or leaves what we replicate; a new one is due at once.  A call
 * that runs for one that leaves is the caller's to end. */
KITH_CHECK enum kith_err history_want(struct history *h,
				      const struct kith_feed_id *feed,
				      bool want);

/* The next call to make, counted as running from now; false: none, and
 * *wake_ms says when to ask again (INT64_MAX: after another event).  At most
 * HISTORY_WINDOW run at once, and the live one beside them. */
bool history_next(struct history *h, int64_t now_ms, struct history_call *out,
		  int64_t *wake_ms);

/* A call ended, well or not: its feed is due again after HISTORY_AGAIN_MS. */
void history_done(struct history *h, const struct kith_feed_id *feed,
		  int64_t now_ms);

#endif
