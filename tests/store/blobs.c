/* The folder of blobs: they are read, walked over, and tidied up. */
#include "src/store/blobs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/wall.h"
#include "tests/store/blob_case.h"

enum { MANY = 600 };

/* --- one blob ------------------------------------------------------------- */

static void the_empty_blob_is_always_here(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_id((struct kith_slice){ 0 });
	struct blob_file *file;
	uint64_t size = 1;
	uint8_t byte;
	size_t got = 1;

	assert_true(case_same(&id, &blob_empty));
	assert_true(blob_is_empty(&id));
	assert_int_equal(blob_size(f->blobs, &id, &size), KITH_OK);
	assert_int_equal(size, 0);
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_read(file, 0, &byte, 1, &got), KITH_OK);
	assert_int_equal(got, 0);
	blob_close(file);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_ENOENT);
	id = case_add(f, (struct kith_slice){ 0 });
	assert_true(blob_is_empty(&id));
	assert_false(case_exists(blob_case_path(f, &id)));
	assert_int_equal(blob_writer_finish(case_begin(f, &blob_empty, true),
					    NULL, NULL), KITH_OK);
	assert_int_equal(case_in_tmp(f), 0);
}

static void slices_are_read(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(14, 5000);
	struct kith_blob_id id = case_add(f, s);
	struct blob_file *file;
	uint8_t to[300];
	size_t got;

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_file_size(file), s.n);
	for (size_t at = s.n + 10; at-- > 0; at -= at > 37 ? 37 : 0) {
		size_t want = at >= s.n ? 0 : s.n - at < 300 ? s.n - at : 300;

		assert_int_equal(blob_read(file, at, to, 300, &got), KITH_OK);
		assert_int_equal(got, want);
		assert_memory_equal(to, s.p + at, want);
	}
	assert_int_equal(blob_read(file, UINT64_MAX, to, 300, &got), KITH_OK);
	assert_int_equal(got, 0);
	blob_close(file);
}

static void who_reads_it_all_is_told_of_damage_before_the_end(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(15, 1000);
	struct kith_blob_id id = case_add(f, s);
	struct blob_file *file;
	uint8_t to[250];
	size_t got;

	case_write(blob_case_path(f, &id), case_bytes(16, 1000));
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	for (size_t at = 0; at < 750; at += 250)
		assert_int_equal(blob_read(file, at, to, 250, &got), KITH_OK);
	assert_int_equal(blob_read(file, 750, to, 250, &got), KITH_EFORMAT);
	blob_close(file);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_EFORMAT);
}

static void a_file_that_is_cut_while_it_is_read_is_an_error(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(17, 1000));
	struct blob_file *file;
	uint8_t to[1000];
	size_t got;

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(truncate(blob_case_path(f, &id), 900), 0);
	assert_int_equal(blob_read(file, 0, to, 900, &got), KITH_OK);
	assert_int_equal(blob_read(file, 900, to, 100, &got), KITH_EIO);
	blob_close(file);
}

static void what_is_no_file_is_no_blob(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(18, 10));
	char path[BLOB_CASE_PATH_BYTES];

	snprintf(path, sizeof(path), "%s", blob_case_path(f, &id));
	assert_int_equal(truncate(path, 0), 0);
	assert_absent(f, &id);
	assert_int_equal(unlink(path), 0);
	assert_absent(f, &id);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_absent(f, &id);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_absent(f, &id);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_absent(f, &id);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_ENOENT);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_ENOENT);
}

static void what_is_removed_stays_readable_while_it_is_open(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(19, 100);
	struct kith_blob_id id = case_add(f, s);
	struct blob_file *file;
	uint8_t to[100];
	size_t got;

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_OK);
	assert_absent(f, &id);
	assert_int_equal(blob_read(file, 0, to, 100, &got), KITH_OK);
	assert_memory_equal(to, s.p, 100);
	blob_close(file);
}

/* --- all of them ---------------------------------------------------------- */

