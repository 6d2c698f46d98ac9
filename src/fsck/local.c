#include "src/fsck/check.h"

#include "feeds/proof.h"
#include "src/store/keys.h"
#include "src/store/proofs.h"
#include "src/store/seal.h"
#include "src/views/private_parts.h"

/* Whose fact it is, where the key says. */
static struct fsck_finding of_fact(int table, const struct pages_row *r)
{
	struct fsck_finding f = { .class = FSCK_LOCAL_WRONG, .table = table,
				  .page = r->page };
	size_t at = table == TABLE_LOCAL ? 1 : 0;

	if (table != TABLE_ADDRESSES && table != TABLE_QUARANTINE &&
	    table != TABLE_BLOBS && table != TABLE_KEYRING &&
	    r->key.n >= at + KEY_FEED_BYTES)
		f.feed = key_read_feed(r->key.p + at);
	if (table == TABLE_PROOFS && r->key.n == KEY_FEED_BYTES + 8)
		f.sequence = kith_be64(r->key.p + KEY_FEED_BYTES);
	return f;
}

static const char *kind_name(int table, struct kith_slice key)
{
	switch (table) {
	case TABLE_CLOCKS: return "what a peer has";
	case TABLE_ADDRESSES: return "an address";
	case TABLE_PROOFS: return "the proof of a fork";
	case TABLE_QUARANTINE: return "a row set aside";
	case TABLE_BLOBS: return "what is known of a blob";
	case TABLE_KEYRING: return "a row of the keyring";
	default: break;
	}
	switch (key.n ? key.p[0] : 0) {
	case KEY_SCHEMA: return "the version of the store";
	case KEY_PUBLISH: return "the state of our own feed";
	case KEY_PEER:
	case KEY_PEER_BY_NUMBER: return "the number of a peer";
	case KEY_COPY: return "what tells a copied store";
	case KEY_UNINDEXED: return "where by_id ends";
	case KEY_MARK: return "up to where was read";
	default: return "a fact";
	}
}

static void check_proof(struct check *c, const struct pages_row *r,
			struct kith_slice value, struct kith_decoder *d)
{
	struct fsck_finding f = of_fact(TABLE_PROOFS, r);
	struct kith_error e = { 0 };
	struct kith_proof proof;
	enum kith_err err;
	struct proof_row row;

	if (!proof_decode(r->key, value, &row)) {
		check_find(c, f, "the proof of a fork is malformed");
		return;
	}
	if (row.count < 2 || c->config->depth != FSCK_FULL)
		return;
	kith_decoder_reset(d);
	err = kith_proof_check(d, row.messages[0].id.format,
			       row.messages[0].canon, row.messages[1].canon,
			       &proof, &e);
	if (err == KITH_ENOMEM)
		c->err = err;
	if (err)
		check_find(c, f, "the proof of a fork is none: %s", e.text);
}

static void check_schema(struct check *c, const struct pages_row *r)
{
	if (r->value.n != 4 || kith_be32(r->value.p) != STORE_SCHEMA)
		check_find(c, of_fact(TABLE_LOCAL, r),
			   "%s is damaged", kind_name(TABLE_LOCAL, r->key));
}

static void check_fact(struct check *c, int table, const struct pages_row *r,
		       struct kith_decoder *d)
{
	struct kith_slice value = r->value;
	struct fsck_finding f = of_fact(table, r);

	if (!seal_covers((enum store_table)table, r->key)) {
		if (!r->doubtful)
			check_schema(c, r);
	} else if (!seal_check(&c->crc, (enum store_table)table, r->key,
			       &value)) {
		if (!r->doubtful)
			check_find(c, f, "%s fails its checksum",
				   kind_name(table, r->key));
	} else if (r->doubtful) {
		f.class = FSCK_BAD_PAGE;
		check_find(c, f, "%s is whole, but not its page",
			   kind_name(table, r->key));
	} else if (table == TABLE_PROOFS) {
		check_proof(c, r, value, d);
	} else if (table == TABLE_KEYRING &&
		   !keyring_row_is_whole(r->key, value)) {
		check_find(c, f, "a row of the keyring is malformed");
	}
}

void local_find_unindexed(struct check *c)
{
	struct kith_slice value;
	struct rows w;

	c->unindexed = UINT64_MAX;
	rows_start(&w, c, TABLE_LOCAL);
	while (rows_next(&w)) {
		value = w.row.value;
		if (w.row.key.n == 1 && w.row.key.p[0] == KEY_UNINDEXED &&
		    seal_check(&c->crc, TABLE_LOCAL, w.row.key, &value) &&
		    value.n == 8)
			c->unindexed = kith_be64(value.p);
	}
	rows_end(&w);
}

void local_check(struct check *c)
{
	static const enum store_table tables[] = {
		TABLE_LOCAL, TABLE_CLOCKS, TABLE_ADDRESSES, TABLE_PROOFS,
		TABLE_QUARANTINE, TABLE_BLOBS, TABLE_KEYRING,
	};
	struct kith_decoder *d = kith_decoder_new(c->config->hmac);
	struct rows w;

	if (!d)
		c->err = KITH_ENOMEM;
	for (size_t i = 0; d && i < sizeof(tables) / sizeof(*tables); i++) {
		rows_start(&w, c, (int)tables[i]);
		while (rows_next(&w))
			check_fact(c, (int)tables[i], &w.row, d);
		rows_end(&w);
	}
	kith_decoder_free(d);
}
