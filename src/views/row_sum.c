#include "src/views/row_sum.h"

#include <sodium.h>

_Static_assert((int)ROW_SUM_KEY_BYTES == (int)crypto_shorthash_KEYBYTES &&
		       crypto_shorthash_BYTES == sizeof(uint64_t),
	       "a hash of 8 bytes");

static uint64_t hash(const struct row_sum *s, struct kith_slice bytes)
{
	uint8_t out[crypto_shorthash_BYTES];

	crypto_shorthash(out, bytes.p, bytes.n, s->key);
	return kith_be64(out);
}

uint64_t row_sum_hash(const struct row_sum *s, struct kith_slice key,
		      struct kith_slice value)
{
	uint8_t both[2 * sizeof(uint64_t)];
	uint64_t of_key = hash(s, key);

	if (!value.n)
		return of_key;
	kith_put_be64(both, of_key);
	kith_put_be64(both + sizeof(of_key), hash(s, value));
	return hash(s, (struct kith_slice){ both, sizeof(both) });
}
