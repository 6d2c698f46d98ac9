/*
 * Which feeds of a source come out of their order: what has to be sorted before
 * it can be chained.
 *
 * Memory is bounded by ORDER_FEEDS_MAX.  One thread.
 */
#ifndef TOOLS_FROM_ORDER_H
#define TOOLS_FROM_ORDER_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum { ORDER_FEEDS_MAX = 1 << 22 };

struct order;

/* Gives; order_free.  NULL when out of memory. */
struct order *order_new(void);
void order_free(struct order *o);

/* The next message of a walk.  ENOMEM; ETOOBIG: too many feeds. */
KITH_CHECK enum kith_err order_see(struct order *o,
				   const struct kith_feed_id *feed,
				   uint64_t sequence);

/* Some message of the feed came after one that follows it. */
bool order_is_mixed(const struct order *o, const struct kith_feed_id *feed);

#endif
