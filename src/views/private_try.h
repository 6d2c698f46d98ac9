/* Trying keys on boxes, many at once and on all processors; between the files
 * of src/views that open private messages. */
#ifndef VIEWS_PRIVATE_TRY_H
#define VIEWS_PRIVATE_TRY_H

#include "src/views/private_parts.h"

enum { TRY_BOXES = 2048, TRY_THREADS_MAX = 8 };

/* One box; its views are of a transaction that lasts. */
struct trying {
	struct message_row row;
	struct view_message m;
	struct kith_msg_id previous;
	struct kith_boxed boxed;
	enum kith_box box;
	enum kith_opening outcome;
	struct kith_opened *opened; /* where outcome is OPENED */
};

struct tries {
	struct trying *boxes; /* TRY_BOXES */
	size_t count;
	/* All that there is to try: one opener a thread. */
	struct kith_opener *openers[TRY_THREADS_MAX];
	unsigned threads;
	/* Or this one key of a group. */
	bool lone;
	struct kith_box2_key key;
};

/* False: no memory.  tries_free in any case. */
bool tries_alloc(struct tries *t);
void tries_free(struct tries *t);
/* Wipes what was opened, and empties it. */
void tries_reset(struct tries *t);

/* Adds a message if it is boxed; false: it is full. */
bool tries_add(struct tries *t, const struct message_row *row,
	       const struct view_message *m);

/* Makes new openers of what the keyring holds now.  ENOMEM; EIO. */
KITH_CHECK enum kith_err tries_load(struct tries *t, struct txn *txn,
				    const struct keys *k);

/* Tries the boxes until the clock (monotonic, ms) is at end_ms, but some in any
 * case.  Gives how many of the first are done.  ENOMEM. */
KITH_CHECK enum kith_err tries_run(struct tries *t, int64_t end_ms,
				   size_t *done);

/* Puts what came of a box.  groups: of each key of a group, in their order; or,
 * lone, of the one key that was tried.  ENOMEM; EIO. */
KITH_CHECK enum kith_err trying_put(const struct trying *b, struct txn *t,
				    const struct keys *k,
				    const struct kith_msg_id *groups,
				    bool lone);

#endif
