#include "src/store/messages.h"

#include <assert.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/store/id_index.h"
#include "src/store/keys.h"
#include "src/store/scan.h"
#include "src/store/store_private.h"

/*
 * The row KEY_LOG_END, once the newest row of the log was removed:
 *
 *	0-7    the highest receive number that was given
 *	8-15   received_us with it
 */
enum { LOG_END_BYTES = 16 };

static void raise_log_end(struct log_end *end, uint64_t rx,
			  int64_t received_us)
{
	if (rx > end->rx)
		end->rx = rx;
	if (received_us > end->received_us)
		end->received_us = received_us;
}

static void read_log_end(struct txn *t, struct log_end *end)
{
	struct key key = key_kind(KEY_LOG_END);
	struct kith_slice value;

	if (!txn_get(t, TABLE_LOCAL, key_slice(&key), &value))
		return;
	if (value.n == LOG_END_BYTES)
		raise_log_end(end, kith_be64(value.p),
			      (int64_t)kith_be64(value.p + 8));
	else
		txn_fail(t, KITH_EIO);
}

static void write_log_end(struct txn *t, const struct log_end *end)
{
	struct key key = key_kind(KEY_LOG_END);
	uint8_t value[LOG_END_BYTES];

	kith_put_be64(value, end->rx);
	kith_put_be64(value + 8, (uint64_t)end->received_us);
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ value, sizeof(value) });
}

static void find_log_end(struct txn *t)
{
	struct message_row newest;

	if (t->end.known)
		return;
	t->end.known = true;
	read_log_end(t, &t->end);
	if (message_to(t, UINT64_MAX, &newest))
		raise_log_end(&t->end, newest.rx, newest.received_us);
}

int64_t message_newest_us(struct txn *t)
{
	find_log_end(t);
	return t->end.received_us;
}

uint64_t message_end(struct txn *t)
{
	find_log_end(t);
	return t->end.rx;
}

uint64_t message_removed(struct txn *t)
{
	return message_end(t) - message_count(t);
}

static void remember_index(struct txn *t, const struct message_row *row)
{
	struct store *s = t->store;
	struct index_row *index = list_room(s->index, s->index_count,
					    &s->index_capacity, sizeof(*index));

	if (!index) {
		txn_fail(t, KITH_ENOMEM);
		return;
	}
	s->index = index;
	index = &s->index[s->index_count++];
	index->rx = row->rx;
	index->feed_number = row->feed_number;
	index->sequence = row->sequence;
	memcpy(index->id, row->id.b, sizeof(index->id));
	/* Neighbours of one feed mostly share a page. */
	if (t->end.feed_number != row->feed_number)
		txn_expect(t, TABLE_BY_FEED);
	t->end.feed_number = row->feed_number;
}

static void append_row(struct txn *t, const struct message_row *row)
{
	struct key key = key_number(row->rx);
	uint8_t *room = txn_append_room(t, TABLE_LOG, key_slice(&key),
					ROW_HEADER_BYTES + row->canon.n);

	if (!room)
		return;
	row_encode(&t->store->crc, row, room);
	t->end.rx = row->rx;
	t->end.received_us = row->received_us;
	remember_index(t, row);
}

static void move_feed(struct feed_row *feed, const struct kith_msg *m)
{
	if (!feed->last)
		feed->first = m->sequence;
	else
		feed->lacks += m->sequence - feed->last - 1;
	feed->last = m->sequence;
	feed->last_id = m->id;
	feed->last_claimed = m->claimed;
	feed->bytes += m->canon.n;
}

enum kith_err message_append(struct txn *t, struct feed_row *feed,
			     const struct kith_msg *m, int64_t received_us,
			     uint32_t source, struct message_row *row)
{
	assert(m->sequence > feed->last);
	find_log_end(t);
	if (!feed->number)
		feed->number = feed_number_new(t, &feed->id);
	*row = (struct message_row){
		.rx = t->end.rx + 1,
		.format = m->id.format,
		.feed_number = feed->number,
		.sequence = m->sequence,
		.id = m->id,
		.received_us = received_us > t->end.received_us
				       ? received_us
				       : t->end.received_us + 1,
		.source = source,
		.units = m->units,
		.canon = m->canon,
	};
	append_row(t, row);
	if (!t->err)
		move_feed(feed, m);
	return t->err;
}

