/*
 * Our own feed: what peers tell of it, on its way to the guard.
 *
 * While it is unconfirmed, a peer that has all of it and no more confirms it;
 * messages that come live say that another place writes them.  While it is OK,
 * a claim that there are more keeps publishes back until it is borne out, and
 * then the guard freezes, or until it is idle.
 * Source: src/ingest/guard.h, src/gossip/own.h.
 */
#ifndef DAEMON_OWN_FEED_H
#define DAEMON_OWN_FEED_H

#include "src/gossip/own.h"
#include "src/ingest/guard.h"
#include "src/ingest/ingest.h"

struct daemon;
struct peer;

struct own_feed {
	struct own peers;
	struct publish_row row;
	uint64_t tip; /* committed */
	bool asking;  /* the guard, with a task that is under way */
	int64_t again_ms; /* not asked before, as it did not agree */
	int64_t strangers_ms; /* their claims count for nothing before */
};

/* Reads state and tip from the store. */
KITH_CHECK enum kith_err own_feed_start(struct daemon *d,
					struct kith_error *e);

/* p has our feed up to sequence, as it says. */
void own_feed_told(struct peer *p, uint64_t sequence);

/* A message of ours is in the log, whoever wrote it. */
void own_feed_moved(struct daemon *d, uint64_t sequence);

/* One came from outside; by: NULL, or who brought it. */
void own_feed_result(struct daemon *d, struct txn *t, struct peer *by,
		     const struct ingest_result *r);

/* The state may have changed. */
void own_feed_reload(struct daemon *d, struct txn *t);

/* After every event: tells the guard if a peer confirms our feed. */
void own_feed_look(struct daemon *d);
int64_t own_feed_deadline_ms(struct daemon *d);

/* EBUSY, and e says so: a peer claims to have more, nothing is to be published
 * before it is clear. */
KITH_CHECK enum kith_err own_feed_holds(struct daemon *d,
					struct kith_error *e);

#endif
