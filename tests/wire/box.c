#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/wire/box.h"
#include "tests/support/alloc.h"
#include "tests/wire/vectors.h"

enum { ROOM = 64 * 1024 };

/* One worked example: what is written, in pieces, and what goes out. */
struct example {
	struct box_keys keys; /* the same for both directions */
	uint8_t plain[ROOM];
	size_t piece[8], pieces;
	const json_t *from;
};

static void read_plain(const json_t *from, struct example *e)
{
	const char *name = vectors_text(from, "name");
	const json_t *chunks = json_object_get(from, "plaintext_chunks");
	size_t at = 0;

	if (!strcmp(name, "split-5000")) {
		memset(e->plain, 0x61, 5000);
		e->piece[e->pieces++] = 5000;
	} else if (!strcmp(name, "exactly-4096")) {
		memset(e->plain, 0x62, 4096);
		e->piece[e->pieces++] = 4096;
	}
	for (size_t i = 0; i < json_array_size(chunks); i++) {
		size_t n = vectors_hex(json_array_get(chunks, i), NULL,
				       e->plain + at);

		e->piece[e->pieces++] = n;
		at += n;
	}
}

static struct example *read_example(const json_t *from)
{
	struct example *e = calloc(1, sizeof(*e));
	uint8_t bytes[VECTORS_BYTES_MAX];

	assert_non_null(e);
	vectors_hex(from, "key", bytes);
	memcpy(e->keys.send_key, bytes, 32);
	memcpy(e->keys.recv_key, bytes, 32);
	vectors_hex(from, "nonce", bytes);
	memcpy(e->keys.send_nonce, bytes, 24);
	memcpy(e->keys.recv_nonce, bytes, 24);
	read_plain(from, e);
	e->from = from;
	return e;
}

/* Seals each piece, then says goodbye. */
static void seal(const struct example *e, struct kith_buf *out)
{
	struct box_writer w;
	size_t at = 0;

	box_writer_init(&w, &e->keys);
	for (size_t i = 0; i < e->pieces; i++) {
		struct kith_slice plain = { e->plain + at, e->piece[i] };

		assert_int_equal(box_seal(&w, plain, out), plain.n);
		at += plain.n;
	}
	box_goodbye(&w, out);
	assert_int_equal(out->err, KITH_OK);
	box_writer_clear(&w);
	assert_true(sodium_is_zero((uint8_t *)&w, sizeof(w)));
}

/* Feeds in and appends what opens to plain; gives the step that stopped. */
static enum box_step open_all(struct box_reader *r, struct kith_slice in,
			      struct kith_buf *plain)
{
	struct kith_slice body;
	enum box_step step;

	while ((step = box_next(r, &in, &body)) == BOX_BODY)
		kith_buf_put(plain, body);
	return step;
}

/* A thing to be done to every example. */
static void each_example(void (*prove)(const struct example *e))
{
	json_t *cases = vectors_load("boxstream.json", "cases");

	assert_int_equal(json_array_size(cases), 7);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		struct example *e = read_example(json_array_get(cases, i));

		prove(e);
		free(e);
	}
	json_decref(cases);
}

static void prove_sealed(const struct example *e)
{
	struct kith_buf out = { .limit = ROOM };
	uint8_t hash[32], want[VECTORS_BYTES_MAX];

	seal(e, &out);
	crypto_hash_sha256(hash, out.p, out.n);
	assert_int_equal(vectors_hex(e->from, "total_sha256", want), 32);
	assert_memory_equal(hash, want, 32);
	kith_buf_free(&out);
}

static void frames_are_those_of_the_examples(void **state)
{
	(void)state;
	each_example(prove_sealed);
}

