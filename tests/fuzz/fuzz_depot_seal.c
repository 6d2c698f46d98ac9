#include <stdlib.h>

#include <sodium.h>

#include "src/depot/seal.h"
#include "tests/fuzz/replay.h"

/* The first byte says what the rest is: 0 what depot-a.txt says of the seal;
 * else a sealed block, and what stands in one whose seal is right. */

enum { NONCE = 24, TAG = 16, INSIDE = DEPOT_BLOCK_BYTES - NONCE - TAG };

/* All that is read before a passphrase is tried, which is slow on purpose. */
static void read_json(struct kith_slice json)
{
	static const uint8_t seed[KITH_SEED_BYTES] = { 1 };
	struct kith_signer *self = kith_signer_from_seed(seed);
	struct depot_seal *seal = NULL;
	struct kith_error e = { 0 };
	enum kith_err err = depot_seal_open(json, self,
					    (struct kith_slice){ 0 }, &seal,
					    &e);

	if (err != e.code || (err && !*e.text) || !err != (seal != NULL))
		abort();
	depot_seal_free(seal);
	kith_signer_free(self);
}

static void open_block(const uint8_t *block, bool right)
{
	struct depot_seal_file f = { { 7 } };
	uint8_t text[DEPOT_BLOCK_TEXT_BYTES];
	size_t n = 0;

	if (!depot_unseal_block(&f, 3, block, text, &n))
		return;
	if (!right || n > sizeof(text))
		abort();
}

static void seal_inside(const uint8_t *inside, uint8_t *block)
{
	static const uint8_t place[8] = { 0, 0, 0, 0, 0, 0, 0, 3 };
	struct depot_seal_file f = { { 7 } };

	memset(block, 0, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(block + NONCE, NULL, inside,
						   INSIDE, place, 8, NULL,
						   block, f.key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[DEPOT_BLOCK_BYTES] = { 0 }, block[DEPOT_BLOCK_BYTES];

	if (kith_init())
		abort();
	if (!size)
		return 0;
	if (data[0] == 0) {
		read_json((struct kith_slice){ data + 1, size - 1 });
		return 0;
	}
	memcpy(bytes, data + 1,
	       size - 1 < sizeof(bytes) ? size - 1 : sizeof(bytes));
	open_block(bytes, false);
	seal_inside(bytes, block);
	open_block(block, true);
	block[data[0] * 16 + 5] ^= 1;
	open_block(block, false);
	return 0;
}
