/*
 * Which message of each feed comes next: what to hand in at once, and what
 * came too early.
 *
 * Begins with what the store holds, and goes on with what was handed in.
 * Memory is bounded by EXPECT_FEEDS_MAX; feeds above are looked up in the store
 * each time, and so found to be too early more often.  One thread.
 */
#ifndef TOOLS_PASS_EXPECT_H
#define TOOLS_PASS_EXPECT_H

#include "src/store/messages.h"

enum { EXPECT_FEEDS_MAX = 1 << 17 };

struct expect;

/* store is kept as a view.  Gives; expect_free.  NULL when out of memory. */
struct expect *expect_new(struct store *store);
void expect_free(struct expect *x);

/* What to do about a message. */
enum expect_fate {
	EXPECT_LATER, /* it came too early */
	EXPECT_NOW,   /* the next of its feed, or one before; handed in, it
		       * counts from now on */
	EXPECT_HELD   /* the store has had it, byte for byte, all along */
};

enum expect_fate expect_look(struct expect *x, const struct kith_feed_id *feed,
			     uint64_t sequence, struct kith_slice value);

/* What was handed in as sequence is not in the feed after all. */
void expect_back(struct expect *x, const struct kith_feed_id *feed,
		 uint64_t sequence);

#endif
