/*
 * A small world for cores of blob wants: nodes with a folder of blobs, links
 * with latency and a speed, a clock that jumps from event to event.
 * Everything follows from one seed.
 *
 * Each node is a real core with the thinnest of shells.  A file is a length and
 * whether a byte of it is wrong: its hash is right if it is as long as the blob
 * and no byte is wrong.
 */
#ifndef SIM_BLOB_WORLD_H
#define SIM_BLOB_WORLD_H

#include "src/gossip/wants.h"
#include "src/gossip/wants_fetch.h"

enum {
	BLOB_NODES = 6,
	BLOB_COUNT = 8,
	BLOB_LINKS_MAX = 12,
	BLOB_CHUNK_BYTES = 65536 /* protocol/06 section 1 */
};

/* What is wrong with a node that is asked for a blob; the good are judged. */
enum blob_manner {
	BLOB_GOOD,
	BLOB_LEGACY,  /* good, but knows neither items nor slices */
	BLOB_WHOLE,   /* good, but knows no slices */
	BLOB_LIAR,    /* has everything; a byte of it is wrong */
	BLOB_ENDLESS, /* sends on and on */
	BLOB_SHORT,   /* ends early, and cleanly */
	BLOB_CUTTER,  /* ends early, with an error */
	BLOB_SILENT,  /* sends nothing */
	BLOB_SLOW,    /* sends a few bytes now and then */
	BLOB_REFUSER, /* has everything, but gives nothing */
	BLOB_MANNERS
};

struct blob_file {
	bool here;
	bool wanted;	  /* by this node itself */
	uint64_t partial; /* bytes of a partial file */
	uint64_t partial_size;
	bool tainted; /* the partial file */
};

struct blob_node {
	struct wants *core; /* NULL while down; a legacy node has none */
	enum blob_manner manner;
	struct blob_file files[BLOB_COUNT];
	bool full; /* the disk */
	bool strict; /* a quota lets nothing in */
	int64_t wake_ms;
	uint32_t spins; /* steps within one millisecond */
};

struct blob_session;

struct blob_link {
	int node[2];
	int64_t latency_ms;
	uint64_t speed; /* bytes a millisecond */
	struct blob_session *session; /* NULL: down */
};

struct blob_stats {
	uint64_t fetched, moved_bytes, stored_bytes, cut, lied, resumed;
	uint64_t stopped, items;
};

struct blob_event;

struct blob_world {
	struct blob_node nodes[BLOB_NODES];
	struct blob_link links[BLOB_LINKS_MAX];
	int link_count;
	uint64_t sizes[BLOB_COUNT];
	int64_t now_ms;
	uint64_t random; /* state */
	struct blob_event *events; /* a heap */
	size_t event_count, event_room;
	uint64_t order;
	struct blob_session *sessions;	 /* all, to be freed */
	struct blob_transfer *transfers; /* all, to be freed */
	struct blob_stats stats;
};

/* Nodes are down, linkless and good yet.  Gives; free with blob_world_free. */
struct blob_world *blob_world_new(uint64_t seed);
void blob_world_free(struct blob_world *w);

/* A number below n. */
uint32_t blob_dice(struct blob_world *w, uint32_t n);

/* The node starts with its folder and its wants. */
void blob_start(struct blob_world *w, int node);

/* It crashes: of partial files the end may be lost. */
void blob_crash(struct blob_world *w, int node);

void blob_connect(struct blob_world *w, struct blob_link *link);
void blob_cut(struct blob_world *w, struct blob_link *link);

void blob_add(struct blob_world *w, int node, int blob);
void blob_remove(struct blob_world *w, int node, int blob);
void blob_want(struct blob_world *w, int node, int blob, bool want);
void blob_push(struct blob_world *w, int node, int blob);

/* Sets or lifts what keeps blobs from coming in. */
void blob_disk(struct blob_world *w, int node, bool full, bool strict);

/* Lets everything happen up to this time, then it is this time. */
void blob_run_until(struct blob_world *w, int64_t until_ms);

#endif
