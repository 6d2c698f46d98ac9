#include "tools/count/graph_picture.h"

#include <math.h>
#include <stdlib.h>

#include "src/gossip/graph.h"

/* So many edges are drawn at most: more hide each other. */
enum { DRAWN_MAX = 500 };

#define RADIUS 350.0
#define PITCH 15.5
#define GAP 100.0
#define DOT_LEAST 3.0
#define DOT_MOST 11.0
#define HEAD 104.0 /* for words, above */
#define FOOT 64.0 /* and for the key, below */
#define AROUND_TURNED 136.0 /* the outermost ring, for labels */
#define AROUND_LEVEL 50.0
#define WAY_PULL 4.0 /* the way to a feed is rather short */

/* --- places --------------------------------------------------------------- */

const struct map_feed *picture_feed(const struct picture *p, size_t node)
{
	return &p->g->map.feeds[p->feed_of[node]];
}

void picture_place(const struct picture *p, const double at[2],
		   double out[static 2])
{
	out[0] = PICTURE_WIDTH / 2 + at[0];
	out[1] = p->centre_y + at[1];
}

/* By its messages; neighbours on a ring do not touch. */
double picture_dot(const struct picture *p, size_t node)
{
	uint32_t ring = p->nodes[node].ring;
	double share = p->most ? (double)picture_feed(p, node)->messages /
					 (double)p->most
			       : 0;
	double size = DOT_LEAST + (DOT_MOST - DOT_LEAST) * sqrt(share);
	double most = DOT_MOST;

	if (!ring)
		return DOT_MOST;
	if (p->layout.shown[ring] > 1)
		most = sin(3.1416 / (double)p->layout.shown[ring]) *
		       p->layout.radii[ring] - 0.6;
	return size < most ? size : most;
}

/* --- what is laid out ----------------------------------------------------- */

static uint64_t weight_of(const struct map_feed *f)
{
	uint64_t messages = f->messages < UINT32_MAX ? f->messages
						     : UINT32_MAX;

	return (uint64_t)f->followers << 32 | messages;
}

/* Blocks lead to feeds out of reach: they have a ring of their own. */
static uint32_t ring_for_outside(const struct follow_map *m)
{
	int last = 0;
	bool any = false;

	for (size_t i = 0; i < m->feed_count; i++) {
		if (!m->feeds[i].shown)
			continue;
		any |= m->feeds[i].hops < 0;
		last = m->feeds[i].hops > last ? m->feeds[i].hops : last;
	}
	return any ? (uint32_t)last + 1 : 0;
}

static void add_nodes(struct picture *p)
{
	const struct follow_map *m = &p->g->map;
	size_t n = 0;

	p->outside = ring_for_outside(m);
	for (uint32_t i = 0; i < m->feed_count; i++) {
		const struct map_feed *f = &m->feeds[i];

		p->node_of[i] = MAP_NONE;
		if (!f->shown)
			continue;
		p->node_of[i] = (uint32_t)n;
		p->feed_of[n] = i;
		p->nodes[n++] = (struct layout_node){
			.ring = f->hops < 0 ? p->outside : (uint32_t)f->hops,
			.weight = weight_of(f),
		};
		p->most = f->messages > p->most ? f->messages : p->most;
	}
	p->layout.node_count = n;
}

static void add_edges(struct picture *p)
{
	const struct follow_map *m = &p->g->map;
	size_t n = 0;

	for (uint32_t i = 0; i < m->edge_count; i++) {
		const struct map_edge *e = &m->edges[i];

		if (!e->shown)
			continue;
		p->edge_of[n] = i;
		p->edges[n++] = (struct layout_edge){
			p->node_of[e->from], p->node_of[e->to],
			m->feeds[e->to].because == i ? WAY_PULL : 1
		};
	}
	p->layout.edge_count = n;
}

/* --- which edges are drawn ------------------------------------------------ */

enum stroke picture_stroke(const struct picture *p, size_t edge)
{
	const struct follow_map *m = &p->g->map;
	const struct map_edge *e = &m->edges[p->edge_of[edge]];

