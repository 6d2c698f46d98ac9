#include "src/store/messages.h"

#include "src/store/keys.h"
#include "src/store/store_private.h"

/*
 * The row of a feed:
 *
 *	0-3    number
 *	4      state
 *	5      1: forgotten
 *	6-7    0
 *	8-15   first sequence held
 *	16-23  last
 *	24-31  claimed time of the last, the bits of a double
 *	32-39  canonical bytes of all
 *	40-71  id of the last message
 *	72-79  messages that lack between; not there where none does
 */
enum { FEED_ROW_BYTES = 72, FEED_ROW_BYTES_MAX = 80 };

/* Gives its length. */
static size_t feed_encode(const struct feed_row *row,
			  uint8_t out[static FEED_ROW_BYTES_MAX])
{
	uint64_t claimed;

	memcpy(&claimed, &row->last_claimed, sizeof(claimed));
	memset(out, 0, FEED_ROW_BYTES);
	kith_put_be32(out, row->number);
	out[4] = (uint8_t)row->state;
	out[5] = row->forgotten;
	kith_put_be64(out + 8, row->first);
	kith_put_be64(out + 16, row->last);
	kith_put_be64(out + 24, claimed);
	kith_put_be64(out + 32, row->bytes);
	memcpy(out + 40, row->last_id.b, KITH_ID_BYTES);
	kith_put_be64(out + FEED_ROW_BYTES, row->lacks);
	return row->lacks ? FEED_ROW_BYTES_MAX : FEED_ROW_BYTES;
}

bool feed_decode(struct kith_slice value, struct feed_row *row)
{
	uint64_t claimed;

	if (value.n != FEED_ROW_BYTES && value.n != FEED_ROW_BYTES_MAX)
		return false;
	row->number = kith_be32(value.p);
	row->state = (enum feed_state)value.p[4];
	row->forgotten = value.p[5];
	row->first = kith_be64(value.p + 8);
	row->last = kith_be64(value.p + 16);
	claimed = kith_be64(value.p + 24);
	memcpy(&row->last_claimed, &claimed, sizeof(claimed));
	row->bytes = kith_be64(value.p + 32);
	row->last_id.format = row->id.format;
	memcpy(row->last_id.b, value.p + 40, KITH_ID_BYTES);
	row->lacks = value.n == FEED_ROW_BYTES
			     ? 0 : kith_be64(value.p + FEED_ROW_BYTES);
	return true;
}

bool feed_get(struct txn *t, const struct kith_feed_id *id,
	      struct feed_row *out)
{
	struct key key = key_feed(id);
	struct kith_slice value;

	*out = (struct feed_row){ .id = *id };
	if (!txn_get(t, TABLE_FEEDS, key_slice(&key), &value))
		return false;
	if (feed_decode(value, out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

bool feed_by_number(struct txn *t, uint32_t number, struct feed_row *out)
{
	struct key key = key_small(number);
	struct kith_feed_id id;
	struct kith_slice value;

	*out = (struct feed_row){ 0 };
	if (!txn_get(t, TABLE_FEED_NUMBERS, key_slice(&key), &value))
		return false;
	if (value.n != KEY_FEED_BYTES) {
		txn_fail(t, KITH_EIO);
		return false;
	}
	id = key_read_feed(value.p);
	return feed_get(t, &id, out);
}

void feed_put(struct txn *t, const struct feed_row *row)
{
	struct key key = key_feed(&row->id);
	uint8_t value[FEED_ROW_BYTES_MAX];
	size_t n = feed_encode(row, value);

	txn_put(t, TABLE_FEEDS, key_slice(&key),
		(struct kith_slice){ value, n });
}

uint64_t feed_held(const struct feed_row *row)
{
	uint64_t between = row->last - row->first;

	if (!row->last || row->first > row->last)
		return 0;
	if (row->lacks > between)
		return 1;
	return between + 1 - row->lacks;
}

void feed_delete(struct txn *t, const struct feed_row *row)
{
	struct key id = key_feed(&row->id), number = key_small(row->number);

	txn_delete(t, TABLE_FEEDS, key_slice(&id));
	txn_delete(t, TABLE_FEED_NUMBERS, key_slice(&number));
	if (row->number > t->store->feed_gone)
		t->store->feed_gone = row->number;
}

bool feed_next(struct txn *t, uint32_t *number, struct feed_row *out)
{
	struct cursor c;
	bool found = false;

	cursor_open(&c, t, TABLE_FEED_NUMBERS);
	while (!found && *number < UINT32_MAX) {
		struct key key = key_small(*number + 1);

		if (!cursor_seek(&c, key_slice(&key)) || c.key.n != 4)
			break;
		*number = kith_be32(c.key.p);
		found = feed_by_number(t, *number, out);
	}
	cursor_close(&c);
	return found;
}

void feed_tip(const struct feed_row *row, struct kith_tip *out)
{
	*out = (struct kith_tip){ 0 };
	if (!row->last)
		return;
	out->sequence = row->last;
	out->id = row->last_id;
	out->claimed = row->last_claimed;
}

uint32_t feed_number_new(struct txn *t, const struct kith_feed_id *id)
{
	uint8_t value[KEY_FEED_BYTES];
	uint32_t number = 1;
	struct cursor c;
	struct key key;

	cursor_open(&c, t, TABLE_FEED_NUMBERS);
	if (cursor_last(&c) && c.key.n == 4)
		number = kith_be32(c.key.p) + 1;
	cursor_close(&c);
	if (number && number <= t->store->feed_gone)
		number = t->store->feed_gone + 1;
	if (!number) {
		txn_fail(t, KITH_EFULL);
		return 0;
	}
	key = key_small(number);
	key_put_feed(value, id);
	txn_put(t, TABLE_FEED_NUMBERS, key_slice(&key),
		(struct kith_slice){ value, sizeof(value) });
	return number;
}
