/*
 * The social graph around one feed: hops, and why.
 *
 * The rules are gossip/graph.h's: what it says here is what decides about
 * replication.  Holds all contacts in memory, as of the transaction in which
 * it was opened.
 */
#ifndef VIEWS_SOCIAL_H
#define VIEWS_SOCIAL_H

#include "src/gossip/graph.h"
#include "src/views/contacts.h"
#include "src/views/postings.h"
#include "src/views/viewer.h"

struct social;

/* Sets who follows and blocks whom in g, which may hold earlier words.  ENOMEM;
 * an error of t. */
KITH_CHECK enum kith_err social_graph(struct txn *t, struct graph *g);

/* Who counts as known is at most max_hops away.  As social_graph.  Gives;
 * social_close. */
KITH_CHECK enum kith_err social_open(struct social **out, struct txn *t,
				     const struct kith_feed_id *centre,
				     int max_hops);
void social_close(struct social *s);

/* As graph_hops. */
int social_hops(struct social *s, const struct kith_feed_id *feed);
bool social_knows(struct social *s, const struct kith_feed_id *feed);

/* Walks all in reach, nearest first: as graph_next. */
bool social_next(struct social *s, int max_hops, size_t *at,
		 struct kith_feed_id *feed, int *hops);

/* One step of a reason: from says edge of to, in the message said. */
struct social_step {
	struct kith_feed_id from, to;
	enum contact_edge edge;
	uint64_t sequence; /* in the feed of from; 0: nothing was said */
	uint64_t rx;	   /* of the message, 0: it is not stored */
};

enum { SOCIAL_STEPS_MAX = 64 };

/* Why a feed has its hops: a shortest way from the centre to it, the last step
 * being the follow, block or unfollow that decides.  Gives how many steps; 0:
 * the centre itself, or nobody in reach says anything. */
size_t social_why(struct social *s, struct txn *t,
		  const struct kith_feed_id *feed,
		  struct social_step out[static SOCIAL_STEPS_MAX]);

/* Walks those whose newest word on feed is edge: followers, blockers.  By time
 * of that word, newest first; embedded, ends with followers_end. */
struct followers {
	struct postings at;
	const struct viewer *viewer;
	struct kith_feed_id feed;
	enum contact_edge edge;
};

/* viewer: those it blocks are left out; keeps a view of it. */
void followers_start(struct followers *f, struct txn *t,
		     const struct viewer *viewer,
		     const struct kith_feed_id *feed, enum contact_edge edge);
bool followers_next(struct followers *f, struct kith_feed_id *who);
void followers_end(struct followers *f);

#endif
