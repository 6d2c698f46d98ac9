/*
 * A small world for EBT cores: nodes with logs, links with latency, a clock
 * that jumps from event to event.  Everything follows from one seed.
 *
 * Each node is a real core with the thinnest of shells: what its log holds is
 * a number a feed, commits take a while and come in order, frames of a link
 * arrive in order, and a link that is full is not written to.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "src/gossip/ebt.h"
#include "tests/sim/events.h"

enum {
	WORLD_NODES = 30,     /* feed n is node n's own */
	WORLD_LINKS_MAX = 90,
	WORLD_UNKNOWN = -2    /* in saved clocks: no entry */
};

/* What is wrong with a node; the good ones are judged. */
enum world_manner {
	GOOD,
	TWICE,	/* good, but delivers every message twice */
	SILENT, /* takes and tells, never sends */
	LIAR,	/* claims more than anybody has, sends nothing */
	FORGER	/* most of what it sends is not valid */
};

struct world_node {
	struct ebt *core; /* NULL while down; a liar never has one */
	enum world_manner manner;
	uint32_t log[WORLD_NODES];
	bool wants[WORLD_NODES];
	bool nears[WORLD_NODES]; /* follows: those feeds come first */
	uint32_t limit[WORLD_NODES]; /* forked behind it, or UINT32_MAX */
	int64_t saved[WORLD_NODES][WORLD_NODES]; /* by peer, by feed */
	uint32_t life;		/* counts restarts: older commits are lost */
	int64_t written_ms;	/* its writer is busy until then */
	int64_t wake_ms;	/* of the wake-up that is under way */
	uint32_t spins;		/* wake-ups within one millisecond */
};

struct world_session;

struct world_link {
	int node[2];
	int64_t latency_ms;
	struct world_session *session; /* or NULL: down */
};

struct world_stats {
	uint64_t taken, repeated, gaps, forged, notes, note_bytes;
	uint64_t late_notes; /* after world_watch_notes */
};

struct world {
	struct world_node nodes[WORLD_NODES];
	struct world_link links[WORLD_LINKS_MAX];
	int link_count;
	bool blocks[WORLD_NODES][WORLD_NODES]; /* author, reader */
	int64_t now_ms, stall_ms;
	uint64_t random; /* state */
	struct world_stats stats;
	int64_t came_ms[WORLD_NODES][WORLD_NODES]; /* node, feed: its last */
	bool watch_notes;
	struct events events;
	struct world_session *sessions; /* all, to be freed */
};

/* Nodes are down and linkless yet.  Gives; free with world_free. */
struct world *world_new(uint64_t seed, int64_t stall_ms);
void world_free(struct world *w);

/* A number below n. */
uint32_t world_random(struct world *w, uint32_t n);

/* The node starts with its log, wants and saved clocks. */
void world_start(struct world *w, int node);

/* It crashes: sessions and what was not committed are lost. */
void world_crash(struct world *w, int node);

/* Its next own message is committed. */
void world_publish(struct world *w, int node);
void world_want(struct world *w, int node, int feed, bool want);

/* It finds a proof that the feed forks behind sequence. */
void world_fork(struct world *w, int node, int feed, uint32_t sequence);

/* Both sides join; false: a node is down. */
bool world_connect(struct world *w, struct world_link *link);

/* Frames under way are lost; the sides notice one by one. */
void world_cut(struct world *w, struct world_link *link);

/* Lets everything happen up to this time, then it is this time. */
void world_run_until(struct world *w, int64_t until_ms);

#endif
