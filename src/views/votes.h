/*
 * Votes: what authors last said of a message, a feed or a blob.
 *
 * The newest vote of each author counts, and 0 takes it back; those whom the
 * viewer blocks do not count.  Source: protocol/13 section 2.
 */
#ifndef VIEWS_VOTES_H
#define VIEWS_VOTES_H

#include "src/views/opinions.h"
#include "src/views/viewer.h"

struct vote {
	struct kith_feed_id author;
	uint32_t feed_number;
	uint64_t sequence, rx;
	int value; /* 1, or -1 */
};

struct votes_total {
	uint64_t up, down;
	int own; /* the viewer's: 1, 0 or -1 */
};

/* Walks those that count, by feed number; embedded. */
struct votes {
	struct txn *txn;
	const struct viewer *viewer;
	struct subject subject;
	struct opinion at;
};

/* Keeps a view of v. */
void votes_start(struct votes *w, struct txn *t, const struct viewer *v,
		 const struct kith_ref *on);
bool votes_next(struct votes *w, struct vote *out);

/* Adds them all up. */
void votes_count(struct txn *t, const struct viewer *v,
		 const struct kith_ref *on, struct votes_total *out);

#endif
