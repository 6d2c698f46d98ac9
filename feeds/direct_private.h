/*
 * How a shared key is made of what X25519 gives and who the two sides are.
 */
#ifndef FEEDS_DIRECT_PRIVATE_H
#define FEEDS_DIRECT_PRIVATE_H

#include "feeds/bfe.h"
#include "feeds/direct.h"

/* What is shared with; values as in the binary form of a curve key. */
enum direct_kind { DIRECT_FEED = 0, DIRECT_POBOX = 1 };

/* One side: its curve key and its id. */
struct direct_side {
	uint8_t b[2 + KITH_CURVE_BYTES + BFE_ID_BYTES];
};

/* False: a feed of a format that has no binary form. */
KITH_CHECK bool direct_set_feed(struct direct_side *side,
				const struct kith_feed_id *id,
				const uint8_t *curve);
void direct_set_pobox(struct direct_side *side, const uint8_t *public);

/* The keys of both orders.  shared: what X25519 gave. */
void direct_derive(enum direct_kind kind, const uint8_t *shared,
		   const struct direct_side *own,
		   const struct direct_side *other,
		   struct kith_direct_keys *out);

#endif
