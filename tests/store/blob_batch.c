#include "src/store/blob_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/store/blob_words.h"
#include "tests/store/blob_case.h"

enum { BYTES = 5000, SOME = 20 };

/* --- helpers -------------------------------------------------------------- */

/* The n-th blob of the test. */
static struct kith_slice bytes(unsigned n, struct kith_blob_id *id)
{
	static uint8_t all[BYTES];
	struct kith_slice s = { all, 1 + n * 997 % BYTES };

	for (size_t i = 0; i < s.n; i++)
		all[i] = (uint8_t)(n + i);
	memcpy(all, &n, s.n < sizeof(n) ? s.n : sizeof(n));
	crypto_hash_sha256(id->b, s.p, s.n);
	return s;
}

static struct kith_blob_id add(struct blob_case *f, struct blob_batch *b,
			       unsigned n)
{
	struct kith_blob_id id;
	struct kith_slice s = bytes(n, &id);
	struct blob_writer *w = case_begin(f, &id, false);

	assert_int_equal(blob_writer_put(w, s, NULL), KITH_OK);
	assert_int_equal(blob_batch_add(b, w, NULL), KITH_OK);
	return id;
}

static enum kith_err look(struct blob_case *f, const struct kith_blob_id *id)
{
	return blob_verify(f->blobs, id);
}

/* --- tests ---------------------------------------------------------------- */

static void those_of_a_batch_appear_at_its_end_and_not_before(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };
	struct kith_blob_id ids[SOME];

	/* And again: it is empty then. */
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < SOME; i++)
			ids[i] = add(f, &b, round * SOME + i);
		for (unsigned i = 0; i < SOME; i++)
			assert_int_equal(look(f, &ids[i]), KITH_ENOENT);
		assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
		for (unsigned i = 0; i < SOME; i++)
			assert_int_equal(look(f, &ids[i]), KITH_OK);
		assert_int_equal(case_in_tmp(f), 0);
	}
	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
}

static void what_is_another_blob_costs_only_itself(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };
	struct kith_error e = { 0 };
	struct kith_blob_id other, one = add(f, &b, 1);
	struct blob_writer *w;

	(void)bytes(2, &other);
	w = case_begin(f, &other, false);
	assert_int_equal(blob_writer_put(w, KITH_SLICE("not that"), NULL),
			 KITH_OK);
	assert_int_equal(blob_batch_add(&b, w, &e), KITH_EFORMAT);
	assert_int_not_equal(e.text[0], '\0');
	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
	assert_int_equal(look(f, &one), KITH_OK);
	assert_int_equal(look(f, &other), KITH_ENOENT);
	assert_int_equal(case_in_tmp(f), 0);
}

static void the_same_twice_and_the_empty_one_are_well(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };
	struct kith_blob_id one = add(f, &b, 7), same = add(f, &b, 7);

	assert_int_equal(blob_batch_add(&b, case_begin(f, &blob_empty, false),
					NULL),
			 KITH_OK);
	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
	assert_memory_equal(&one, &same, sizeof(one));
	assert_int_equal(look(f, &one), KITH_OK);
	assert_int_equal(case_in_tmp(f), 0);
}

static void what_is_dropped_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };
	struct kith_blob_id one = add(f, &b, 1);

	(void)add(f, &b, 2);
	blob_batch_drop(&b);
	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
	assert_int_equal(look(f, &one), KITH_ENOENT);
	assert_int_equal(case_in_tmp(f), 0);
}

static void it_is_full_by_count_and_by_bytes(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };

	for (unsigned i = 0; i < BLOB_BATCH_MAX; i++) {
		assert_false(blob_batch_is_full(&b));
		(void)add(f, &b, i);
	}
	assert_true(blob_batch_is_full(&b));
	blob_batch_drop(&b);
	assert_false(blob_batch_is_full(&b));
	b.bytes = BLOB_BATCH_BYTES - 1;
	assert_false(blob_batch_is_full(&b));
	b.bytes++;
	assert_true(blob_batch_is_full(&b));
}

