/*
 * Who follows and blocks whom, as a picture or a list needs it: feeds and edges
 * in two arrays, and which of them are asked for.
 *
 * Read whole from the views of one transaction.  What hops are
 * is gossip/graph.h's word.
 */
#ifndef TOOLS_COUNT_FOLLOW_MAP_H
#define TOOLS_COUNT_FOLLOW_MAP_H

#include "src/gossip/lookup.h"
#include "src/store/messages.h"
#include "src/views/contacts.h"

#define MAP_NONE UINT32_MAX

struct map_feed {
	struct kith_feed_id id;
	int hops;	  /* as graph_hops; FAR where there is no centre */
	uint32_t because; /* the edge that gives it its hops, or MAP_NONE */
	uint64_t messages, bytes;    /* that are here */
	uint32_t follows, followers; /* in all */
	bool shown;
};

struct map_edge {
	uint32_t from, to; /* of feeds */
	enum contact_edge edge; /* FOLLOW or BLOCK */
	bool mutual; /* the other one says the same */
	uint64_t sequence; /* in the feed of from */
	bool shown;
};

struct follow_map {
	struct map_feed *feeds; /* owned, by id */
	struct map_edge *edges; /* owned, by the ids of both ends */
	size_t feed_count, feed_room, edge_count, edge_room;
	uint32_t centre; /* MAP_NONE: there is none */
	struct lookup by_id;
};

/* All feeds and edges of the store; all is shown.  Messages of others are
 * counted as they are held.  ENOMEM, or an error of t.  map_clear in any
 * case. */
KITH_CHECK enum kith_err map_read(struct follow_map *m, struct txn *t);
void map_clear(struct follow_map *m);

/* MAP_NONE: nobody says anything of it, and nothing of it is here. */
uint32_t map_find(const struct follow_map *m, const struct kith_feed_id *id);

/* The feed that has most follows and followers; MAP_NONE: there is no edge. */
uint32_t map_busiest(const struct follow_map *m);

/* Works the hops of all feeds out as they are from this one; t as above. */
KITH_CHECK enum kith_err map_centre(struct follow_map *m, struct txn *t,
				    uint32_t centre);

enum map_kinds { MAP_FOLLOWS = 1, MAP_BLOCKS = 2 };

struct map_choice {
	unsigned kinds; /* of edges */
	bool mutual;	/* only those that are */
	int hops;	/* feeds within so many hops of the centre, which is
			 * set; -1: all there are */
};

/* Marks what is asked for: edges of those kinds that lead from a feed in reach
 * to another, blocks also to those out of reach; and the feeds in reach, with
 * the ends of these edges.  Where only some edges are asked for, feeds without
 * any are not shown, but for the centre. */
void map_choose(struct follow_map *m, const struct map_choice *c);

#endif
