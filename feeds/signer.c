#include "feeds/signer_private.h"

#include <assert.h>

#include <sodium.h>

/* Lives in locked memory of libsodium, between guard pages. */
struct kith_signer {
	struct kith_feed_id id;
	uint8_t secret[KITH_SECRET_BYTES];
	uint8_t curve[crypto_scalarmult_curve25519_SCALARBYTES];
	uint8_t curve_public[crypto_scalarmult_curve25519_BYTES];
};

enum kith_err kith_init(void)
{
	return sodium_init() < 0 ? KITH_EIO : KITH_OK;
}

struct kith_signer *
kith_signer_from_seed(const uint8_t seed[static KITH_SEED_BYTES])
{
	struct kith_signer *s = sodium_malloc(sizeof(*s));

	if (!s)
		return NULL;
	s->id.format = KITH_CLASSIC;
	if (crypto_sign_seed_keypair(s->id.b, s->secret, seed) == 0 &&
	    crypto_sign_ed25519_sk_to_curve25519(s->curve, s->secret) == 0 &&
	    crypto_scalarmult_curve25519_base(s->curve_public, s->curve) == 0)
		return s;
	sodium_free(s);
	return NULL;
}

struct kith_signer *kith_signer_generate(void)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_signer *s;

	randombytes_buf(seed, sizeof(seed));
	s = kith_signer_from_seed(seed);
	sodium_memzero(seed, sizeof(seed));
	return s;
}

void kith_signer_free(struct kith_signer *s)
{
	sodium_free(s);
}

const struct kith_feed_id *kith_signer_id(const struct kith_signer *s)
{
	return &s->id;
}

void kith_sign(const struct kith_signer *s, struct kith_slice m,
	       uint8_t out[static KITH_SIGNATURE_BYTES])
{
	int failed = crypto_sign_detached(out, NULL, m.p, m.n, s->secret);

	assert(!failed); /* libsodium has no failing case here */
	(void)failed;
}

enum kith_err signer_dh(const struct kith_signer *s,
			 const uint8_t point[static 32],
			 uint8_t out[static 32])
{
	uint8_t shared[32];
	enum kith_err err = KITH_EFORMAT;

	if (crypto_scalarmult_curve25519(shared, s->curve, point) == 0) {
		memcpy(out, shared, sizeof(shared));
		err = KITH_OK;
	}
	sodium_memzero(shared, sizeof(shared));
	return err;
}

const uint8_t *signer_curve(const struct kith_signer *s)
{
	return s->curve_public;
}

void signer_derive(const struct kith_signer *s, struct kith_slice label,
		   uint8_t out[static 32])
{
	int failed = crypto_generichash(out, 32, label.p, label.n, s->secret,
					KITH_SEED_BYTES);

	assert(!failed); /* all sizes are within libsodium's */
	(void)failed;
}

enum kith_err signer_unseal(const struct kith_signer *s, struct kith_slice box,
			    uint8_t *plain)
{
	return crypto_box_seal_open(plain, box.p, box.n, s->curve_public,
				    s->curve) == 0
		       ? KITH_OK
		       : KITH_EDENIED;
}

const uint8_t *signer_secret(const struct kith_signer *s)
{
	return s->secret;
}
