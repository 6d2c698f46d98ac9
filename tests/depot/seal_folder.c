#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/seal.h"
#include "tests/support/medium.h"

enum { ROOM = 1 << 20, TEXT = DEPOT_BLOCK_TEXT_BYTES };

static const unsigned can_all = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS;

struct bed {
	struct medium *medium;
	struct folder *inner, *folder;
	struct depot_seal *seal;
};

static void open_bed(struct bed *b)
{
	static const struct kith_seal_cost cheap = { 1, 8192 };
	struct depot_seal_for who = { KITH_SLICE("p"), &cheap, NULL, 0 };
	struct kith_buf json = { .limit = ROOM };

	b->medium = medium_new();
	b->inner = medium_folder(b->medium, can_all);
	b->seal = NULL;
	assert_int_equal(depot_seal_new(&who, &json, &b->seal, NULL), KITH_OK);
	kith_buf_free(&json);
	b->folder = depot_seal_folder(b->inner, b->seal);
	assert_non_null(b->folder);
}

static void close_bed(struct bed *b)
{
	folder_free(b->folder);
	folder_free(b->inner);
	medium_free(b->medium);
	depot_seal_free(b->seal);
}

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i * 131 + i / 251);
}

static void put_bytes(struct folder_writer *w, uint64_t from, uint64_t to,
		      size_t piece)
{
	uint8_t bytes[10000];

	while (from < to) {
		size_t n = to - from < piece ? (size_t)(to - from) : piece;

		for (size_t i = 0; i < n; i++)
			bytes[i] = byte_at(from + i);
		assert_int_equal(
			folder_writer_put(w, (struct kith_slice){ bytes, n },
					  NULL),
			KITH_OK);
		from += n;
	}
}

static void assert_bytes(struct folder *f, const char *name, uint64_t from,
			 uint64_t to, size_t piece)
{
	struct folder_reader *r;
	uint8_t bytes[10000];
	size_t got;

	assert_int_equal(folder_read(f, name, from, &r, NULL), KITH_OK);
	do {
		assert_int_equal(folder_reader_get(r, bytes, piece, &got,
						   NULL),
				 KITH_OK);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(bytes[i], byte_at(from + i));
		from += got;
	} while (got);
	assert_int_equal(from, to);
	folder_reader_free(r);
}

static const uint64_t sizes[] = { 0, 1, TEXT - 1, TEXT, TEXT + 1,
				  2 * TEXT, 70 * TEXT + 5 };

static void files_read_as_they_were_written_at_every_size(void **state)
{
	struct bed b;

	(void)state;
	open_bed(&b);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct folder_writer *w;
		uint64_t bytes, raw;

		assert_int_equal(folder_write(b.folder, "b/aa/x", 0, &w, NULL),
				 KITH_OK);
		put_bytes(w, 0, sizes[i], 999);
		assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
		assert_int_equal(folder_size(b.folder, "b/aa/x", &bytes, NULL),
				 KITH_OK);
		assert_int_equal(bytes, sizes[i]);
		assert_int_equal(folder_size(b.inner, "b/aa/x", &raw, NULL),
				 KITH_OK);
		assert_int_equal(raw, (sizes[i] + TEXT - 1) / TEXT *
					      DEPOT_BLOCK_BYTES);
		for (uint64_t from = 0; from <= sizes[i];
		     from += sizes[i] / 3 + 1)
			assert_bytes(b.folder, "b/aa/x", from, sizes[i], 777);
		assert_bytes(b.folder, "b/aa/x", sizes[i], sizes[i], 10);
	}
	close_bed(&b);
}

static void file_goes_on_from_any_byte(void **state)
{
	static const uint64_t keeps[] = { 0, 1, TEXT - 1, TEXT, TEXT + 1,
					  3 * TEXT - 5 };
	struct bed b;

	(void)state;
	open_bed(&b);
	for (size_t i = 0; i < sizeof(keeps) / sizeof(*keeps); i++) {
		struct folder_writer *w;

		assert_int_equal(folder_write(b.folder, "x", 0, &w, NULL),
				 KITH_OK);
		put_bytes(w, 0, 3 * TEXT, 4000);
		assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
		assert_int_equal(folder_write(b.folder, "x", keeps[i], &w,
					      NULL),
				 KITH_OK);
		put_bytes(w, keeps[i], 5 * TEXT + 9, 10000);
		assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
		assert_bytes(b.folder, "x", 0, 5 * TEXT + 9, 10000);
	}
	close_bed(&b);
}

