/*
 * A picture of a follow map in the making: what is laid out, where it stands,
 * and what it is called.
 *
 * The drawing is PICTURE_WIDTH units wide: a label's font of 14 is 11 pixels
 * high where that are 800 of them.
 */
#ifndef TOOLS_COUNT_GRAPH_PICTURE_H
#define TOOLS_COUNT_GRAPH_PICTURE_H

#include "tools/count/graph.h"
#include "tools/draw/graph_layout.h"
#include "tools/draw/svg.h"

#define PICTURE_WIDTH 1000.0
#define PICTURE_FONT 14.0

enum { PICTURE_TEXT_BYTES_MAX = 4096 };

/* How an edge is drawn.  FIRST: from the centre, of which there are many and
 * none says much; WAY: by which the feed has its hops. */
enum stroke {
	STROKE_FIRST, STROKE_ONE, STROKE_BOTH, STROKE_BLOCK, STROKE_WAY,
	STROKES
};

/* nodes and edges are those of the map that are asked for; node_of and feed_of
 * lead from the one to the other. */
struct picture {
	struct graph_look *g;
	struct layout layout;
	struct layout_node *nodes;
	struct layout_edge *edges;
	uint32_t *node_of, *feed_of, *edge_of;
	bool *drawn;	  /* of edges */
	uint32_t outside; /* the ring of those out of reach; 0: none are */
	uint64_t most;	  /* messages of one feed */
	uint64_t hidden;  /* edges between feeds shown that are not drawn, since
			   * there are too many */
	bool level;	  /* labels are not turned */
	double centre_y, height;
	struct kith_buf out;
};

/* All zero but g before; picture_clear in any case.  ENOMEM. */
KITH_CHECK enum kith_err picture_lay_out(struct picture *p);
void picture_clear(struct picture *p);

const struct map_feed *picture_feed(const struct picture *p, size_t node);
enum stroke picture_stroke(const struct picture *p, size_t edge);

/* From the centre of the layout to that of the drawing. */
void picture_place(const struct picture *p, const double at[2],
		   double out[static 2]);

/* The radius of a feed's dot. */
double picture_dot(const struct picture *p, size_t node);

/* True if labels can lie beside their dots: a few are read best so; many would
 * lie over each other. */
bool picture_is_level(struct picture *p);

/* Draws what all are called, so that no two labels meet. */
void picture_draw_labels(struct picture *p);

#endif
