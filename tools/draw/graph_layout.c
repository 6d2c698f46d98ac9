#include "tools/draw/graph_layout.h"

#include <math.h>
#include <stdlib.h>

/* Rounds in which every ring is put in the order of those that its nodes have
 * to do with; then neighbours change places while that makes edges shorter. */
enum { ORDER_ROUNDS = 24, SWAP_ROUNDS = 40 };

#define PI 3.14159265358979323846
#define LONE_RING 0.62	 /* of the radius, where there is one ring only */
#define GAP_SHARE 0.75	 /* of what rings are apart evenly */
#define OWN_PULL 0.5	 /* of an edge: a node rather stays where it is */
#define BEND 0.9	 /* of the way to the centre, for opposite ends */

/* The neighbours of node n stand in others from start[n] up to start[n + 1];
 * order holds the nodes shown, ring by ring from first[ring] on. */
struct work {
	struct layout *l;
	uint32_t *start, *others, *order;
	double *pulls; /* of others */
	size_t first[LAYOUT_RINGS_MAX + 2];
	double *wish; /* the angle where a node would stand best */
};

/* --- who is shown --------------------------------------------------------- */

/* The heaviest first, else as given. */
static bool comes_before(const struct layout *l, uint32_t a, uint32_t b)
{
	const struct layout_node *x = &l->nodes[a], *y = &l->nodes[b];

	return x->weight != y->weight ? x->weight > y->weight : a < b;
}

/* Shell sort: no state but its arguments, and no order of equals to chance. */
static void sort_by_weight(const struct layout *l, uint32_t *at, size_t n)
{
	for (size_t gap = n / 2; gap; gap /= 2)
		for (size_t i = gap; i < n; i++) {
			uint32_t moved = at[i];
			size_t k = i;

			for (; k >= gap &&
			       comes_before(l, moved, at[k - gap]); k -= gap)
				at[k] = at[k - gap];
			at[k] = moved;
		}
}

static size_t room_on(const struct layout *l, double radius)
{
	double n = l->pitch > 0 ? 2 * PI * radius / l->pitch : 1e6;

	return n >= 1 ? (size_t)n : 1;
}

/* Evenly apart; a ring of many is moved outwards, as far as those outside of
 * it leave room. */
static void choose_radii(struct layout *l, const size_t *counts)
{
	double even = l->radius / (l->rings ? l->rings : 1);
	double gap = l->gap < even * GAP_SHARE ? l->gap : even * GAP_SHARE;

	for (uint32_t k = 1; k <= l->rings; k++) {
		double radius = l->rings == 1 ? l->radius * LONE_RING
					      : even * k;
		double most = l->radius - (l->rings - k) * gap;
		double need = (double)counts[k] * l->pitch / (2 * PI);
		double least = l->radii[k - 1] + gap;

		radius = need > radius ? need : radius;
		radius = radius < least ? least : radius;
		l->radii[k] = radius > most ? most : radius;
	}
}

static void count_rings(struct layout *l, size_t counts[])
{
	for (size_t i = 0; i < l->node_count; i++) {
		uint32_t ring = l->nodes[i].ring;

		if (ring > LAYOUT_RINGS_MAX)
			continue;
		counts[ring]++;
		l->rings = ring > l->rings ? ring : l->rings;
	}
}

static void choose_shown(struct work *w)
{
	struct layout *l = w->l;
	size_t counts[LAYOUT_RINGS_MAX + 1] = { 0 }, n = 0;

	count_rings(l, counts);
	choose_radii(l, counts);
	for (uint32_t k = 0; k <= l->rings; k++) {
		size_t room = k ? room_on(l, l->radii[k]) : 1, begin = n;

		w->first[k] = n;
		for (uint32_t i = 0; i < l->node_count; i++)
			if (l->nodes[i].ring == k)
				w->order[n++] = i;
		sort_by_weight(l, w->order + begin, n - begin);
		if (n - begin > room)
			n = begin + room;
		l->shown[k] = n - begin;
		l->left_out[k] = counts[k] - l->shown[k];
		for (size_t i = begin; i < n; i++)
			l->nodes[w->order[i]].shown = true;
	}
	w->first[l->rings + 1] = n;
	for (size_t i = 0; i < l->node_count; i++)
		l->left_out[l->rings] += l->nodes[i].ring > LAYOUT_RINGS_MAX;
}

