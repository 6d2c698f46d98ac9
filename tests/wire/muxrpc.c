#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/wire/muxrpc.h"
#include "tests/support/alloc.h"
#include "tests/wire/vectors.h"

enum { ROOM = 64 * 1024, BODY = 4096 };

/* Reads all of in, allowing bodies of BODY bytes, and writes every packet
 * anew to copy.  Gives the step that stopped it. */
static enum muxrpc_step reprint(struct muxrpc_reader *r, struct kith_slice in,
				struct kith_buf *copy)
{
	struct muxrpc_packet p;
	enum muxrpc_step step;

	while ((step = muxrpc_next(r, &in, &p)) == MUXRPC_HEADER ||
	       step == MUXRPC_PACKET) {
		if (step == MUXRPC_HEADER) {
			muxrpc_allow(r, BODY);
			continue;
		}
		assert_int_equal(p.body.n, p.length);
		muxrpc_put_header(&p, copy);
		kith_buf_put(copy, p.body);
	}
	if (step == MUXRPC_MORE)
		assert_int_equal(in.n, 0);
	if (step == MUXRPC_GOODBYE)
		muxrpc_put_goodbye(copy);
	return step;
}

/* All frames of the protocol page, one behind the other; the goodbye is the
 * last of them. */
static struct kith_buf example_frames(void)
{
	json_t *frames = vectors_load("muxrpc.json", "frames");
	struct kith_buf all = { .limit = ROOM };
	uint8_t bytes[VECTORS_BYTES_MAX];

	for (size_t i = 0; i < json_array_size(frames); i++) {
		const json_t *f = json_array_get(frames, i);
		size_t n = vectors_hex(f, "header_hex", bytes);

		kith_buf_put(&all, (struct kith_slice){ bytes, n });
		if (!vectors_text(f, "body_hex"))
			continue;
		n = vectors_hex(f, "body_hex", bytes);
		kith_buf_put(&all, (struct kith_slice){ bytes, n });
	}
	json_decref(frames);
	return all;
}

static void frames_of_the_page_reprint_at_every_split(void **state)
{
	struct kith_buf all = example_frames();

	(void)state;
	for (size_t first = 0; first < all.n; first++) {
		struct muxrpc_reader *r = muxrpc_reader_new();
		struct kith_buf copy = { .limit = ROOM };

		assert_int_equal(
			reprint(r, (struct kith_slice){ all.p, first }, &copy),
			MUXRPC_MORE);
		assert_int_equal(
			reprint(r,
				(struct kith_slice){ all.p + first,
						     all.n - first },
				&copy),
			MUXRPC_GOODBYE);
		assert_true(kith_equal(kith_bytes(&copy), kith_bytes(&all)));
		kith_buf_free(&copy);
		muxrpc_reader_free(r);
	}
	kith_buf_free(&all);
}

static void frames_of_the_page_reprint_in_pieces_of_every_size(void **state)
{
	struct kith_buf all = example_frames();

	(void)state;
	for (size_t piece = 1; piece <= all.n; piece++) {
		struct muxrpc_reader *r = muxrpc_reader_new();
		struct kith_buf copy = { .limit = ROOM };
		enum muxrpc_step step = MUXRPC_MORE;

		for (size_t at = 0; at < all.n; at += piece) {
			size_t n = all.n - at < piece ? all.n - at : piece;

			assert_int_equal(step, MUXRPC_MORE);
			step = reprint(r, (struct kith_slice){ all.p + at, n },
				       &copy);
		}
		assert_int_equal(step, MUXRPC_GOODBYE);
		assert_true(kith_equal(kith_bytes(&copy), kith_bytes(&all)));
		kith_buf_free(&copy);
		muxrpc_reader_free(r);
	}
	kith_buf_free(&all);
}

/* The first packet of in, and its reader's last step. */
static enum muxrpc_step first(struct kith_slice in, uint32_t allowed,
			      struct muxrpc_packet *p)
{
	struct muxrpc_reader *r = muxrpc_reader_new();
	enum muxrpc_step step = muxrpc_next(r, &in, p);

	assert_int_equal(step, MUXRPC_HEADER);
	muxrpc_allow(r, allowed);
	step = muxrpc_next(r, &in, p);
	if (step == MUXRPC_BAD)
		assert_int_equal(muxrpc_error(r), KITH_ETOOBIG);
	muxrpc_reader_free(r);
	return step;
}

