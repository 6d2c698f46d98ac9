/*
 * What `kith explain` finds out about a feed, and what follows from it.
 */
#ifndef TOOLS_PEOPLE_EXPLAIN_H
#define TOOLS_PEOPLE_EXPLAIN_H

#include "src/store/local.h"
#include "src/store/proofs.h"
#include "src/views/social.h"
#include "tools/network.h"
#include "tools/print/reading.h"

enum { EXPLAIN_PEERS_SHOWN = 64, EXPLAIN_BLOCKERS_MAX = 16 };

/* What matters most about it: the first that is true. */
enum explain_state {
	EXPLAIN_HELD,	   /* it is ours, and nothing can be published to it */
	EXPLAIN_OWN,	   /* it is ours */
	EXPLAIN_BLOCKED,   /* by us */
	EXPLAIN_FORGOTTEN, /* by hand, and not fetched again */
	EXPLAIN_UNREACHED, /* no follows lead there */
	EXPLAIN_BEYOND,	   /* they do, farther than we replicate */
	EXPLAIN_FORKED,	   /* no more of it is taken */
	EXPLAIN_OFFLINE,   /* kithd does not run, so nobody fetches */
	EXPLAIN_FULL,	   /* the store has no room */
	EXPLAIN_ALONE,	   /* no peer is connected */
	EXPLAIN_REFUSED,   /* what came last of it was refused */
	EXPLAIN_BEHIND,	   /* a connected peer has more */
	EXPLAIN_UNWANTED,  /* every connected peer refuses it, also ours */
	EXPLAIN_UNKNOWN,   /* no connected peer says that it has it */
	EXPLAIN_WHOLE,	   /* nobody connected has more */
	EXPLAIN_STATES
};

/* Where a peer has come to, as it said in a session. */
struct explain_peer {
	struct kith_feed_id id;
	bool connected, hidden; /* hidden: the author blocks it */
	bool told;		/* else it did not say */
	bool refuses;		/* it does not want the feed */
	uint64_t sequence;
};

struct explain {
	struct reading *r;
	struct kith_feed_id id;
	struct feed_row feed;	  /* last 0: nothing of it is here */
	struct proof_places fork; /* by pairs and branches of the store */
	struct network network;
	int hops; /* GRAPH_HOPS_FAR also where there is no identity */
	struct social_step steps[SOCIAL_STEPS_MAX];
	size_t step_count;
	uint64_t followers, blockers;
	struct kith_feed_id blocker[EXPLAIN_BLOCKERS_MAX];
	bool self, blocks_us;
	struct publish_row publish; /* of self; zeroed: not read */
	struct explain_peer *peers; /* owned; connected ones stand first */
	size_t peer_count, peer_room;
	uint64_t most;	 /* that any peer told */
	uint64_t behind; /* messages that a connected peer has more */
	size_t connected; /* peers of kithd */
	bool running;
	struct kith_buf live; /* what kithd says; empty: it does not run */
	enum explain_state state;
	bool well; /* nothing is to be done */
};

/* "own", "blocked"...: in JSON. */
extern const char *const explain_states[EXPLAIN_STATES];

/* The newest refusal of a message that is not here, or of any; empty: none is
 * known. */
struct kith_slice explain_refusal(const struct explain *x);

/* For a person, and as a record. */
void explain_print(struct explain *x);
void explain_record(struct explain *x);

#endif
