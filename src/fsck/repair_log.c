#include "src/fsck/repair_private.h"

#include <stdlib.h>

#include "feeds/peek.h"
#include "src/store/keys.h"
#include "src/views/view.h"

enum { TICK_ROWS = 256, RX_JUMP_MAX = 1 << 20, ROW_BYTES_MAX = 1 << 20 };

/* --- rows of the old log -------------------------------------------------- */

/* A feed that only the message itself still names. */
static void name_feed(struct repair *r, const struct message_row *m)
{
	struct feed_check *f = feeds_get(&r->check, m->feed_number);
	uint64_t sequence;

	if (f && f->row.id.format == KITH_FORMAT_NONE &&
	    !msg_peek(m->canon, &f->row.id, &sequence))
		f->row.id.format = KITH_FORMAT_NONE;
}

/* A number that was given once is not given again: the end of the log is noted
 * when a row is removed there. */
static void raise_end(struct repair *r, uint64_t rx)
{
	struct message_place at = { .rx = rx };
	struct key key = key_number(rx);

	txn_put(r->txn, TABLE_LOG, key_slice(&key), KITH_SLICE("gone"));
	message_delete(r->txn, &at);
}

static void copy_row(struct repair *r, int tree, const struct pages_row *row)
{
	uint64_t rx = row->key.n == 8 ? kith_be64(row->key.p) : 0;
	struct message_row m;

	if (rx && row_decode(&r->check.crc, rx, row->value, &m)) {
		name_feed(r, &m);
		if (rx > r->last_rx)
			r->last_rx = rx;
		txn_put(r->txn, TABLE_LOG, row->key, row->value);
	} else if (tree == PAGES_LOST) {
		repair_fact_astray(r, row);
	} else if (rx && !row->doubtful) {
		quarantine_put(r, FSCK_CORRUPT, TABLE_LOG, 0, row->key,
			       row->value);
	}
}

static void copy_rows(struct repair *r, int tree)
{
	uint64_t n = 0, total = pages_rows(r->check.pages, TABLE_LOG);
	struct rows w;

	rows_start(&w, &r->check, tree);
	while (!r->err && rows_next(&w)) {
		copy_row(r, tree, &w.row);
		repair_step(r);
		if (r->config->tick && ++n % TICK_ROWS == 0)
			r->config->tick(r->config->arg, n, 2 * total);
	}
	rows_end(&w);
}

/* Pages that no tree leads to any more still have their rows, and those of
 * the log prove themselves. */
static void copy_astray(struct repair *r)
{
	for (int i = 0; i < PAGES_TREES; i++) {
		struct rows w;

		if (r->check.walked >> i & 1)
			continue;
		rows_start(&w, &r->check, i);
		while (rows_next(&w))
			continue;
		rows_end(&w);
	}
	copy_rows(r, PAGES_LOST);
}

/* The index tells of newer messages that are lost. */
static void find_end(struct repair *r)
{
	uint64_t last = r->last_rx;
	struct rows w;

	rows_start(&w, &r->check, TABLE_BY_FEED);
	while (!r->err && rows_next(&w))
		if (!w.row.doubtful && w.row.value.n == 8 &&
		    kith_be64(w.row.value.p) > last)
			last = kith_be64(w.row.value.p);
	rows_end(&w);
	/* A damaged entry must not use numbers up. */
	if (last > r->last_rx && last - r->last_rx < RX_JUMP_MAX)
		raise_end(r, last);
}

/* --- chains --------------------------------------------------------------- */

struct mended_feed *repair_feed(struct repair *r, uint32_t number)
{
	const struct feed_check *f = feeds_find(&r->check, number);

	return f ? &r->feeds[f - r->check.feeds.feeds] : NULL;
}

static void set_cuts(struct repair *r, struct mended_feed *f)
{
	for (size_t i = 0; i < r->config->cut_count; i++) {
		const struct repair_cut *cut = &r->config->cuts[i];

		if (!kith_feed_equal(&cut->feed, &f->row.id) ||
		    (f->cut && f->cut <= cut->sequence))
			continue;
		f->cut = cut->sequence;
		f->class = (uint8_t)cut->class;
	}
}

static bool make_feeds(struct repair *r)
{
	size_t n = r->check.feeds.count;

	r->feeds = calloc(n ? n : 1, sizeof(*r->feeds));
	if (!r->feeds)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct feed_check *old = &r->check.feeds.feeds[i];
		struct mended_feed *f = &r->feeds[i];

		f->row = (struct feed_row){
			.id = old->row.id,
			.number = old->number,
			.state = old->has_row ? old->row.state : FEED_OK,
			.last_id.format = old->row.id.format,
		};
		f->told.feed = old->row.id;
		f->told.own = r->config->self &&
			      kith_feed_equal(&old->row.id, r->config->self);
		set_cuts(r, f);
	}
	return true;
}

/* The sequence that has to come next; what was forgotten need not. */
static uint64_t next_of(const struct repair *r, const struct mended_feed *f)
{
	const struct feed_check *old = &r->check.feeds.feeds[f - r->feeds];

	if (f->row.last)
		return f->row.last + 1;
	return old->has_row && old->row.first ? old->row.first : 1;
}

