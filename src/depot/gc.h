/*
 * Making room in a depot, without losing anything that somebody still needs.
 *
 * A node removes only what it wrote itself: whole closed segments, the oldest
 * first, and of these only such that every live node has told to have (or to
 * have read, and not to be interested in).  Small segments are made into large
 * ones.  A writer that did nothing in 180 rounds of others may be adopted: what
 * only it has is written again in our name, and then its files go.
 * A pull at any byte costs nothing but work: the head goes first, and files that
 * no head names are taken up or removed by the next run.
 * Source: protocol/15 section 5.4; kith-depot(5).
 */
#ifndef DEPOT_GC_H
#define DEPOT_GC_H

#include "src/depot/session.h"

enum {
	GC_SMALL_BYTES = 4 << 20, /* closed segments below are made into one */
	GC_SMALL_COUNT = 4	  /* where there are so many */
};

struct gc_plan {
	bool has_budget;
	uint64_t budget_bytes; /* of all segments of all writers */
	bool forget; /* also what others lack */
	const struct depot_writer_id *adopt; /* NULL: nobody */
	bool dry_run; /* say what would go */
};

struct gc_report {
	uint64_t bytes_before, bytes_after; /* of segments of all writers */
	uint64_t removed, removed_bytes;    /* segments of ours */
	uint64_t merged;		    /* small segments */
	uint64_t adopted;		    /* messages */
	uint64_t strays;		    /* files of ours that nobody names */
	uint64_t kept; /* segments that somebody still needs */
	struct depot_writer_id waits; /* one of those who do; or "" */
};

/* Works as a session does, with its memory and its name.  ENOENT: no depot, or
 * no such writer; EDENIED: read only, a writer that is live; EBUSY; EFULL, EIO:
 * nothing is lost.  *out is filled in in any case. */
KITH_CHECK enum kith_err depot_gc(struct folder *folder,
				  const struct depot_config *config,
				  const struct gc_plan *plan,
				  struct gc_report *out, struct kith_error *e);

#endif
