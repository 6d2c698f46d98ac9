/*
 * Local facts: what this node knows that no feed says.
 *
 * Which key it made itself, the publish state, what peers told they have,
 * addresses.  Never replicated.
 */
#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include "src/store/store.h"

enum { LOCAL_REASON_BYTES = 200, LOCAL_ADDRESS_BYTES_MAX = 2048 };

/* Whether our own feed may be written (architecture section 4).  Values are
 * stored and never change meaning. */
enum publish_state {
	PUBLISH_NOT_OURS = 0,	/* no row */
	PUBLISH_OK = 1,		/* the key was made here, or is confirmed */
	PUBLISH_FROZEN = 2,	/* it is in use elsewhere too */
	PUBLISH_UNCONFIRMED = 3 /* adopted, restored or copied: until a peer
				 * shows our tip, and that it is all */
};

struct publish_row {
	enum publish_state state;
	int64_t since_us;
	char reason[LOCAL_REASON_BYTES]; /* for a person */
	uint64_t least; /* the feed is known to have come so far */
	bool forked;	/* FROZEN for good: two messages have one number */
};

/* Of a feed without a row: NOT_OURS, and the rest zero. */
void publish_get(struct txn *t, const struct kith_feed_id *self,
		 struct publish_row *out);
void publish_put(struct txn *t, const struct kith_feed_id *self,
		 const struct publish_row *row);
/* Walks all by feed: *self zeroed first; false at the end. */
bool publish_next(struct txn *t, struct kith_feed_id *self,
		  struct publish_row *out);

/* The source of a message whose bringer could not be given a number. */
#define PEER_UNKNOWN UINT32_MAX

/* A small number for a peer's key, made when first seen; 0: read-only txn and
 * unknown. */
uint32_t peer_number(struct txn *t, const struct kith_feed_id *peer);
/* False: there is none of that number. */
bool peer_by_number(struct txn *t, uint32_t number, struct kith_feed_id *out);

/* A peer's clock as saved; gives *out (free; NULL where *n is 0).  ENOMEM; EIO:
 * it is damaged. */
KITH_CHECK enum kith_err clock_get(struct txn *t,
				   const struct kith_feed_id *peer,
				   struct kith_clock_entry **out, size_t *n);
/* Replaces the clock of peer. */
void clock_put(struct txn *t, const struct kith_feed_id *peer,
	       const struct kith_clock_entry *entries, size_t n);

/* Walks those whose clock is saved: *peer zeroed first; false at the end. */
bool clock_next(struct txn *t, struct kith_feed_id *peer);

/* Known addresses, one a key; text of at most LOCAL_ADDRESS_BYTES_MAX. */
struct address_row {
	uint8_t key[KITH_PUBLIC_BYTES];
	struct kith_slice text; /* multiserver address; lives with the txn */
	bool paused;
	int64_t last_us; /* last connected, 0: never */
};
/* Over the one that the key has.  A longer text: ETOOBIG, in t. */
void address_row_put(struct txn *t, const struct address_row *row);
bool address_row_has(struct txn *t, const uint8_t key[static KITH_PUBLIC_BYTES]);
/* Walks by key: *out zeroed first; false at the end. */
bool address_row_next(struct txn *t, struct address_row *out);

#endif