/* --- neighbours ----------------------------------------------------------- */

static bool is_drawn(const struct layout *l, const struct layout_edge *e)
{
	return l->nodes[e->from].shown && l->nodes[e->to].shown &&
	       e->from != e->to;
}

static void list_one(struct work *w, uint32_t of, uint32_t other, double pull)
{
	uint32_t at = --w->start[of];

	w->others[at] = other;
	w->pulls[at] = pull;
}

static void list_neighbours(struct work *w)
{
	const struct layout *l = w->l;

	for (size_t i = 0; i < l->edge_count; i++)
		if (is_drawn(l, &l->edges[i])) {
			w->start[l->edges[i].from]++;
			w->start[l->edges[i].to]++;
		}
	for (size_t i = 1; i <= l->node_count; i++)
		w->start[i] += w->start[i - 1];
	for (size_t i = l->edge_count; i-- > 0;)
		if (is_drawn(l, &l->edges[i])) {
			const struct layout_edge *e = &l->edges[i];

			list_one(w, e->from, e->to, e->pull);
			list_one(w, e->to, e->from, e->pull);
		}
}

/* --- the order of a ring -------------------------------------------------- */

/* From 0 up to a whole turn. */
static double turn(double angle)
{
	angle = fmod(angle, 2 * PI);
	return angle < 0 ? angle + 2 * PI : angle;
}

/* How far apart two directions are, half a turn at most. */
static double apart(double a, double b)
{
	double d = turn(a - b);

	return d > PI ? 2 * PI - d : d;
}

/* Where the neighbours of n are, the centre aside: in the middle of them. */
static double wish_of(const struct work *w, uint32_t n)
{
	const struct layout_node *nodes = w->l->nodes;
	double x = OWN_PULL * sin(nodes[n].angle);
	double y = OWN_PULL * cos(nodes[n].angle);

	for (uint32_t i = w->start[n]; i < w->start[n + 1]; i++) {
		const struct layout_node *o = &nodes[w->others[i]];

		if (!o->ring)
			continue;
		x += w->pulls[i] * sin(o->angle);
		y += w->pulls[i] * cos(o->angle);
	}
	return turn(atan2(x, y));
}

static bool stands_before(const struct work *w, uint32_t a, uint32_t b)
{
	double x = w->wish[a], y = w->wish[b];

	return x < y || (x == y && a < b);
}

static void sort_by_wish(const struct work *w, uint32_t *at, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t moved = at[i];
		size_t k = i;

		for (; k && stands_before(w, moved, at[k - 1]); k--)
			at[k] = at[k - 1];
		at[k] = moved;
	}
}

/* Evenly around, turned so that they are near to what they wish. */
static void place_evenly(struct work *w, uint32_t *at, size_t n)
{
	double x = 0, y = 0, from, step = 2 * PI / (double)n;

	for (size_t i = 0; i < n; i++) {
		x += sin(w->wish[at[i]] - (double)i * step);
		y += cos(w->wish[at[i]] - (double)i * step);
	}
	from = x * x + y * y > 1e-12 ? atan2(x, y) : 0;
	for (size_t i = 0; i < n; i++)
		w->l->nodes[at[i]].angle = turn(from + (double)i * step);
}

static void order_ring(struct work *w, uint32_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w->wish[at[i]] = wish_of(w, at[i]);
	sort_by_wish(w, at, n);
	place_evenly(w, at, n);
}

/* At first each ring is as its weights order it, in steps of the golden angle,
 * which keeps the heavy apart. */
static void place_first(struct work *w)
{
	struct layout *l = w->l;

	for (uint32_t k = 1; k <= l->rings; k++)
		for (size_t i = 0; i < l->shown[k]; i++) {
			uint32_t n = w->order[w->first[k] + i];

			l->nodes[n].angle = turn((double)i * PI *
						 (3 - sqrt(5)));
		}
}

/* How long the edges of n would be at an angle. */
static double strain(const struct work *w, uint32_t n, double angle)
{
	double sum = 0;

	for (uint32_t i = w->start[n]; i < w->start[n + 1]; i++) {
		const struct layout_node *o = &w->l->nodes[w->others[i]];

		if (o->ring)
			sum += w->pulls[i] * apart(angle, o->angle);
	}
	return sum;
}

