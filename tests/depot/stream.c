#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/stream.h"
#include "tests/support/medium.h"

enum { ROOM = 4 << 20, MANY = 3000 };

static const unsigned can_all = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS;
static const struct depot_writer_id us = { "mzuhvlpymk6xo3epygfy5h4oea" };
static const char segment[] = "w/mzuhvlpymk6xo3epygfy5h4oea/000001.seg";

/* A depot in memory, plain or sealed: each test runs with both. */
struct bed {
	struct medium *medium;
	struct depot depot;
};

static struct bed *open_bed(bool sealed)
{
	static const struct kith_seal_cost cheap = { 1, 8192 };
	struct depot_seal_for who = { KITH_SLICE("p"), &cheap, NULL, 0 };
	struct kith_buf json = { .limit = ROOM };
	struct bed *b = calloc(1, sizeof(*b));
	struct depot *d;

	assert_non_null(b);
	d = &b->depot;
	b->medium = medium_new();
	d->medium = d->folder = medium_folder(b->medium, can_all);
	if (sealed) {
		assert_int_equal(depot_seal_new(&who, &json, &d->seal, NULL),
				 KITH_OK);
		d->folder = depot_seal_folder(d->medium, d->seal);
		assert_non_null(d->folder);
	}
	kith_buf_free(&json);
	return b;
}

static void close_bed(struct bed *b)
{
	if (b->depot.seal)
		folder_free(b->depot.folder);
	folder_free(b->depot.medium);
	depot_seal_free(b->depot.seal);
	kith_buf_free(&b->depot.info_text);
	medium_free(b->medium);
	free(b);
}

static struct depot_writer *write_from(struct bed *b, uint64_t keep)
{
	struct depot_writer *w = NULL;

	assert_int_equal(depot_writer_new(&b->depot, &us, DEPOT_SEGMENT, 1,
					  keep, &w, NULL),
			 KITH_OK);
	return w;
}

/* A line of its own for each n, some of them long. */
static struct kith_buf json_of(uint32_t n)
{
	struct kith_buf json = { .limit = ROOM };

	kith_buf_text(&json, "{\"n\":");
	kith_buf_uint(&json, n);
	kith_buf_text(&json, ",\"text\":\"");
	for (uint32_t i = 0; i < n * 7919 % (n % 50 ? 300 : 9000); i++)
		kith_buf_byte(&json, (uint8_t)('a' + (i + n) % 26));
	kith_buf_text(&json, "\"}");
	return json;
}

static void put_lines(struct depot_writer *w, uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n < to; n++) {
		struct kith_buf json = json_of(n);

		assert_int_equal(depot_writer_put(w, DEPOT_MESSAGE,
						  kith_bytes(&json), NULL),
				 KITH_OK);
		kith_buf_free(&json);
	}
}

static uint64_t finish(struct depot_writer *w)
{
	uint64_t bytes = 0;

	assert_int_equal(depot_writer_finish(w, &bytes, NULL), KITH_OK);
	return bytes;
}

static struct depot_reader *read_from(struct bed *b,
				      const struct depot_place *at)
{
	static const struct depot_place start = { .number = 1 };
	struct depot_reader *r = NULL;

	assert_int_equal(depot_reader_new(&b->depot, &us, DEPOT_SEGMENT,
					  at ? at : &start, &r, NULL),
			 KITH_OK);
	return r;
}

static enum depot_read step(struct depot_reader *r, struct depot_line *line)
{
	enum depot_read what = DEPOT_READ_END;

	assert_int_equal(depot_reader_next(r, &what, line, NULL), KITH_OK);
	return what;
}

static void expect_line(struct depot_reader *r, uint32_t n)
{
	struct kith_buf json = json_of(n);
	struct depot_line line;

	assert_int_equal(step(r, &line), DEPOT_READ_LINE);
	assert_int_equal(line.kind, DEPOT_MESSAGE);
	assert_true(kith_equal(line.json, kith_bytes(&json)));
	kith_buf_free(&json);
}

static void expect_header(struct depot_reader *r)
{
	struct depot_line line;

	assert_int_equal(step(r, &line), DEPOT_READ_LINE);
	assert_int_equal(line.kind, DEPOT_HEADER);
	assert_true(kith_equal(
		line.json,
		KITH_SLICE("{\"depot\":1,\"file\":\"segment\",\"number\":1,"
			   "\"writer\":\"mzuhvlpymk6xo3epygfy5h4oea\"}")));
}

static void expect_end(struct depot_reader *r)
{
	struct depot_line line;

	assert_int_equal(step(r, &line), DEPOT_READ_END);
	assert_int_equal(step(r, &line), DEPOT_READ_END);
}