static void prove_opened(const struct example *e)
{
	struct kith_buf out = { .limit = ROOM };
	size_t n = 0;

	for (size_t i = 0; i < e->pieces; i++)
		n += e->piece[i];
	seal(e, &out);
	for (size_t first = 0; first < out.n; first++) {
		struct kith_slice a = { out.p, first };
		struct kith_slice b = { out.p + first, out.n - first };
		struct kith_buf plain = { .limit = ROOM };
		struct box_reader r;

		box_reader_init(&r, &e->keys);
		assert_int_equal(open_all(&r, a, &plain), BOX_MORE);
		assert_int_equal(open_all(&r, b, &plain), BOX_GOODBYE);
		assert_true(kith_equal(kith_bytes(&plain),
				       (struct kith_slice){ e->plain, n }));
		kith_buf_free(&plain);
	}
	kith_buf_free(&out);
}

static void examples_open_at_every_split(void **state)
{
	(void)state;
	each_example(prove_opened);
}

static void prove_by_bytes(const struct example *e)
{
	struct kith_buf out = { .limit = ROOM }, plain = { .limit = ROOM };
	enum box_step step = BOX_MORE;
	struct box_reader r;

	seal(e, &out);
	box_reader_init(&r, &e->keys);
	for (size_t i = 0; i < out.n; i++) {
		assert_int_equal(step, BOX_MORE);
		step = open_all(&r, (struct kith_slice){ out.p + i, 1 },
				&plain);
	}
	assert_int_equal(step, BOX_GOODBYE);
	assert_true(kith_equal(kith_bytes(&plain),
			       (struct kith_slice){ e->plain, plain.n }));
	kith_buf_free(&out);
	kith_buf_free(&plain);
}

static void examples_open_byte_by_byte(void **state)
{
	(void)state;
	each_example(prove_by_bytes);
}

static const struct box_keys some_keys = {
	.send_key = { 7 }, .recv_key = { 7 }
};

/* Seals n bytes as frames of ours. */
static struct kith_buf sealed(size_t n, size_t room)
{
	static const uint8_t plain[3 * BOX_BODY_BYTES_MAX];
	struct kith_buf out = { .limit = room };
	struct box_writer w;

	box_writer_init(&w, &some_keys);
	box_seal(&w, (struct kith_slice){ plain, n }, &out);
	return out;
}

