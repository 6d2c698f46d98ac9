/*
 * Where the feeds of a file stand, as far as it has been read.
 *
 * Memory is bounded: of feeds whose keys fall together only the latest is
 * remembered.  One thread.
 */
#ifndef TOOLS_FROM_FEED_TIPS_H
#define TOOLS_FROM_FEED_TIPS_H

#include "feeds/message.h"

enum { FEED_TIPS_MAX = 1 << 15 };

struct feed_tips;

/* Gives; free with feed_tips_free.  NULL when out of memory. */
struct feed_tips *feed_tips_new(void);
void feed_tips_free(struct feed_tips *f);

/* Forgets all. */
void feed_tips_clear(struct feed_tips *f);

/* NULL: not remembered.  Borrowed until the next put. */
const struct kith_tip *feed_tips_get(const struct feed_tips *f,
				     const struct kith_feed_id *feed);
void feed_tips_put(struct feed_tips *f, const struct kith_feed_id *feed,
		   const struct kith_tip *tip);

#endif
