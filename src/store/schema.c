#include "src/store/keys.h"
#include "src/store/local.h"
#include "src/store/store_private.h"

/* Schema 1 had publish rows without `least`, no seals (seal.h), and no proofs
 * or quarantine. */
enum { PUBLISH_HEADER_BYTES_1 = 9 };

static void put_version(struct txn *t, uint32_t version)
{
	struct key key = key_kind(KEY_SCHEMA);
	uint8_t row[4];

	kith_put_be32(row, version);
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ row, sizeof(row) });
}

void schema_put(struct txn *t)
{
	put_version(t, STORE_SCHEMA);
}

static bool read_publish_1(struct kith_slice value, struct publish_row *out)
{
	size_t n;

	*out = (struct publish_row){ 0 };
	if (value.n < PUBLISH_HEADER_BYTES_1)
		return false;
	n = value.n - PUBLISH_HEADER_BYTES_1;
	if (n >= sizeof(out->reason))
		return false;
	out->state = (enum publish_state)value.p[0];
	out->since_us = (int64_t)kith_be64(value.p + 1);
	memcpy(out->reason, value.p + PUBLISH_HEADER_BYTES_1, n);
	return true;
}

/* The first publish row whose key is above after; false: none. */
static bool next_publish(struct txn *t, const struct key *after,
			 struct key *found, struct publish_row *row)
{
	struct cursor c;
	bool more;

	cursor_open(&c, t, TABLE_LOCAL);
	more = cursor_seek(&c, key_slice(after));
	if (more && kith_equal(c.key, key_slice(after)))
		more = cursor_next(&c);
	more = more && c.key.n == 1 + KEY_FEED_BYTES &&
	       c.key.p[0] == KEY_PUBLISH;
	if (more) {
		found->n = c.key.n;
		memcpy(found->b, c.key.p, c.key.n);
		if (!read_publish_1(c.value, row))
			txn_fail(t, KITH_EIO);
	}
	cursor_close(&c);
	return more && !t->err;
}

static void from_1_to_2(struct txn *t)
{
	struct key at = key_kind(KEY_PUBLISH), found;
	struct publish_row row;

	for (enum store_table i = 0; i < TABLE_COUNT; i++)
		if (store_table_sealed(i))
			txn_seal_table(t, i);
	while (next_publish(t, &at, &found, &row)) {
		struct kith_feed_id id = key_read_feed(found.b + 1);

		publish_put(t, &id, &row);
		at = found;
	}
}

/* Row i brings a store from schema i + 1 to the next, in one transaction. */
static void (*const upgrades[STORE_SCHEMA - 1])(struct txn *t) = {
	from_1_to_2,
};

static enum kith_err upgrade(struct txn *t, uint32_t from,
			     struct kith_error *e)
{
	if (!t->write)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "an older kith wrote this store: start kithd "
				 "once to bring it up");
	for (uint32_t v = from; v < STORE_SCHEMA; v++)
		upgrades[v - 1](t);
	schema_put(t);
	return txn_error(t);
}

enum kith_err schema_check(struct txn *t, struct kith_error *e)
{
	struct key key = key_kind(KEY_SCHEMA);
	struct kith_slice value;
	uint32_t version;

	if (!txn_get(t, TABLE_LOCAL, key_slice(&key), &value)) {
		if (t->write)
			schema_put(t);
		return txn_error(t);
	}
	version = value.n == sizeof(version) ? kith_be32(value.p) : 0;
	if (version == STORE_SCHEMA)
		return KITH_OK;
	if (version && version < STORE_SCHEMA)
		return upgrade(t, version, e);
	return kith_fail(e, KITH_EFORMAT, 0,
			 "the store has schema %u and this kith knows %d: "
			 "use the kith that wrote it, or a newer one",
			 version, STORE_SCHEMA);
}
