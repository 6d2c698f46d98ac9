/*
 * What the messages of the log give to the views, folded anew: rows in a store
 * of its own, which nobody syncs, beside the one that is checked.
 *
 * Postings are most of them, and each message gives its own: their sum is
 * enough to see that all is well.  Where it is not, they are folded once more
 * as rows.  Belongs to views.c; one thread.
 */
#ifndef FSCK_SHADOW_H
#define FSCK_SHADOW_H

#include "src/fsck/check.h"
#include "src/views/filler.h"
#include "src/views/place.h"

enum { SHADOW_PATH_BYTES = 4096, SHADOW_VIEWS_MAX = 16 };

struct shadow {
	char folder[SHADOW_PATH_BYTES];
	struct home *home;
	struct store *store;
	struct txn *txn;
	struct filler *filler;
	bool summed; /* postings are in sum, whatever their view's place */
	struct row_sum sum;
	bool partial; /* a message was left out */
	struct view_place places[SHADOW_VIEWS_MAX]; /* of each of views[] */
	const struct view *view; /* of the row that was named last */
};

/* Makes it empty; s is zeroed, or was closed and keeps its places.
 * shadow_close in any case, which removes it. */
KITH_CHECK enum kith_err shadow_open(struct shadow *s, const struct check *c,
				      bool summed, struct kith_error *e);
void shadow_close(struct shadow *s);

/* Commits when there is much, and goes on. */
KITH_CHECK enum kith_err shadow_step(struct shadow *s);

/* Folds one message; shadow_fill after the last. */
KITH_CHECK enum kith_err shadow_fold(struct shadow *s, const struct check *c,
				      const struct message_row *row);
KITH_CHECK enum kith_err shadow_fill(struct shadow *s);

#endif