static void lines_are_read_as_they_were_written(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_reader *r;
	uint64_t bytes, size;

	put_lines(w, 0, MANY);
	bytes = depot_writer_bytes(w);
	assert_true(finish(w) >= bytes);
	r = read_from(b, NULL);
	expect_header(r);
	for (uint32_t n = 0; n < MANY; n++)
		expect_line(r, n);
	expect_end(r);
	assert_int_equal(folder_size(b->depot.folder, segment, &size, NULL),
			 KITH_OK);
	assert_int_equal(depot_reader_bytes(r), size);
	depot_reader_free(r);
	close_bed(b);
}

static void bytes_are_those_of_the_file(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	uint64_t size, bytes;

	put_lines(w, 0, 10);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	assert_int_equal(folder_size(b->depot.folder, segment, &size, NULL),
			 KITH_OK);
	assert_int_equal(depot_writer_bytes(w), size);
	put_lines(w, 10, 20);
	bytes = finish(w);
	assert_int_equal(folder_size(b->depot.folder, segment, &size, NULL),
			 KITH_OK);
	assert_int_equal(bytes, size);
	if (sealed)
		assert_int_equal(bytes % DEPOT_BLOCK_TEXT_BYTES, 0);
	close_bed(b);
}

static void file_goes_on_where_it_was_synced(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_reader *r;
	uint64_t synced;

	put_lines(w, 0, 100);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	synced = depot_writer_bytes(w);
	put_lines(w, 100, 1000);
	depot_writer_drop(w);
	w = write_from(b, synced);
	put_lines(w, 100, 200);
	finish(w);
	r = read_from(b, NULL);
	expect_header(r);
	for (uint32_t n = 0; n < 200; n++)
		expect_line(r, n);
	expect_end(r);
	depot_reader_free(r);
	close_bed(b);
}

static void reader_goes_on_at_its_place_on_another_day(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_place place = { .number = 1 };
	struct depot_reader *r;
	uint64_t bytes;

	put_lines(w, 0, 50);
	bytes = finish(w);
	r = read_from(b, &place);
	expect_header(r);
	for (uint32_t n = 0; n < 50; n++) {
		expect_line(r, n);
		depot_reader_place(r, &place);
		depot_reader_free(r);
		r = read_from(b, &place);
	}
	expect_end(r);
	depot_reader_place(r, &place);
	depot_reader_free(r);
	/* Nothing is left to be read of the whole file. */
	assert_int_equal(place.offset, bytes);
	w = write_from(b, bytes);
	put_lines(w, 50, 60);
	finish(w);
	r = read_from(b, &place);
	for (uint32_t n = 50; n < 60; n++)
		expect_line(r, n);
	expect_end(r);
	depot_reader_free(r);
	close_bed(b);
}

static void place_is_kept_over_many_windows(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r, *again;

	put_lines(w, 0, MANY);
	finish(w);
	r = read_from(b, NULL);
	expect_header(r);
	for (uint32_t n = 0; n < MANY; n++) {
		expect_line(r, n);
		if (n % 97)
			continue;
		depot_reader_place(r, &place);
		again = read_from(b, &place);
		if (n + 1 < MANY)
			expect_line(again, n + 1);
		depot_reader_free(again);
	}
	depot_reader_free(r);
	close_bed(b);
}

static void other_file_or_a_shorter_one_is_told(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r;
	struct depot_line line;

	put_lines(w, 1, 100);
	finish(w);
	r = read_from(b, NULL);
	while (step(r, &line) != DEPOT_READ_END)
		;
	depot_reader_place(r, &place);
	depot_reader_free(r);
	r = NULL;
	w = write_from(b, 0);
	put_lines(w, 1, 50);
	finish(w);
	assert_int_equal(depot_reader_new(&b->depot, &us, DEPOT_SEGMENT,
					  &place, &r, NULL),
			 KITH_EGAP);
	w = write_from(b, 0);
	put_lines(w, 101, 300);
	finish(w);
	assert_int_equal(depot_reader_new(&b->depot, &us, DEPOT_SEGMENT,
					  &place, &r, NULL),
			 KITH_EGAP);
	assert_null(r);
	memset(place.before, 0, sizeof(place.before));
	r = read_from(b, &place);
	depot_reader_free(r);
	place.number = 2;
	assert_int_equal(depot_reader_new(&b->depot, &us, DEPOT_SEGMENT,
					  &place, &r, NULL),
			 KITH_ENOENT);
	close_bed(b);
}

