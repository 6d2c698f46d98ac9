/*
 * Fork evidence: what shows that an author signed two messages for one place.
 *
 * A pair of messages is a proof, which anybody can check (feeds/proof.h).  One
 * message alone is a branch: it names a predecessor other than the one that we
 * hold, and proves nothing until another message for its place is known.
 * Everything here was verified.  Of one feed at most PROOFS_A_FEED_MAX rows
 * are kept, those of the lowest places: hostile authors cost little disk, and
 * the lowest pair says how far the feed can be trusted.
 *
 *	key    feed id, sequence
 *
 *	bytes  field
 *	0      messages: 1 for a branch, 2 for a pair
 *	1-3    0
 *
 * and for each message, ours first if one is:
 *
 *	0-7    received_us
 *	8-11   source
 *	12-15  length of the canonical bytes
 *	16     format
 *	17-19  0
 *	20-51  id
 *	52-    canonical bytes
 */
#ifndef STORE_PROOFS_H
#define STORE_PROOFS_H

#include "feeds/message.h"
#include "src/store/store.h"

enum { PROOFS_A_FEED_MAX = 4 };

struct proof_message {
	struct kith_msg_id id;
	int64_t received_us;
	uint32_t source;	 /* peer that brought it; 0: ourselves */
	struct kith_slice canon; /* lives as values of the store do */
};

struct proof_row {
	struct kith_feed_id feed;
	uint64_t sequence;
	unsigned count; /* of messages: 1 a branch, 2 a pair */
	struct proof_message messages[2];
};

/* False: nothing is kept for this place. */
bool proof_get(struct txn *t, const struct kith_feed_id *feed,
	       uint64_t sequence, struct proof_row *out);

/* Keeps the row, unless a pair is kept for its place or the feed has as many
 * rows of lower places as may be.  True: it was written. */
bool proof_put(struct txn *t, const struct proof_row *row);

/* The lowest places of a feed with a branch and with a pair; 0: none.  A feed
 * with a pair is forked: this is what decides, its row's state only says so. */
struct proof_places {
	uint64_t branch, pair;
};
struct proof_places proof_places(struct txn *t,
				 const struct kith_feed_id *feed);

/* Walks all by feed and sequence: *out zeroed first; false at the end. */
bool proof_next(struct txn *t, struct proof_row *out);

/* Reads what stands in TABLE_PROOFS; false: it is no such row. */
bool proof_decode(struct kith_slice key, struct kith_slice value,
		  struct proof_row *out);

/* Drops all rows of the feed, which is whole again, in a transaction of its
 * own.  ENOENT: there are none; EDENIED: a feed of ours, whose forks are for
 * ever. */
KITH_CHECK enum kith_err proofs_drop(struct store *s,
				     const struct kith_feed_id *feed,
				     struct kith_error *e);

#endif
