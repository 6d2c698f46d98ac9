/*
 * Replication: what we want (the follow graph), from whom and to whom it goes
 * (ebt), and what becomes of it (ingest).
 *
 * Peers speak ebt; one that cannot is asked feed by feed (fallback.h).
 * Source: protocol/05.
 */
#ifndef DAEMON_REPLICATE_H
#define DAEMON_REPLICATE_H

#include "feeds/id.h"
#include "src/gossip/ebt.h"
#include "src/gossip/graph.h"
#include "src/ingest/ingest.h"
#include "src/store/messages.h"

struct daemon;
struct peer;

enum {
	REPLICATE_CALM_MS = 200,       /* between two looks at the graph, */
	REPLICATE_CALM_TIMES = 10,     /* and as long as so many of them take */
	REPLICATE_EBT_WAIT_MS = 60000, /* for a dialler to call ebt.replicate */
	REPLICATE_EBT_LATE_MS = 2000,  /* the same, once it asked for history */
	REPLICATE_EBT_AGAIN_MS = 2000  /* after a session was displaced */
};

struct replicate {
	struct ebt *ebt;
	struct graph *graph;
	struct kith_feed_id *wanted; /* in reach, and told to ebt */
	size_t wanted_count;
	uint64_t graph_seen;  /* version that wanted stands for */
	int64_t graph_due_ms; /* not looked at again before */
};

/* Knows of nobody but us yet: load.h takes up what the store knows. */
KITH_CHECK enum kith_err replicate_start(struct daemon *d,
					 struct kith_error *e);
void replicate_stop(struct daemon *d);

/* What the store has of a feed.  ENOMEM. */
KITH_CHECK enum kith_err replicate_know(struct daemon *d,
					const struct feed_row *row);
/* Every feed and every contact is known: whoever is in reach is wanted. */
void replicate_begin(struct daemon *d);

/* A session with a remote peer is open: speak ebt, or wait for it to. */
void replicate_opened(struct peer *p);
/* Its ebt session is over, the connection is not: falls back unless another
 * session comes. */
void replicate_await_ebt(struct peer *p);
/* It ended its ebt session for one on another connection; but this is the
 * connection that is left. */
void replicate_ebt_displaced(struct peer *p);
/* It asks feed by feed: without EBT that is how it begins. */
void replicate_asked_for_history(struct peer *p);
/* p->ebt_due_ms has come. */
void replicate_overdue(struct peer *p);

/* ebt has news for some peers: they are to produce. */
void replicate_wake(struct daemon *d);

/* A message is in the log. */
void replicate_committed(struct daemon *d, struct txn *t,
			 const struct kith_feed_id *author, uint64_t sequence,
			 uint64_t rx);
/* One that ebt let in is not; by: its session, or NULL if that is over. */
void replicate_refused(struct daemon *d, struct ebt_peer *by,
		       const struct ingest_result *result);

/* Messages of the feed were removed from the log, or its mark was changed by
 * forget.h, as t shows: peers and the follow graph are to know. */
void replicate_removed(struct daemon *d, struct txn *t,
		       const struct kith_feed_id *feed);

/* Follows and blocks may have changed what we want: looks, if it is time. */
void replicate_follow_graph(struct daemon *d);

/* By us; never true of ourselves. */
bool replicate_blocks(struct daemon *d, const struct kith_feed_id *id);
/* Ourselves, or followed by us. */
bool replicate_is_near(struct daemon *d, const struct kith_feed_id *id);
/* In reach by follows. */
bool replicate_wants(struct daemon *d, const struct kith_feed_id *id);

int64_t replicate_deadline_ms(struct daemon *d);
void replicate_due(struct daemon *d, int64_t now_ms);

#endif
