#include "src/source/leveldb.h"

#include <sodium.h>

#include "feeds/json_scan.h"
#include "src/store/crc32c.h"

enum {
	LOG_BLOCK = 32 * 1024,
	LOG_HEADER = 7,	   /* crc 4, length 2, type 1 */
	BATCH_HEADER = 12, /* sequence 8, count 4 */
	FOOTER = 48,
	HANDLES = 40,
	TRAILER = 5, /* of a block: type 1, crc 4 */
	MARK = 8,    /* behind a key: sequence 7, type 1 */
	/* What a file unpacks to, and what keys add that share bytes. */
	GIVEN_BYTES_MAX = 128 << 20
};

/* Of a part of a record in a log. */
enum part { FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4 };

enum { DELETION = 0, VALUE = 1 };

static const uint64_t magic = UINT64_C(0xdb4775248b80fb57);

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void drop(struct kith_slice *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static bool take_number(struct kith_slice *s, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n && i < 9; i++) {
		n |= (uint64_t)(s->p[i] & 0x7f) << (7 * i);
		if (s->p[i] & 0x80)
			continue;
		drop(s, i + 1);
		*out = n;
		return true;
	}
	return false;
}

static bool take_bytes(struct kith_slice *s, uint64_t n, struct kith_slice *out)
{
	if (n > s->n)
		return false;
	*out = (struct kith_slice){ s->p, (size_t)n };
	drop(s, (size_t)n);
	return true;
}

static bool take_counted(struct kith_slice *s, struct kith_slice *out)
{
	uint64_t n;

	return take_number(s, &n) && take_bytes(s, n, out);
}

/* What stands in a database may be a key. */
static void wipe(struct kith_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	kith_buf_free(b);
}

/* What one reading of a file needs. */
struct reading {
	struct crc32c crc;
	leveldb_fn fn;
	void *arg;
	size_t room; /* of GIVEN_BYTES_MAX */
};

static void begin(struct reading *r, leveldb_fn fn, void *arg)
{
	crc32c_init(&r->crc);
	r->fn = fn;
	r->arg = arg;
	r->room = GIVEN_BYTES_MAX;
}

static bool spend(struct reading *r, size_t n)
{
	if (n > r->room)
		return false;
	r->room -= n;
	return true;
}

/* A sum is stored turned and shifted, so that sums of sums stay sums. */
static bool sum_is(const struct reading *r, uint32_t stored,
		   const uint8_t *p, size_t n)
{
	uint32_t sum = crc32c(&r->crc, 0, (struct kith_slice){ p, n });

	return stored == (sum >> 15 | sum << 17) + 0xa282ead8u;
}

/* --- logs --- */

/* A record is a batch of writes, one after another. */
static bool read_batch(const struct reading *r, struct kith_slice batch)
{
	struct leveldb_entry e = { 0 };
	uint32_t count;

	if (batch.n < BATCH_HEADER)
		return false;
	e.sequence = json_le64(batch.p);
	count = le32(batch.p + 8);
	drop(&batch, BATCH_HEADER);
	for (; count && batch.n; count--, e.sequence++) {
		uint8_t type = batch.p[0];

		drop(&batch, 1);
		e.deleted = type == DELETION;
		e.value = (struct kith_slice){ NULL, 0 };
		if (type > VALUE || !take_counted(&batch, &e.key) ||
		    (type == VALUE && !take_counted(&batch, &e.value)))
			return false;
		r->fn(r->arg, &e);
	}
	return !count && !batch.n;
}

/* What parts of a record add up to. */
struct record {
	struct kith_buf bytes;
	bool open; /* it has begun and not ended */
};

static bool take_part(const struct reading *r, struct record *record,
		      uint8_t part, struct kith_slice bytes)
{
	bool begins = part == FULL || part == FIRST;
	bool lost = record->open == begins;

	if (begins)
		kith_buf_reset(&record->bytes);
	record->open = (begins || !lost) && part != FULL && part != LAST;
	if (part < FULL || part > LAST || (lost && !begins))
		return false;
	kith_buf_put(&record->bytes, bytes);
	if (record->bytes.err) {
		record->open = false;
		return false;
	}
	return (record->open || read_batch(r, kith_bytes(&record->bytes))) &&
	       !lost;
}

/* Zeros at the end of a block: the writer went on in the next. */
static bool read_block(const struct reading *r, struct record *record,
		       struct kith_slice block)
{
	bool good = true;

