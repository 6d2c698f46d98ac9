#include "src/views/private_parts.h"

#include <assert.h>

#include "feeds/signer_private.h"

enum { AEAD_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
       NAME_BYTES = 32, BOUND_BYTES = NAME_BYTES + STORE_KEY_BYTES_MAX };

enum kith_err keys_new(const struct kith_signer *s, struct keys **out)
{
	struct keys *k = sodium_malloc(sizeof(*k));

	if (!k)
		return KITH_ENOMEM;
	k->signer = s;
	signer_derive(s, KITH_SLICE("kith private rows 1"), k->seal);
	*out = k;
	return KITH_OK;
}

void keys_free(struct keys *k)
{
	sodium_free(k);
}

const struct kith_signer *keys_signer(const struct keys *k)
{
	return k->signer;
}

/* A row that is found in another place does not open there. */
static size_t bind(enum store_table table, struct kith_slice key,
		   uint8_t out[static BOUND_BYTES])
{
	struct kith_slice name = kith_text(store_table_name(table));

	assert(name.n < NAME_BYTES && key.n <= STORE_KEY_BYTES_MAX);
	memset(out, 0, NAME_BYTES);
	memcpy(out, name.p, name.n);
	memcpy(out + NAME_BYTES, key.p, key.n);
	return NAME_BYTES + key.n;
}

void keys_seal(const struct keys *k, enum store_table table,
	       struct kith_slice key, struct kith_slice plain, uint8_t *out)
{
	uint8_t bound[BOUND_BYTES];
	size_t n = bind(table, key, bound);

	randombytes_buf(out, AEAD_NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + AEAD_NONCE, NULL,
						   plain.p, plain.n, bound, n,
						   NULL, out, k->seal);
}

bool keys_unseal(const struct keys *k, enum store_table table,
		 struct kith_slice key, struct kith_slice sealed,
		 uint8_t *out)
{
	uint8_t bound[BOUND_BYTES];
	size_t n = bind(table, key, bound);

	return sealed.n >= SEALED_MORE_BYTES &&
	       !crypto_aead_xchacha20poly1305_ietf_decrypt(
		       out, NULL, NULL, sealed.p + AEAD_NONCE,
		       sealed.n - AEAD_NONCE, bound, n, sealed.p, k->seal);
}

struct kith_opener *keys_opener(const struct keys *k, struct txn *t)
{
	struct kith_opener *o = kith_opener_new(k->signer);
	uint8_t self[KITH_BOX2_KEY_BYTES];
	struct group_key g;
	uint32_t at = 0;

	/* Made when first written with: who has none has written none. */
	if (o && keyring_self_get(t, k, self))
		kith_opener_set_self(o, self);
	while (o && keyring_next(t, k, &at, &g))
		if (kith_opener_add_group(o, g.key))
			break;
	sodium_memzero(self, sizeof(self));
	sodium_memzero(&g, sizeof(g));
	if (!o || !txn_error(t))
		return o;
	kith_opener_free(o);
	return NULL;
}