/* Overwrites bytes of the file as the medium has it. */
static void harm(struct bed *b, uint64_t from, size_t n)
{
	struct kith_buf raw = { .limit = ROOM };

	assert_int_equal(folder_get(b->depot.medium, segment, &raw, NULL),
			 KITH_OK);
	assert_true(from + n <= raw.n);
	memset(raw.p + from, 0x5a, n);
	assert_int_equal(folder_put(b->depot.medium, segment, kith_bytes(&raw),
				    NULL),
			 KITH_OK);
	kith_buf_free(&raw);
}

static void damage_is_told_and_what_follows_is_read(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_reader *r;
	struct depot_line line;
	enum depot_read what;
	uint32_t lines = 0, damages = 0;
	uint64_t end = 0;

	put_lines(w, 1, MANY);
	finish(w);
	harm(b, 100000, 10);
	harm(b, 300000, 600);
	r = read_from(b, NULL);
	while ((what = step(r, &line)) != DEPOT_READ_END) {
		assert_true(line.offset >= end);
		end = line.next;
		lines += what == DEPOT_READ_LINE;
		damages += what == DEPOT_READ_DAMAGE;
		assert_true(end < UINT64_MAX);
	}
	depot_reader_free(r);
	assert_int_equal(damages, 2);
	assert_in_range(lines, MANY - 80, MANY - 2);
	close_bed(b);
}

static void torn_end_is_told_from_damage(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r;
	struct depot_line line;
	uint64_t synced;

	put_lines(w, 0, 10);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	synced = depot_writer_bytes(w);
	put_lines(w, 1, 200);
	finish(w);
	/* All but the header and the ten. */
	harm(b, sealed ? synced / DEPOT_BLOCK_TEXT_BYTES * DEPOT_BLOCK_BYTES
		       : synced,
	     10000);
	{
		struct kith_buf raw = { .limit = ROOM };

		assert_int_equal(folder_get(b->depot.medium, segment, &raw,
					    NULL),
				 KITH_OK);
		raw.n = sealed ? synced / DEPOT_BLOCK_TEXT_BYTES *
						 DEPOT_BLOCK_BYTES +
					 DEPOT_BLOCK_BYTES
			       : synced + 5000;
		assert_int_equal(folder_put(b->depot.medium, segment,
					    kith_bytes(&raw), NULL),
				 KITH_OK);
		kith_buf_free(&raw);
	}
	r = read_from(b, NULL);
	expect_header(r);
	for (uint32_t n = 0; n < 10; n++)
		expect_line(r, n);
	assert_int_equal(step(r, &line), DEPOT_READ_DAMAGE);
	assert_int_equal(line.next, UINT64_MAX);
	assert_true(line.offset <= synced);
	depot_reader_place(r, &place);
	expect_end(r);
	assert_true(place.offset <= synced);
	depot_reader_free(r);
	close_bed(b);
}

static void place_before_a_torn_end_sees_what_is_written_there(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);
	struct depot_place place;
	struct depot_reader *r;
	struct depot_line line;
	uint64_t synced;

	put_lines(w, 0, 10);
	synced = finish(w);
	w = write_from(b, synced);
	put_lines(w, 10, 200);
	finish(w);
	harm(b, synced * DEPOT_BLOCK_BYTES / DEPOT_BLOCK_TEXT_BYTES, 100);
	r = read_from(b, NULL);
	expect_header(r);
	for (uint32_t n = 0; n < 10; n++)
		expect_line(r, n);
	depot_reader_place(r, &place);
	while (step(r, &line) != DEPOT_READ_END)
		;
	depot_reader_free(r);
	w = write_from(b, synced);
	put_lines(w, 10, 20);
	finish(w);
	r = read_from(b, &place);
	for (uint32_t n = 10; n < 20; n++)
		expect_line(r, n);
	expect_end(r);
	depot_reader_free(r);
	close_bed(b);
}

static void plain_depot_gives_the_same_bytes_for_the_same_lines(void **state)
{
	struct bed *a = open_bed(false), *b = open_bed(false);
	struct depot_writer *w = write_from(a, 0);

	(void)state;
	put_lines(w, 0, 500);
	finish(w);
	w = write_from(b, 0);
	put_lines(w, 0, 200);
	assert_int_equal(depot_writer_sync(w, NULL), KITH_OK);
	put_lines(w, 200, 500);
	finish(w);
	medium_settle(a->medium);
	medium_settle(b->medium);
	assert_true(medium_equal(a->medium, b->medium));
	close_bed(a);
	close_bed(b);
}

