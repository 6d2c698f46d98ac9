#include "src/store/local.h"

#include <stdlib.h>

#include "src/store/keys.h"
#include "src/store/store_private.h"

enum {
	PUBLISH_HEADER_BYTES = 17, /* state, since_us, least; the reason */
	ADDRESS_HEADER_BYTES = 9,  /* paused, last_us; then the text */
	CLOCK_ENTRY_BYTES = KEY_FEED_BYTES + 8
};

/* Stored in the place of the state: FROZEN, and forked. */
enum { STATE_FORKED = 4 };

static void copy_reason(struct kith_slice text, char out[LOCAL_REASON_BYTES])
{
	size_t n = text.n < LOCAL_REASON_BYTES ? text.n
					       : LOCAL_REASON_BYTES - 1;

	memcpy(out, text.p, n);
	out[n] = '\0';
}

static void read_publish(struct txn *t, struct kith_slice v,
			 struct publish_row *out)
{
	if (v.n < PUBLISH_HEADER_BYTES || v.p[0] > STATE_FORKED) {
		txn_fail(t, KITH_EIO);
		return;
	}
	out->forked = v.p[0] == STATE_FORKED;
	out->state = out->forked ? PUBLISH_FROZEN
				 : (enum publish_state)v.p[0];
	out->since_us = (int64_t)kith_be64(v.p + 1);
	out->least = kith_be64(v.p + 9);
	copy_reason((struct kith_slice){ v.p + PUBLISH_HEADER_BYTES,
					 v.n - PUBLISH_HEADER_BYTES },
		    out->reason);
}

void publish_get(struct txn *t, const struct kith_feed_id *self,
		 struct publish_row *out)
{
	struct key key = key_kind_feed(KEY_PUBLISH, self);
	struct kith_slice v;

	*out = (struct publish_row){ .state = PUBLISH_NOT_OURS };
	if (txn_get(t, TABLE_LOCAL, key_slice(&key), &v))
		read_publish(t, v, out);
}

void publish_put(struct txn *t, const struct kith_feed_id *self,
		 const struct publish_row *row)
{
	struct key key = key_kind_feed(KEY_PUBLISH, self);
	uint8_t value[PUBLISH_HEADER_BYTES + LOCAL_REASON_BYTES];
	size_t n = strlen(row->reason);

	value[0] = row->state == PUBLISH_FROZEN && row->forked
			   ? STATE_FORKED
			   : (uint8_t)row->state;
	kith_put_be64(value + 1, (uint64_t)row->since_us);
	kith_put_be64(value + 9, row->least);
	memcpy(value + PUBLISH_HEADER_BYTES, row->reason, n);
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ value, PUBLISH_HEADER_BYTES + n });
}

bool publish_next(struct txn *t, struct kith_feed_id *self,
		  struct publish_row *out)
{
	struct key at = key_kind_feed(KEY_PUBLISH, self);
	struct cursor c;
	bool more;

	cursor_open(&c, t, TABLE_LOCAL);
	more = cursor_seek(&c, key_slice(&at));
	if (more && kith_equal(c.key, key_slice(&at)))
		more = cursor_next(&c);
	more = more && c.key.n == at.n && c.key.p[0] == KEY_PUBLISH;
	if (more) {
		*self = key_read_feed(c.key.p + 1);
		*out = (struct publish_row){ 0 };
		read_publish(t, c.value, out);
	}
	cursor_close(&c);
	return more && !t->err;
}

/* One above the highest number in use; 0 when there are no more. */
static uint32_t free_peer_number(struct txn *t)
{
	struct key end = key_kind_small(KEY_PEER_BY_NUMBER, UINT32_MAX);
	uint32_t number = 1;
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_LOCAL);
	found = cursor_seek(&c, key_slice(&end)) ? cursor_previous(&c)
						 : cursor_last(&c);
	if (found && c.key.n == end.n && c.key.p[0] == KEY_PEER_BY_NUMBER)
		number = kith_be32(c.key.p + 1) + 1;
	cursor_close(&c);
	return number < UINT32_MAX ? number : 0;
}

static uint32_t number_new_peer(struct txn *t, const struct kith_feed_id *peer)
{
	struct key by_peer = key_kind_feed(KEY_PEER, peer);
	uint32_t number = free_peer_number(t);
	struct key by_number = key_kind_small(KEY_PEER_BY_NUMBER, number);

	if (!number) {
		txn_fail(t, KITH_EFULL);
		return 0;
	}
	txn_put(t, TABLE_LOCAL, key_slice(&by_peer),
		(struct kith_slice){ by_number.b + 1, 4 });
	txn_put(t, TABLE_LOCAL, key_slice(&by_number),
		(struct kith_slice){ by_peer.b + 1, KEY_FEED_BYTES });
	return number;
}

uint32_t peer_number(struct txn *t, const struct kith_feed_id *peer)
{
	struct key key = key_kind_feed(KEY_PEER, peer);
	struct kith_slice value;

	if (txn_get(t, TABLE_LOCAL, key_slice(&key), &value)) {
		if (value.n == 4)
			return kith_be32(value.p);
		txn_fail(t, KITH_EIO);
	}
	return t->write && !t->err ? number_new_peer(t, peer) : 0;
}

