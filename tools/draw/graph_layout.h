/*
 * Where the feeds of a graph are drawn: on rings around the centre, one a hop,
 * those that have to do with each other near each other.
 *
 * Pure and without chance: the same graph has the same picture.  On a ring all
 * stand equally far apart, so that no two labels meet; what finds no room is
 * left out, the lightest of each ring first.
 */
#ifndef TOOLS_DRAW_GRAPH_LAYOUT_H
#define TOOLS_DRAW_GRAPH_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/err.h"

enum { LAYOUT_RINGS_MAX = 8 };

struct layout_node {
	/* The caller's: */
	uint64_t weight; /* who stays, where there is no room for all */
	uint32_t ring;	 /* 0: the centre, of which there is one */
	/* What comes out: */
	bool shown;
	double angle; /* radians, clockwise from the top */
	double at[2]; /* from the centre; y grows downwards */
};

/* Who is drawn near whom: the more edges, the nearer. */
struct layout_edge {
	uint32_t from, to; /* of nodes */
	double pull;	   /* how much it counts: 1, as a rule */
};

struct layout {
	struct layout_node *nodes; /* borrowed */
	size_t node_count;
	const struct layout_edge *edges; /* borrowed */
	size_t edge_count;
	double radius; /* of the outermost ring */
	double pitch;  /* between two neighbours of a ring, at least */
	double gap;    /* between two rings, at least, where these are few */
	/* What comes out: */
	uint32_t rings; /* besides the centre */
	double radii[LAYOUT_RINGS_MAX + 1];
	size_t shown[LAYOUT_RINGS_MAX + 1], left_out[LAYOUT_RINGS_MAX + 1];
};

/* Nodes of rings beyond LAYOUT_RINGS_MAX are left out, and counted with the
 * last.  ENOMEM. */
KITH_CHECK enum kith_err graph_layout(struct layout *l);

/* The curve that an edge is drawn as: bent towards the centre, the more the
 * farther apart its ends stand.  Both are shown. */
void graph_layout_curve(const struct layout *l, const struct layout_edge *e,
			double out[static 4][2]);

#endif