	if (e->edge == CONTACT_BLOCK)
		return STROKE_BLOCK;
	if (m->feeds[e->to].because == p->edge_of[edge])
		return e->from == m->centre ? STROKE_FIRST : STROKE_WAY;
	return e->mutual ? STROKE_BOTH : STROKE_ONE;
}

/* Of two edges that say the same both ways, one is drawn; and none beside the
 * one that is the way. */
static bool is_line(const struct picture *p, size_t edge)
{
	const struct follow_map *m = &p->g->map;
	const struct layout_edge *e = &p->edges[edge];
	uint32_t n = p->edge_of[edge];
	uint32_t back = m->feeds[m->edges[n].from].because;

	if (!p->nodes[e->from].shown || !p->nodes[e->to].shown)
		return false;
	if (!m->edges[n].mutual || m->feeds[m->edges[n].to].because == n)
		return true;
	if (back != MAP_NONE && m->edges[back].from == m->edges[n].to)
		return false;
	return e->from < e->to;
}

struct candidate {
	uint64_t key; /* the greater the sooner it is drawn */
	uint32_t edge;
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

/* Ways and blocks first; then those that are mutual; of each kind those between
 * feeds whom many follow. */
static uint64_t key_of(const struct picture *p, size_t edge)
{
	static const uint64_t ranks[STROKES] = {
		[STROKE_FIRST] = 2, [STROKE_ONE] = 0, [STROKE_BOTH] = 1,
		[STROKE_BLOCK] = 2, [STROKE_WAY] = 3,
	};
	const struct layout_edge *e = &p->edges[edge];
	uint64_t followers = (uint64_t)picture_feed(p, e->from)->followers +
			     picture_feed(p, e->to)->followers;

	return ranks[picture_stroke(p, edge)] << 40 | followers;
}

static enum kith_err choose_drawn(struct picture *p)
{
	struct candidate *all = calloc(p->layout.edge_count + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return KITH_ENOMEM;
	for (uint32_t i = 0; i < p->layout.edge_count; i++)
		if (is_line(p, i))
			all[n++] = (struct candidate){ key_of(p, i), i };
	if (n)
		qsort(all, n, sizeof(*all), compare_candidates);
	for (size_t i = 0; i < n && i < DRAWN_MAX; i++)
		p->drawn[all[i].edge] = true;
	p->hidden = n > DRAWN_MAX ? n - DRAWN_MAX : 0;
	free(all);
	return KITH_OK;
}

/* --- how large it is ------------------------------------------------------ */

static void measure(struct picture *p)
{
	double radius = p->layout.radii[p->layout.rings];
	double around;

	p->level = picture_is_level(p);
	around = p->level ? AROUND_LEVEL : AROUND_TURNED;
	p->centre_y = HEAD + around + radius;
	p->height = p->centre_y + radius + around + FOOT;
}

/* --- the whole ------------------------------------------------------------ */

enum kith_err picture_lay_out(struct picture *p)
{
	size_t feeds = p->g->map.feed_count + 1;
	size_t edges = p->g->map.edge_count + 1;
	enum kith_err err;

	p->nodes = calloc(feeds, sizeof(*p->nodes));
	p->node_of = calloc(feeds, sizeof(*p->node_of));
	p->feed_of = calloc(feeds, sizeof(*p->feed_of));
	p->edges = calloc(edges, sizeof(*p->edges));
	p->edge_of = calloc(edges, sizeof(*p->edge_of));
	p->drawn = calloc(edges, sizeof(*p->drawn));
	if (!p->nodes || !p->node_of || !p->feed_of || !p->edges ||
	    !p->edge_of || !p->drawn)
		return KITH_ENOMEM;
	add_nodes(p);
	add_edges(p);
	p->layout.nodes = p->nodes;
	p->layout.edges = p->edges;
	p->layout.radius = RADIUS;
	p->layout.pitch = PITCH;
	p->layout.gap = GAP;
	err = graph_layout(&p->layout);
	if (err)
		return err;
	measure(p);
	return choose_drawn(p);
}

void picture_clear(struct picture *p)
{
	free(p->nodes);
	free(p->node_of);
	free(p->feed_of);
	free(p->edges);
	free(p->edge_of);
	free(p->drawn);
	kith_buf_free(&p->out);
}