/* True: they changed places. */
static bool swap_if_better(struct work *w, uint32_t *a, uint32_t *b)
{
	struct layout_node *x = &w->l->nodes[*a], *y = &w->l->nodes[*b];
	double p = x->angle, q = y->angle;
	double now = strain(w, *a, p) + strain(w, *b, q);
	double then = strain(w, *a, q) + strain(w, *b, p);
	uint32_t moved = *a;

	if (!(then < now - 1e-9))
		return false;
	x->angle = q;
	y->angle = p;
	*a = *b;
	*b = moved;
	return true;
}

static bool swap_ring(struct work *w, uint32_t *at, size_t n)
{
	bool changed = false;

	/* Next neighbours, and those two and three places apart. */
	for (size_t far = 1; far <= 3 && far < n; far++)
		for (size_t i = 0; i < n; i++)
			changed |= swap_if_better(w, &at[i],
						  &at[(i + far) % n]);
	return changed;
}

static void arrange(struct work *w)
{
	struct layout *l = w->l;
	bool changed = true;

	place_first(w);
	for (int round = 0; round < ORDER_ROUNDS; round++)
		for (uint32_t k = 1; k <= l->rings; k++)
			if (l->shown[k])
				order_ring(w, w->order + w->first[k],
					   l->shown[k]);
	for (int round = 0; changed && round < SWAP_ROUNDS; round++) {
		changed = false;
		for (uint32_t k = 1; k <= l->rings; k++)
			changed |= swap_ring(w, w->order + w->first[k],
					     l->shown[k]);
	}
}

/* --- the whole ------------------------------------------------------------ */

static void polar(double angle, double radius, double out[static 2])
{
	out[0] = radius * sin(angle);
	out[1] = -radius * cos(angle);
}

static void finish(struct layout *l)
{
	for (size_t i = 0; i < l->node_count; i++)
		if (l->nodes[i].shown)
			polar(l->nodes[i].angle, l->radii[l->nodes[i].ring],
			      l->nodes[i].at);
}

enum kith_err graph_layout(struct layout *l)
{
	struct work w = { .l = l };
	enum kith_err err = KITH_ENOMEM;

	l->rings = 0;
	l->radii[0] = 0;
	for (size_t i = 0; i < l->node_count; i++) {
		l->nodes[i].shown = false;
		l->nodes[i].angle = 0;
	}
	w.start = calloc(l->node_count + 1, sizeof(*w.start));
	w.others = calloc(2 * l->edge_count + 1, sizeof(*w.others));
	w.pulls = calloc(2 * l->edge_count + 1, sizeof(*w.pulls));
	w.order = calloc(l->node_count + 1, sizeof(*w.order));
	w.wish = calloc(l->node_count + 1, sizeof(*w.wish));
	if (w.start && w.others && w.pulls && w.order && w.wish) {
		choose_shown(&w);
		list_neighbours(&w);
		arrange(&w);
		finish(l);
		err = KITH_OK;
	}
	free(w.start);
	free(w.others);
	free(w.pulls);
	free(w.order);
	free(w.wish);
	return err;
}

void graph_layout_curve(const struct layout *l, const struct layout_edge *e,
			double out[static 4][2])
{
	const struct layout_node *a = &l->nodes[e->from];
	const struct layout_node *b = &l->nodes[e->to];
	double ra = l->radii[a->ring], rb = l->radii[b->ring];
	double share = apart(a->angle, b->angle) / PI;
	/* From ring to ring half-way; along a ring and across, inwards. */
	double middle = (ra + rb) / 2;
	double inner = (ra < rb ? ra : rb) * (1 - BEND * sqrt(share));
	double bend = ra == rb ? 1 : share < 0.25 ? share * 4 : 1;
	double to = middle + (inner - middle) * bend;

	polar(a->angle, ra, out[0]);
	polar(a->angle, ra + (to - ra) * 0.85, out[1]);
	polar(b->angle, rb + (to - rb) * 0.85, out[2]);
	polar(b->angle, rb, out[3]);
}
