#include "src/fsck/repair_private.h"

#include <stdio.h>

#include "src/store/keys.h"
#include "src/store/seal.h"

static const enum store_table tables[] = {
	TABLE_LOCAL, TABLE_CLOCKS, TABLE_ADDRESSES, TABLE_PROOFS,
	TABLE_BLOBS, TABLE_KEYRING, TABLE_QUARANTINE,
};

/* What the new store has of its own, or gets from its log. */
static bool is_made_anew(enum store_table table, struct kith_slice key)
{
	return table == TABLE_LOCAL && key.n == 1 &&
	       (key.p[0] == KEY_SCHEMA || key.p[0] == KEY_COPY ||
		key.p[0] == KEY_UNINDEXED);
}

static bool is_publish(enum store_table table, struct kith_slice key)
{
	return table == TABLE_LOCAL && key.n == 1 + KEY_FEED_BYTES &&
	       key.p[0] == KEY_PUBLISH;
}

/* The number of a peer stands in two rows: each tells the other. */
static void put_twin(struct repair *r, struct kith_slice key,
		     struct kith_slice value)
{
	struct kith_feed_id peer;
	struct key twin;

	if (key.n == 1 + KEY_FEED_BYTES && key.p[0] == KEY_PEER &&
	    value.n == 4) {
		twin = key_kind_small(KEY_PEER_BY_NUMBER, kith_be32(value.p));
		txn_put(r->txn, TABLE_LOCAL, key_slice(&twin),
			(struct kith_slice){ key.p + 1, KEY_FEED_BYTES });
	} else if (key.n == 5 && key.p[0] == KEY_PEER_BY_NUMBER &&
		   value.n == KEY_FEED_BYTES) {
		peer = key_read_feed(value.p);
		twin = key_kind_feed(KEY_PEER, &peer);
		txn_put(r->txn, TABLE_LOCAL, key_slice(&twin),
			(struct kith_slice){ key.p + 1, 4 });
	}
}

static void lose(struct repair *r, int table, const struct pages_row *row)
{
	r->lost_facts = true;
	r->outcome.facts++;
	if (r->config->repair != FSCK_REFETCH)
		quarantine_put(r, FSCK_LOCAL_WRONG, table, 0, row->key,
			       row->value);
}

static void take(struct repair *r, enum store_table table,
		 const struct pages_row *row)
{
	struct kith_slice value = row->value;

	if (is_made_anew(table, row->key)) {
		if (row->key.p[0] == KEY_COPY &&
		    seal_check(&r->check.crc, table, row->key, &value))
			r->is_original = !pages_copied(r->check.pages,
						       r->config->home, value);
		return;
	}
	if (!seal_check(&r->check.crc, table, row->key, &value)) {
		if (!row->doubtful)
			lose(r, (int)table, row);
		return;
	}
	txn_put(r->txn, table, row->key, value);
	if (table == TABLE_LOCAL)
		put_twin(r, row->key, value);
	if (is_publish(table, row->key) && r->config->self) {
		struct kith_feed_id feed = key_read_feed(row->key.p + 1);

		r->has_self |= kith_feed_equal(&feed, r->config->self);
	}
	if (table == TABLE_QUARANTINE && row->key.n == 8 &&
	    kith_be64(row->key.p) > r->aside)
		r->aside = kith_be64(row->key.p);
}

void repair_fact_astray(struct repair *r, const struct pages_row *row)
{
	struct kith_slice value = row->value, held;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (is_made_anew(tables[i], row->key) ||
		    !seal_check(&r->check.crc, tables[i], row->key, &value))
			continue;
		if (!txn_get(r->txn, tables[i], row->key, &held))
			take(r, tables[i], row);
		return;
	}
}

static void count_lost(struct repair *r, int table, uint64_t taken)
{
	if (taken < pages_rows(r->check.pages, table))
		r->lost_facts = true;
}

/* The quarantine comes first, so that numbers go on behind its own. */
void repair_facts(struct repair *r)
{
	for (size_t i = sizeof(tables) / sizeof(*tables); i-- > 0 && !r->err;) {
		struct rows w;
		uint64_t taken = 0;

		rows_start(&w, &r->check, (int)tables[i]);
		while (!r->err && rows_next(&w)) {
			take(r, tables[i], &w.row);
			taken++;
			repair_step(r);
		}
		rows_end(&w);
		count_lost(r, (int)tables[i], taken);
	}
}

static const struct mended_feed *feed_of(const struct repair *r,
					 const struct kith_feed_id *id)
{
	for (size_t i = 0; i < r->check.feeds.count; i++)
		if (kith_feed_equal(&r->feeds[i].row.id, id))
			return &r->feeds[i];
	return NULL;
}

/* The sealed row of the feed tells how far it had come; it may itself be older
 * than the last commit where the newer head of the file is damaged. */
static bool is_whole(const struct repair *r, const struct mended_feed *f)
{
	const struct feed_check *old;

	if (pages_head_damage(r->check.pages) || !r->is_original)
		return false;
	if (!f)
		return r->config->repair != FSCK_SALVAGE && !r->lost_facts;
	old = &r->check.feeds.feeds[f - r->feeds];
	return r->has_self && old->has_row && !f->is_cut &&
	       f->row.last >= old->row.last;
}

static uint64_t find_least(const struct repair *r, const struct mended_feed *f)
{
	uint64_t told = f ? r->check.feeds.feeds[f - r->feeds].row.last : 0;
	uint64_t seen = f ? f->highest : 1;

	return told > seen ? told : seen;
}

static void doubt(struct repair *r, const struct kith_feed_id *feed,
		  struct publish_row *row)
{
	row->state = PUBLISH_UNCONFIRMED;
	row->since_us = r->config->now_us;
	snprintf(row->reason, sizeof(row->reason), "%s",
		 r->is_original ? "the store was damaged and repaired"
				: "the store was repaired, and may be a copy "
				  "of one that is still in use");
	publish_put(r->txn, feed, row);
}

/* Keys of ours that are not in the home now, and may come back. */
static void doubt_others(struct repair *r)
{
	struct kith_feed_id feed = { 0 };
	const struct mended_feed *f;
	struct publish_row row;

	while (!r->err && publish_next(r->txn, &feed, &row)) {
		if (row.state != PUBLISH_OK ||
		    (r->config->self &&
		     kith_feed_equal(&feed, r->config->self)))
			continue;
		f = feed_of(r, &feed);
		if (f && row.least < find_least(r, f))
			row.least = find_least(r, f);
		doubt(r, &feed, &row);
	}
}

/* A repair must not hide that the store is a copy of one that may still be in
 * use; and nothing is published before a peer has shown that all came back. */
void repair_own(struct repair *r)
{
	const struct mended_feed *f = r->config->self
					       ? feed_of(r, r->config->self)
					       : NULL;
	struct publish_row row;
	uint64_t least;

	doubt_others(r);
	if (!r->config->self || r->err || is_whole(r, f))
		return;
	publish_get(r->txn, r->config->self, &row);
	/* Never ours, as far as anybody can tell; or frozen already. */
	if (row.state == PUBLISH_FROZEN ||
	    (row.state == PUBLISH_NOT_OURS && !r->lost_facts && !f))
		return;
	least = find_least(r, f);
	if (row.least < least)
		row.least = least;
	doubt(r, r->config->self, &row);
	repair_step(r);
}
