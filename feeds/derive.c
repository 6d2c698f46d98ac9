#include "feeds/derive.h"

#include <assert.h>

#include <sodium.h>

void derive_put(struct derive_context *c, struct kith_slice s)
{
	assert(s.n <= sizeof(c->b) - c->n - 2);
	c->b[c->n++] = (uint8_t)(s.n & 0xff);
	c->b[c->n++] = (uint8_t)(s.n >> 8);
	memcpy(c->b + c->n, s.p, s.n);
	c->n += s.n;
}

static void hmac(const uint8_t key[static DERIVE_KEY_BYTES],
		 struct kith_slice first, struct kith_slice last,
		 uint8_t out[static DERIVE_KEY_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, DERIVE_KEY_BYTES);
	crypto_auth_hmacsha256_update(&state, first.p, first.n);
	crypto_auth_hmacsha256_update(&state, last.p, last.n);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

void derive_expand(const uint8_t key[static DERIVE_KEY_BYTES],
		   const struct derive_context *c,
		   uint8_t out[static DERIVE_KEY_BYTES])
{
	hmac(key, (struct kith_slice){ c->b, c->n }, KITH_SLICE("\x01"), out);
}

void derive_extract(const uint8_t salt[static DERIVE_KEY_BYTES],
		    const uint8_t secret[static DERIVE_KEY_BYTES],
		    const struct derive_context *c,
		    uint8_t out[static DERIVE_KEY_BYTES])
{
	uint8_t key[DERIVE_KEY_BYTES];

	hmac(salt, (struct kith_slice){ secret, DERIVE_KEY_BYTES },
	     KITH_SLICE(""), key);
	derive_expand(key, c, out);
	sodium_memzero(key, sizeof(key));
}
