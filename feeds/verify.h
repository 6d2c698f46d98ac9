/*
 * Signatures in batches: the verdict for each of many.
 *
 * libsodium stands behind it; a faster engine must accept exactly the same
 * set.  Any thread.
 */
#ifndef FEEDS_VERIFY_H
#define FEEDS_VERIFY_H

#include "feeds/bytes.h"
#include "feeds/signer.h"

struct kith_verify_item {
	const uint8_t *key; /* KITH_PUBLIC_BYTES */
	struct kith_slice message;
	const uint8_t *signature; /* KITH_SIGNATURE_BYTES */
	bool valid;		  /* out */
};

/* Sets valid of all n items; items by one key are best side by side. */
KITH_API void kith_verify(struct kith_verify_item *items, size_t n);

#endif