bool peer_by_number(struct txn *t, uint32_t number, struct kith_feed_id *out)
{
	struct key key = key_kind_small(KEY_PEER_BY_NUMBER, number);
	struct kith_slice value;

	if (!txn_get(t, TABLE_LOCAL, key_slice(&key), &value))
		return false;
	if (value.n != KEY_FEED_BYTES) {
		txn_fail(t, KITH_EIO);
		return false;
	}
	*out = key_read_feed(value.p);
	return true;
}

static void read_entries(const uint8_t *p, struct kith_clock_entry *entries,
			 size_t n)
{
	for (size_t i = 0; i < n; i++, p += CLOCK_ENTRY_BYTES) {
		entries[i].feed = key_read_feed(p);
		entries[i].sequence =
			(int64_t)kith_be64(p + KEY_FEED_BYTES);
	}
}

enum kith_err clock_get(struct txn *t, const struct kith_feed_id *peer,
			struct kith_clock_entry **out, size_t *n)
{
	struct kith_slice value = { NULL, 0 };
	struct key key = key_feed(peer);
	struct kith_clock_entry *entries = NULL;
	size_t count;

	txn_get(t, TABLE_CLOCKS, key_slice(&key), &value);
	if (t->err)
		return t->err;
	count = value.n / CLOCK_ENTRY_BYTES;
	if (value.n % CLOCK_ENTRY_BYTES)
		return KITH_EIO;
	if (count) {
		entries = calloc(count, sizeof(*entries));
		if (!entries)
			return KITH_ENOMEM;
		read_entries(value.p, entries, count);
	}
	*out = entries;
	*n = count;
	return KITH_OK;
}

/* An all-zero id stands below every real one. */
bool clock_next(struct txn *t, struct kith_feed_id *peer)
{
	struct key at = key_feed(peer);
	struct cursor c;
	bool more;

	cursor_open(&c, t, TABLE_CLOCKS);
	more = cursor_seek(&c, key_slice(&at));
	if (more && kith_equal(c.key, key_slice(&at)))
		more = cursor_next(&c);
	more = more && c.key.n == at.n;
	if (more)
		*peer = key_read_feed(c.key.p);
	cursor_close(&c);
	return more && !t->err;
}

void clock_put(struct txn *t, const struct kith_feed_id *peer,
	       const struct kith_clock_entry *entries, size_t n)
{
	struct key key = key_feed(peer);
	uint8_t *value, *p;

	if (!n) {
		txn_delete(t, TABLE_CLOCKS, key_slice(&key));
		return;
	}
	value = calloc(n, CLOCK_ENTRY_BYTES);
	if (!value) {
		txn_fail(t, KITH_ENOMEM);
		return;
	}
	p = value;
	for (size_t i = 0; i < n; i++, p += CLOCK_ENTRY_BYTES) {
		key_put_feed(p, &entries[i].feed);
		kith_put_be64(p + KEY_FEED_BYTES,
			      (uint64_t)entries[i].sequence);
	}
	txn_put(t, TABLE_CLOCKS, key_slice(&key),
		(struct kith_slice){ value, n * CLOCK_ENTRY_BYTES });
	free(value);
}

void address_row_put(struct txn *t, const struct address_row *row)
{
	uint8_t value[ADDRESS_HEADER_BYTES + LOCAL_ADDRESS_BYTES_MAX];

	if (row->text.n > LOCAL_ADDRESS_BYTES_MAX) {
		txn_fail(t, KITH_ETOOBIG);
		return;
	}
	value[0] = row->paused;
	kith_put_be64(value + 1, (uint64_t)row->last_us);
	if (row->text.n)
		memcpy(value + ADDRESS_HEADER_BYTES, row->text.p, row->text.n);
	txn_put(t, TABLE_ADDRESSES,
		(struct kith_slice){ row->key, sizeof(row->key) },
		(struct kith_slice){ value,
				     ADDRESS_HEADER_BYTES + row->text.n });
}

bool address_row_has(struct txn *t, const uint8_t key[static KITH_PUBLIC_BYTES])
{
	struct kith_slice value;

	return txn_get(t, TABLE_ADDRESSES,
		       (struct kith_slice){ key, KITH_PUBLIC_BYTES }, &value);
}

static bool read_address(const struct cursor *c, struct address_row *out)
{
	if (c->key.n != sizeof(out->key) ||
	    c->value.n < ADDRESS_HEADER_BYTES) {
		txn_fail(c->txn, KITH_EIO);
		return false;
	}
	memcpy(out->key, c->key.p, sizeof(out->key));
	out->paused = c->value.p[0];
	out->last_us = (int64_t)kith_be64(c->value.p + 1);
	out->text = (struct kith_slice){
		c->value.p + ADDRESS_HEADER_BYTES,
		c->value.n - ADDRESS_HEADER_BYTES,
	};
	return true;
}

bool address_row_next(struct txn *t, struct address_row *out)
{
	/* A key with a zero byte behind it is the least key above it. */
	uint8_t after[KITH_PUBLIC_BYTES + 1] = { 0 };
	size_t n = out->text.p ? sizeof(after) : 0;
	struct cursor c;
	bool found;

	memcpy(after, out->key, KITH_PUBLIC_BYTES);
	cursor_open(&c, t, TABLE_ADDRESSES);
	found = cursor_seek(&c, (struct kith_slice){ after, n }) &&
		read_address(&c, out);
	cursor_close(&c);
	return found;
}
