#include "src/fsck/repair_private.h"

#include <stdlib.h>

#include "feeds/verify.h"
#include "src/store/keys.h"

enum { HEADER_BYTES = 18, ROW_BYTES_MAX = 1 << 26 };

void quarantine_put(struct repair *r, uint8_t class, int table, uint64_t rx,
		    struct kith_slice key, struct kith_slice value)
{
	const char *name = store_table_name((enum store_table)table);
	struct kith_buf row = { .limit = ROW_BYTES_MAX };
	struct key number = key_number(++r->aside);
	uint8_t header[HEADER_BYTES], key_bytes[2];

	kith_put_be64(header, (uint64_t)r->config->now_us);
	kith_put_be64(header + 8, rx);
	header[16] = class;
	header[17] = (uint8_t)strlen(name);
	kith_put_be16(key_bytes, (uint16_t)key.n);
	kith_buf_put(&row, (struct kith_slice){ header, sizeof(header) });
	kith_buf_text(&row, name);
	kith_buf_put(&row, (struct kith_slice){ key_bytes, 2 });
	kith_buf_put(&row, key);
	kith_buf_put(&row, value);
	if (row.err)
		repair_fail(r, row.err);
	else
		txn_put(r->txn, TABLE_QUARANTINE, key_slice(&number),
			kith_bytes(&row));
	kith_buf_free(&row);
}

/* The message of a row that was set aside whole; false: it is none. */
static bool read_message(const struct repair *r, struct kith_slice value,
			 struct message_row *out)
{
	size_t name, key;
	uint64_t rx;

	if (value.n < HEADER_BYTES)
		return false;
	rx = kith_be64(value.p + 8);
	name = value.p[17];
	if (!rx || name + 2 > value.n - HEADER_BYTES)
		return false;
	value.p += HEADER_BYTES + name;
	value.n -= HEADER_BYTES + name;
	key = kith_be16(value.p);
	if (key > value.n - 2)
		return false;
	value.p += 2 + key;
	value.n -= 2 + key;
	return row_decode(&r->check.crc, rx, value, out);
}

/* Only a message that would be taken from a peer comes back.  True too if it
 * has come from one. */
static bool put_back(struct repair *r, struct kith_decoder *d,
		     const struct message_row *row)
{
	struct kith_verify_item item;
	struct message_row made;
	struct feed_row feed;
	struct kith_tip tip;
	struct kith_msg m;
	enum kith_err err;

	kith_decoder_reset(d);
	if (kith_msg_decode(d, row->format, row->canon, &m, NULL))
		return false;
	item = (struct kith_verify_item){ .key = m.author.b,
					  .message = m.signing,
					  .signature = m.signature };
	kith_verify(&item, 1);
	feed_get(r->txn, &m.author, &feed);
	feed_tip(&feed, &tip);
	if (!item.valid)
		return false;
	if (kith_chain(&tip, &m) == KITH_EEXIST)
		return message_by_id(r->txn, &m.id, &made);
	if (kith_chain(&tip, &m))
		return false;
	err = message_append(r->txn, &feed, &m, row->received_us, row->source,
			     &made);
	if (err)
		repair_fail(r, err);
	else
		feed_put(r->txn, &feed);
	return !err;
}

/* The next row above *at; false: the end.  Copied: the transaction writes. */
static bool next(struct repair *r, uint64_t *at, struct kith_buf *copy)
{
	struct key key = key_number(*at + 1);
	struct cursor c;
	bool found;

	kith_buf_reset(copy);
	cursor_open(&c, r->txn, TABLE_QUARANTINE);
	found = cursor_seek(&c, key_slice(&key)) && c.key.n == 8;
	if (found) {
		*at = kith_be64(c.key.p);
		kith_buf_put(copy, c.value);
	}
	cursor_close(&c);
	return found && !copy->err;
}

void quarantine_return(struct repair *r)
{
	struct kith_buf copy = { .limit = ROW_BYTES_MAX };
	struct kith_decoder *d = kith_decoder_new(r->config->hmac);
	struct message_row row;
	uint64_t at = 0;

	if (!d)
		repair_fail(r, KITH_ENOMEM);
	while (!r->err && next(r, &at, &copy)) {
		struct key key = key_number(at);

		if (!read_message(r, kith_bytes(&copy), &row) ||
		    !put_back(r, d, &row))
			continue;
		txn_delete(r->txn, TABLE_QUARANTINE, key_slice(&key));
		r->outcome.back++;
		repair_step(r);
	}
	kith_decoder_free(d);
	kith_buf_free(&copy);
}
