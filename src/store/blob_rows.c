#include "src/store/blob_rows.h"

#include "src/store/keys.h"
#include "src/store/store_private.h"

enum {
	FLAG_PINNED = 1,
	FLAG_OWN = 2,
	FLAG_ASKED = 4,
	FLAG_PUSH = 8,
	ROW_BYTES = 28 + KEY_FEED_BYTES
};

static const int64_t TOUCH_US = (int64_t)3600 * 1000000;

const char *blob_why_text(enum blob_why why)
{
	static const char *const texts[BLOB_WHY_COUNT] = {
		[BLOB_WHY_NONE] = "",
		[BLOB_WHY_NO_OFFER] = "no peer had it",
		[BLOB_WHY_TOO_BIG] = "it is larger than a blob may be here",
		[BLOB_WHY_LIED] = "what a peer sent for it was something else",
		[BLOB_WHY_CUT] = "the peer went away in the middle of it",
		[BLOB_WHY_TIME] = "the peer took too long to send it",
		[BLOB_WHY_NO_ROOM] = "there was no room for it",
		[BLOB_WHY_TOO_FAR] = "nobody near enough refers to it",
		[BLOB_WHY_QUOTA] = "it was removed to make room",
		[BLOB_WHY_BY_HAND] = "it was removed by hand",
		[BLOB_WHY_LOST] = "its file was gone",
		[BLOB_WHY_DAMAGED] = "its file was damaged",
	};

	return why < BLOB_WHY_COUNT ? texts[why] : "";
}

static struct kith_slice key_of(const struct kith_blob_id *id)
{
	return (struct kith_slice){ id->b, sizeof(id->b) };
}

static uint8_t flags_of(const struct blob_row *row)
{
	return (uint8_t)((row->pinned ? FLAG_PINNED : 0) |
			 (row->own ? FLAG_OWN : 0) |
			 (row->asked ? FLAG_ASKED : 0) |
			 (row->push ? FLAG_PUSH : 0));
}

bool blob_row_decode(struct kith_slice key, struct kith_slice value,
		     struct blob_row *out)
{
	const uint8_t *p = value.p;
	struct kith_blob_id id; /* key may lie in out */

	if (key.n != KITH_ID_BYTES || value.n != ROW_BYTES ||
	    p[0] > BLOB_REMOVED || p[1] >= BLOB_WHY_COUNT)
		return false;
	memcpy(id.b, key.p, sizeof(id.b));
	*out = (struct blob_row){
		.id = id,
		.state = (enum blob_state)p[0],
		.why = (enum blob_why)p[1],
		.pinned = p[2] & FLAG_PINNED,
		.own = p[2] & FLAG_OWN,
		.asked = p[2] & FLAG_ASKED,
		.push = p[2] & FLAG_PUSH,
		.hops = p[3],
		.size = kith_be64(p + 4),
		.added_us = (int64_t)kith_be64(p + 12),
		.used_us = (int64_t)kith_be64(p + 20),
		.from = key_read_feed(p + 28),
	};
	return true;
}

bool blob_row_get(struct txn *t, const struct kith_blob_id *id,
		  struct blob_row *out)
{
	struct kith_slice value;

	*out = (struct blob_row){ .id = *id, .hops = BLOB_HOPS_NONE };
	if (!txn_get(t, TABLE_BLOBS, key_of(id), &value))
		return false;
	if (blob_row_decode(key_of(&out->id), value, out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

void blob_row_put(struct txn *t, const struct blob_row *row)
{
	uint8_t value[ROW_BYTES] = {
		(uint8_t)row->state, (uint8_t)row->why, flags_of(row),
		row->hops,
	};

	kith_put_be64(value + 4, row->size);
	kith_put_be64(value + 12, (uint64_t)row->added_us);
	kith_put_be64(value + 20, (uint64_t)row->used_us);
	if (row->from.format)
		key_put_feed(value + 28, &row->from);
	txn_put(t, TABLE_BLOBS, key_of(&row->id),
		(struct kith_slice){ value, sizeof(value) });
}

bool blob_row_touch(const struct blob_row *row, int64_t now_us)
{
	return row->used_us > now_us || now_us - row->used_us > TOUCH_US;
}

void blob_rows_open(struct blob_rows *c, struct txn *t,
		    const struct kith_blob_id *after)
{
	*c = (struct blob_rows){ .from_start = !after };
	if (after)
		c->after = *after;
	cursor_open(&c->cursor, t, TABLE_BLOBS);
}

static bool first(struct blob_rows *c)
{
	struct kith_slice from = key_of(&c->after);

	if (c->from_start)
		from.n = 0;
	return cursor_seek(&c->cursor, from) &&
	       (!from.n || !kith_equal(c->cursor.key, from) ||
		cursor_next(&c->cursor));
}

bool blob_rows_next(struct blob_rows *c, struct blob_row *out)
{
	bool found = c->started ? cursor_next(&c->cursor) : first(c);

	c->started = true;
	if (!found)
		return false;
	if (blob_row_decode(c->cursor.key, c->cursor.value, out))
		return true;
	txn_fail(c->cursor.txn, KITH_EIO);
	return false;
}

void blob_rows_close(struct blob_rows *c)
{
	cursor_close(&c->cursor);
}