	while (block.n >= LOG_HEADER && (le32(block.p) || block.p[6])) {
		const uint8_t *head = block.p;
		size_t n = (size_t)head[4] | (size_t)head[5] << 8;
		struct kith_slice part;

		drop(&block, LOG_HEADER);
		if (!take_bytes(&block, n, &part) ||
		    !sum_is(r, le32(head), head + 6, n + 1))
			return false;
		if (!take_part(r, record, head[6], part))
			good = false;
	}
	return good;
}

enum kith_err leveldb_log(struct kith_slice file, leveldb_fn fn, void *arg)
{
	struct record record = { .bytes.limit = LEVELDB_BLOCK_BYTES_MAX };
	struct reading r;
	bool good = true;
	enum kith_err err;

	begin(&r, fn, arg);
	/* At once, or growing leaves copies behind. */
	(void)kith_buf_reserve(&record.bytes,
			       file.n < record.bytes.limit
				       ? file.n
				       : record.bytes.limit);
	while (file.n) {
		size_t n = file.n < LOG_BLOCK ? file.n : LOG_BLOCK;

		if (!read_block(&r, &record, (struct kith_slice){ file.p, n }))
			good = false;
		drop(&file, n);
	}
	err = good && !record.open ? KITH_OK : KITH_EFORMAT;
	if (record.bytes.err == KITH_ENOMEM)
		err = KITH_ENOMEM;
	wipe(&record.bytes);
	return err;
}

/* --- tables --- */

struct handle {
	uint64_t offset, bytes;
};

static bool take_handle(struct kith_slice *s, struct handle *out)
{
	return take_number(s, &out->offset) && take_number(s, &out->bytes);
}

/* A block without its trailer, unpacked into room where it was packed. */
static enum kith_err open_block(struct reading *r, struct kith_slice file,
				const struct handle *h, struct kith_buf *room,
				struct kith_slice *out)
{
	struct kith_slice block;

	if (file.n < TRAILER || h->offset > file.n - TRAILER ||
	    h->bytes > file.n - TRAILER - h->offset)
		return KITH_EFORMAT;
	block = (struct kith_slice){ file.p + h->offset, (size_t)h->bytes };
	if (!sum_is(r, le32(block.p + block.n + 1), block.p, block.n + 1))
		return KITH_EFORMAT;
	*out = block;
	if (!block.p[block.n])
		return KITH_OK;
	if (block.p[block.n] != 1)
		return KITH_EFORMAT;
	kith_buf_reset(room);
	if (leveldb_unpack(block, room))
		return room->err == KITH_ENOMEM ? KITH_ENOMEM : KITH_EFORMAT;
	*out = kith_bytes(room);
	return spend(r, room->n) ? KITH_OK : KITH_EFORMAT;
}

/* Entries of a block: each key says how much of the one before it shares. */
struct walk {
	struct kith_slice rest;
	struct kith_buf key;
};

/* Where entries end: behind them stand offsets, and how many. */
static bool walk_begin(struct walk *w, struct kith_slice block)
{
	size_t count;

	if (block.n < 4)
		return false;
	count = le32(block.p + block.n - 4);
	if (count > block.n / 4 - 1)
		return false;
	w->rest = (struct kith_slice){ block.p, block.n - 4 * (count + 1) };
	kith_buf_reset(&w->key);
	return true;
}

static bool walk_next(struct walk *w, struct kith_slice *value)
{
	uint64_t shared, more, n;
	struct kith_slice delta;

	if (!take_number(&w->rest, &shared) || !take_number(&w->rest, &more) ||
	    !take_number(&w->rest, &n) || shared > w->key.n ||
	    !take_bytes(&w->rest, more, &delta) ||
	    !take_bytes(&w->rest, n, value))
		return false;
	w->key.n = (size_t)shared;
	kith_buf_put(&w->key, delta);
	return !w->key.err;
}

static enum kith_err read_entries(struct reading *r, struct kith_slice block,
				  struct kith_buf *key)
{
	struct walk w = { .key = *key };
	struct leveldb_entry e;
	bool good = walk_begin(&w, block);

	while (good && w.rest.n) {
		good = walk_next(&w, &e.value) && w.key.n >= MARK &&
		       spend(r, w.key.n);
		if (!good)
			break;
		e.key = (struct kith_slice){ w.key.p, w.key.n - MARK };
		e.sequence = json_le64(w.key.p + e.key.n);
		e.deleted = (e.sequence & 0xff) == DELETION;
		e.sequence >>= 8;
		r->fn(r->arg, &e);
	}
	*key = w.key;
	return good ? KITH_OK : KITH_EFORMAT;
}

