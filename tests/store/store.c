#include "src/store/store.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/store_private.h"
#include "tests/support/home.h"

static const struct kith_slice KEY = { (const uint8_t *)"key", 3 };

static struct txn *begin_write(struct test_home *h)
{
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	return t;
}

static struct txn *begin_read(struct test_home *h)
{
	struct txn *t;

	assert_int_equal(store_read(h->store, &t), KITH_OK);
	return t;
}

static void put_and_commit(struct test_home *h, struct kith_slice value)
{
	struct txn *t = begin_write(h);

	txn_put(t, TABLE_VIEWS, KEY, value);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void assert_value(struct test_home *h, struct kith_slice value)
{
	struct txn *t = begin_read(h);
	struct kith_slice found;

	assert_true(txn_get(t, TABLE_VIEWS, KEY, &found));
	assert_true(kith_equal(found, value));
	txn_end(t);
}

static void committed_rows_are_there_after_reopening(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_and_commit(&h, KITH_SLICE("value"));
	test_home_reopen(&h);
	assert_value(&h, KITH_SLICE("value"));
	test_home_close(&h);
}

static void store_that_begins_to_read_ahead_goes_on(void **state)
{
	struct store_options o = { .write = true, .scattered = true };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	store_close(h.store);
	assert_int_equal(store_open(h.home, &o, &h.store, NULL), KITH_OK);
	put_and_commit(&h, KITH_SLICE("before"));
	store_read_ahead(h.store);
	assert_value(&h, KITH_SLICE("before"));
	put_and_commit(&h, KITH_SLICE("after"));
	test_home_reopen(&h);
	assert_value(&h, KITH_SLICE("after"));
	test_home_close(&h);
}

static void dropped_rows_are_gone(void **state)
{
	struct kith_slice found;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	t = begin_write(&h);
	txn_put(t, TABLE_VIEWS, KEY, KITH_SLICE("value"));
	assert_true(txn_get(t, TABLE_VIEWS, KEY, &found));
	txn_end(t);
	t = begin_read(&h);
	assert_false(txn_get(t, TABLE_VIEWS, KEY, &found));
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	test_home_close(&h);
}

static void reader_sees_the_state_it_began_with(void **state)
{
	struct kith_slice found;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_and_commit(&h, KITH_SLICE("old"));
	t = begin_read(&h);
	put_and_commit(&h, KITH_SLICE("new"));
	assert_true(txn_get(t, TABLE_VIEWS, KEY, &found));
	assert_true(kith_equal(found, KITH_SLICE("old")));
	txn_end(t);
	assert_value(&h, KITH_SLICE("new"));
	test_home_close(&h);
}

static void cursor_walks_in_the_order_of_keys(void **state)
{
	static const char *const keys[] = { "b", "a", "c" };
	struct test_home h;
	struct cursor c;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	t = begin_write(&h);
	for (int i = 0; i < 3; i++)
		txn_put(t, TABLE_VIEWS, kith_text(keys[i]), KITH_SLICE("v"));
	assert_int_equal(txn_count(t, TABLE_VIEWS), 3);
	cursor_open(&c, t, TABLE_VIEWS);
	assert_true(cursor_seek(&c, KITH_SLICE("")));
	assert_true(kith_equal(c.key, KITH_SLICE("a")));
	assert_true(cursor_seek(&c, KITH_SLICE("aa")));
	assert_true(kith_equal(c.key, KITH_SLICE("b")));
	assert_true(cursor_next(&c));
	assert_true(kith_equal(c.key, KITH_SLICE("c")));
	assert_false(cursor_next(&c));
	assert_true(cursor_last(&c));
	assert_true(cursor_previous(&c));
	assert_true(kith_equal(c.key, KITH_SLICE("b")));
	assert_false(cursor_seek(&c, KITH_SLICE("d")));
	cursor_close(&c);
	txn_delete(t, TABLE_VIEWS, KITH_SLICE("a"));
	txn_delete(t, TABLE_VIEWS, KITH_SLICE("never there"));
	assert_int_equal(txn_count(t, TABLE_VIEWS), 2);
	txn_clear(t, TABLE_VIEWS);
	assert_int_equal(txn_count(t, TABLE_VIEWS), 0);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_close(&h);
}

static void missing_store_is_not_made_by_a_reader(void **state)
{
	struct store_options o = { .write = false };
	struct kith_error e = { 0 };
	struct store *s = NULL;
	struct test_home h;
	(void)state;

	test_home_open(&h);
	assert_int_equal(store_open(h.home, &o, &s, &e), KITH_ENOENT);
	assert_non_null(strstr(e.text, "no store"));
	assert_null(s);
	test_home_close(&h);
}

/* kithd's first start makes the file, then the tables in it. */
static void store_that_is_being_made_is_not_there_yet(void **state)
{
	struct store_options o = { .write = false };
	struct kith_error e = { 0 };
	char path[TEST_PATH_BYTES + 8];
	struct store *s = NULL;
	struct test_home h;
	(void)state;

	test_home_open(&h);
	snprintf(path, sizeof(path), "%s/store", h.path);
	mkdir(path, 0700);
	assert_int_equal(store_create(path, &e), KITH_OK);
	assert_int_equal(store_open(h.home, &o, &s, &e), KITH_ENOENT);
	assert_non_null(strstr(e.text, "no store"));
	test_home_store(&h, 0);
	put_and_commit(&h, KITH_SLICE("value"));
	test_home_close(&h);
}

static void unknown_schema_is_refused_with_both_numbers(void **state)
{
	/* The row that src/store/keys.h calls KEY_SCHEMA. */
	static const uint8_t key[] = { 1 }, newer[] = { 0, 0, 0, 77 };
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	t = begin_write(&h);
	txn_put(t, TABLE_LOCAL, (struct kith_slice){ key, sizeof(key) },
		(struct kith_slice){ newer, sizeof(newer) });
	assert_int_equal(txn_commit(t), KITH_OK);
	store_close(h.store);
	h.store = NULL;
	for (int write = 0; write < 2; write++) {
		o.write = write;
		e = (struct kith_error){ 0 };
		assert_int_equal(store_open(h.home, &o, &h.store, &e),
				 KITH_EFORMAT);
		assert_non_null(strstr(e.text, "77"));
		assert_non_null(strstr(e.text, "knows 2"));
	}
	test_home_close(&h);
}

static void full_map_fails_the_commit_and_writes_nothing(void **state)
{
	static uint8_t megabyte[1 << 20];
	struct kith_slice found;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 512 * 1024);
	put_and_commit(&h, KITH_SLICE("value"));
	t = begin_write(&h);
	txn_put(t, TABLE_LOCAL, KEY, KITH_SLICE("lost"));
	txn_put(t, TABLE_VIEWS, KEY,
		(struct kith_slice){ megabyte, sizeof(megabyte) });
	assert_int_equal(txn_error(t), KITH_EFULL);
	txn_put(t, TABLE_LOCAL, KEY, KITH_SLICE("after the error"));
	assert_false(txn_get(t, TABLE_LOCAL, KEY, &found));
	assert_int_equal(txn_commit(t), KITH_EFULL);
	assert_value(&h, KITH_SLICE("value"));
	put_and_commit(&h, KITH_SLICE("later"));
	assert_value(&h, KITH_SLICE("later"));
	test_home_close(&h);
}

