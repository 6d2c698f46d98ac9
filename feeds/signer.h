/*
 * The signer: the one place that sees an identity's secret key.
 *
 * Its memory is locked and wiped.  Everything that needs the key (messages,
 * the handshake) asks here, so that it can move into a process of its own.
 * Needs kith_init first.  Any thread may ask, several at once; nobody while
 * it is freed.
 * Source: protocol/01 section 1.
 */
#ifndef FEEDS_SIGNER_H
#define FEEDS_SIGNER_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum {
	KITH_SEED_BYTES = 32,
	KITH_PUBLIC_BYTES = 32,
	KITH_SECRET_BYTES = 64, /* seed, then public key */
	KITH_SIGNATURE_BYTES = 64,
	KITH_HMAC_BYTES = 32
};

struct kith_signer;

/* Prepares libsodium; call before anything else, again without harm.
 * EIO when the system has no random source. */
KITH_API KITH_CHECK enum kith_err kith_init(void);

/* Gives; free with kith_signer_free.  NULL when out of memory. */
KITH_API struct kith_signer *
kith_signer_from_seed(const uint8_t seed[static KITH_SEED_BYTES]);
KITH_API struct kith_signer *kith_signer_generate(void);

/* Wipes and frees; NULL is ignored. */
KITH_API void kith_signer_free(struct kith_signer *s);

/* The identity's feed id in the classic format; borrowed from s. */
KITH_API const struct kith_feed_id *kith_signer_id(const struct kith_signer *s);

/* Ed25519 (RFC 8032) over m. */
KITH_API void kith_sign(const struct kith_signer *s, struct kith_slice m,
			uint8_t out[static KITH_SIGNATURE_BYTES]);

#endif
