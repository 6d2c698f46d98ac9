/*
 * box2 (envelope): content for up to 16 symmetric keys.
 *
 * Each key is of a scheme: a group's, one shared by two feeds, one of the
 * author alone, a po-box's.  The box is bound to its author and to the
 * message before it: it is made when that is fixed.
 * Pure; libsodium only.  Any thread, several at once.
 * Format: protocol/12 section 2.
 */
#ifndef FEEDS_BOX2_H
#define FEEDS_BOX2_H

#include "feeds/boxed.h"

enum { KITH_BOX2_KEY_BYTES = 32, KITH_BOX2_SLOTS_MAX = 16 };

enum kith_scheme {
	KITH_SCHEME_GROUP,  /* in slot 0 only */
	KITH_SCHEME_DIRECT, /* kith_direct_keys */
	KITH_SCHEME_SELF,   /* 32 random bytes that nobody else has */
	KITH_SCHEME_POBOX,  /* kith_pobox_key */
	KITH_SCHEME_MIRROR  /* kith_direct_keys of metafeeds' leaf feeds */
};

/* The scheme's name in the format, static. */
KITH_API const char *kith_scheme_name(enum kith_scheme scheme);

struct kith_box2_key {
	enum kith_scheme scheme;
	uint8_t b[KITH_BOX2_KEY_BYTES];
};

/* What a box is made of; views. */
struct kith_box2_draft {
	struct kith_slice plain;
	const struct kith_feed_id *author;
	const struct kith_msg_id *previous; /* NULL: the first of its feed */
	const struct kith_box2_key *keys;   /* in the order of recps */
	size_t n;
	const uint8_t *random; /* KITH_BOX2_KEY_BYTES, never used before; the
				* caller wipes it */
};

/* Appends the content, a JSON string with its quotes; *key (may be NULL) is
 * the message's own key.  EFORMAT: empty plain, no key, a group's key beyond
 * slot 0, an id that envelopes have no form of, or random all zero; ETOOBIG:
 * over KITH_BOX2_SLOTS_MAX or kith_box_room; ENOMEM. */
KITH_API KITH_CHECK enum kith_err
kith_box2_write(const struct kith_box2_draft *draft, struct kith_box_key *key,
		struct kith_buf *out, struct kith_error *e);

/* Opens m by the first of n keys that fits; a group's key is tried on slot 0
 * only.  which: of the keys.  A key costs some ten hashes for each slot. */
KITH_API KITH_CHECK enum kith_opening
kith_box2_open(const struct kith_boxed *m, const struct kith_box2_key *keys,
	       size_t n, struct kith_opened *out);

#endif