/* The limit lies within what one call writes, which then comes out short. */
static void write_cut_short_by_a_full_disk_is_one(void **state)
{
	static uint8_t megabyte[1 << 20];
	struct rlimit none, few;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_and_commit(&h, KITH_SLICE("value"));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &none), 0);
	few = (struct rlimit){ store_bytes(h.store) + 5000, none.rlim_max };
	t = begin_write(&h);
	txn_put(t, TABLE_VIEWS, KEY,
		(struct kith_slice){ megabyte, sizeof(megabyte) });
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	assert_int_equal(txn_commit(t), KITH_EFULL);
	assert_true(store_stuck(h.store));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_value(&h, KITH_SLICE("value"));
	put_and_commit(&h, KITH_SLICE("later"));
	assert_false(store_stuck(h.store));
	test_home_close(&h);
}

static void dirty_bytes_grow_with_puts(void **state)
{
	static const uint8_t value[5000];
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	t = begin_write(&h);
	assert_int_equal(txn_dirty(t), 0);
	txn_put(t, TABLE_VIEWS, KEY,
		(struct kith_slice){ value, sizeof(value) });
	assert_true(txn_dirty(t) >= sizeof(value));
	assert_true(txn_dirty(t) < 10 * sizeof(value));
	txn_end(t);
	assert_true(store_bytes(h.store) > 0);
	store_tidy(h.store);
	test_home_close(&h);
}