static void bodies_are_cut_at_4096_bytes(void **state)
{
	static const struct {
		size_t plain, frames;
	} cases[] = {
		{ 0, 0 },    { 1, 1 },	  { 4095, 1 }, { 4096, 1 },
		{ 4097, 2 }, { 8192, 2 }, { 8193, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kith_buf out = sealed(cases[i].plain, ROOM);

		assert_int_equal(out.n, cases[i].plain +
					cases[i].frames * BOX_HEADER_BYTES);
		kith_buf_free(&out);
	}
}

static void no_more_is_sealed_than_there_is_room(void **state)
{
	struct kith_buf out = sealed(100, BOX_HEADER_BYTES);

	(void)state;
	assert_int_equal(out.n, 0);
	kith_buf_free(&out);
	out = sealed(100, BOX_HEADER_BYTES + 60);
	assert_int_equal(out.n, BOX_HEADER_BYTES + 60);
	assert_int_equal(out.err, KITH_OK);
	kith_buf_free(&out);
}

/* A header that we would never write. */
static enum box_step open_header(uint16_t length)
{
	uint8_t plain[18] = { [2] = 1 }, frame[BOX_HEADER_BYTES];
	struct kith_slice in = { frame, sizeof(frame) }, body;
	struct box_reader r;

	kith_put_be16(plain, length);
	crypto_secretbox_easy(frame, plain, sizeof(plain),
			      some_keys.send_nonce, some_keys.send_key);
	box_reader_init(&r, &some_keys);
	return box_next(&r, &in, &body);
}

static void body_lengths_are_1_to_4096(void **state)
{
	(void)state;
	assert_int_equal(open_header(0), BOX_BAD);
	assert_int_equal(open_header(1), BOX_MORE);
	assert_int_equal(open_header(4096), BOX_MORE);
	assert_int_equal(open_header(4097), BOX_BAD);
	assert_int_equal(open_header(65535), BOX_BAD);
}

static void each_changed_byte_is_noticed(void **state)
{
	struct kith_buf out = sealed(40, ROOM);

	(void)state;
	for (size_t i = 0; i < out.n; i++) {
		struct kith_buf plain = { .limit = ROOM };
		struct box_reader r;

		out.p[i] ^= 0x10;
		box_reader_init(&r, &some_keys);
		assert_int_equal(open_all(&r, kith_bytes(&out), &plain),
				 BOX_BAD);
		assert_int_equal(plain.n, 0);
		out.p[i] ^= 0x10;
	}
	kith_buf_free(&out);
}

static void frame_in_another_place_does_not_open(void **state)
{
	struct kith_buf out = sealed(5, ROOM), plain = { .limit = ROOM };
	struct box_reader r;

	(void)state;
	box_reader_init(&r, &some_keys);
	assert_int_equal(open_all(&r, kith_bytes(&out), &plain), BOX_MORE);
	assert_int_equal(plain.n, 5);
	assert_int_equal(open_all(&r, kith_bytes(&out), &plain), BOX_BAD);
	assert_int_equal(plain.n, 5);
	kith_buf_free(&out);
	kith_buf_free(&plain);
}

static void nothing_is_read_behind_a_goodbye(void **state)
{
	struct kith_buf out = { .limit = ROOM };
	struct kith_slice in, body;
	struct box_writer w;
	struct box_reader r;

	(void)state;
	box_writer_init(&w, &some_keys);
	box_goodbye(&w, &out);
	box_seal(&w, KITH_SLICE("late"), &out);
	in = kith_bytes(&out);
	box_reader_init(&r, &some_keys);
	assert_int_equal(box_next(&r, &in, &body), BOX_GOODBYE);
	assert_int_equal(in.n, BOX_HEADER_BYTES + 4);
	assert_int_equal(box_next(&r, &in, &body), BOX_BAD);
	box_reader_clear(&r);
	assert_true(sodium_is_zero((uint8_t *)&r, sizeof(r)));
	kith_buf_free(&out);
}

/* What did not fit is sealed later, as if nothing had happened. */
static void failed_allocation_loses_no_nonce(void **state)
{
	struct kith_slice plain = KITH_SLICE("hello");
	struct kith_buf opened = { .limit = ROOM };
	struct box_writer w;
	struct box_reader r;
	size_t runs = 0;

	(void)state;
	assert_non_null(kith_buf_reserve(&opened, ROOM));
	box_writer_init(&w, &some_keys);
	box_reader_init(&r, &some_keys);
	for (size_t n = 1; alloc_fail_at(n); n++, runs++) {
		struct kith_buf out = { .limit = ROOM };

		if (box_seal(&w, plain, &out) == 0)
			assert_int_equal(out.err, KITH_ENOMEM);
		assert_int_equal(open_all(&r, kith_bytes(&out), &opened),
				 BOX_MORE);
		kith_buf_free(&out);
	}
	assert_true(runs >= 1);
	assert_true(kith_equal(kith_bytes(&opened), plain));
	kith_buf_free(&opened);
}

static int set_up(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_those_of_the_examples),
		cmocka_unit_test(examples_open_at_every_split),
		cmocka_unit_test(examples_open_byte_by_byte),
		cmocka_unit_test(bodies_are_cut_at_4096_bytes),
		cmocka_unit_test(no_more_is_sealed_than_there_is_room),
		cmocka_unit_test(body_lengths_are_1_to_4096),
		cmocka_unit_test(each_changed_byte_is_noticed),
		cmocka_unit_test(frame_in_another_place_does_not_open),
		cmocka_unit_test(nothing_is_read_behind_a_goodbye),
		cmocka_unit_test(failed_allocation_loses_no_nonce),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
