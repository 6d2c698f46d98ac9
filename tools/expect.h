/*
 * Which message of each feed comes next: what to hand in at once, and what
 * came too early.
 *
 * Begins with what the store holds, and goes on with what was handed in.
 * Memory is bounded by EXPECT_FEEDS_MAX; feeds above are looked up in the store
 * each time, and so found to be too early more often.  One thread.
 */
#ifndef TOOLS_EXPECT_H
#define TOOLS_EXPECT_H

#include "src/store/messages.h"

enum { EXPECT_FEEDS_MAX = 1 << 17 };

struct expect;

/* store is kept as a view.  Gives; expect_free.  NULL when out of memory. */
struct expect *expect_new(struct store *store);
void expect_free(struct expect *x);

/* True: the message is the next of its feed, or one before, and counts as
 * handed in from now on. */
bool expect_take(struct expect *x, const struct kith_feed_id *feed,
		 uint64_t sequence);

/* What was handed in as sequence is not in the feed after all. */
void expect_back(struct expect *x, const struct kith_feed_id *feed,
		 uint64_t sequence);

#endif
