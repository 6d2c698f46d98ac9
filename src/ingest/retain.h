/*
 * Retention: distant feeds keep only what is young.
 *
 * Of a feed that is not near, messages older than some days go, oldest first,
 * but never its last one, so that it goes on where it is.  The age is that of
 * view_time_ms; and the time of day is the wall clock's, or the newest that a
 * near feed claims if that is earlier: a clock that jumps ahead removes
 * nothing.  Blocking; on the writer's thread, in steps as forget.h.
 */
#ifndef INGEST_RETAIN_H
#define INGEST_RETAIN_H

#include <stdatomic.h>

#include "src/store/messages.h"

enum { RETAIN_CHANGED_MAX = 64 };

/* All zero but what the caller sets, at first. */
struct retaining {
	/* The caller's: */
	struct kith_feed_id *near; /* never touched; borrowed, sorted */
	size_t near_count;
	int64_t days;	/* at least 1 */
	double wall_ms; /* the clock */
	bool dry;	/* only count */

	/* After each step: the feeds that it changed. */
	struct kith_feed_id changed[RETAIN_CHANGED_MAX];
	size_t changed_count;
	/* So far; read by any thread. */
	_Atomic size_t looked, total; /* feeds */
	_Atomic size_t feeds, messages, bytes; /* that go */

	uint32_t number; /* of the feed that was looked at last */
	double before_ms;
	bool sorted;
};

/* One transaction; *more: another is to follow.  EFULL; EIO: damage, e says what
 * to do. */
KITH_CHECK enum kith_err retain_some(struct store *s, struct retaining *r,
				     bool *more, struct kith_error *e);

#endif
