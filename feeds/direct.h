/*
 * The keys that two feeds share for direct messages, and a feed and a po-box.
 *
 * Peers in use order the two sides as JavaScript sorts buffers, others as the
 * document says, by bytes; for one pair in seven that gives two keys.  We
 * write with the first and read with both.
 * Pure; libsodium only.  Any thread, several at once.
 * Format: protocol/12 sections 2.4 and 2.5.
 */
#ifndef FEEDS_DIRECT_H
#define FEEDS_DIRECT_H

#include "feeds/box2.h"
#include "feeds/ref.h"
#include "feeds/signer.h"

/* What two sides share.  The caller wipes it. */
struct kith_direct_keys {
	size_t n; /* 1, or 2 where the orders differ */
	uint8_t b[2][KITH_BOX2_KEY_BYTES]; /* the first is written with */
};

/* The id of a po-box is its public key; its secret is shared by its holders. */
struct kith_pobox {
	uint8_t public[KITH_CURVE_BYTES];
	uint8_t secret[KITH_CURVE_BYTES];
};

/* What s shares with the feed peer.  EFORMAT: peer's key is no point, or it is
 * s itself (KITH_SCHEME_SELF is for that). */
KITH_API KITH_CHECK enum kith_err
kith_direct_keys(const struct kith_signer *s, const struct kith_feed_id *peer,
		 struct kith_direct_keys *out);

/* What s shares with a po-box, to write to it.  EFORMAT: no point. */
KITH_API KITH_CHECK enum kith_err
kith_pobox_keys(const struct kith_signer *s,
		const uint8_t pobox[static KITH_CURVE_BYTES],
		struct kith_direct_keys *out);

/* What the holders of a po-box share with the feed author, to read what it
 * wrote.  EFORMAT: no point. */
KITH_API KITH_CHECK enum kith_err
kith_pobox_reader_keys(const struct kith_pobox *pobox,
		       const struct kith_feed_id *author,
		       struct kith_direct_keys *out);

/* A po-box of a secret: fills in public. */
KITH_API void kith_pobox_init(struct kith_pobox *pobox,
			      const uint8_t secret[static KITH_CURVE_BYTES]);

/* Its id as text, ssb:identity/po-box/..., and a NUL. */
KITH_API void kith_pobox_print(const uint8_t pobox[static KITH_CURVE_BYTES],
			       char out[static KITH_REF_TEXT_BYTES]);
KITH_API KITH_CHECK enum kith_err
kith_pobox_parse(struct kith_slice text, uint8_t out[static KITH_CURVE_BYTES]);

#endif
