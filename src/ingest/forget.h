/*
 * Forgetting: what others wrote leaves the log, oldest first, and every view
 * as if it had never come.
 *
 * Never of a feed of ours.  What proves a fork stays.  Blocking; on the
 * writer's thread (ingest_run), in steps between which others write.
 */
#ifndef INGEST_FORGET_H
#define INGEST_FORGET_H

#include <stdatomic.h>

#include "src/store/messages.h"

#define FORGET_ALL UINT64_MAX

/* All zero but feed, self and until, at first. */
struct forgetting {
	struct kith_feed_id feed;
	struct kith_feed_id self; /* never forgotten; format NONE: none */
	uint64_t until; /* the newest message to go.  If that is the last one,
			 * the feed is marked, and not fetched again */
	/* So far; read by any thread. */
	_Atomic size_t messages, bytes, total;
};

/* One transaction, short and of at most INGEST_DIRTY_BYTES_MAX; *more: another
 * is to follow.  What went in earlier ones is gone.  EDENIED: a feed of ours;
 * ENOENT: there is nothing of it; EIO: damage, e says what to do. */
KITH_CHECK enum kith_err forget_some(struct store *s, struct forgetting *f,
				     bool *more, struct kith_error *e);

/* Takes the mark away, so that the feed is fetched again if it is in reach; to
 * follow it does the same.  ENOENT: there is none. */
KITH_CHECK enum kith_err forget_undo(struct store *s,
				     const struct kith_feed_id *feed,
				     struct kith_error *e);

/* Part of a feed that goes, from its first message on. */
struct forget_range {
	uint64_t last;
	double before_ms; /* stops at the first that is not older; 0: none is */
	size_t most;	  /* messages in one transaction */
};

struct forget_count {
	size_t messages, bytes;
	bool all; /* of the range is gone */
};

/* In a write transaction: removes some of the range, and moves the feed's row,
 * which the caller writes if it changed.  Errors stay in t. */
void forget_messages(struct txn *t, struct feed_row *feed,
		     const struct forget_range *range,
		     struct forget_count *out);

#endif
