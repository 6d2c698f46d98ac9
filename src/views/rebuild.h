/*
 * Views as a person sees them: how far each is, and making one anew.
 */
#ifndef VIEWS_REBUILD_H
#define VIEWS_REBUILD_H

#include "src/views/follow.h"
#include "src/views/view.h"

struct view_status {
	const char *state; /* "ready", "filling", "clearing", "unmade" */
	uint32_t version;
	uint64_t position, behind; /* receive numbers */
	uint64_t skipped;	   /* messages that made no sense to it */
};
void view_status(struct txn *t, const struct view *view,
		 struct view_status *out);

/* Its rows, counted one by one. */
uint64_t view_rows(struct txn *t, const struct view *view);

/* A rebuild that is under way; embedded.  step runs where ingest's tasks do,
 * the rest on any thread. */
struct rebuild {
	const struct view *view; /* NULL: none, only catch up */
	struct follow *follow;
	int slice_ms;
	bool begun;
	_Atomic uint64_t done, total; /* messages */
};

/* A slice of it; *more: it is not over.  EDENIED: a view that does not follow
 * the log cannot be made anew while the node works. */
KITH_CHECK enum kith_err rebuild_some(struct store *s, struct rebuild *r,
				      bool *more, struct kith_error *e);

#endif
