/* How bytes become a blob in the folder, or do not. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/store/blob_case.h"

static void bytes_become_a_file_where_other_peers_look(void **state)
{
	/* SHA-256 of "abc", FIPS 180-2 B.1. */
	static const char place[] = "/blobs/sha256/ba/7816bf8f01cfea414140de5"
				    "dae2223b00361a396177a9cb410ff61f20015ad";
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, KITH_SLICE("abc"));
	char path[BLOB_CASE_PATH_BYTES];
	uint64_t size;

	snprintf(path, sizeof(path), "%s%s", f->home.path, place);
	assert_true(case_exists(path));
	assert_string_equal(blob_case_path(f, &id), path);
	assert_int_equal(blob_size(f->blobs, &id, &size), KITH_OK);
	assert_int_equal(size, 3);
	assert_int_equal(case_in_tmp(f), 0);
}

static void nothing_is_visible_before_the_end(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(1, 5000);
	struct kith_blob_id id = case_id(s);
	struct blob_writer *w = case_begin(f, &id, false);

	for (size_t i = 0; i < s.n; i += 500) {
		case_put(w, (struct kith_slice){ s.p + i, 500 });
		assert_absent(f, &id);
		assert_int_equal(blob_writer_bytes(w), i + 500);
	}
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void what_is_another_blob_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_id(case_bytes(1, 100));
	struct kith_blob_id got = { { 7 } };

	for (int resume = 0; resume < 2; resume++) {
		struct blob_writer *w = case_begin(f, &id, resume);

		case_put(w, case_bytes(2, 100));
		assert_int_equal(blob_writer_finish(w, &got, NULL),
				 KITH_EFORMAT);
		assert_int_equal(got.b[0], 7);
		assert_absent(f, &id);
		assert_int_equal(case_in_tmp(f), 0);
	}
}

static void less_than_the_limit_fits_and_no_more(void **state)
{
	struct blob_case *f = *state;
	struct kith_error e = { 0 };
	struct blob_writer *w = case_begin(f, NULL, false);

	case_put(w, case_bytes(1, CASE_LIMIT - 1));
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	w = case_begin(f, NULL, false);
	case_put(w, case_bytes(2, CASE_LIMIT - 1));
	assert_int_equal(blob_writer_put(w, case_bytes(3, 1), &e),
			 KITH_ETOOBIG);
	assert_int_equal(blob_writer_put(w, case_bytes(3, 0), NULL),
			 KITH_ETOOBIG);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_ETOOBIG);
	assert_int_equal(case_in_tmp(f), 0);
}

static void a_cut_is_taken_up_where_it_ended(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(4, 90000);
	struct kith_blob_id id = case_id(s);

	for (size_t at = 0; at < s.n; at += 9000) {
		struct blob_writer *w = case_begin(f, &id, true);

		assert_int_equal(blob_writer_bytes(w), at);
		case_put(w, (struct kith_slice){ s.p + at, 9000 });
		assert_absent(f, &id);
		if (at + 9000 < s.n)
			blob_writer_cut(w);
		else
			assert_int_equal(blob_writer_finish(w, NULL, NULL),
					 KITH_OK);
	}
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
	assert_int_equal(case_in_tmp(f), 0);
}

static void a_part_in_use_is_left_alone(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(5, 1000);
	struct kith_blob_id id = case_id(s);
	struct blob_writer *one = case_begin(f, &id, true), *two;
	struct blob_parts parts;

	case_put(one, (struct kith_slice){ s.p, 400 });
	two = case_begin(f, &id, true);
	assert_int_equal(blob_writer_bytes(two), 0);
	case_put(two, s);
	assert_int_equal(blobs_tidy(f->blobs, INT64_MAX, 0, &parts), KITH_OK);
	assert_int_equal(parts.removed, 0);
	assert_int_equal(parts.count, 2);
	assert_int_equal(parts.bytes, 1400);
	assert_int_equal(blob_writer_finish(two, NULL, NULL), KITH_OK);
	case_put(one, (struct kith_slice){ s.p + 400, 600 });
	assert_int_equal(blob_writer_finish(one, NULL, NULL), KITH_OK);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void a_part_that_was_changed_by_hand_is_found_out(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(6, 1000);
	struct kith_blob_id id = case_id(s);
	struct blob_writer *w = case_begin(f, &id, true);

	case_put(w, (struct kith_slice){ s.p, 600 });
	blob_writer_cut(w);
	case_write(case_part(f, &id), (struct kith_slice){ s.p + 1, 600 });
	w = case_begin(f, &id, true);
	assert_int_equal(blob_writer_bytes(w), 600);
	case_put(w, (struct kith_slice){ s.p + 600, 400 });
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_EFORMAT);
	assert_int_equal(case_in_tmp(f), 0);

	/* While it is written to. */
	w = case_begin(f, &id, true);
	case_put(w, s);
	assert_int_equal(truncate(case_part(f, &id), 10), 0);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_EIO);
	assert_absent(f, &id);
	w = case_begin(f, &id, true);
	case_put(w, s);
	assert_int_equal(unlink(case_part(f, &id)), 0);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_EIO);
	assert_absent(f, &id);
}