static void sealed_depot_shows_no_word(void **state)
{
	struct bed *b = open_bed(true);
	struct depot_writer *w = write_from(b, 0);
	struct kith_slice bytes;
	const char *name;

	(void)state;
	put_lines(w, 0, 500);
	finish(w);
	for (size_t i = 0; medium_file(b->medium, i, &name, &bytes); i++) {
		assert_int_equal(bytes.n % DEPOT_BLOCK_BYTES, 0);
		for (size_t k = 0; k + 5 <= bytes.n; k++) {
			assert_memory_not_equal(bytes.p + k, "text\"", 5);
			assert_memory_not_equal(bytes.p + k, "abcde", 5);
			assert_memory_not_equal(bytes.p + k, us.name, 5);
		}
	}
	close_bed(b);
}

static void line_that_is_none_is_refused(bool sealed)
{
	struct bed *b = open_bed(sealed);
	struct depot_writer *w = write_from(b, 0);

	assert_int_equal(depot_writer_put(w, 'm', KITH_SLICE("{\n}"), NULL),
			 KITH_EFORMAT);
	depot_writer_drop(w);
	close_bed(b);
}

/* printf 'm e3069283 9\nq e3069283 9\n' | sha256sum */
static void hash_is_that_of_the_heads_of_lines(bool sealed)
{
	static const uint8_t heads[32] = {
		0xc0, 0x1f, 0x63, 0x6d, 0x75, 0x95, 0x8d, 0x01,
		0xce, 0x96, 0x4f, 0x76, 0xe8, 0x64, 0x6f, 0x6c,
		0xce, 0x88, 0x35, 0x63, 0xcc, 0xcf, 0xcd, 0x12,
		0x43, 0x68, 0x5b, 0x28, 0x79, 0x10, 0x1f, 0x7a
	};
	static const char text[] = "m e3069283 9 123456789\n"
				   "q e3069283 9 123456789\n";
	struct bed *b = open_bed(sealed);
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
	close_bed(b);
}

static void failure_of_any_call_is_told(bool sealed)
{
	struct bed *b = open_bed(sealed);

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
		err = depot_writer_new(&b->depot, &us, DEPOT_SEGMENT, 1, 0, &w,
				       NULL);
		for (uint32_t i = 0; !err && i < 2000; i++) {
			struct kith_buf json = json_of(i);

			err = depot_writer_put(w, 'm', kith_bytes(&json),
					       NULL);
			kith_buf_free(&json);
		}
		if (!err)
			err = depot_writer_sync(w, NULL);
		if (err)
			depot_writer_drop(w);
		else
			err = depot_writer_finish(w, &bytes, NULL);
		if (!err)
			err = depot_reader_new(&b->depot, &us, DEPOT_SEGMENT,
					       &start, &r, NULL);
		while (!err && what != DEPOT_READ_END)
			err = depot_reader_next(r, &what, &line, NULL);
		depot_reader_free(r);
		if (!err)
			break;
		assert_int_equal(err, KITH_EIO);
		assert_true(n < 100);
	}
	close_bed(b);
}

/* Each of them for a plain depot and for a sealed one. */
#define EACH(check)                                                         \
	static void check##_plain(void **state)                             \
	{                                                                   \
		(void)state;                                                \
		check(false);                                               \
	}                                                                   \
	static void check##_sealed(void **state)                            \
	{                                                                   \
		(void)state;                                                \
		check(true);                                                \
	}
#define BOTH(check) \
	cmocka_unit_test(check##_plain), cmocka_unit_test(check##_sealed)

EACH(lines_are_read_as_they_were_written)
EACH(bytes_are_those_of_the_file)
EACH(file_goes_on_where_it_was_synced)
EACH(reader_goes_on_at_its_place_on_another_day)
EACH(place_is_kept_over_many_windows)
EACH(other_file_or_a_shorter_one_is_told)
EACH(damage_is_told_and_what_follows_is_read)
EACH(torn_end_is_told_from_damage)
EACH(place_before_a_torn_end_sees_what_is_written_there)
EACH(line_that_is_none_is_refused)
EACH(hash_is_that_of_the_heads_of_lines)
EACH(failure_of_any_call_is_told)

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
		BOTH(other_file_or_a_shorter_one_is_told),
		BOTH(damage_is_told_and_what_follows_is_read),
		BOTH(torn_end_is_told_from_damage),
		BOTH(place_before_a_torn_end_sees_what_is_written_there),
		BOTH(line_that_is_none_is_refused),
		BOTH(hash_is_that_of_the_heads_of_lines),
		BOTH(failure_of_any_call_is_told),
		cmocka_unit_test(
			plain_depot_gives_the_same_bytes_for_the_same_lines),
		cmocka_unit_test(sealed_depot_shows_no_word),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
