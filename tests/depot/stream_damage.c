#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/depot/stream_bed.h"
#include "tests/support/alloc.h"

static void other_file_or_a_shorter_one_is_told(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r;
	struct depot_line line;
	struct kith_error e = { 0 };

	stream_put(w, 1, 100);
	stream_finish(w);
	r = stream_read_from(b, NULL);
	while (stream_step(r, &line) != DEPOT_READ_END)
		;
	depot_reader_place(r, &place);
	depot_reader_free(r);
	r = NULL;
	w = stream_write_from(b, 0);
	stream_put(w, 1, 50);
	stream_finish(w);
	assert_int_equal(depot_reader_new(&b->depot, &stream_us, DEPOT_SEGMENT,
					  &place, &r, &e),
			 KITH_EGAP);
	w = stream_write_from(b, 0);
	stream_put(w, 101, 300);
	stream_finish(w);
	assert_int_equal(depot_reader_new(&b->depot, &stream_us, DEPOT_SEGMENT,
					  &place, &r, &e),
			 KITH_EGAP);
	assert_null(r);
	assert_int_equal(e.code, KITH_OK);
	memset(place.before, 0, sizeof(place.before));
	r = stream_read_from(b, &place);
	depot_reader_free(r);
	place.number = 2;
	assert_int_equal(depot_reader_new(&b->depot, &stream_us, DEPOT_SEGMENT,
					  &place, &r, &e),
			 KITH_ENOENT);
	assert_int_equal(e.code, KITH_ENOENT);
	stream_bed_close(b);
}

/* Overwrites bytes of the file as the medium has it. */
static void harm(struct stream_bed *b, uint64_t from, size_t n)
{
	struct kith_buf raw = { .limit = STREAM_ROOM };

	assert_int_equal(
		folder_get(b->depot.medium, stream_segment, &raw, NULL),
		KITH_OK);
	assert_true(from + n <= raw.n);
	memset(raw.p + from, 0x5a, n);
	assert_int_equal(folder_put(b->depot.medium, stream_segment,
				    kith_bytes(&raw), NULL),
			 KITH_OK);
	kith_buf_free(&raw);
}

static void cut(struct stream_bed *b, uint64_t bytes)
{
	struct kith_buf raw = { .limit = STREAM_ROOM };

	assert_int_equal(
		folder_get(b->depot.medium, stream_segment, &raw, NULL),
		KITH_OK);
	assert_true(bytes < raw.n);
	raw.n = (size_t)bytes;
	assert_int_equal(folder_put(b->depot.medium, stream_segment,
				    kith_bytes(&raw), NULL),
			 KITH_OK);
	kith_buf_free(&raw);
}

/* Where plain bytes stand that are whole blocks. */
static uint64_t blocks(uint64_t bytes)
{
	return bytes / DEPOT_BLOCK_TEXT_BYTES * DEPOT_BLOCK_BYTES;
}

static void damage_is_told_and_what_follows_is_read(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_reader *r;
	struct depot_line line;
	enum depot_read what;
	uint32_t lines = 0, damages = 0;
	uint64_t end = 0;

	stream_put(w, 1, STREAM_MANY);
	stream_finish(w);
	harm(b, 100000, 10);
	harm(b, 300000, 600);
	r = stream_read_from(b, NULL);
	while ((what = stream_step(r, &line)) != DEPOT_READ_END) {
		assert_true(line.offset >= end);
		end = line.next;
		lines += what == DEPOT_READ_LINE;
		damages += what == DEPOT_READ_DAMAGE;
		assert_true(end < UINT64_MAX);
	}
	depot_reader_free(r);
	assert_int_equal(damages, 2);
	assert_in_range(lines, STREAM_MANY - 80, STREAM_MANY - 2);
	stream_bed_close(b);
}

static void torn_end_is_told_from_damage(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r;
	struct depot_line line;
	uint64_t synced;

	stream_put(w, 0, 10);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	synced = depot_writer_bytes(w);
	stream_put(w, 1, 200);
	stream_finish(w);
	cut(b, sealed ? blocks(synced) + DEPOT_BLOCK_BYTES : synced + 5000);
	harm(b, sealed ? blocks(synced) : synced,
	     sealed ? DEPOT_BLOCK_BYTES : 5000);
	r = stream_read_lines(b, 10);
	assert_int_equal(stream_step(r, &line), DEPOT_READ_DAMAGE);
	assert_int_equal(line.next, UINT64_MAX);
	assert_true(line.offset <= synced);
	depot_reader_place(r, &place);
	stream_expect_end(r);
	assert_true(place.offset <= synced);
	depot_reader_free(r);
	stream_bed_close(b);
}

