/*
 * What the files of `kith graph` share: the map, how feeds are called in it,
 * and its forms.
 */
#ifndef TOOLS_COUNT_GRAPH_H
#define TOOLS_COUNT_GRAPH_H

#include "tools/count/follow_map.h"
#include "tools/print/reading.h"

struct graph_look {
	struct reading *r;
	struct follow_map map;
	struct map_choice choice;
	bool guessed; /* the centre is the busiest feed, since none was named
		       * and there is no identity of ours in it */
};

/* Appends what a feed is called, safe, or the start of its id; true: a name. */
bool graph_put_name(struct graph_look *g, const struct kith_feed_id *feed,
		    struct kith_buf *out);

/* "follow" or "block". */
const char *graph_edge_name(enum contact_edge edge);

/* The forms: for a person, and for programs. */
int graph_print(struct graph_look *g);
int graph_records(struct graph_look *g);
int graph_dot(struct graph_look *g);
int graph_tsv(struct graph_look *g);
int graph_svg(struct graph_look *g);

/* The verbs, by the centre of the look; argv as typed behind them. */
int graph_path(struct graph_look *g, char **argv);
int graph_why(struct graph_look *g, char **argv);
int graph_cut(struct graph_look *g, char **argv);

#endif
