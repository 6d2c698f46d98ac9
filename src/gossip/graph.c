#include "src/gossip/graph.h"

#include <assert.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/gossip/lookup.h"

enum { NONE = -1, FIRST_CAPACITY = 64 };
enum { UNSEEN = -3 }; /* no hops found, in the last working out */

struct node {
	struct kith_feed_id id;
	int hops;
	int32_t out; /* first edge from here, or NONE */
	int32_t because; /* the edge that gave it its hops, or NONE */
};

struct edge {
	uint32_t from, to;
	int32_t next; /* of the same from, or NONE */
	enum contact_edge kind;
};

/* reached holds the nodes at hops of 0 and more, nearest first; it always has
 * room for every node, so that working out hops cannot fail. */
struct graph {
	struct node *nodes; /* 0 is self */
	struct edge *edges;
	uint32_t *reached;
	uint32_t node_count, node_room, edge_count, reached_count;
	size_t edge_room;
	struct lookup by_id, by_pair;
	uint64_t version, worked_out; /* hops stand for this version */
};

static uint32_t find_node(const struct graph *g, const struct kith_feed_id *id)
{
	uint32_t hash = lookup_hash(&g->by_id, id->b, KITH_ID_BYTES);
	uint32_t at = 0, n;

	while ((n = lookup_next(&g->by_id, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&g->nodes[n].id, id))
			return n;
	return LOOKUP_NONE;
}

static uint32_t pair_hash(const struct graph *g, uint32_t from, uint32_t to)
{
	uint8_t pair[8];

	kith_put_be32(pair, from);
	kith_put_be32(pair + 4, to);
	return lookup_hash(&g->by_pair, pair, sizeof(pair));
}

static struct edge *find_edge(const struct graph *g, uint32_t from,
			      uint32_t to)
{
	uint32_t at = 0, n, hash;

	if (from == LOOKUP_NONE || to == LOOKUP_NONE)
		return NULL;
	hash = pair_hash(g, from, to);
	while ((n = lookup_next(&g->by_pair, hash, &at)) != LOOKUP_NONE)
		if (g->edges[n].from == from && g->edges[n].to == to)
			return &g->edges[n];
	return NULL;
}

static enum kith_err reserve_node(struct graph *g)
{
	uint32_t room = g->node_room ? g->node_room * 2 : FIRST_CAPACITY;
	uint32_t *reached;
	struct node *nodes;

	if (g->node_count == g->node_room) {
		nodes = realloc(g->nodes, room * sizeof(*nodes));
		if (!nodes)
			return KITH_ENOMEM;
		g->nodes = nodes;
		reached = realloc(g->reached, room * sizeof(*reached));
		if (!reached)
			return KITH_ENOMEM;
		g->reached = reached;
		g->node_room = room;
	}
	return lookup_reserve(&g->by_id);
}

static enum kith_err reserve_edge(struct graph *g)
{
	struct edge *edges = list_room(g->edges, g->edge_count, &g->edge_room,
				       sizeof(*edges));

	if (!edges)
		return KITH_ENOMEM;
	g->edges = edges;
	return lookup_reserve(&g->by_pair);
}

static void put_node(struct graph *g, uint32_t n)
{
	lookup_put(&g->by_id,
		   lookup_hash(&g->by_id, g->nodes[n].id.b, KITH_ID_BYTES), n);
}

/* A node without edges changes nothing that anybody can see. */
static enum kith_err take_node(struct graph *g, const struct kith_feed_id *id,
			       uint32_t *out)
{
	uint32_t n = find_node(g, id);
	enum kith_err err;

	if (n == LOOKUP_NONE) {
		err = reserve_node(g);
		if (err)
			return err;
		n = g->node_count++;
		g->nodes[n] = (struct node){ *id, GRAPH_HOPS_FAR, NONE, NONE };
		put_node(g, n);
	}
	*out = n;
	return KITH_OK;
}

static void add_edge(struct graph *g, uint32_t from, uint32_t to,
		     enum contact_edge kind)
{
	uint32_t n = g->edge_count++;

	g->edges[n] = (struct edge){ from, to, g->nodes[from].out, kind };
	g->nodes[from].out = (int32_t)n;
	lookup_put(&g->by_pair, pair_hash(g, from, to), n);
}

static const struct edge *edge_at(const struct graph *g, int32_t n)
{
	return n == NONE ? NULL : &g->edges[n];
}

/* Gives every node that edges of kind lead to from reached[begin..end), and
 * that has no hops yet, these. */
static void spread(struct graph *g, uint32_t begin, uint32_t end,
		   enum contact_edge kind, int hops)
{
	for (uint32_t i = begin; i < end; i++) {
		const struct edge *x =
			edge_at(g, g->nodes[g->reached[i]].out);

		for (; x; x = edge_at(g, x->next)) {
			struct node *to = &g->nodes[x->to];

			if (x->kind != kind || to->hops != UNSEEN)
				continue;
			to->hops = hops;
			to->because = (int32_t)(x - g->edges);
			if (hops >= 0)
				g->reached[g->reached_count++] = x->to;
		}
	}
}

/* Level by level outwards.  At a level the follows of the last one come
 * first, so that they win a tie; then its blocks, and the unfollows of the
 * level before that one, put feeds out of reach (protocol/13 section 7). */
static void work_out_hops(struct graph *g)
{
	uint32_t before = 0, begin = 0, end = 1;

	if (g->worked_out == g->version)
		return;
	for (uint32_t i = 1; i < g->node_count; i++) {
		g->nodes[i].hops = UNSEEN;
		g->nodes[i].because = NONE;
	}
	g->nodes[0].hops = 0;
	g->reached[0] = 0;
	g->reached_count = 1;

	for (int level = 1; begin < g->reached_count || before < begin;
	     level++) {
		spread(g, begin, end, CONTACT_FOLLOW, level);
		spread(g, begin, end, CONTACT_BLOCK,
		       level == 1 ? GRAPH_HOPS_BLOCKED : GRAPH_HOPS_FAR);
		spread(g, before, begin, CONTACT_UNFOLLOW, GRAPH_HOPS_FAR);
		before = begin;
		begin = end;
		end = g->reached_count;
	}
	g->worked_out = g->version;
}

struct graph *graph_new(const struct kith_feed_id *self)
{
	struct graph *g = calloc(1, sizeof(*g));
	uint32_t n;

	if (!g)
		return NULL;
	g->version = 1;
	if (take_node(g, self, &n)) {
		graph_free(g);
		return NULL;
	}
	return g;
}

void graph_set_key(struct graph *g, const uint8_t key[static GRAPH_KEY_BYTES])
{
	assert(g->edge_count == 0 && g->node_count == 1);
	lookup_set_key(&g->by_id, key);
	lookup_set_key(&g->by_pair, key);
	put_node(g, 0);
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	lookup_clear(&g->by_id);
	lookup_clear(&g->by_pair);
	free(g->nodes);
	free(g->edges);
	free(g->reached);
	free(g);
}

static enum kith_err add_pair(struct graph *g, const struct kith_feed_id *from,
			      const struct kith_feed_id *to,
			      enum contact_edge edge)
{
	uint32_t a, b;
	enum kith_err err;

	if ((err = take_node(g, from, &a)) || (err = take_node(g, to, &b)) ||
	    (err = reserve_edge(g)))
		return err;
	add_edge(g, a, b, edge);
	return KITH_OK;
}

enum kith_err graph_set(struct graph *g, const struct kith_feed_id *from,
			const struct kith_feed_id *to, enum contact_edge edge)
{
	struct edge *known =
		find_edge(g, find_node(g, from), find_node(g, to));
	enum kith_err err = KITH_OK;

	if (kith_feed_equal(from, to))
		return KITH_OK;
	if ((known ? known->kind : CONTACT_NONE) == edge)
		return KITH_OK;
	if (known)
		known->kind = edge;
	else
		err = add_pair(g, from, to, edge);
	if (!err)
		g->version++;
	return err;
}

enum contact_edge graph_get(const struct graph *g,
			    const struct kith_feed_id *from,
			    const struct kith_feed_id *to)
{
	const struct edge *known =
		find_edge(g, find_node(g, from), find_node(g, to));

	return known ? known->kind : CONTACT_NONE;
}

/* at: one above the edge that was last; and behind the last of all. */
bool graph_edges(const struct graph *g, const struct kith_feed_id *from,
		 size_t *at, struct kith_feed_id *to, enum contact_edge *edge)
{
	uint32_t n = *at ? 0 : find_node(g, from);
	const struct edge *x = NULL;

	if (*at && *at <= g->edge_count)
		x = edge_at(g, g->edges[*at - 1].next);
	else if (!*at && n != LOOKUP_NONE)
		x = edge_at(g, g->nodes[n].out);
	*at = x ? (size_t)(x - g->edges) + 1 : SIZE_MAX;
	if (!x)
		return false;
	*to = g->nodes[x->to].id;
	*edge = x->kind;
	return true;
}

int graph_hops(struct graph *g, const struct kith_feed_id *feed)
{
	uint32_t n = find_node(g, feed);

	if (n == LOOKUP_NONE)
		return GRAPH_HOPS_FAR;
	work_out_hops(g);
	return g->nodes[n].hops == UNSEEN ? GRAPH_HOPS_FAR : g->nodes[n].hops;
}

bool graph_because(struct graph *g, const struct kith_feed_id *feed,
		   struct kith_feed_id *from, enum contact_edge *edge)
{
	uint32_t n = find_node(g, feed);
	const struct edge *x;

	if (n == LOOKUP_NONE)
		return false;
	work_out_hops(g);
	x = edge_at(g, g->nodes[n].because);
	if (!x)
		return false;
	*from = g->nodes[x->from].id;
	*edge = x->kind;
	return true;
}

bool graph_hides(const struct graph *g, const struct kith_feed_id *author,
		 const struct kith_feed_id *reader)
{
	return graph_get(g, author, reader) == CONTACT_BLOCK;
}

bool graph_next(struct graph *g, int max_hops, size_t *at,
		struct kith_feed_id *feed, int *hops)
{
	const struct node *node;

	work_out_hops(g);
	if (*at >= g->reached_count)
		return false;
	node = &g->nodes[g->reached[*at]];
	if (node->hops > max_hops)
		return false;
	*feed = node->id;
	*hops = node->hops;
	(*at)++;
	return true;
}

uint64_t graph_version(const struct graph *g)
{
	return g->version;
}
