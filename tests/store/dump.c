#include "src/store/dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/generation.h"
#include "tests/support/home.h"

enum { DUMP_BYTES_MAX = 64 << 20, KEY_BYTES = 8, BIG_BYTES = 200000 };

static struct txn *begin(struct test_home *h, bool write)
{
	struct txn *t;

	assert_int_equal(write ? store_write(h->store, &t)
			       : store_read(h->store, &t), KITH_OK);
	return t;
}

static void put(struct txn *t, enum store_table table, uint64_t n,
		struct kith_slice value)
{
	uint8_t key[KEY_BYTES];

	kith_put_be64(key, n);
	txn_put(t, table, (struct kith_slice){ key, sizeof(key) }, value);
}

/* A home with rows in some tables: small, large, sealed by a checksum, and
 * several of one key. */
static void open_with_rows(struct test_home *h)
{
	static uint8_t big[BIG_BYTES];
	struct txn *t;

	test_home_open(h);
	test_home_store(h, 0);
	memset(big, 7, sizeof(big));
	t = begin(h, true);
	for (uint64_t i = 0; i < 1000; i++)
		put(t, TABLE_LOG, i, KITH_SLICE("a row"));
	put(t, TABLE_LOG, 5000, (struct kith_slice){ big, sizeof(big) });
	put(t, TABLE_CLOCKS, 1, (struct kith_slice){ big, sizeof(big) });
	put(t, TABLE_BY_ID, 1, KITH_SLICE("87654321"));
	put(t, TABLE_BY_ID, 1, KITH_SLICE("12345678"));
	put(t, TABLE_BY_ID, 2, KITH_SLICE("12345678"));
	put(t, TABLE_CONTACTS, 1, KITH_SLICE(""));
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void dump(struct txn *t, struct kith_buf *out)
{
	struct dump *d = dump_new(t);

	*out = (struct kith_buf){ .limit = DUMP_BYTES_MAX };
	while (dump_next(d, out))
		assert_true(dump_at(d) <= dump_total(d));
	assert_int_equal(dump_at(d), dump_total(d));
	assert_int_equal(txn_error(t), KITH_OK);
	assert_int_equal(out->err, KITH_OK);
	dump_free(d);
}

static void dump_home(struct test_home *h, struct kith_buf *out)
{
	struct txn *t = begin(h, false);

	dump(t, out);
	txn_end(t);
}

static void open_empty(struct test_home *h)
{
	test_home_open(h);
	assert_int_equal(home_lock_writer(h->home, NULL), KITH_OK);
}

/* Fills a store in pieces of step bytes; the generation is not switched to. */
static enum kith_err fill(struct test_home *h, struct kith_slice bytes,
			  size_t step, uint64_t *generation)
{
	struct fill *f = NULL;
	enum kith_err err = fill_new(h->home, &f, NULL);

	while (!err && bytes.n) {
		size_t n = bytes.n < step ? bytes.n : step;

		err = fill_put(f, (struct kith_slice){ bytes.p, n }, NULL);
		bytes.p += n;
		bytes.n -= n;
	}
	if (!err)
		err = fill_finish(f, generation, NULL);
	fill_free(f);
	return err;
}

/* True if the home's store holds what the dump does, but for the row that
 * tells one store from a copy of it. */
static bool holds(struct test_home *h, struct kith_slice want)
{
	static const uint8_t copy[] = { DUMP_ROW, 0, 1, 0, 0, 0, 60, 5 };
	struct kith_buf got;
	uint8_t *ours;
	const uint8_t *theirs;
	bool equal;

	dump_home(h, &got);
	ours = memmem(got.p, got.n, copy, sizeof(copy));
	theirs = memmem(want.p, want.n, copy, sizeof(copy));
	assert_non_null(ours);
	assert_non_null(theirs);
	memcpy(ours, theirs, 7 + 1 + 60);
	equal = kith_equal(kith_bytes(&got), want);
	kith_buf_free(&got);
	return equal;
}

static void restores(struct kith_slice bytes, size_t step)
{
	struct test_home to;
	uint64_t generation = 0;

	open_empty(&to);
	assert_int_equal(fill(&to, bytes, step, &generation), KITH_OK);
	assert_int_equal(generation_switch(to.home, generation, NULL),
			 KITH_OK);
	test_home_store(&to, 0);
	assert_true(holds(&to, bytes));
	test_home_close(&to);
}

static void a_store_filled_from_a_dump_has_every_row(void **state)
{
	struct test_home from;
	struct kith_buf bytes;
	(void)state;

	open_with_rows(&from);
	dump_home(&from, &bytes);
	restores(kith_bytes(&bytes), DUMP_BYTES_MAX);
	restores(kith_bytes(&bytes), 65536);
	restores(kith_bytes(&bytes), 61);
	kith_buf_free(&bytes);
	test_home_close(&from);
}

static void a_dump_is_of_one_moment(void **state)
{
	struct kith_buf before, during;
	struct test_home from;
	struct txn *reader, *writer;
	(void)state;

	open_with_rows(&from);
	dump_home(&from, &before);
	reader = begin(&from, false);
	writer = begin(&from, true);
	put(writer, TABLE_LOG, 3, KITH_SLICE("changed"));
	put(writer, TABLE_LOG, 9999, KITH_SLICE("new"));
	assert_int_equal(txn_commit(writer), KITH_OK);
	dump(reader, &during);
	txn_end(reader);
	assert_true(kith_equal(kith_bytes(&before), kith_bytes(&during)));
	assert_false(holds(&from, kith_bytes(&before)));
	kith_buf_free(&before);
	kith_buf_free(&during);
	test_home_close(&from);
}

static void cut_off_anywhere_it_fills_nothing(void **state)
{
	struct test_home from, to;
	struct kith_buf bytes;
	uint64_t generation, current;
	(void)state;

	test_home_open(&from);
	test_home_store(&from, 0);
	dump_home(&from, &bytes);
	open_empty(&to);
	for (size_t n = 0; n < bytes.n; n += 7) {
		enum kith_err err = fill(&to, (struct kith_slice){ bytes.p, n },
					 n ? n : 1, &generation);

		/* Between two records it may end, as far as fill knows: that
		 * all came is for the file's own checks to say. */
		assert_true(!err || err == KITH_EFORMAT);
	}
	assert_int_equal(generation_current(to.home, &current, NULL),
			 KITH_OK);
	assert_int_equal(current, 0);
	kith_buf_free(&bytes);
	test_home_close(&to);
	test_home_close(&from);
}

static void assert_refused(struct kith_slice bytes)
{
	struct test_home to;
	uint64_t generation;
	char path[TEST_PATH_BYTES + 32];

	open_empty(&to);
	assert_int_equal(fill(&to, bytes, bytes.n ? bytes.n : 1, &generation),
			 KITH_EFORMAT);
	snprintf(path, sizeof(path), "%s/store/1", to.path);
	assert_int_not_equal(access(path, F_OK), 0);
	test_home_close(&to);
}

#define LOG "\1\0\3log"
#define BY_ID "\1\0\5by_id"
#define NUMBER(key, value) "\2\0\1\0\0\0\10" key "0000000" value
#define ROW(key, value) "\2\0\1\0\0\0\1" key value

static void bytes_that_are_no_rows_are_refused(void **state)
{
	(void)state;
	assert_refused(KITH_SLICE(""));
	assert_refused(KITH_SLICE("\0"));
	assert_refused(KITH_SLICE("\3\0\3log"));
	assert_refused(KITH_SLICE("\1\0\5nosuch"));
	assert_refused(KITH_SLICE("\1\377\377"));
	assert_refused(KITH_SLICE(ROW("a", "b")));
	assert_refused(KITH_SLICE(LOG ROW("a", "b") LOG ROW("a", "b")));
	assert_refused(KITH_SLICE(LOG "\2\0\0\0\0\0\1b"));
	assert_refused(KITH_SLICE(LOG "\2\2\0\0\0\0\0"));
	assert_refused(KITH_SLICE(LOG "\2\0\1\4\0\0\1"));
	assert_refused(KITH_SLICE(LOG ROW("b", "1") ROW("a", "1")));
	assert_refused(KITH_SLICE(LOG ROW("a", "1") ROW("a", "2")));
	assert_refused(KITH_SLICE(BY_ID NUMBER("a", "1") NUMBER("a", "1")));
	assert_refused(KITH_SLICE(BY_ID ROW("a", "1")));
	assert_refused(KITH_SLICE(BY_ID NUMBER("a", "1") ROW("a", "2")));
	assert_refused(KITH_SLICE(BY_ID "\2\0\1\0\0\0\0a"));
}

static void a_fill_that_was_dropped_leaves_nothing(void **state)
{
	struct test_home to;
	struct fill *f;
	char path[TEST_PATH_BYTES + 32];
	(void)state;

	open_empty(&to);
	assert_int_equal(fill_new(to.home, &f, NULL), KITH_OK);
	assert_int_equal(fill_put(f, KITH_SLICE(LOG ROW("a", "b")), NULL),
			 KITH_OK);
	fill_free(f);
	snprintf(path, sizeof(path), "%s/store/1", to.path);
	assert_int_not_equal(access(path, F_OK), 0);
	fill_free(NULL);
	dump_free(NULL);
	test_home_close(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_filled_from_a_dump_has_every_row),
		cmocka_unit_test(a_dump_is_of_one_moment),
		cmocka_unit_test(cut_off_anywhere_it_fills_nothing),
		cmocka_unit_test(bytes_that_are_no_rows_are_refused),
		cmocka_unit_test(a_fill_that_was_dropped_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
