/*
 * The guard of our own feed: what keeps one key from signing two messages with
 * one number.
 *
 * A table of what an event means in each publish state (src/store/local.h),
 * pure, and the ways in which it is asked.  Own messages that come from
 * outside are chained and appended like anybody's in every state; the guard
 * only decides whether we may write behind them.  A store that sees that it
 * was copied brings OK to UNCONFIRMED by itself, src/store/copy.c.
 *
 *	             OK               UNCONFIRMED         FROZEN
 *	NEXT         FROZEN (1)       least               least
 *	BEYOND       FROZEN (1)       least               least
 *	CONTRARY     FROZEN, forked   FROZEN, forked      FROZEN, forked
 *	HAS_ALL      -                OK (2)              -
 *	ALIVE        -                FROZEN              -
 *	WORD         -                OK (3)              UNCONFIRMED (4)
 *
 * least: only that much is learnt of how far the feed has come.
 * (1) UNCONFIRMED if nothing was written here since a peer confirmed: that
 * peer was behind, and nothing is lost.
 * (2) if the sequence is that of our tip, is not 0, and not below least.
 * (3) if our tip is not below least.
 * (4) never where it is forked.
 *
 * Source: architecture section 4; protocol/10 section 8.
 */
#ifndef INGEST_GUARD_H
#define INGEST_GUARD_H

#include "src/store/local.h"

enum guard_event {
	GUARD_NEXT,	/* a message not written here follows our tip */
	GUARD_BEYOND,	/* one lies further on */
	GUARD_CONTRARY, /* one contradicts what we hold */
	GUARD_HAS_ALL,	/* a peer's clock says that it ends at sequence */
	GUARD_ALIVE,	/* the other place has just written this message */
	GUARD_WORD	/* the user says that no other place writes any more */
};

struct guard_news {
	enum guard_event event;
	uint64_t sequence; /* of the message, or of the clock */
	uint64_t tip;	   /* the last one that we hold, before it */
	int64_t now_us;
};

/* What news make of row; true: it changed. */
bool guard_step(struct publish_row *row, const struct guard_news *news);

/* The publish row of self, our identity: without one in the store it is
 * UNCONFIRMED, since whoever made the key, it was not this store's init. */
void guard_get(struct txn *t, const struct kith_feed_id *self,
	       struct publish_row *out);

/* "ok", "unconfirmed", "frozen", "not ours". */
const char *guard_state_name(enum publish_state state);

/* EDENIED, and e says which state, why and what to do, where row is not OK.
 * tip: as in guard_news. */
KITH_CHECK enum kith_err guard_check(const struct publish_row *row,
				     uint64_t tip, struct kith_error *e);

/* What the user may do, at length; NULL where nothing is to be done. */
const char *guard_advice(const struct publish_row *row, uint64_t tip);

/* News for the writer's thread (guard_run). */
struct guard_task {
	struct kith_feed_id self;
	enum guard_event event; /* HAS_ALL, ALIVE or WORD */
	uint64_t sequence;
	/* The outcome: */
	bool changed;
	struct publish_row row;
	uint64_t tip;
};

/* An ingest_fn; arg is a struct guard_task.  EDENIED, for WORD: the user's
 * word is not enough, e says why. */
KITH_CHECK enum kith_err guard_run(struct store *s, void *arg,
				   struct kith_error *e);

/* Writes the row of self where there is none: an identity that was found.  As
 * store_write and txn_commit. */
KITH_CHECK enum kith_err guard_adopt(struct store *s,
				     const struct kith_feed_id *self);

/* Writes the row of self, but takes nothing back that the store knows: how far
 * its feed goes, and that it is frozen.  As store_write and txn_commit. */
KITH_CHECK enum kith_err guard_put(struct store *s,
				   const struct kith_feed_id *self,
				   const struct publish_row *row);

#endif
