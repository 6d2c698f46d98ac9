#include "src/store/proofs.h"

#include "src/store/keys.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/store/store_private.h"

enum {
	HEADER_BYTES = 4,
	MESSAGE_BYTES = 52, /* and the canonical bytes */
	ROW_BYTES_MAX =
		HEADER_BYTES + 2 * (MESSAGE_BYTES + KITH_MSG_CANON_BYTES_MAX)
};

static struct key key_proof(const struct kith_feed_id *feed, uint64_t sequence)
{
	struct key k = key_feed(feed);

	kith_put_be64(k.b + k.n, sequence);
	k.n += 8;
	return k;
}

/* --- rows ----------------------------------------------------------------- */

static void encode_message(const struct proof_message *m, struct kith_buf *out)
{
	uint8_t header[MESSAGE_BYTES] = { 0 };

	kith_put_be64(header, (uint64_t)m->received_us);
	kith_put_be32(header + 8, m->source);
	kith_put_be32(header + 12, (uint32_t)m->canon.n);
	header[16] = (uint8_t)m->id.format;
	memcpy(header + 20, m->id.b, KITH_ID_BYTES);
	kith_buf_put(out, (struct kith_slice){ header, sizeof(header) });
	kith_buf_put(out, m->canon);
}

static void encode(const struct proof_row *row, struct kith_buf *out)
{
	uint8_t header[HEADER_BYTES] = { (uint8_t)row->count };

	kith_buf_put(out, (struct kith_slice){ header, sizeof(header) });
	for (unsigned i = 0; i < row->count; i++)
		encode_message(&row->messages[i], out);
}

/* Takes one message from the front of value. */
static bool decode_message(struct kith_slice *value, struct proof_message *out)
{
	const uint8_t *p = value->p;
	size_t n;

	if (value->n < MESSAGE_BYTES)
		return false;
	n = kith_be32(p + 12);
	if (n > value->n - MESSAGE_BYTES)
		return false;
	*out = (struct proof_message){
		.id.format = (enum kith_format)p[16],
		.received_us = (int64_t)kith_be64(p),
		.source = kith_be32(p + 8),
		.canon = { p + MESSAGE_BYTES, n },
	};
	memcpy(out->id.b, p + 20, KITH_ID_BYTES);
	value->p += MESSAGE_BYTES + n;
	value->n -= MESSAGE_BYTES + n;
	return true;
}

bool proof_decode(struct kith_slice key, struct kith_slice value,
		  struct proof_row *out)
{
	struct proof_row row = { 0 };

	if (key.n != KEY_FEED_BYTES + 8 || value.n < HEADER_BYTES)
		return false;
	row.feed = key_read_feed(key.p);
	row.sequence = kith_be64(key.p + KEY_FEED_BYTES);
	row.count = value.p[0];
	if (row.count < 1 || row.count > 2 || row.sequence > KITH_SEQUENCE_MAX)
		return false;
	value.p += HEADER_BYTES;
	value.n -= HEADER_BYTES;
	for (unsigned i = 0; i < row.count; i++)
		if (!decode_message(&value, &row.messages[i]))
			return false;
	*out = row;
	return !value.n;
}

/* --- the table ------------------------------------------------------------ */

bool proof_get(struct txn *t, const struct kith_feed_id *feed,
	       uint64_t sequence, struct proof_row *out)
{
	struct key key = key_proof(feed, sequence);
	struct kith_slice value;

	if (!txn_get(t, TABLE_PROOFS, key_slice(&key), &value))
		return false;
	if (proof_decode(key_slice(&key), value, out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

bool proof_next(struct txn *t, struct proof_row *out)
{
	struct key key = key_proof(&out->feed, out->sequence + 1);
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_PROOFS);
	found = cursor_seek(&c, key_slice(&key));
	if (found && !proof_decode(c.key, c.value, out)) {
		txn_fail(t, KITH_EIO);
		found = false;
	}
	cursor_close(&c);
	return found;
}

/* The next row of the feed that out names. */
static bool next_of_feed(struct txn *t, struct proof_row *out)
{
	const struct kith_feed_id feed = out->feed;

	return proof_next(t, out) && kith_feed_equal(&out->feed, &feed);
}

struct proof_places proof_places(struct txn *t,
				 const struct kith_feed_id *feed)
{
	struct proof_row row = { .feed = *feed };
	struct proof_places found = { 0 };

	/* Asked for each feed of each batch, and mostly there are none. */
	if (!txn_count(t, TABLE_PROOFS))
		return found;
	while (next_of_feed(t, &row)) {
		uint64_t *place = row.count == 1 ? &found.branch : &found.pair;

		if (!*place)
			*place = row.sequence;
	}
	return found;
}

static void delete_place(struct txn *t, const struct kith_feed_id *feed,
			 uint64_t sequence)
{
	struct key key = key_proof(feed, sequence);

	txn_delete(t, TABLE_PROOFS, key_slice(&key));
}

static enum kith_err drop(struct txn *t, const struct kith_feed_id *feed,
			  struct kith_error *e)
{
	struct proof_row row = { .feed = *feed };
	struct publish_row ours;
	struct feed_row held;
	bool any = false;

	publish_get(t, feed, &ours);
	if (ours.state != PUBLISH_NOT_OURS)
		return kith_fail(e, KITH_EDENIED, 0, "this is a feed of your "
				 "own: what proves its fork stays");
	for (; next_of_feed(t, &row); any = true)
		delete_place(t, feed, row.sequence);
	if (!any && !t->err)
		return kith_fail(e, KITH_ENOENT, 0,
				 "no fork of this feed is known here");
	if (feed_get(t, feed, &held) && held.state == FEED_FORKED) {
		held.state = held.first > 1 ? FEED_PARTIAL : FEED_OK;
		feed_put(t, &held);
	}
	return KITH_OK;
}

enum kith_err proofs_drop(struct store *s, const struct kith_feed_id *feed,
			  struct kith_error *e)
{
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	if (!err) {
		err = drop(t, feed, e);
		if (err)
			txn_end(t);
		else
			err = txn_commit(t);
	}
	return err ? kith_fail(e, err, 0, "not dropped: %s",
			       kith_strerror(err))
		   : KITH_OK;
}

static void write_row(struct txn *t, const struct proof_row *row)
{
	struct key key = key_proof(&row->feed, row->sequence);
	struct kith_buf value = { .limit = ROW_BYTES_MAX };

	/* In a buffer first: a write moves pages where the messages may lie. */
	encode(row, &value);
	if (value.err)
		txn_fail(t, value.err);
	txn_put(t, TABLE_PROOFS, key_slice(&key), kith_bytes(&value));
	kith_buf_free(&value);
}

bool proof_put(struct txn *t, const struct proof_row *row)
{
	struct proof_row kept = { .feed = row->feed };
	uint64_t highest = 0;
	unsigned others = 0;

	while (next_of_feed(t, &kept)) {
		if (kept.sequence == row->sequence && kept.count >= row->count)
			return false;
		others += kept.sequence != row->sequence;
		highest = kept.sequence;
	}
	if (others >= PROOFS_A_FEED_MAX && highest < row->sequence)
		return false;
	write_row(t, row);
	if (others >= PROOFS_A_FEED_MAX)
		delete_place(t, &row->feed, highest);
	return !t->err;
}
