/*
 * Refused messages, kept for a person who asks: how many there were, why, and
 * the last ones.
 *
 * Lives as long as kithd and is written nowhere.  Bounded: who is refused can
 * only push out what was refused before.  The loop's thread.
 */
#ifndef DAEMON_REFUSALS_H
#define DAEMON_REFUSALS_H

#include "src/ingest/ingest.h"

enum {
	REFUSALS_KEPT = 256,
	REFUSALS_REASONS_MAX = 32, /* that differ; more are counted as one */
	REFUSALS_WHY_BYTES = 80
};

struct refusal {
	double at_ms;		    /* wall clock */
	struct kith_feed_id author; /* format NONE: it could not be read */
	uint64_t sequence;
	struct kith_feed_id peer; /* format NONE: a program here, a depot, or
				   * one that is gone */
	enum ingest_verdict verdict;
	char why[REFUSALS_WHY_BYTES];
};

struct refusal_reason {
	enum ingest_verdict verdict;
	char text[REFUSALS_WHY_BYTES]; /* numbers in it are "N" */
	uint64_t count;
};

/* All zero is none. */
struct refusals {
	struct refusal kept[REFUSALS_KEPT];
	uint64_t count; /* since the start; the newest has this number */
	struct refusal_reason reasons[REFUSALS_REASONS_MAX];
	size_t reason_count;
	uint64_t other; /* of none of these reasons */
};

void refusals_note(struct refusals *r, const struct refusal *one);

/* Number n, from 1 on; NULL: there was none, or it is not kept any more. */
const struct refusal *refusals_get(const struct refusals *r, uint64_t n);

/* The number of the oldest that is kept; 1 where there is none. */
uint64_t refusals_oldest(const struct refusals *r);

#endif