static void what_is_too_short_is_told(void **state)
{
	struct bed b;
	struct folder_reader *r;
	struct folder_writer *w;

	(void)state;
	open_bed(&b);
	assert_int_equal(folder_put(b.folder, "x", KITH_SLICE("12345"), NULL),
			 KITH_OK);
	assert_int_equal(folder_read(b.folder, "x", 6, &r, NULL),
			 KITH_EFORMAT);
	assert_int_equal(folder_read(b.folder, "x", 2 * TEXT, &r, NULL),
			 KITH_EFORMAT);
	assert_int_equal(folder_write(b.folder, "x", 6, &w, NULL),
			 KITH_EFORMAT);
	assert_int_equal(folder_read(b.folder, "y", 0, &r, NULL), KITH_ENOENT);
	assert_int_equal(folder_write(b.folder, "y", 6, &w, NULL),
			 KITH_ENOENT);
	close_bed(&b);
}

static void small_files_are_put_and_got_whole(void **state)
{
	struct bed b;

	(void)state;
	open_bed(&b);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t n = (size_t)sizes[i];
		uint8_t *bytes = malloc(n + 1);
		struct kith_buf back = { .limit = n }, less = { .limit = n };

		assert_non_null(bytes);
		memset(bytes, 'x', n + 1);
		assert_int_equal(
			folder_put(b.folder, "x",
				   (struct kith_slice){ bytes, n }, NULL),
			KITH_OK);
		assert_int_equal(folder_get(b.folder, "x", &back, NULL),
				 KITH_OK);
		assert_true(kith_equal(kith_bytes(&back),
				       (struct kith_slice){ bytes, n }));
		less.limit = n ? n - 1 : 0;
		assert_int_equal(folder_get(b.folder, "x", &less, NULL),
				 n ? KITH_ETOOBIG : KITH_OK);
		kith_buf_free(&less);
		kith_buf_free(&back);
		free(bytes);
	}
	close_bed(&b);
}

/* A block that does not open reads as zeros, and what follows it is there. */
static void damaged_block_costs_itself_only(void **state)
{
	struct bed b;
	struct folder_writer *w;
	struct folder_reader *r;
	struct kith_buf raw = { .limit = ROOM };
	uint8_t text[3 * TEXT];
	size_t got;

	(void)state;
	open_bed(&b);
	assert_int_equal(folder_write(b.folder, "x", 0, &w, NULL), KITH_OK);
	put_bytes(w, 0, 3 * TEXT, 4000);
	assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
	assert_int_equal(folder_get(b.inner, "x", &raw, NULL), KITH_OK);
	raw.p[DEPOT_BLOCK_BYTES + 100] ^= 1;
	assert_int_equal(folder_put(b.inner, "x", kith_bytes(&raw), NULL),
			 KITH_OK);
	assert_int_equal(folder_read(b.folder, "x", 0, &r, NULL), KITH_OK);
	assert_int_equal(folder_reader_get(r, text, sizeof(text), &got, NULL),
			 KITH_OK);
	assert_int_equal(got, sizeof(text));
	for (size_t i = 0; i < got; i++)
		assert_int_equal(text[i], i / TEXT == 1 ? 0 : byte_at(i));
	folder_reader_free(r);
	kith_buf_free(&raw);
	close_bed(&b);
}

static void part_of_a_block_at_the_end_is_nothing(void **state)
{
	struct bed b;
	struct kith_buf raw = { .limit = ROOM };
	struct folder_writer *w;
	uint64_t bytes;

	(void)state;
	open_bed(&b);
	assert_int_equal(folder_write(b.folder, "x", 0, &w, NULL), KITH_OK);
	put_bytes(w, 0, 2 * TEXT, 4000);
	assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
	assert_int_equal(folder_get(b.inner, "x", &raw, NULL), KITH_OK);
	raw.n -= 512;
	assert_int_equal(folder_put(b.inner, "x", kith_bytes(&raw), NULL),
			 KITH_OK);
	assert_int_equal(folder_size(b.folder, "x", &bytes, NULL), KITH_OK);
	assert_int_equal(bytes, TEXT);
	assert_bytes(b.folder, "x", 0, TEXT, 999);
	kith_buf_free(&raw);
	close_bed(&b);
}