/* Out of the log; what is ours, or is to be quarantined, is set aside. */
static void cut_row(struct repair *r, struct mended_feed *f,
		    const struct message_row *m, struct kith_slice value)
{
	struct key key = key_number(m->rx);
	struct message_place at = { m->rx, m->feed_number, m->sequence,
				    { 0 } };
	bool aside = f->told.own || r->config->repair == FSCK_QUARANTINE ||
		     r->config->repair == FSCK_SALVAGE;

	memcpy(at.id, m->id.b, sizeof(at.id));
	if (!f->is_cut)
		f->told.sequence = next_of(r, f);
	if (aside)
		quarantine_put(r, m->sequence == f->cut ? f->class
							: REPAIR_FOLLOWS,
			       TABLE_LOG, m->rx, key_slice(&key), value);
	f->told.aside += aside;
	f->told.dropped += !aside;
	f->is_cut = true;
	message_delete(r->txn, &at);
}

static void keep_row(struct repair *r, struct mended_feed *f,
		     const struct message_row *m)
{
	struct key place = key_by_feed(m->feed_number, m->sequence);
	struct key rx = key_number(m->rx);
	struct view_message seen;

	views_message(m, &f->row, &seen);
	if (!f->row.last)
		f->row.first = m->sequence;
	f->row.last = m->sequence;
	f->row.last_id = m->id;
	f->row.last_claimed = seen.claimed;
	f->row.bytes += m->canon.n;
	r->outcome.messages++;
	/* From here on the transaction writes, and m is gone. */
	txn_put(r->txn, TABLE_BY_FEED, key_slice(&place), key_slice(&rx));
	txn_put(r->txn, TABLE_BY_ID,
		(struct kith_slice){ f->row.last_id.b, 8 }, key_slice(&rx));
}

/* A row of the new log, copied out of it, since what follows writes. */
static void settle_row(struct repair *r, const struct message_row *m,
		       struct kith_slice value)
{
	struct mended_feed *f = repair_feed(r, m->feed_number);

	if (!f || f->row.id.format == KITH_FORMAT_NONE)
		return;
	if (f->highest < m->sequence)
		f->highest = m->sequence;
	if (f->is_cut || (f->cut && m->sequence >= f->cut) ||
	    m->sequence != next_of(r, f))
		cut_row(r, f, m, value);
	else
		keep_row(r, f, m);
}

static void settle_rows(struct repair *r)
{
	struct kith_buf copy = { .limit = ROW_BYTES_MAX };
	uint64_t rx = 0, n = 0, total = txn_count(r->txn, TABLE_LOG);
	struct message_row m;

	while (!r->err && rx < UINT64_MAX) {
		struct key key = key_number(rx + 1);
		struct cursor c;
		bool more;

		kith_buf_reset(&copy);
		cursor_open(&c, r->txn, TABLE_LOG);
		more = cursor_seek(&c, key_slice(&key));
		if (more) {
			rx = kith_be64(c.key.p);
			kith_buf_put(&copy, c.value);
		}
		cursor_close(&c);
		if (copy.err)
			repair_fail(r, copy.err);
		if (!more || copy.err)
			break;
		if (row_decode(&r->check.crc, rx, kith_bytes(&copy), &m))
			settle_row(r, &m, kith_bytes(&copy));
		repair_step(r);
		if (r->config->tick && ++n % TICK_ROWS == 0)
			r->config->tick(r->config->arg, total + n, 2 * total);
	}
	kith_buf_free(&copy);
}

/* --- feeds ---------------------------------------------------------------- */

static void put_feed(struct repair *r, struct mended_feed *f)
{
	struct key number = key_small(f->row.number);
	struct key id = key_feed(&f->row.id);

	/* A damaged number alone makes no feed. */
	if (f->row.id.format == KITH_FORMAT_NONE ||
	    (!r->check.feeds.feeds[f - r->feeds].has_row && !f->highest))
		return;
	if (f->is_cut && f->row.state == FEED_PARTIAL && f->row.first <= 1)
		f->row.state = FEED_OK;
	txn_put(r->txn, TABLE_FEED_NUMBERS, key_slice(&number),
		key_slice(&id));
	feed_put(r->txn, &f->row);
	r->outcome.dropped += f->told.dropped;
	r->outcome.aside += f->told.aside;
	if (f->is_cut)
		r->config->told(r->config->arg, &f->told);
	repair_step(r);
}

void repair_log(struct repair *r)
{
	copy_rows(r, TABLE_LOG);
	if (r->config->repair == FSCK_SALVAGE)
		copy_astray(r);
	find_end(r);
	if (!r->err && !make_feeds(r))
		repair_fail(r, KITH_ENOMEM);
	if (!r->err)
		settle_rows(r);
	for (size_t i = 0; !r->err && i < r->check.feeds.count; i++)
		put_feed(r, &r->feeds[i]);
}