static void place_before_a_torn_end_sees_what_is_written_there(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r;
	struct depot_line line;
	uint64_t synced;

	stream_put(w, 0, 10);
	synced = stream_finish(w);
	w = stream_write_from(b, synced);
	stream_put(w, 10, 200);
	stream_finish(w);
	harm(b, synced * DEPOT_BLOCK_BYTES / DEPOT_BLOCK_TEXT_BYTES, 100);
	r = stream_read_lines(b, 10);
	depot_reader_place(r, &place);
	while (stream_step(r, &line) != DEPOT_READ_END)
		;
	depot_reader_free(r);
	w = stream_write_from(b, synced);
	stream_put(w, 10, 20);
	stream_finish(w);
	r = stream_read_from(b, &place);
	for (uint32_t n = 10; n < 20; n++)
		stream_expect(r, n);
	stream_expect_end(r);
	depot_reader_free(r);
	stream_bed_close(b);
}

static void failure_of_any_call_is_told(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);

	for (size_t n = 0;; n++) {
		struct depot_place start = { .number = 1 };
		struct depot_writer *w = NULL;
		struct depot_reader *r = NULL;
		enum depot_read what = DEPOT_READ_LINE;
		struct depot_line line;
		uint64_t bytes;
		enum kith_err err;

		medium_settle(b->medium);
		medium_fail_at(b->medium, n);
		err = depot_writer_new(&b->depot, &stream_us, DEPOT_SEGMENT, 1,
				       0, &w, NULL);
		for (uint32_t i = 0; !err && i < 2000; i++) {
			struct kith_buf json = stream_json(i);

			err = depot_writer_put(w, 'm', kith_bytes(&json), NULL);
			kith_buf_free(&json);
		}
		if (!err)
			err = depot_writer_sync(w, NULL);
		if (err)
			depot_writer_drop(w);
		else
			err = depot_writer_finish(w, &bytes, NULL);
		if (!err)
			err = depot_reader_new(&b->depot, &stream_us,
					       DEPOT_SEGMENT, &start, &r, NULL);
		while (!err && what != DEPOT_READ_END)
			err = depot_reader_next(r, &what, &line, NULL);
		depot_reader_free(r);
		if (!err)
			break;
		assert_int_equal(err, KITH_EIO);
		assert_true(n < 100);
	}
	stream_bed_close(b);
}

/* Up to the first allocation that is the medium's. */
static void reader_and_writer_without_memory_are_none(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	const struct depot_place start = { .number = 1 };
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_reader *r = NULL;
	uint8_t hash[32];
	uint64_t bytes = stream_finish(w);

	w = NULL;
	for (size_t n = 1; n <= (sealed ? 3 : 2); n++) {
		alloc_fail_at(n);
		assert_int_equal(depot_writer_new(&b->depot, &stream_us,
						  DEPOT_SEGMENT, 1, 0, &w,
						  NULL),
				 KITH_ENOMEM);
	}
	for (size_t n = 1; n <= (sealed ? 4 : 3); n++) {
		alloc_fail_at(n);
		assert_int_equal(depot_reader_new(&b->depot, &stream_us,
						  DEPOT_SEGMENT, &start, &r,
						  NULL),
				 KITH_ENOMEM);
		alloc_fail_at(n);
		assert_int_equal(depot_file_hash(&b->depot, stream_segment,
						 bytes, hash, NULL),
				 KITH_ENOMEM);
	}
	alloc_reset();
	assert_null(w);
	assert_null(r);
	stream_bed_close(b);
}

EACH(other_file_or_a_shorter_one_is_told)
EACH(damage_is_told_and_what_follows_is_read)
EACH(torn_end_is_told_from_damage)
EACH(place_before_a_torn_end_sees_what_is_written_there)
EACH(failure_of_any_call_is_told)
EACH(reader_and_writer_without_memory_are_none)

static int begin(void **state)
{
	(void)state;
	return kith_init() != KITH_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(other_file_or_a_shorter_one_is_told),
		BOTH(damage_is_told_and_what_follows_is_read),
		BOTH(torn_end_is_told_from_damage),
		BOTH(place_before_a_torn_end_sees_what_is_written_there),
		BOTH(failure_of_any_call_is_told),
		BOTH(reader_and_writer_without_memory_are_none),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