static void a_walk_gives_all_in_order_from_anywhere(void **state)
{
	static struct kith_blob_id seen[MANY];
	struct blob_case *f = *state;
	struct blob_entry entry;
	struct blob_walk *w = blob_walk_new(f->blobs, NULL);
	struct kith_blob_id last = { { 0 } };
	char path[BLOB_CASE_PATH_BYTES + 1];
	int64_t start_us = wall_us();
	size_t n = 0;

	assert_false(blob_walk_next(w, &entry));
	assert_int_equal(blob_walk_error(w), KITH_OK);
	blob_walk_free(w);
	for (unsigned i = 0; i < MANY; i++)
		last = case_add(f, case_bytes(100 + i, 8 + i % 7));
	snprintf(path, sizeof(path), "%s/blobs/sha256/zz", f->home.path);
	case_write(path, KITH_SLICE("stray"));
	snprintf(path, sizeof(path), "%s0", blob_case_path(f, &last));
	case_write(path, KITH_SLICE("stray"));
	w = blob_walk_new(f->blobs, NULL);
	while (blob_walk_next(w, &entry)) {
		assert_in_range(n, 0, MANY - 1);
		seen[n] = entry.id;
		assert_in_range(entry.size, 8, 14);
		/* The clock of files may be a moment late. */
		assert_in_range(entry.added_us, start_us - 1000000, wall_us());
		assert_true(!n || memcmp(&seen[n - 1], &seen[n],
					 sizeof(*seen)) < 0);
		n++;
	}
	assert_int_equal(blob_walk_error(w), KITH_OK);
	assert_int_equal(n, MANY);
	assert_int_equal(blob_walk_strays(w), 2);
	blob_walk_free(w);
	for (size_t i = 0; i < MANY; i += 7) {
		w = blob_walk_new(f->blobs, &seen[i]);
		if (i + 1 == MANY) {
			assert_false(blob_walk_next(w, &entry));
		} else {
			assert_true(blob_walk_next(w, &entry));
			assert_true(case_same(&entry.id, &seen[i + 1]));
		}
		blob_walk_free(w);
	}
}

static void what_goes_while_it_is_walked_is_left_out(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(20, 5));
	struct blob_walk *w = blob_walk_new(f->blobs, NULL);
	struct blob_entry entry;

	case_add(f, case_bytes(21, 5));
	assert_true(blob_walk_next(w, &entry));
	id = case_same(&entry.id, &id) ? case_id(case_bytes(21, 5)) : id;
	assert_int_equal(blob_remove(f->blobs, &id), KITH_OK);
	assert_false(blob_walk_next(w, &entry));
	assert_int_equal(blob_walk_error(w), KITH_OK);
	blob_walk_free(w);
}

static void leave_part(struct blob_case *f, unsigned seed, size_t n,
		       time_t touched)
{
	struct timespec times[2] = { { .tv_sec = touched },
				     { .tv_sec = touched } };
	struct kith_blob_id id = case_id(case_bytes(seed, n + 1));
	struct blob_writer *w = case_begin(f, &id, true);

	case_put(w, case_bytes(seed, n));
	blob_writer_cut(w);
	assert_int_equal(utimensat(AT_FDCWD, case_part(f, &id), times, 0), 0);
}

static void old_parts_go_and_then_the_oldest_down_to_the_limit(void **state)
{
	struct blob_case *f = *state;
	struct blob_parts parts;

	leave_part(f, 30, 100, 1000);
	leave_part(f, 31, 200, 3000);
	leave_part(f, 32, 300, 4000);
	leave_part(f, 33, 400, 5000);
	assert_int_equal(blobs_tidy(f->blobs, 2000000000, 1000, &parts),
			 KITH_OK);
	assert_int_equal(parts.count, 3);
	assert_int_equal(parts.bytes, 900);
	assert_int_equal(parts.removed, 1);
	assert_int_equal(parts.removed_bytes, 100);
	assert_int_equal(blobs_tidy(f->blobs, 0, 400, &parts), KITH_OK);
	assert_int_equal(parts.count, 1);
	assert_int_equal(parts.bytes, 400);
	assert_int_equal(parts.removed_bytes, 500);
}

static void what_a_crash_left_goes_and_others_files_stay(void **state)
{
	struct blob_case *f = *state;
	struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char left[BLOB_CASE_PATH_BYTES], others[BLOB_CASE_PATH_BYTES];
	struct blob_parts parts;

	case_add(f, case_bytes(40, 1));
	snprintf(left, sizeof(left), "%s/blobs/tmp/new-0123456789ab",
		 f->home.path);
	snprintf(others, sizeof(others), "%s/blobs/tmp/notes", f->home.path);
	case_write(left, case_bytes(41, 10));
	case_write(others, case_bytes(41, 10));
	/* It may be one that was just made, and is not locked yet. */
	assert_int_equal(blobs_tidy(f->blobs, INT64_MAX, 0, NULL), KITH_OK);
	assert_true(case_exists(left));
	assert_int_equal(utimensat(AT_FDCWD, left, old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, others, old, 0), 0);
	assert_int_equal(blobs_tidy(f->blobs, 0, UINT64_MAX, &parts), KITH_OK);
	assert_int_equal(parts.removed, 1);
	assert_false(case_exists(left));
	assert_true(case_exists(others));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, blob_case_open, blob_case_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_empty_blob_is_always_here),
		TEST(slices_are_read),
		TEST(who_reads_it_all_is_told_of_damage_before_the_end),
		TEST(a_file_that_is_cut_while_it_is_read_is_an_error),
		TEST(what_is_no_file_is_no_blob),
		TEST(what_is_removed_stays_readable_while_it_is_open),
		TEST(a_walk_gives_all_in_order_from_anywhere),
		TEST(what_goes_while_it_is_walked_is_left_out),
		TEST(old_parts_go_and_then_the_oldest_down_to_the_limit),
		TEST(what_a_crash_left_goes_and_others_files_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
