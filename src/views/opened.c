/* What was opened: its rows, and putting in and taking out. */
#include "feeds/json.h"
#include "src/store/keys.h"
#include "src/views/private_parts.h"
#include "src/views/rows_private.h"

enum {
	HOW_BYTES = 2 + KITH_BOX_KEY_BYTES + ID_ROW_BYTES,
	NUMBER_AT = 1, HOW_AT = NUMBER_AT + 8,
	ROWS_AT = HOW_AT + HOW_BYTES + SEALED_MORE_BYTES,
	ROW_HEAD_BYTES = 3,
	/* Of the links and opinions of one message. */
	VALUE_BYTES_MAX = 1 << 18,
	LATE_LOOKS = 256
};

/* In the rows of a message; stored. */
enum { ROW_POSTING = 0, ROW_OPINION = 1 };

/* --- form --- */

bool opened_decode(struct kith_slice value, struct opened_row *out)
{
	*out = (struct opened_row){ 0 };
	if (!value.n || value.p[0] > OPENED_BROKEN)
		return false;
	out->state = (enum opened_state)value.p[0];
	if (out->state != OPENED_OPEN)
		return value.n == 1;
	if (value.n < ROWS_AT)
		return false;
	out->number = kith_be64(value.p + NUMBER_AT);
	out->sealed = (struct kith_slice){ value.p + HOW_AT,
					   HOW_BYTES + SEALED_MORE_BYTES };
	out->rows = (struct kith_slice){ value.p + ROWS_AT,
					 value.n - ROWS_AT };
	return true;
}

bool opened_row_next(struct kith_slice *rows, enum store_table *table,
		     struct kith_slice *key)
{
	size_t n = rows->n < ROW_HEAD_BYTES ? 0 : kith_be16(rows->p + 1);

	if (!n || n > rows->n - ROW_HEAD_BYTES)
		return false;
	*table = rows->p[0] == ROW_OPINION ? TABLE_PRIVATE_OPINIONS
					   : TABLE_PRIVATE_POSTINGS;
	*key = (struct kith_slice){ rows->p + ROW_HEAD_BYTES, n };
	rows->p += ROW_HEAD_BYTES + n;
	rows->n -= ROW_HEAD_BYTES + n;
	return true;
}

static void encode(const struct opened *how, uint8_t *p)
{
	memset(p, 0, HOW_BYTES);
	p[0] = (uint8_t)how->via;
	p[1] = how->key.n;
	memcpy(p + 2, how->key.b, how->key.n);
	p += 2 + KITH_BOX_KEY_BYTES;
	p[0] = (uint8_t)how->group.format;
	memcpy(p + 1, how->group.b, KITH_ID_BYTES);
}

static bool decode(const uint8_t *p, struct opened *out)
{
	if (p[1] > KITH_BOX_KEY_BYTES)
		return false;
	out->via = (enum kith_via)p[0];
	out->key.n = p[1];
	memcpy(out->key.b, p + 2, KITH_BOX_KEY_BYTES);
	p += 2 + KITH_BOX_KEY_BYTES;
	out->group.format = (enum kith_format)p[0];
	memcpy(out->group.b, p + 1, KITH_ID_BYTES);
	return true;
}

/* --- reading --- */

static bool read_row(struct txn *t, uint64_t rx, struct opened_row *out)
{
	struct key key = key_number(rx);
	struct kith_slice value;

	return txn_get(t, TABLE_OPENED, key_slice(&key), &value) &&
	       opened_decode(value, out);
}

bool opened_get(struct txn *t, const struct keys *k, uint64_t rx,
		struct opened *out)
{
	struct key key = key_number(rx);
	uint8_t how[HOW_BYTES];
	struct opened_row row;
	bool good;

	if (!read_row(t, rx, &row) || row.state != OPENED_OPEN)
		return false;
	good = keys_unseal(k, TABLE_OPENED, key_slice(&key), row.sealed,
			   how) &&
	       decode(how, out);
	sodium_memzero(how, sizeof(how));
	return good;
}

bool opened_next(struct txn *t, uint64_t *number, uint64_t *rx)
{
	struct key from = key_number(*number + 1);
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_OPENINGS);
	found = cursor_seek(&c, key_slice(&from)) && c.key.n == 8 &&
		c.value.n == 8;
	if (found) {
		*number = kith_be64(c.key.p);
		*rx = kith_be64(c.value.p);
	}
	cursor_close(&c);
	return found;
}

uint64_t opened_last(struct txn *t)
{
	struct cursor c;
	uint64_t number = 0;

	cursor_open(&c, t, TABLE_OPENINGS);
	if (cursor_last(&c) && c.key.n == 8)
		number = kith_be64(c.key.p);
	cursor_close(&c);
	return number;
}

enum late opened_late(struct txn *t, uint64_t *number, uint64_t rx,
		      struct message_row *out)
{
	uint64_t of, last;

	for (int i = 0; i < LATE_LOOKS; i++) {
		if (!opened_next(t, number, &of)) {
			/* They were made anew, or the newest went. */
			last = opened_last(t);
			*number = *number < last ? *number : last;
			return LATE_NONE;
		}
		if (of <= rx && message_get(t, of, out))
			return LATE_MESSAGE;
	}
	return LATE_AGAIN;
}

uint64_t opened_shut_from(struct txn *t, uint64_t rx)
{
	struct key from = key_number(rx);
	struct opened_row row;
	uint64_t found = 0;
	struct cursor c;

	cursor_open(&c, t, TABLE_OPENED);
	for (bool more = cursor_seek(&c, key_slice(&from)); more && !found;
	     more = cursor_next(&c))
		if (c.key.n == 8 && opened_decode(c.value, &row) &&
		    row.state == OPENED_SHUT)
			found = kith_be64(c.key.p);
	cursor_close(&c);
	return found;
}