static void a_part_over_the_limit_is_begun_anew(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(7, CASE_LIMIT);
	struct kith_blob_id id = case_id((struct kith_slice){ s.p, 10 });
	struct blob_writer *w = case_begin(f, &id, true);

	case_put(w, (struct kith_slice){ s.p, 1 });
	blob_writer_cut(w);
	case_write(case_part(f, &id), s);
	w = case_begin(f, &id, true);
	assert_int_equal(blob_writer_bytes(w), 0);
	case_put(w, (struct kith_slice){ s.p, 10 });
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void what_is_dropped_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_id(case_bytes(8, 10));
	struct blob_writer *w = case_begin(f, &id, true);

	case_put(w, case_bytes(8, 5));
	blob_writer_drop(w);
	blob_writer_cut(case_begin(f, &id, true));
	blob_writer_cut(case_begin(f, NULL, false));
	blob_writer_drop(case_begin(f, NULL, false));
	assert_int_equal(case_in_tmp(f), 0);
}

static void a_blob_that_is_here_already_may_come_again(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(9, 100)), again;

	/* What was damaged is made good by that. */
	case_write(blob_case_path(f, &id), case_bytes(10, 50));
	again = case_add(f, case_bytes(9, 100));
	assert_true(case_same(&id, &again));
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void a_damaged_blob_is_refused_however_it_is_read(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(9, 100));
	struct blob_file *file;
	uint8_t to[100];
	size_t got;

	case_write(blob_case_path(f, &id), case_bytes(10, 100));
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_read(file, 0, to, 30, &got), KITH_OK);
	assert_int_equal(blob_read(file, 0, to, 60, &got), KITH_OK);
	assert_int_equal(blob_read(file, 60, to, 60, &got), KITH_EFORMAT);
	assert_int_equal(blob_read(file, 0, to, 100, &got), KITH_EFORMAT);
	assert_int_equal(blob_read(file, 0, to, 99, &got), KITH_OK);
	blob_close(file);
}

static void what_came_whole_is_not_removed_for_damage_before_it(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(9, 100));
	struct blob_file *file;
	uint8_t to[100];
	size_t got;

	case_write(blob_case_path(f, &id), case_bytes(10, 100));
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_read(file, 0, to, 100, &got), KITH_EFORMAT);
	case_add(f, case_bytes(9, 100));
	assert_int_equal(blob_remove_file(f->blobs, file), KITH_ENOENT);
	blob_close(file);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_remove_file(f->blobs, file), KITH_OK);
	blob_close(file);
	assert_false(case_exists(blob_case_path(f, &id)));
}

static bool has_come(struct blob_case *f, const struct kith_blob_id *id)
{
	bool came;

	blobs_lock(f->blobs);
	came = blobs_came(f->blobs, id);
	blobs_unlock(f->blobs);
	return came;
}

/* Who sweeps leaves it alone so long. */
static void what_came_is_remembered_until_its_row_tells_of_it(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id early = case_add(f, case_bytes(1, 100)), id;

	blobs_remember(f->blobs);
	assert_false(has_come(f, &early));
	id = case_add(f, case_bytes(2, 100));
	assert_true(has_come(f, &id));
	case_add(f, case_bytes(2, 100)); /* and once more */
	blobs_noted(f->blobs, &id);
	assert_true(has_come(f, &id));
	blobs_noted(f->blobs, &id);
	assert_false(has_come(f, &id));
	blobs_noted(f->blobs, &id);
	assert_false(has_come(f, &early));
}

