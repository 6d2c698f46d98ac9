/*
 * What a signer does for the layers inside and for nobody else: the library
 * does not export it.
 */
#ifndef FEEDS_SIGNER_PRIVATE_H
#define FEEDS_SIGNER_PRIVATE_H

#include "feeds/signer.h"

/* X25519 of the key's Curve25519 form with point, for the handshake and
 * private messages.  EFORMAT for a point of small order. */
KITH_CHECK enum kith_err signer_dh(const struct kith_signer *s,
				   const uint8_t point[static 32],
				   uint8_t out[static 32]);

/* The public key in its Curve25519 form, 32 bytes; borrowed from s. */
const uint8_t *signer_curve(const struct kith_signer *s);

/* A key for a purpose of our own, which tells nothing of the secret; the caller
 * wipes it.  label: what for, and nothing else has it. */
void signer_derive(const struct kith_signer *s, struct kith_slice label,
		   uint8_t out[static 32]);

/* Opens a sealed box (libsodium's crypto_box_seal) for the key's Curve25519
 * form; plain has room for the box without crypto_box_SEALBYTES.  EDENIED: it is
 * for another, or damaged. */
KITH_CHECK enum kith_err signer_unseal(const struct kith_signer *s,
				       struct kith_slice box, uint8_t *plain);

/* The secret key itself, KITH_SECRET_BYTES, for the secret file only; borrowed
 * from s. */
const uint8_t *signer_secret(const struct kith_signer *s);

#endif
