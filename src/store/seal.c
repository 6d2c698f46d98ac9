#include "src/store/seal.h"

#include "src/store/keys.h"
#include "src/store/store_private.h"

bool seal_covers(enum store_table table, struct kith_slice key)
{
	return store_table_sealed(table) &&
	       !(table == TABLE_LOCAL && key.n == 1 && key.p[0] == KEY_SCHEMA);
}

void seal_make(const struct crc32c *c, enum store_table table,
	       struct kith_slice key, struct kith_slice value,
	       uint8_t out[static SEAL_BYTES])
{
	uint32_t crc = crc32c(c, 0, kith_text(store_table_name(table)));

	crc = crc32c(c, crc, key);
	kith_put_be32(out, crc32c(c, crc, value));
}

bool seal_check(const struct crc32c *c, enum store_table table,
		struct kith_slice key, struct kith_slice *value)
{
	uint8_t seal[SEAL_BYTES];
	struct kith_slice inner = *value;

	if (value->n < SEAL_BYTES)
		return false;
	inner.n -= SEAL_BYTES;
	seal_make(c, table, key, inner, seal);
	/* A checksum, no secret: memcmp is right. */
	if (memcmp(seal, value->p + inner.n, SEAL_BYTES) != 0)
		return false;
	*value = inner;
	return true;
}
