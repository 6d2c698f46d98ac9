/*
 * The follow graph and what follows from it: hops, and whom not to tell.
 *
 * Pure, in memory.  Edges come in as the contacts view folds them; hops are
 * worked out when asked after a change.  A block or unfollow that is nearer
 * than the shortest way of follows puts a feed out of reach; what a feed says
 * of itself is ignored.  Source: protocol/05 section 11; protocol/13 s. 7.
 */
#ifndef GOSSIP_GRAPH_H
#define GOSSIP_GRAPH_H

#include "feeds/bytes.h"
#include "feeds/contact.h"
#include "feeds/id.h"

enum { GRAPH_HOPS_BLOCKED = -1, GRAPH_HOPS_FAR = -2, GRAPH_KEY_BYTES = 16 };

struct graph;

/* self: the centre.  Gives; free with graph_free.  NULL when out of memory. */
struct graph *graph_new(const struct kith_feed_id *self);

/* Keys the hash tables, so that no peer can choose ids that collide.  Before
 * the first edge. */
void graph_set_key(struct graph *g, const uint8_t key[static GRAPH_KEY_BYTES]);

void graph_free(struct graph *g);

/* ENOMEM leaves the graph as it was. */
KITH_CHECK enum kith_err graph_set(struct graph *g,
				   const struct kith_feed_id *from,
				   const struct kith_feed_id *to,
				   enum contact_edge edge);

enum contact_edge graph_get(const struct graph *g,
			  const struct kith_feed_id *from,
			  const struct kith_feed_id *to);

/* Walks what a feed says of others: at = 0 first; false at the end.  graph_set
 * of what was walked is allowed meanwhile. */
bool graph_edges(const struct graph *g, const struct kith_feed_id *from,
		 size_t *at, struct kith_feed_id *to, enum contact_edge *edge);

/* 0 self, 1 followed, ...; GRAPH_HOPS_BLOCKED by self; GRAPH_HOPS_FAR
 * unreachable.  Works all hops out again if edges changed. */
int graph_hops(struct graph *g, const struct kith_feed_id *feed);

/* Who decides about the hops of feed, and by which word: the one before it on
 * a shortest way, or who put it out of reach.  False: it is self, or nobody in
 * reach says anything of it. */
bool graph_because(struct graph *g, const struct kith_feed_id *feed,
		   struct kith_feed_id *from, enum contact_edge *edge);

/* Author blocks reader: reader is never given author's feed by us. */
bool graph_hides(const struct graph *g, const struct kith_feed_id *author,
		 const struct kith_feed_id *reader);

/* Walks every feed at 0 <= hops <= max, nearest first: at = 0 first; false at
 * the end.  No graph_set meanwhile. */
bool graph_next(struct graph *g, int max_hops, size_t *at,
		struct kith_feed_id *feed, int *hops);

/* Changes whenever an edge does: to see whether hops need another look. */
uint64_t graph_version(const struct graph *g);

#endif