/* The index has a block for each key, one behind the other: else one could be
 * named, and unpacked, again and again. */
static enum kith_err read_blocks(struct reading *r, struct kith_slice file,
				 struct kith_slice index)
{
	struct kith_buf room = { .limit = LEVELDB_BLOCK_BYTES_MAX };
	struct kith_buf key = { .limit = LEVELDB_BLOCK_BYTES_MAX };
	struct walk w = { .key.limit = LEVELDB_BLOCK_BYTES_MAX };
	struct kith_slice value, block;
	enum kith_err err = walk_begin(&w, index) ? KITH_OK : KITH_EFORMAT;
	uint64_t end = 0; /* of the last that was read */
	struct handle h;

	while (err != KITH_ENOMEM && w.rest.n) {
		enum kith_err one;

		if (!walk_next(&w, &value) || !take_handle(&value, &h)) {
			err = KITH_EFORMAT;
			break;
		}
		one = h.offset < end ? KITH_EFORMAT
				     : open_block(r, file, &h, &room, &block);
		if (!one) {
			end = h.offset + h.bytes + TRAILER;
			one = read_entries(r, block, &key);
		}
		err = one ? one : err;
	}
	kith_buf_free(&w.key);
	wipe(&key);
	wipe(&room);
	return err;
}

enum kith_err leveldb_table(struct kith_slice file, leveldb_fn fn, void *arg)
{
	struct kith_buf room = { .limit = LEVELDB_BLOCK_BYTES_MAX };
	struct kith_slice handles, index;
	struct handle meta, h;
	struct reading r;
	enum kith_err err;

	begin(&r, fn, arg);
	if (file.n < FOOTER || json_le64(file.p + file.n - 8) != magic)
		return KITH_EFORMAT;
	handles = (struct kith_slice){ file.p + file.n - FOOTER, HANDLES };
	if (!take_handle(&handles, &meta) || !take_handle(&handles, &h))
		return KITH_EFORMAT;
	err = open_block(&r, file, &h, &room, &index);
	if (!err)
		err = read_blocks(&r, file, index);
	kith_buf_free(&room);
	return err;
}

/* --- Snappy --- */

static bool take_le(struct kith_slice *s, size_t bytes, uint32_t *out)
{
	*out = 0;
	if (s->n < bytes)
		return false;
	for (size_t i = 0; i < bytes; i++)
		*out |= (uint32_t)s->p[i] << (8 * i);
	drop(s, bytes);
	return true;
}

/* Lengths up to 60 stand in the tag, others in one to four bytes behind it. */
static bool put_literal(struct kith_slice *in, uint8_t tag,
			struct kith_buf *out)
{
	uint32_t n = tag >> 2;
	struct kith_slice text;

	if (n >= 60 && !take_le(in, n - 59, &n))
		return false;
	if (!take_bytes(in, (uint64_t)n + 1, &text))
		return false;
	kith_buf_put(out, text);
	return true;
}

/* What is copied may be what is just being written. */
static bool put_copy(struct kith_slice *in, uint8_t tag, size_t start,
		     struct kith_buf *out)
{
	uint32_t n = (tag >> 2) + 1u, back;
	size_t wide = (tag & 3) == 3 ? 4 : tag & 3;

	if (!take_le(in, wide, &back))
		return false;
	if (wide == 1) {
		n = (tag >> 2 & 7) + 4u;
		back |= (uint32_t)(tag >> 5) << 8;
	}
	if (!back || back > out->n - start)
		return false;
	while (n-- && !out->err)
		kith_buf_byte(out, out->p[out->n - back]);
	return true;
}

enum kith_err leveldb_unpack(struct kith_slice block, struct kith_buf *out)
{
	size_t start = out->n;
	uint64_t bytes;

	if (!take_number(&block, &bytes))
		return KITH_EFORMAT;
	if (bytes > out->limit - out->n)
		return KITH_ETOOBIG;
	/* At once, or growing leaves copies behind. */
	(void)kith_buf_reserve(out, (size_t)bytes);
	while (block.n && !out->err && out->n - start <= bytes) {
		uint8_t tag = block.p[0];

		drop(&block, 1);
		if (!(tag & 3 ? put_copy(&block, tag, start, out)
			      : put_literal(&block, tag, out)))
			return KITH_EFORMAT;
	}
	if (out->err)
		return out->err;
	return out->n - start == bytes ? KITH_OK : KITH_EFORMAT;
}
