#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/depot/stream_bed.h"

static void lines_are_read_as_they_were_written(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_reader *r;
	uint64_t bytes, size;

	stream_put(w, 0, STREAM_MANY);
	bytes = depot_writer_bytes(w);
	assert_true(stream_finish(w) >= bytes);
	r = stream_read_lines(b, STREAM_MANY);
	stream_expect_end(r);
	assert_int_equal(
		folder_size(b->depot.folder, stream_segment, &size, NULL),
		KITH_OK);
	assert_int_equal(depot_reader_bytes(r), size);
	depot_reader_free(r);
	stream_bed_close(b);
}

static void bytes_are_those_of_the_file(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	uint64_t size, bytes;

	stream_put(w, 0, 10);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	assert_int_equal(
		folder_size(b->depot.folder, stream_segment, &size, NULL),
		KITH_OK);
	assert_int_equal(depot_writer_bytes(w), size);
	stream_put(w, 10, 20);
	bytes = stream_finish(w);
	assert_int_equal(
		folder_size(b->depot.folder, stream_segment, &size, NULL),
		KITH_OK);
	assert_int_equal(bytes, size);
	if (sealed)
		assert_int_equal(bytes % DEPOT_BLOCK_TEXT_BYTES, 0);
	stream_bed_close(b);
}

static void file_goes_on_where_it_was_synced(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_reader *r;
	uint64_t synced;

	stream_put(w, 0, 100);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	synced = depot_writer_bytes(w);
	stream_put(w, 100, 1000);
	depot_writer_drop(w);
	w = stream_write_from(b, synced);
	stream_put(w, 100, 200);
	stream_finish(w);
	r = stream_read_lines(b, 200);
	stream_expect_end(r);
	depot_reader_free(r);
	stream_bed_close(b);
}

static void reader_goes_on_at_its_place_on_another_day(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_place place = { .number = 1 };
	struct depot_reader *r;
	uint64_t bytes;

	stream_put(w, 0, 50);
	bytes = stream_finish(w);
	r = stream_read_from(b, &place);
	stream_expect_header(r);
	for (uint32_t n = 0; n < 50; n++) {
		stream_expect(r, n);
		depot_reader_place(r, &place);
		depot_reader_free(r);
		r = stream_read_from(b, &place);
	}
	stream_expect_end(r);
	depot_reader_place(r, &place);
	depot_reader_free(r);
	/* Nothing is left to be read of the whole file. */
	assert_int_equal(place.offset, bytes);
	w = stream_write_from(b, bytes);
	stream_put(w, 50, 60);
	stream_finish(w);
	r = stream_read_from(b, &place);
	for (uint32_t n = 50; n < 60; n++)
		stream_expect(r, n);
	stream_expect_end(r);
	depot_reader_free(r);
	stream_bed_close(b);
}

static void place_is_kept_over_many_windows(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r, *again;

	stream_put(w, 0, STREAM_MANY);
	stream_finish(w);
	r = stream_read_from(b, NULL);
	stream_expect_header(r);
	for (uint32_t n = 0; n < STREAM_MANY; n++) {
		stream_expect(r, n);
		if (n % 97)
			continue;
		depot_reader_place(r, &place);
		again = stream_read_from(b, &place);
		if (n + 1 < STREAM_MANY)
			stream_expect(again, n + 1);
		depot_reader_free(again);
	}
	depot_reader_free(r);
	stream_bed_close(b);
}

static void plain_depot_gives_the_same_bytes_for_the_same_lines(void **state)
{
	struct stream_bed *a = stream_bed_open(false),
			  *b = stream_bed_open(false);
	struct depot_writer *w = stream_write_from(a, 0);

	(void)state;
	stream_put(w, 0, 500);
	stream_finish(w);
	w = stream_write_from(b, 0);
	stream_put(w, 0, 200);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	stream_put(w, 200, 500);
	stream_finish(w);
	medium_settle(a->medium);
	medium_settle(b->medium);
	assert_true(medium_equal(a->medium, b->medium));
	stream_bed_close(a);
	stream_bed_close(b);
}

