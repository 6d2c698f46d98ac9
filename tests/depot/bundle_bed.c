#include "tests/depot/bundle_bed.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MESSAGES = 40 };

uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

struct kith_feed_id feed_of(uint8_t n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, n, sizeof(id.b));
	return id;
}

struct kith_blob_id blob_of(struct kith_slice bytes)
{
	struct kith_blob_id id;

	crypto_hash_sha256(id.b, bytes.p, bytes.n);
	return id;
}

/* The bundle layer looks into no message: any object will do. */
static void put_messages(struct bundle_writer *w, struct kith_buf *file,
			 unsigned count, size_t room)
{
	char value[30000], filler[20001] = "";
	uint32_t x = count;
	struct kith_slice some;

	for (unsigned i = 0; i < count; i++) {
		size_t n = next_random(&x) % room;

		memset(filler, 'a' + (int)(i % 26), n);
		filler[n] = 0;
		snprintf(value, sizeof(value), "{\"n\":%u,\"text\":\"%s\"}", i,
			 filler);
		bundle_put_message(w, kith_text(value));
		assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
		kith_buf_put(file, some);
	}
}

void put_blob(struct bundle_writer *w, struct kith_buf *file,
	      struct kith_slice bytes)
{
	struct bundle_piece p = { .blob = blob_of(bytes), .size = bytes.n };
	struct kith_slice some;

	for (; p.at < p.size; p.at += p.bytes.n) {
		p.bytes.p = bytes.p + p.at;
		p.bytes.n = bytes.n - p.at;
		if (p.bytes.n > BUNDLE_PIECE_BYTES)
			p.bytes.n = BUNDLE_PIECE_BYTES;
		bundle_put_piece(w, &p);
		assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
		kith_buf_put(file, some);
	}
}

struct kith_slice filler_of(size_t n)
{
	static uint8_t bytes[BUNDLE_BLOB_BYTES];
	uint32_t x = 7;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(&x);
	assert_true(n <= sizeof(bytes));
	return (struct kith_slice){ bytes, n };
}

/* One of each kind, in room for messages of less than so many bytes and with a
 * blob of so many. */
static void make(struct kith_buf *file, unsigned messages, size_t room,
		 size_t blob)
{
	struct bundle_writer *w = bundle_writer_new();
	struct depot_range one = { feed_of(1), 5, 9 };
	struct depot_range other = { feed_of(2), 1, 1 };
	struct kith_slice some;

	assert_non_null(w);
	bundle_put_have(w, &other);
	bundle_put_range(w, &one);
	bundle_put_range(w, &other);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(file, some);
	put_messages(w, file, messages, room);
	bundle_put_proof(w, KITH_SLICE("{\"a\":1}"), KITH_SLICE("{\"a\":2}"));
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(file, some);
	put_blob(w, file, filler_of(blob));
	bundle_put_end(w);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(file, some);
	bundle_writer_free(w);
	assert_int_equal(file->err, KITH_OK);
}

struct kith_buf bundle_small(void)
{
	struct kith_buf file = { .limit = BUNDLE_FILE_BYTES_MAX };

	make(&file, 3, 20, 5);
	return file;
}

struct kith_buf bundle_large(void)
{
	struct kith_buf file = { .limit = BUNDLE_FILE_BYTES_MAX };

	make(&file, MESSAGES, 20000, BUNDLE_BLOB_BYTES);
	return file;
}

static void tell_range(struct kith_buf *out, const struct depot_range *r)
{
	kith_buf_byte(out, r->feed.b[0]);
	kith_buf_uint(out, r->first);
	kith_buf_byte(out, '-');
	kith_buf_uint(out, r->last);
}

static void tell(struct told *t, const struct bundle_item *item)
{
	struct kith_buf *out = &t->text;

	kith_buf_byte(out, (uint8_t)('0' + item->kind));
	switch (item->kind) {
	case BUNDLE_HAVE:
	case BUNDLE_RANGE: tell_range(out, &item->range); break;
	case BUNDLE_PROOF:
		kith_buf_put(out, item->values[1]);
		kith_buf_put(out, item->values[0]);
		break;
	case BUNDLE_MESSAGE: kith_buf_put(out, item->values[0]); break;
	case BUNDLE_PIECE:
		kith_buf_uint(out, item->piece.at);
		kith_buf_put(out, item->piece.bytes);
		break;
	case BUNDLE_END: t->whole = item->end.whole; break;
	case BUNDLE_HEADER:
	case BUNDLE_OTHER: break;
	}
	assert_true(item->next > item->offset);
	assert_true(t->count < BUNDLE_ITEMS_MAX);
	t->ends[t->count++] = out->n;
}

static bool take_step(struct told *t, enum bundle_step step,
		      const struct bundle_item *item)
{
	if (step == BUNDLE_ITEM)
		tell(t, item);
	t->damages += step == BUNDLE_DAMAGE;
	if (step == BUNDLE_NONE)
		t->none = item->why;
	return step == BUNDLE_ITEM || step == BUNDLE_DAMAGE;
}

/* Each time from a place of their own, so that reading past them is seen. */
struct told told_by(struct kith_slice file, size_t step)
{
	struct told t = { .text.limit = 2 * BUNDLE_FILE_BYTES_MAX };
	struct bundle_reader *r = bundle_reader_new();
	struct bundle_item item;

	assert_non_null(r);
	while (file.n && !t.none) {
		size_t n = file.n < step ? file.n : step;
		uint8_t *copy = malloc(n);
		struct kith_slice in = { copy, n };

		assert_non_null(copy);
		memcpy(copy, file.p, n);
		while (take_step(&t, bundle_next(r, &in, &item), &item))
			continue;
		assert_true(t.none || !in.n);
		free(copy);
		file.p += n;
		file.n -= n;
	}
	while (take_step(&t, bundle_finish(r, &item), &item))
		continue;
	t.ended = bundle_ended(r);
	bundle_reader_free(r);
	assert_int_equal(t.text.err, KITH_OK);
	return t;
}

struct told told_all(const struct kith_buf *file)
{
	return told_by(kith_bytes(file), file->n + 1);
}

void assert_told_same(const struct told *a, const struct told *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->text.n, b->text.n);
	assert_memory_equal(a->text.p, b->text.p, a->text.n);
}

void assert_told_whole(const struct told *t)
{
	assert_null(t->none);
	assert_int_equal(t->damages, 0);
	assert_true(t->ended);
	assert_true(t->whole);
}