bool boxed_read(const struct message_row *row, const struct view_message *m,
		struct kith_msg_id *previous, struct kith_boxed *out)
{
	struct kith_slice content = m->boxed.n ? m->boxed : m->content;
	struct kith_slice before;

	if (kith_box_scheme(content) == KITH_BOX_NONE)
		return false;
	*out = (struct kith_boxed){ .content = content, .author = &m->author };
	before = json_plain(json_get(row->canon, "previous"));
	if (before.n && !kith_msg_parse(before, previous))
		out->previous = previous;
	return true;
}

/* --- putting in --- */

void opened_put_state(struct txn *t, uint64_t rx, enum opened_state state)
{
	struct key key = key_number(rx);
	uint8_t value = (uint8_t)state;

	txn_put(t, TABLE_OPENED, key_slice(&key),
		(struct kith_slice){ &value, 1 });
}

static void put_number(struct txn *t, uint64_t rx, struct kith_buf *value)
{
	struct key number = key_number(opened_last(t) + 1), at = key_number(rx);

	txn_put(t, TABLE_OPENINGS, key_slice(&number), key_slice(&at));
	kith_buf_put(value, key_slice(&number));
}

static void put_how(const struct keys *k, const struct key *key,
		    const struct opened *how, struct kith_buf *value)
{
	uint8_t plain[HOW_BYTES];
	uint8_t *to = kith_buf_reserve(value, HOW_BYTES + SEALED_MORE_BYTES);

	if (!to)
		return;
	encode(how, plain);
	keys_seal(k, TABLE_OPENED, key_slice(key),
		  (struct kith_slice){ plain, sizeof(plain) }, to);
	value->n += HOW_BYTES + SEALED_MORE_BYTES;
	sodium_memzero(plain, sizeof(plain));
}

/* A message may say the same twice: of two opinions the greater holds, whatever
 * their order. */
static bool is_noted(const struct private_rows *p, enum store_table table,
		     struct kith_slice key)
{
	struct kith_slice rows = { p->keys->p + ROWS_AT,
				   p->keys->n - ROWS_AT }, noted;
	enum store_table of;

	while (opened_row_next(&rows, &of, &noted))
		if (of == table && kith_equal(noted, key))
			return true;
	return false;
}

static bool is_less(struct kith_slice a, struct kith_slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order < 0 : a.n < b.n;
}

void private_row_put(struct private_rows *p, enum store_table table,
		     struct kith_slice key, struct kith_slice value)
{
	uint8_t head[ROW_HEAD_BYTES];
	struct kith_slice held;

	if (p->keys->err)
		return;
	if (is_noted(p, table, key)) {
		if (table == TABLE_PRIVATE_OPINIONS &&
		    txn_get(p->txn, table, key, &held) && is_less(held, value))
			txn_put(p->txn, table, key, value);
		return;
	}
	head[0] = table == TABLE_PRIVATE_OPINIONS ? ROW_OPINION : ROW_POSTING;
	kith_put_be16(head + 1, (uint16_t)key.n);
	kith_buf_put(p->keys, (struct kith_slice){ head, sizeof(head) });
	kith_buf_put(p->keys, key);
	txn_put(p->txn, table, key, value);
}

static void put_rows(struct txn *t, const struct view_message *m,
		     struct kith_buf *value)
{
	struct private_rows into = { t, value };
	struct rows r = { .private = &into };

	for (size_t i = 0; views[i]; i++)
		if (views[i]->rows)
			rows_run(&r, views[i], m);
}

enum kith_err opened_put(struct txn *t, const struct keys *k,
			 const struct view_message *m,
			 const struct opened *how)
{
	struct kith_buf value = { .limit = VALUE_BYTES_MAX };
	struct key key = key_number(m->row->rx);

	kith_buf_byte(&value, OPENED_OPEN);
	put_number(t, m->row->rx, &value);
	put_how(k, &key, how, &value);
	put_rows(t, m, &value);
	if (!value.err)
		txn_put(t, TABLE_OPENED, key_slice(&key), kith_bytes(&value));
	kith_buf_free(&value);
	return value.err;
}

/* --- taking out --- */

/* The n-th row of a message, copied, since what is read from the store lives
 * only until the first write. */
static bool copy_row(struct txn *t, uint64_t rx, size_t n,
		     enum store_table *table, uint8_t *bytes,
		     struct kith_slice *key)
{
	struct opened_row row;
	bool found = read_row(t, rx, &row);

	for (size_t i = 0; found && i <= n; i++)
		found = opened_row_next(&row.rows, table, key) &&
			key->n <= STORE_KEY_BYTES_MAX;
	if (!found)
		return false;
	memcpy(bytes, key->p, key->n);
	key->p = bytes;
	return true;
}

void opened_gone(struct txn *t, uint64_t rx)
{
	struct key key = key_number(rx), number;
	uint8_t bytes[STORE_KEY_BYTES_MAX];
	enum store_table table;
	struct opened_row row;
	struct kith_slice of;

	if (!read_row(t, rx, &row))
		return;
	if (row.state == OPENED_OPEN) {
		number = key_number(row.number);
		txn_delete(t, TABLE_OPENINGS, key_slice(&number));
	}
	for (size_t n = 0; copy_row(t, rx, n, &table, bytes, &of); n++)
		txn_delete(t, table, of);
	txn_delete(t, TABLE_OPENED, key_slice(&key));
}
