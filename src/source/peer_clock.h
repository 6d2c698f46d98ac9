/*
 * What a live peer says it has of each feed.
 *
 * It is its word, and it need not tell all: a feed that it says nothing of is
 * one of which nothing is known.  Source: protocol/05 sections 5 and 12.
 */
#ifndef SOURCE_PEER_CLOCK_H
#define SOURCE_PEER_CLOCK_H

#include "feeds/id.h"
#include "src/client/client.h"

enum {
	PEER_CLOCK_FEEDS_MAX = 1 << 20, /* that one peer may name */
	PEER_CLOCK_MS = 60000,	   /* for all of it */
	PEER_QUIET_MS = 1000 /* notes come in pieces; this ends them */
};

struct peer_word {
	struct kith_feed_id feed;
	int64_t sequence; /* or KITH_CLOCK_REFUSED */
	uint32_t said;	  /* as the how manieth */
	bool mute;	  /* it has not answered when asked for messages */
};

struct peer_clock {
	struct peer_word *words; /* ordered by feed, one each */
	size_t count, room;
};

/* Asks for it: ebt.clock, which is a mere question; replicate.upto, to whoever
 * answers that; ebt.replicate, whose notes leave out what the peer thinks we
 * know.  Empty: it offers none of these.  ETOOBIG: too many feeds; EIO: it
 * stalls or breaks off, EFORMAT: it talks nonsense.  peer_clock_free in any
 * case. */
KITH_CHECK enum kith_err peer_clock_ask(struct client *c,
					struct peer_clock *out,
					struct kith_error *e);
void peer_clock_free(struct peer_clock *k);

/* NULL: it says nothing of this feed. */
struct peer_word *peer_clock_of(const struct peer_clock *k,
				const struct kith_feed_id *feed);

#endif
