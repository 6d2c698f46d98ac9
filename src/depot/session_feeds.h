/*
 * The feeds that a session meets: what we hold of each, and whether it is in
 * reach.
 *
 * Filled as they are asked for, from the store and the graph.  Memory is
 * bounded: of feeds that are out of reach, which strangers make at will, only
 * so many are kept.  One thread.
 */
#ifndef DEPOT_SESSION_FEEDS_H
#define DEPOT_SESSION_FEEDS_H

#include "src/gossip/graph.h"
#include "src/store/messages.h"

enum { SESSION_FAR_FEEDS_MAX = 1 << 17, SESSION_FEEDS_MAX = 1 << 21 };

struct session_feed {
	struct kith_feed_id id;
	uint32_t number;      /* in the store; 0: nothing is held */
	bool reach;	      /* to be taken in and carried */
	bool counted;	      /* among those out of reach */
	bool forgotten;	      /* by the user: out of reach till followed again */
	uint64_t first, held; /* in the store, when it was asked for */
	uint64_t next;	      /* to be handed in */
	uint64_t taken;	      /* handed in, this session */
	/* Of the segment that is read: messages in a row, not told yet. */
	uint64_t run_first, run_last;
	uint32_t left;	       /* 1 + where they are left lying; 0: nowhere */
	uint64_t wanted, until; /* of those left there, in a second look */
};

struct session_feeds {
	struct store *store;
	struct graph *graph;
	int hops;
	struct session_feed *all;
	size_t count, room, far;
	uint32_t *slots; /* 0, or 1 + an index of all */
	size_t slot_count;
	uint8_t key[16];
};

/* Keeps views.  Gives; session_feeds_free.  NULL when out of memory. */
struct session_feeds *session_feeds_new(struct store *store,
					struct graph *graph, int hops);
void session_feeds_free(struct session_feeds *f);

/* Index of the feed in all.  ETOOBIG: it is out of reach, as too many are that
 * were kept before it; ENOMEM, EIO. */
KITH_CHECK enum kith_err session_feed_get(struct session_feeds *f,
					  const struct kith_feed_id *id,
					  size_t *out);

/* The graph changed: who is in reach? */
void session_feeds_reach(struct session_feeds *f);

#endif