static void header_is_read_as_the_page_says(void **state)
{
	static const uint8_t cases[][11] = {
		{ 0x02, 0, 0, 0, 2, 0, 0, 0, 1, '{', '}' },
		{ 0x0e, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xfe, '{', '}' },
		{ 0xf5, 0, 0, 0, 2, 0x80, 0, 0, 0, '{', '}' },
		{ 0x03, 0, 0, 0, 2, 0, 0, 0, 0, '{', '}' },
	};
	static const struct muxrpc_packet want[] = {
		{ .type = MUXRPC_JSON, .request = 1 },
		{ .type = MUXRPC_JSON,
		  .stream = true,
		  .end = true,
		  .request = -2 },
		{ .type = MUXRPC_STRING, .end = true, .request = INT32_MIN },
		{ .type = MUXRPC_RESERVED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct muxrpc_packet p;

		assert_int_equal(first((struct kith_slice){ cases[i], 11 }, 2,
				       &p),
				 MUXRPC_PACKET);
		assert_int_equal(p.type, want[i].type);
		assert_int_equal(p.stream, want[i].stream);
		assert_int_equal(p.end, want[i].end);
		assert_int_equal(p.request, want[i].request);
		assert_int_equal(p.length, 2);
		assert_memory_equal(p.body.p, "{}", 2);
	}
}

static void body_is_held_against_the_allowed_length(void **state)
{
	static const uint8_t bytes[] = { 0, 0, 0, 0, 3, 0, 0, 0, 1, 7, 7, 7 };
	struct kith_slice in = { bytes, sizeof(bytes) };
	struct muxrpc_packet p;

	(void)state;
	assert_int_equal(first(in, 2, &p), MUXRPC_BAD);
	assert_int_equal(first(in, 3, &p), MUXRPC_PACKET);
	assert_int_equal(first(in, 4, &p), MUXRPC_PACKET);
}

static void nothing_is_allowed_unless_said(void **state)
{
	static const uint8_t bytes[] = { 0, 0, 0, 0, 1, 0, 0, 0, 1, 7 };
	struct kith_slice in = { bytes, sizeof(bytes) };
	struct muxrpc_reader *r = muxrpc_reader_new();
	struct muxrpc_packet p;

	(void)state;
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_HEADER);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_BAD);
	assert_int_equal(muxrpc_error(r), KITH_ETOOBIG);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_BAD);
	muxrpc_reader_free(r);
}

/* What one packet was allowed does not hold for the next. */
static void leave_for_one_body_is_not_leave_for_the_next(void **state)
{
	static const uint8_t bytes[] = { 0, 0, 0, 0, 1, 0, 0, 0, 1, 7,
					 0, 0, 0, 0, 1, 0, 0, 0, 1, 7 };
	struct kith_slice in = { bytes, sizeof(bytes) };
	struct muxrpc_reader *r = muxrpc_reader_new();
	struct muxrpc_packet p;

	(void)state;
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_HEADER);
	muxrpc_allow(r, 1);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_PACKET);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_HEADER);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_BAD);
	muxrpc_reader_free(r);
}

static void long_header_takes_no_memory(void **state)
{
	static const uint8_t bytes[] = { 2, 0xff, 0xff, 0xff, 0xff,
					 0, 0,	  0,	1,    '{' };
	struct kith_slice in = { bytes, sizeof(bytes) };
	struct muxrpc_reader *r = muxrpc_reader_new();
	struct muxrpc_packet p;

	(void)state;
	alloc_reset();
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_HEADER);
	assert_int_equal(p.length, UINT32_MAX);
	muxrpc_allow(r, 1 << 20);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_BAD);
	assert_int_equal(alloc_count(), 0);
	muxrpc_reader_free(r);
}

static void whole_body_is_not_copied(void **state)
{
	static const uint8_t bytes[] = { 0, 0, 0, 0, 1, 0, 0, 0, 1, 7 };
	struct muxrpc_packet p;

	(void)state;
	assert_int_equal(first((struct kith_slice){ bytes, sizeof(bytes) }, 1,
			       &p),
			 MUXRPC_PACKET);
	assert_ptr_equal(p.body.p, bytes + MUXRPC_HEADER_BYTES);
}

static void empty_body_is_no_goodbye(void **state)
{
	static const uint8_t bytes[] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct muxrpc_packet p;

	(void)state;
	assert_int_equal(first((struct kith_slice){ bytes, sizeof(bytes) }, 0,
			       &p),
			 MUXRPC_PACKET);
	assert_int_equal(p.body.n, 0);
	assert_int_equal(p.request, 1);
}

static void nothing_is_read_behind_a_goodbye(void **state)
{
	static const uint8_t zeros[2 * MUXRPC_HEADER_BYTES];
	struct kith_slice in = { zeros, sizeof(zeros) };
	struct muxrpc_reader *r = muxrpc_reader_new();
	struct muxrpc_packet p;

	(void)state;
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_GOODBYE);
	assert_int_equal(muxrpc_next(r, &in, &p), MUXRPC_BAD);
	assert_int_equal(muxrpc_error(r), KITH_EFORMAT);
	muxrpc_reader_free(r);
}

static void every_allocation_may_fail(void **state)
{
	struct kith_buf all = example_frames();
	enum muxrpc_step step = MUXRPC_BAD;
	size_t runs = 0;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++, runs++) {
		struct muxrpc_reader *r = muxrpc_reader_new();
		struct kith_buf copy = { .limit = ROOM };

		step = MUXRPC_MORE;
		for (size_t i = 0; r && step == MUXRPC_MORE && i < all.n; i++)
			step = reprint(r, (struct kith_slice){ all.p + i, 1 },
				       &copy);
		if (step == MUXRPC_BAD)
			assert_int_equal(muxrpc_error(r), KITH_ENOMEM);
		muxrpc_reader_free(r);
		kith_buf_free(&copy);
	}
	assert_int_equal(step, MUXRPC_GOODBYE);
	assert_true(runs >= 3);
	kith_buf_free(&all);
	muxrpc_reader_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_the_page_reprint_at_every_split),
		cmocka_unit_test(
			frames_of_the_page_reprint_in_pieces_of_every_size),
		cmocka_unit_test(header_is_read_as_the_page_says),
		cmocka_unit_test(body_is_held_against_the_allowed_length),
		cmocka_unit_test(nothing_is_allowed_unless_said),
		cmocka_unit_test(leave_for_one_body_is_not_leave_for_the_next),
		cmocka_unit_test(long_header_takes_no_memory),
		cmocka_unit_test(whole_body_is_not_copied),
		cmocka_unit_test(empty_body_is_no_goodbye),
		cmocka_unit_test(nothing_is_read_behind_a_goodbye),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
