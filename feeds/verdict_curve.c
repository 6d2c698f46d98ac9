#include <sodium.h>

#include "feeds/verdict_private.h"
#include "feeds/verify.h"

enum { POINT_BYTES = 32, SCALAR_BYTES = 32, SCALAR_BITS = 256 };

static const uint8_t identity[POINT_BYTES] = { 1 };
static const uint8_t base[POINT_BYTES] = {
	0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
};

/* The group's order, L, lowest byte first. */
static const uint8_t order[SCALAR_BYTES] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
};

static bool is_reduced(const uint8_t s[static SCALAR_BYTES])
{
	for (size_t i = SCALAR_BYTES; i-- > 0;)
		if (s[i] != order[i])
			return s[i] < order[i];
	return false;
}

/* n times p by doubling and adding, whatever order p has; false: p is no
 * point.  Slow, and all of it is public. */
static bool multiply(const uint8_t n[static SCALAR_BYTES],
		     const uint8_t p[static POINT_BYTES],
		     uint8_t out[static POINT_BYTES])
{
	memcpy(out, identity, POINT_BYTES);
	for (size_t i = SCALAR_BITS; i-- > 0;) {
		if (crypto_core_ed25519_add(out, out, out))
			return false;
		if (n[i / 8] >> (i % 8) & 1 &&
		    crypto_core_ed25519_add(out, out, p))
			return false;
	}
	return true;
}

/* SHA-512(R, A, M) modulo the order. */
static void challenge(const struct hearing *h, struct kith_slice message,
		      uint8_t out[static SCALAR_BYTES])
{
	uint8_t hash[crypto_hash_sha512_BYTES];
	crypto_hash_sha512_state state;

	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, h->signature, POINT_BYTES);
	crypto_hash_sha512_update(&state, h->key, sizeof(h->key));
	crypto_hash_sha512_update(&state, message.p, message.n);
	crypto_hash_sha512_final(&state, hash);
	crypto_core_ed25519_scalar_reduce(out, hash);
}

/* RFC 8032, 5.1.7, without the cofactor: R is S B - k A, to the byte. */
static bool verify_plain(const struct hearing *h, struct kith_slice message)
{
	uint8_t k[SCALAR_BYTES], left[POINT_BYTES], right[POINT_BYTES];

	challenge(h, message, k);
	return multiply(h->signature + POINT_BYTES, base, left) &&
	       multiply(k, h->key, right) &&
	       crypto_core_ed25519_sub(left, left, right) == 0 &&
	       memcmp(left, h->signature, POINT_BYTES) == 0;
}

static bool is_small(const uint8_t p[static POINT_BYTES])
{
	uint8_t sum[POINT_BYTES];

	memcpy(sum, p, sizeof(sum));
	for (int doubling = 0; doubling < 3; doubling++)
		if (crypto_core_ed25519_add(sum, sum, sum))
			return false;
	return memcmp(sum, identity, sizeof(sum)) == 0;
}

/* 2^255 - 19 or more. */
static bool is_uncanonical(const uint8_t p[static POINT_BYTES])
{
	for (size_t i = 1; i < POINT_BYTES - 1; i++)
		if (p[i] != 0xff)
			return false;
	return (p[31] & 0x7f) == 0x7f && p[0] >= 0xed;
}

bool curve_verify(enum curve curve, const struct hearing *h,
		  struct kith_slice message)
{
	struct kith_verify_item item = { .key = h->key,
					 .message = message,
					 .signature = h->signature };
	bool reduced = is_reduced(h->signature + POINT_BYTES);

	kith_verify(&item, 1);
	if (item.valid || curve == CURVE_SODIUM)
		return item.valid;
	if (!reduced && curve == CURVE_PLAIN)
		return false;
	/* All else that libsodium refuses, the others refuse too. */
	if (reduced && !is_small(h->key) && !is_uncanonical(h->key) &&
	    !is_small(h->signature))
		return false;
	return verify_plain(h, message);
}
