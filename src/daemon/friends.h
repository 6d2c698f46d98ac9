/*
 * What the methods of friends share: edges and distances as JSON.
 */
#ifndef DAEMON_FRIENDS_H
#define DAEMON_FRIENDS_H

#include "src/daemon/peer.h"
#include "src/gossip/graph.h"
#include "src/views/contacts.h"

/* How an edge is said: by the oldest clients true, false and null. */
enum spelling { SPELL_TRUTH, SPELL_NUMBER };

const char *friends_spell(enum contact_edge edge, enum spelling how);

void friends_put_feed(struct kith_buf *out, const struct kith_feed_id *id);

/* Appends "of":value. */
void friends_put_edge(struct kith_buf *out, const struct kith_feed_id *of,
		      const char *value);

/* What is said of oneself is no edge. */
bool friends_is_of_itself(const struct contact *c);

/* Appends {source:{dest:value}}, all there is. */
void friends_put_edges(struct kith_buf *out, struct txn *t,
		       enum spelling how);

struct distance {
	struct kith_feed_id feed;
	int hops; /* below zero: out of reach, by protocol/13 section 7 */
};

/* By feed; free all. */
struct distances {
	struct distance *all;
	size_t n, room;
};

bool distances_add(struct distances *d, const struct kith_feed_id *feed,
		   int hops);
/* Of d; NULL: it is not there. */
const struct distance *distances_find(const struct distances *d,
				      const struct kith_feed_id *feed);

/* All that a look of at most max hops finds, in an empty d; false: no memory,
 * and d has some. */
bool friends_measure(struct distances *d, struct graph *g, int max);

void friends_put_distances(struct kith_buf *out, const struct distances *d);

/* The option max, else what the configuration says; below zero: it is no
 * number of use. */
int friends_max(const struct peer *p, struct kith_slice options);

#endif