static void what_came_is_noted_in_any_order(void **state)
{
	enum { COUNT = 8 };
	static const size_t order[COUNT] = { 0, 1, 5, 2, 7, 3, 4, 6 };
	struct blob_case *f = *state;
	struct kith_blob_id ids[COUNT];
	bool noted[COUNT] = { false };

	blobs_remember(f->blobs);
	for (size_t i = 0; i < COUNT; i++)
		ids[i] = case_add(f, case_bytes((unsigned)i, 100));
	for (size_t i = 0; i < COUNT; i++) {
		blobs_noted(f->blobs, &ids[order[i]]);
		noted[order[i]] = true;
		for (size_t j = 0; j < COUNT; j++)
			assert_int_equal(has_come(f, &ids[j]), !noted[j]);
	}
	ids[0] = case_add(f, case_bytes(0, 100));
	assert_true(has_come(f, &ids[0]));
}

static void a_full_disk_is_said_and_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = case_bytes(11, 60000);
	struct kith_blob_id id = case_id(s);
	struct rlimit before, little;
	struct kith_error e = { 0 };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 30000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	for (int i = 0; i < 2; i++) {
		struct blob_writer *w = case_begin(f, &id, true);

		case_put(w, (struct kith_slice){ s.p, 20000 });
		assert_int_equal(
			blob_writer_put(w, (struct kith_slice){ s.p + 20000,
								40000 }, &e),
			KITH_EFULL);
		assert_int_not_equal(e.text[0], '\0');
		if (i)
			blob_writer_cut(w);
		else
			assert_int_equal(blob_writer_finish(w, NULL, NULL),
					 KITH_EFULL);
		assert_absent(f, &id);
		assert_int_equal(case_in_tmp(f), 0);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void the_folder_may_go_away_and_come_back(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = case_add(f, case_bytes(12, 100)), other;
	char from[BLOB_CASE_PATH_BYTES], to[BLOB_CASE_PATH_BYTES];

	snprintf(from, sizeof(from), "%s/blobs", f->home.path);
	snprintf(to, sizeof(to), "%s/elsewhere", f->home.path);
	assert_int_equal(rename(from, to), 0);
	assert_absent(f, &id);
	other = case_add(f, case_bytes(13, 100));
	assert_int_equal(blob_verify(f->blobs, &other), KITH_OK);
}

static void in_the_folder_of_another_program_nothing_is_written(void **state)
{
	struct blob_write how = { .limit = CASE_LIMIT };
	struct kith_error e = { 0 };
	struct blob_writer *w;
	struct test_home h;
	struct blobs *b;
	char path[BLOB_CASE_PATH_BYTES];
	(void)state;

	test_home_open(&h);
	snprintf(path, sizeof(path), "%s/ebt", h.path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(blobs_open(h.home, &b, NULL), KITH_OK);
	assert_int_equal(blob_writer_new(b, &how, &w, &e), KITH_EDENIED);
	assert_int_equal(blobs_tidy(b, 0, 0, NULL), KITH_EDENIED);
	assert_int_equal(blob_remove(b, &(struct kith_blob_id){ { 1 } }),
			 KITH_EDENIED);
	blobs_close(b);
	test_home_close(&h);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, blob_case_open, blob_case_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_become_a_file_where_other_peers_look),
		TEST(nothing_is_visible_before_the_end),
		TEST(what_is_another_blob_leaves_nothing),
		TEST(less_than_the_limit_fits_and_no_more),
		TEST(a_cut_is_taken_up_where_it_ended),
		TEST(a_part_in_use_is_left_alone),
		TEST(a_part_that_was_changed_by_hand_is_found_out),
		TEST(a_part_over_the_limit_is_begun_anew),
		TEST(what_is_dropped_leaves_nothing),
		TEST(a_blob_that_is_here_already_may_come_again),
		TEST(a_damaged_blob_is_refused_however_it_is_read),
		TEST(what_came_whole_is_not_removed_for_damage_before_it),
		TEST(what_came_is_remembered_until_its_row_tells_of_it),
		TEST(what_came_is_noted_in_any_order),
		TEST(a_full_disk_is_said_and_leaves_nothing),
		TEST(the_folder_may_go_away_and_come_back),
		cmocka_unit_test(
			in_the_folder_of_another_program_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