/* Where a name should be made, something is in the way. */
static void an_error_leaves_what_has_its_name_whole(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };
	struct kith_error e = { 0 };
	struct kith_blob_id ids[3];

	for (unsigned i = 0; i < 3; i++)
		ids[i] = add(f, &b, i);
	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
	assert_int_equal(b.done, 3);
	assert_int_equal(blob_remove(f->blobs, &ids[0]), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &ids[1]), KITH_OK);
	assert_int_equal(mkdir(blob_case_path(f, &ids[1]), 0700), 0);
	for (unsigned i = 0; i < 3; i++)
		ids[i] = add(f, &b, i);
	assert_int_equal(blob_batch_finish(&b, &e), KITH_EIO);
	assert_int_not_equal(e.text[0], '\0');
	assert_int_equal(b.count, 0);
	assert_int_equal(b.done, 1);
	assert_int_equal(look(f, &ids[0]), KITH_OK);
	assert_int_equal(look(f, &ids[1]), KITH_ENOENT);
	assert_int_equal(look(f, &ids[2]), KITH_OK);
	assert_int_equal(case_in_tmp(f), 0);
}

static void a_copy_is_what_its_name_says_or_refused(void **state)
{
	struct blob_case *f = *state;
	struct blob_batch b = { 0 };
	struct blobs *theirs;
	struct kith_blob_id one = add(f, &b, 1), two = add(f, &b, 2);
	struct kith_blob_id *ids[] = { &one, &two };
	struct blob_writer *w;

	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
	assert_int_equal(blobs_open_folder(f->home.path, &theirs, NULL),
			 KITH_OK);
	case_write(blob_case_path(f, &two), kith_text("changed by hand"));
	for (int i = 0; i < 2; i++) {
		w = case_begin(f, ids[i], false);
		assert_int_equal(blob_copy(theirs, ids[i], w, NULL), KITH_OK);
		assert_int_equal(blob_batch_add(&b, w, NULL),
				 i ? KITH_EFORMAT : KITH_OK);
	}
	assert_int_equal(blob_remove(f->blobs, &one), KITH_OK);
	assert_int_equal(blob_batch_finish(&b, NULL), KITH_OK);
	assert_int_equal(look(f, &one), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &two), KITH_OK);
	w = case_begin(f, &two, false);
	assert_int_equal(blob_copy(theirs, &two, w, NULL), KITH_ENOENT);
	blob_writer_drop(w);
	blobs_close(theirs);
}

static void all_that_came_are_noted_at_once(void **state)
{
	struct blob_case *f = *state;
	struct blob_came came[2] = { { .size = 5, .hops = 2 },
				     { .size = 6, .hops = BLOB_HOPS_NONE } };
	struct blobs_came all = { came, 2, 77 };
	struct blob_row row;
	struct txn *t;

	came[1].id.b[0] = 1;
	assert_int_equal(blobs_say_came(f->home.store, &all, NULL), KITH_OK);
	came[0].hops = 3;
	assert_int_equal(blobs_say_came(f->home.store, &all, NULL), KITH_OK);
	assert_int_equal(store_read(f->home.store, &t), KITH_OK);
	assert_true(blob_row_get(t, &came[0].id, &row));
	assert_int_equal(row.state, BLOB_HERE);
	assert_int_equal(row.size, 5);
	assert_int_equal(row.hops, 2);
	assert_true(blob_row_get(t, &came[1].id, &row));
	assert_int_equal(row.state, BLOB_HERE);
	assert_int_equal(row.added_us, 77);
	assert_int_equal(row.hops, BLOB_HOPS_NONE);
	txn_end(t);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, blob_case_open, blob_case_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_of_a_batch_appear_at_its_end_and_not_before),
		TEST(what_is_another_blob_costs_only_itself),
		TEST(the_same_twice_and_the_empty_one_are_well),
		TEST(what_is_dropped_leaves_nothing),
		TEST(it_is_full_by_count_and_by_bytes),
		TEST(an_error_leaves_what_has_its_name_whole),
		TEST(a_copy_is_what_its_name_says_or_refused),
		TEST(all_that_came_are_noted_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