/* The child: reads beside the writer. */
static int read_beside(const char *path)
{
	struct store_options o = { .write = false };
	struct kith_slice value;
	struct home *home;
	struct store *s;
	struct txn *t;
	bool found;

	if (home_open(path, false, &home, NULL) ||
	    store_open(home, &o, &s, NULL) || store_read(s, &t))
		return 1;
	found = txn_get(t, TABLE_VIEWS, KEY, &value) &&
		kith_equal(value, KITH_SLICE("beside"));
	if (found)
		found = write(1, value.p, value.n) == (ssize_t)value.n;
	txn_end(t);
	store_close(s);
	home_close(home);
	return found ? 0 : 2;
}

static void another_process_reads_beside_the_writer(void **state)
{
	struct test_home h;
	struct txn *t;
	char said[6];
	int out;
	long pid;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_and_commit(&h, KITH_SLICE("beside"));
	t = begin_write(&h);
	txn_put(t, TABLE_VIEWS, KEY, KITH_SLICE("not yet"));
	pid = test_spawn((const char *[]){ "read", h.path, NULL }, &out);
	assert_int_equal(test_wait(pid), 0);
	assert_int_equal(read(out, said, sizeof(said)), 6);
	close(out);
	assert_int_equal(txn_commit(t), KITH_OK);
	assert_value(&h, KITH_SLICE("not yet"));
	test_home_close(&h);
}

enum { SKIPPED = 77 };

/* The child: may have no more than some addresses, a few of which are taken. */
static int open_with_few_addresses(const char *path)
{
	const struct rlimit few = { UINT64_C(4) << 30, UINT64_C(4) << 30 };
	unsigned long taken_pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%lu", &taken_pages) != 1)
		return 1;
	fclose(f);
	/* Sanitizers take all there are, for their own use. */
	if (taken_pages > 1 << 18)
		return SKIPPED;
	return setrlimit(RLIMIT_AS, &few) ? 1 : read_beside(path);
}

static void map_is_smaller_where_addresses_are_few(void **state)
{
	struct test_home h;
	int status, out;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_and_commit(&h, KITH_SLICE("beside"));
	status = test_wait(test_spawn(
		(const char *[]){ "few", h.path, NULL }, &out));
	close(out);
	test_home_close(&h);
	if (status == SKIPPED)
		skip();
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(committed_rows_are_there_after_reopening),
		cmocka_unit_test(store_that_begins_to_read_ahead_goes_on),
		cmocka_unit_test(dropped_rows_are_gone),
		cmocka_unit_test(reader_sees_the_state_it_began_with),
		cmocka_unit_test(cursor_walks_in_the_order_of_keys),
		cmocka_unit_test(missing_store_is_not_made_by_a_reader),
		cmocka_unit_test(store_that_is_being_made_is_not_there_yet),
		cmocka_unit_test(unknown_schema_is_refused_with_both_numbers),
		cmocka_unit_test(full_map_fails_the_commit_and_writes_nothing),
		cmocka_unit_test(write_cut_short_by_a_full_disk_is_one),
		cmocka_unit_test(dirty_bytes_grow_with_puts),
		cmocka_unit_test(another_process_reads_beside_the_writer),
		cmocka_unit_test(map_is_smaller_where_addresses_are_few),
	};

	if (argc == 3 && !strcmp(argv[1], "read"))
		return read_beside(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "few"))
		return open_with_few_addresses(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