static void synced_blocks_are_there_and_a_dropped_rest_is_not(void **state)
{
	struct bed b;
	struct folder_writer *w;

	(void)state;
	open_bed(&b);
	assert_int_equal(folder_write(b.folder, "x", 0, &w, NULL), KITH_OK);
	put_bytes(w, 0, 2 * TEXT, 4000);
	assert_int_equal(folder_writer_sync(w, NULL), KITH_OK);
	put_bytes(w, 2 * TEXT, 3 * TEXT, 4000);
	folder_writer_drop(w);
	assert_bytes(b.folder, "x", 0, 2 * TEXT, 999);
	close_bed(&b);
}

static void names_are_listed_renamed_and_removed_as_they_are(void **state)
{
	struct bed b;
	struct folder_list list = { 0 };
	struct kith_buf out = { .limit = 10 };

	(void)state;
	open_bed(&b);
	assert_int_equal(folder_put(b.folder, "b/aa/x.p", KITH_SLICE("hi"),
				    NULL),
			 KITH_OK);
	assert_int_equal(folder_rename(b.folder, "b/aa/x.p", "b/aa/x", NULL),
			 KITH_OK);
	assert_int_equal(folder_get(b.folder, "b/aa/x", &out, NULL), KITH_OK);
	assert_true(kith_equal(kith_bytes(&out), KITH_SLICE("hi")));
	assert_int_equal(folder_list(b.folder, "b/aa", &list, NULL), KITH_OK);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.names[0], "x");
	assert_int_equal(folder_remove(b.folder, "b/aa/x", NULL), KITH_OK);
	assert_int_equal(folder_get(b.folder, "b/aa/x", &out, NULL),
			 KITH_ENOENT);
	folder_list_free(&list);
	kith_buf_free(&out);
	close_bed(&b);
}

static void folder_that_turns_out_to_be_read_only_is_one(void **state)
{
	struct bed b;

	(void)state;
	open_bed(&b);
	assert_true(b.folder->can & FOLDER_WRITES);
	b.inner->can &= ~(unsigned)FOLDER_WRITES;
	assert_int_equal(folder_put(b.folder, "x", KITH_SLICE("x"), NULL),
			 KITH_EDENIED);
	assert_false(b.folder->can & FOLDER_WRITES);
	close_bed(&b);
}

static void every_failure_of_the_medium_is_told(void **state)
{
	struct bed b;

	(void)state;
	open_bed(&b);
	for (size_t n = 0;; n++) {
		struct folder_writer *w = NULL;
		struct folder_reader *r = NULL;
		struct kith_buf back = { .limit = ROOM };
		uint8_t text[100];
		size_t got;
		enum kith_err err;

		medium_settle(b.medium);
		medium_fail_at(b.medium, n);
		err = folder_write(b.folder, "x", 0, &w, NULL);
		for (int i = 0; !err && i < 70; i++) {
			static const uint8_t block[TEXT];

			err = folder_writer_put(
				w, (struct kith_slice){ block, TEXT }, NULL);
		}
		if (!err)
			err = folder_writer_sync(w, NULL);
		if (err)
			folder_writer_drop(w);
		else
			err = folder_writer_finish(w, NULL);
		if (!err)
			err = folder_read(b.folder, "x", 5, &r, NULL);
		if (!err)
			err = folder_reader_get(r, text, sizeof(text), &got,
						NULL);
		folder_reader_free(r);
		if (!err)
			err = folder_put(b.folder, "y", KITH_SLICE("y"), NULL);
		if (!err)
			err = folder_get(b.folder, "y", &back, NULL);
		kith_buf_free(&back);
		if (!err)
			break;
		assert_int_equal(err, KITH_EIO);
		assert_true(n < 100);
	}
	medium_fail_at(b.medium, SIZE_MAX);
	close_bed(&b);
}

static int begin(void **state)
{
	(void)state;
	return kith_init() != KITH_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_read_as_they_were_written_at_every_size),
		cmocka_unit_test(file_goes_on_from_any_byte),
		cmocka_unit_test(what_is_too_short_is_told),
		cmocka_unit_test(small_files_are_put_and_got_whole),
		cmocka_unit_test(damaged_block_costs_itself_only),
		cmocka_unit_test(part_of_a_block_at_the_end_is_nothing),
		cmocka_unit_test(
			synced_blocks_are_there_and_a_dropped_rest_is_not),
		cmocka_unit_test(
			names_are_listed_renamed_and_removed_as_they_are),
		cmocka_unit_test(
			folder_that_turns_out_to_be_read_only_is_one),
		cmocka_unit_test(every_failure_of_the_medium_is_told),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
