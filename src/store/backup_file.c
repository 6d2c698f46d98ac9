#include "src/store/backup_private.h"

void backup_hash_header(const uint8_t header[static BACKUP_HEADER_BYTES],
			uint8_t out[static HASH_BYTES])
{
	crypto_generichash(out, HASH_BYTES, header, AT_HASH, NULL, 0);
}

void backup_check_of(const uint8_t key[static KEY_BYTES],
		     uint8_t out[static CHECK_BYTES])
{
	static const char purpose[] = "kith backup key check";

	crypto_generichash(out, CHECK_BYTES, (const uint8_t *)purpose,
			   sizeof(purpose) - 1, key, KEY_BYTES);
}

enum kith_err backup_derive(struct kith_slice passphrase,
			    const uint8_t header[static BACKUP_HEADER_BYTES],
			    uint8_t key[static KEY_BYTES],
			    struct kith_error *e)
{
	uint64_t memory = kith_be64(header + AT_MEMORY);

	if (!crypto_pwhash(key, KEY_BYTES, (const char *)passphrase.p,
			   passphrase.n, header + AT_SALT,
			   kith_be32(header + AT_PASSES), (size_t)memory,
			   crypto_pwhash_ALG_ARGON2ID13))
		return KITH_OK;
	return kith_fail(e, KITH_ENOMEM, 0, "the passphrase needs %llu MiB of "
			 "memory to be tried, which this machine does not give",
			 (unsigned long long)memory >> 20);
}

void backup_link(const struct backup_chain *c, struct kith_slice chunk,
		 uint8_t out[static HASH_BYTES])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, HASH_BYTES);
	crypto_generichash_update(&h, c->link, HASH_BYTES);
	crypto_generichash_update(&h, chunk.p, chunk.n);
	crypto_generichash_final(&h, out, HASH_BYTES);
}

struct backup_bound backup_bind(const struct backup_chain *c,
				const uint8_t *chunk_header)
{
	struct backup_bound out;

	memcpy(out.b, c->head, HASH_BYTES);
	memcpy(out.b + HASH_BYTES, chunk_header, BACKUP_CHUNK_HEADER_BYTES);
	return out;
}
