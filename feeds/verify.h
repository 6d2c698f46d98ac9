/*
 * Signatures: the verdict for one, and for each of many.
 *
 * What is accepted is what crypto_sign_verify_detached of libsodium 1.0.18
 * accepts, to the bit, by either.  But kith_verify asks the libsodium that is
 * there: a newer one also takes signatures that differ by a point of small
 * order, which only who has the secret key can make.
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

/* Sets valid of all n items, by libsodium.  Any thread. */
KITH_API void kith_verify(struct kith_verify_item *items, size_t n);

/* For many signatures: it remembers who signed, in at most 1 MiB, and takes a
 * third of the time.  Each is for one thread at a time. */
struct kith_verifier;

/* Gives; free with kith_verifier_free.  NULL when out of memory. */
KITH_API struct kith_verifier *kith_verifier_new(void);
/* NULL is ignored. */
KITH_API void kith_verifier_free(struct kith_verifier *v);

/* Sets valid of all n items, in any order of authors. */
KITH_API void kith_verifier_check(struct kith_verifier *v,
				  struct kith_verify_item *items, size_t n);

#endif
