/*
 * HKDF-SHA-256 (RFC 5869) with the context that envelopes give it: a list of
 * byte strings, each behind its length.
 *
 * Pure; libsodium only.  Source: protocol/12 section 2.2.
 */
#ifndef FEEDS_DERIVE_H
#define FEEDS_DERIVE_H

#include "feeds/bytes.h"

enum { DERIVE_KEY_BYTES = 32, DERIVE_CONTEXT_BYTES_MAX = 256 };

/* All zero is empty. */
struct derive_context {
	size_t n;
	uint8_t b[DERIVE_CONTEXT_BYTES_MAX];
};

/* Appends s behind its length, two bytes, little endian.  What is put are our
 * own labels and ids, which fit. */
void derive_put(struct derive_context *c, struct kith_slice s);

/* 32 bytes of HKDF-Expand. */
void derive_expand(const uint8_t key[static DERIVE_KEY_BYTES],
		   const struct derive_context *c,
		   uint8_t out[static DERIVE_KEY_BYTES]);

/* HKDF-Extract and -Expand. */
void derive_extract(const uint8_t salt[static DERIVE_KEY_BYTES],
		    const uint8_t secret[static DERIVE_KEY_BYTES],
		    const struct derive_context *c,
		    uint8_t out[static DERIVE_KEY_BYTES]);

#endif