static void sealed_depot_shows_no_word(void **state)
{
	struct stream_bed *b = stream_bed_open(true);
	struct depot_writer *w = stream_write_from(b, 0);
	struct kith_slice bytes;
	const char *name;

	(void)state;
	stream_put(w, 0, 500);
	stream_finish(w);
	for (size_t i = 0; medium_file(b->medium, i, &name, &bytes); i++) {
		assert_int_equal(bytes.n % DEPOT_BLOCK_BYTES, 0);
		for (size_t k = 0; k + 5 <= bytes.n; k++) {
			assert_memory_not_equal(bytes.p + k, "text\"", 5);
			assert_memory_not_equal(bytes.p + k, "abcde", 5);
			assert_memory_not_equal(bytes.p + k, stream_us.name, 5);
		}
	}
	stream_bed_close(b);
}

static void line_that_is_none_is_refused(bool sealed)
{
	struct stream_bed *b = stream_bed_open(sealed);
	struct depot_writer *w = stream_write_from(b, 0);

	assert_int_equal(depot_writer_put(w, 'm', KITH_SLICE("{\n}"), NULL),
			 KITH_EFORMAT);
	depot_writer_drop(w);
	stream_bed_close(b);
}

/* printf 'm e3069283 9\nq e3069283 9\n' | sha256sum */
static void hash_is_that_of_the_heads_of_lines(bool sealed)
{
	static const uint8_t heads[32] = { 0xc0, 0x1f, 0x63, 0x6d, 0x75, 0x95,
					   0x8d, 0x01, 0xce, 0x96, 0x4f, 0x76,
					   0xe8, 0x64, 0x6f, 0x6c, 0xce, 0x88,
					   0x35, 0x63, 0xcc, 0xcf, 0xcd, 0x12,
					   0x43, 0x68, 0x5b, 0x28, 0x79, 0x10,
					   0x1f, 0x7a };
	static const char text[] = "m e3069283 9 123456789\n"
				   "q e3069283 9 123456789\n";
	struct stream_bed *b = stream_bed_open(sealed);
	uint8_t hash[32];

	assert_int_equal(depot_put(&b->depot, "x", kith_text(text), NULL),
			 KITH_OK);
	assert_int_equal(depot_file_hash(&b->depot, "x", 46, hash, NULL),
			 KITH_OK);
	assert_memory_equal(hash, heads, sizeof(heads));
	assert_int_equal(depot_file_hash(&b->depot, "x", 45, hash, NULL),
			 KITH_OK);
	assert_memory_not_equal(hash, heads, sizeof(heads));
	assert_int_equal(depot_file_hash(&b->depot, "x", 47, hash, NULL),
			 KITH_EFORMAT);
	assert_int_equal(depot_file_hash(&b->depot, "y", 7, hash, NULL),
			 KITH_ENOENT);
	stream_bed_close(b);
}

EACH(lines_are_read_as_they_were_written)
EACH(bytes_are_those_of_the_file)
EACH(file_goes_on_where_it_was_synced)
EACH(reader_goes_on_at_its_place_on_another_day)
EACH(place_is_kept_over_many_windows)
EACH(line_that_is_none_is_refused)
EACH(hash_is_that_of_the_heads_of_lines)

static int begin(void **state)
{
	(void)state;
	return kith_init() != KITH_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(lines_are_read_as_they_were_written),
		BOTH(bytes_are_those_of_the_file),
		BOTH(file_goes_on_where_it_was_synced),
		BOTH(reader_goes_on_at_its_place_on_another_day),
		BOTH(place_is_kept_over_many_windows),
		BOTH(line_that_is_none_is_refused),
		BOTH(hash_is_that_of_the_heads_of_lines),
		cmocka_unit_test(
			plain_depot_gives_the_same_bytes_for_the_same_lines),
		cmocka_unit_test(sealed_depot_shows_no_word),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