static int compare_by_feed(const void *left, const void *right)
{
	const struct index_row *a = left, *b = right;

	if (a->feed_number != b->feed_number)
		return a->feed_number < b->feed_number ? -1 : 1;
	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

void messages_flush(struct txn *t)
{
	size_t n = t->store->index_count - t->indexed;
	struct index_row *rows;

	if (!n || t->err)
		return;
	rows = t->store->index + t->indexed;
	t->indexed += n;
	qsort(rows, n, sizeof(*rows), compare_by_feed);
	for (size_t i = 0; i < n; i++) {
		struct key key = key_by_feed(rows[i].feed_number,
					     rows[i].sequence);
		struct key rx = key_number(rows[i].rx);

		txn_put_sorted(t, TABLE_BY_FEED, key_slice(&key),
			       key_slice(&rx));
	}
}

struct decoding {
	const struct crc32c *crc;
	uint64_t rx;
	struct kith_slice value;
	struct message_row *out;
};

static int decode(void *arg)
{
	const struct decoding *d = arg;

	return row_decode(d->crc, d->rx, d->value, d->out) ? 0 : MDB_CORRUPTED;
}

bool message_row(struct txn *t, uint64_t rx, struct kith_slice value,
		 struct message_row *out)
{
	struct decoding d = { &t->store->crc, rx, value, out };
	struct key key = key_number(rx);

	return !guarded_read(decode, &d, TABLE_LOG, key_slice(&key));
}

bool message_decode(struct txn *t, struct kith_slice key,
		    struct kith_slice value, struct message_row *out)
{
	if (key.n == 8 &&
	    message_row(t, kith_be64(key.p), value, out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

bool message_get(struct txn *t, uint64_t rx, struct message_row *out)
{
	struct key key = key_number(rx);
	struct kith_slice value;

	return txn_get(t, TABLE_LOG, key_slice(&key), &value) &&
	       message_decode(t, key_slice(&key), value, out);
}

bool message_indexed(struct txn *t, struct kith_slice value,
		     struct message_row *out)
{
	if (value.n == 8 && message_get(t, kith_be64(value.p), out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

bool message_by_id(struct txn *t, const struct kith_msg_id *id,
		   struct message_row *out)
{
	struct message_row row;
	struct id_scan scan;
	bool found = false;

	id_scan_start(&scan, t, (struct kith_slice){ id->b, ID_SCAN_BYTES });
	while (!found && id_scan_next(&scan, &row))
		found = kith_msg_equal(&row.id, id);
	id_scan_end(&scan);
	if (found)
		*out = row;
	return found;
}

bool message_by_sequence(struct txn *t, uint32_t feed_number,
			 uint64_t sequence, struct message_row *out)
{
	struct key key = key_by_feed(feed_number, sequence);
	struct kith_slice value;

	if (t->write)
		messages_flush(t);
	return txn_get(t, TABLE_BY_FEED, key_slice(&key), &value) &&
	       message_indexed(t, value, out);
}

bool message_from(struct txn *t, uint64_t rx, struct message_row *out)
{
	struct key key = key_number(rx);
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_LOG);
	found = cursor_seek(&c, key_slice(&key)) &&
		message_decode(t, c.key, c.value, out);
	cursor_close(&c);
	return found;
}

/* To the last row at or below key; false: none. */
static bool seek_to(struct cursor *c, const struct key *key)
{
	if (!cursor_seek(c, key_slice(key)))
		return cursor_last(c);
	return kith_equal(c->key, key_slice(key)) || cursor_previous(c);
}

bool message_to(struct txn *t, uint64_t rx, struct message_row *out)
{
	struct key key = key_number(rx);
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_LOG);
	found = seek_to(&c, &key) && message_decode(t, c.key, c.value, out);
	cursor_close(&c);
	return found;
}

bool message_to_sequence(struct txn *t, uint32_t feed_number,
			 uint64_t sequence, struct message_row *out)
{
	struct key key = key_by_feed(feed_number, sequence);
	struct key feed = key_small(feed_number);
	struct cursor c;
	bool found;

	if (t->write)
		messages_flush(t);
	cursor_open(&c, t, TABLE_BY_FEED);
	found = seek_to(&c, &key) && c.key.n >= feed.n &&
		!memcmp(c.key.p, feed.b, feed.n) &&
		message_indexed(t, c.value, out);
	cursor_close(&c);
	return found;
}

uint64_t message_count(struct txn *t)
{
	return txn_count(t, TABLE_LOG);
}

/* --- removing --- */

/* What is last in the log is going: the next message goes behind it all the
 * same. */
static void keep_log_end(struct txn *t, uint64_t rx)
{
	struct log_end end = { 0 };
	struct message_row row;
	struct cursor c;

	cursor_open(&c, t, TABLE_LOG);
	if (cursor_last(&c) && c.key.n == 8 && kith_be64(c.key.p) == rx) {
		read_log_end(t, &end);
		raise_log_end(&end, rx, 0);
		if (message_row(t, rx, c.value, &row))
			raise_log_end(&end, rx, row.received_us);
	}
	cursor_close(&c);
	if (end.rx)
		write_log_end(t, &end);
}

void message_delete(struct txn *t, const struct message_place *at)
{
	struct key rx = key_number(at->rx);
	struct key place = key_by_feed(at->feed_number, at->sequence);
	struct kith_slice value;

	messages_flush(t);
	id_index_suspect(t);
	keep_log_end(t, at->rx);
	txn_delete(t, TABLE_LOG, key_slice(&rx));
	if (txn_get(t, TABLE_BY_FEED, key_slice(&place), &value) &&
	    kith_equal(value, key_slice(&rx)))
		txn_delete(t, TABLE_BY_FEED, key_slice(&place));
	txn_delete_value(t, TABLE_BY_ID,
			 (struct kith_slice){ at->id, sizeof(at->id) },
			 key_slice(&rx));
}
