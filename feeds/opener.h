/*
 * An opener: one identity's keys, tried on boxes of others.
 *
 * It holds the keys in locked memory and keeps what each author shares with
 * us, so that a foreign box costs an X25519 (box1) or some hundred hashes
 * (box2) and no allocation.  Pure.  One thread at a time; make one for each.
 * Source: protocol/12 sections 1.3, 1.4 and 2.6.
 */
#ifndef FEEDS_OPENER_H
#define FEEDS_OPENER_H

#include "feeds/box1.h"
#include "feeds/direct.h"

enum {
	KITH_OPENER_GROUPS_MAX = 1024,	/* each costs 4 us a foreign box */
	KITH_OPENER_POBOXES_MAX = 16,	/* each costs as much as a feed */
	KITH_OPENER_AUTHORS = 4096	/* remembered; more work, but slower */
};

/* What to try, added up. */
enum kith_try {
	KITH_TRY_BOX1 = 1,
	KITH_TRY_GROUPS = 2,
	KITH_TRY_SELF = 4,   /* boxes of our own only */
	KITH_TRY_DIRECT = 8, /* boxes of others only */
	KITH_TRY_POBOXES = 16,
	KITH_TRY_USUAL = 31,
	KITH_TRY_MIRROR = 32 /* what metafeeds send; costs as DIRECT */
};

struct kith_opener;

/* Keeps a view of s.  Gives; free with kith_opener_free, which wipes.  NULL
 * when out of memory. */
KITH_API struct kith_opener *kith_opener_new(const struct kith_signer *s);
KITH_API void kith_opener_free(struct kith_opener *o);

/* Keys to try from now on, copied; their number is that of the calls before,
 * each kind by itself.  ETOOBIG: too many. */
KITH_API KITH_CHECK enum kith_err
kith_opener_add_group(struct kith_opener *o,
		      const uint8_t key[static KITH_BOX2_KEY_BYTES]);
KITH_API KITH_CHECK enum kith_err
kith_opener_add_pobox(struct kith_opener *o, const struct kith_pobox *pobox);

/* The key of boxes to ourselves. */
KITH_API void
kith_opener_set_self(struct kith_opener *o,
		     const uint8_t key[static KITH_BOX2_KEY_BYTES]);

/* Tries on m what tries (of enum kith_try) says and the box's scheme has. */
KITH_API KITH_CHECK enum kith_opening kith_open(struct kith_opener *o,
						const struct kith_boxed *m,
						unsigned tries,
						struct kith_opened *out);

#endif
