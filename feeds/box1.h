/*
 * box1 (private-box): content for up to 255 feeds, each by its own key.
 *
 * Pure; libsodium only.  Any thread, several at once.
 * Format: protocol/12 section 1.
 */
#ifndef FEEDS_BOX1_H
#define FEEDS_BOX1_H

#include "feeds/boxed.h"
#include "feeds/signer.h"

enum {
	KITH_BOX1_RECIPIENTS_MAX = 7, /* that others read; we read 255 */
	KITH_BOX1_RANDOM_BYTES = 24 + 32 + 32 /* nonce, key pair, body key */
};

/* Appends the content, a JSON string with its quotes, for n feeds; the
 * author reads it later only if named among them.  random: never used before;
 * the caller wipes it.
 * EFORMAT: a recipient whose key is no point, or nobody; ETOOBIG: over
 * KITH_BOX1_RECIPIENTS_MAX, or over kith_box_room; ENOMEM. */
KITH_API KITH_CHECK enum kith_err
kith_box1_write(struct kith_slice plain, const struct kith_feed_id *recipients,
		size_t n, const uint8_t random[static KITH_BOX1_RANDOM_BYTES],
		struct kith_buf *out, struct kith_error *e);

/* Opens m if one of its slots is for s: one X25519 and a short check for each
 * slot. */
KITH_API KITH_CHECK enum kith_opening
kith_box1_open(const struct kith_signer *s, const struct kith_boxed *m,
	       struct kith_opened *out);

#endif
