/*
 * Forks: what the daemon does about the evidence that ingest keeps.
 *
 * A feed with a proof is limited: nobody is given what lies at or beyond the
 * lowest proven place.  What a peer repeats is compared with what we hold, at
 * a pace that costs little.  And a peer that is on another branch is asked for
 * single messages of it, to find the place where the branches part: there is
 * the pair that proves it.
 * Source: protocol/10 section 8; protocol/05 section 7.
 */
#ifndef DAEMON_FORKS_H
#define DAEMON_FORKS_H

#include "src/daemon/rate.h"
#include "src/ingest/ingest.h"

struct daemon;
struct peer;

enum {
	FORKS_COMPARE_MS = 32,	     /* one comparison for each such time */
	FORKS_COMPARE_BURST = 32,    /* saved up by one session */
	FORKS_INQUIRIES_MAX = 8,     /* at once with one peer */
	FORKS_INQUIRY_WAIT_MS = 30000,
	FORKS_INQUIRY_ITEMS_MAX = 1000 /* until the one that we asked for */
};

/* Limits every feed with a proof. */
KITH_CHECK enum kith_err forks_load(struct daemon *d, struct txn *t);

/* The last sequence of the feed that a remote peer may see; UINT64_MAX: all
 * that there is. */
uint64_t forks_limit(const struct daemon *d, const struct kith_feed_id *feed);

/* A result of ingest that says something of a fork; by: who brought it, or
 * NULL if gone. */
void forks_found(struct daemon *d, struct txn *t,
		 const struct ingest_result *result, struct peer *by);

/* What proved it was dropped: the feed is taken and given again. */
void forks_dropped(struct daemon *d, const struct kith_feed_id *feed);

/* True if value, which claims a place that we hold, is not what we hold there,
 * byte by byte, and compared, the session's, allows to look at it: then ingest
 * is to decide. */
bool forks_differ(struct daemon *d, struct rate *compared,
		  const struct kith_feed_id *author, uint64_t sequence,
		  struct kith_slice value);

#endif
