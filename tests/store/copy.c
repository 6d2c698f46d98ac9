/* A store that was copied, and what only looks like it. */
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/compact.h"
#include "src/store/local.h"
#include "tests/support/home.h"

extern char **environ;

static struct kith_feed_id feed_id(uint8_t n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, n, sizeof(id.b));
	return id;
}

static void put(struct test_home *h, uint8_t n, enum publish_state state)
{
	struct publish_row row = { .state = state, .reason = "as it was" };
	struct kith_feed_id id = feed_id(n);
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	publish_put(t, &id, &row);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static struct publish_row get(struct test_home *h, uint8_t n)
{
	struct kith_feed_id id = feed_id(n);
	struct publish_row row;
	struct txn *t;

	assert_int_equal(store_read(h->store, &t), KITH_OK);
	publish_get(t, &id, &row);
	txn_end(t);
	return row;
}

static void run(const char *const arguments[])
{
	char *argv[8] = { NULL };
	pid_t pid;
	int status;

	for (size_t i = 0; arguments[i]; i++)
		argv[i] = (char *)(uintptr_t)arguments[i];
	assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv,
				      environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void open_with_rows(struct test_home *h)
{
	test_home_open(h);
	test_home_store(h, 0);
	put(h, 1, PUBLISH_OK);
	put(h, 2, PUBLISH_FROZEN);
	put(h, 3, PUBLISH_UNCONFIRMED);
}

static void close_files(struct test_home *h)
{
	store_close(h->store);
	home_close(h->home);
	h->store = NULL;
	h->home = NULL;
}

static void open_again(struct test_home *h)
{
	assert_int_equal(home_open(h->path, false, &h->home, NULL), KITH_OK);
	test_home_store(h, 0);
}

static void assert_as_it_was(struct test_home *h)
{
	assert_int_equal(get(h, 1).state, PUBLISH_OK);
	assert_string_equal(get(h, 1).reason, "as it was");
	assert_int_equal(get(h, 2).state, PUBLISH_FROZEN);
	assert_int_equal(get(h, 3).state, PUBLISH_UNCONFIRMED);
}

static void assert_doubted(struct test_home *h)
{
	assert_int_equal(get(h, 1).state, PUBLISH_UNCONFIRMED);
	assert_non_null(strstr(get(h, 1).reason, "is a copy"));
	assert_true(get(h, 1).since_us > 0);
	/* What they wait for already they go on to wait for. */
	assert_string_equal(get(h, 2).reason, "as it was");
	assert_int_equal(get(h, 2).state, PUBLISH_FROZEN);
	assert_string_equal(get(h, 3).reason, "as it was");
}

static void original_stays_ok(void **state)
{
	struct test_home h;
	(void)state;

	open_with_rows(&h);
	test_home_reopen(&h);
	assert_as_it_was(&h);
	test_home_close(&h);
}

/* Makes h's files those of a copy of its folder. */
static void replace_by_copy(struct test_home *h)
{
	char aside[TEST_PATH_BYTES + 8];

	snprintf(aside, sizeof(aside), "%s.aside", h->path);
	assert_int_equal(rename(h->path, aside), 0);
	run((const char *[]){ "cp", "-a", aside, h->path, NULL });
	run((const char *[]){ "rm", "-r", aside, NULL });
}

static void copy_is_unconfirmed_once(void **state)
{
	struct test_home h;
	(void)state;

	open_with_rows(&h);
	close_files(&h);
	replace_by_copy(&h);
	open_again(&h);
	assert_doubted(&h);
	/* From now on this is a place of its own. */
	put(&h, 1, PUBLISH_OK);
	test_home_reopen(&h);
	assert_int_equal(get(&h, 1).state, PUBLISH_OK);
	test_home_close(&h);
}

static void copy_taken_while_it_is_open_is_one_too(void **state)
{
	struct test_home h;
	(void)state;

	open_with_rows(&h);
	replace_by_copy(&h);
	close_files(&h);
	open_again(&h);
	assert_doubted(&h);
	test_home_close(&h);
}

static void moved_folder_stays_ok(void **state)
{
	char moved[TEST_PATH_BYTES + 8];
	struct test_home h;
	(void)state;

	open_with_rows(&h);
	close_files(&h);
	snprintf(moved, sizeof(moved), "%s.moved", h.path);
	assert_int_equal(rename(h.path, moved), 0);
	assert_true(strlen(moved) < sizeof(h.path));
	memcpy(h.path, moved, strlen(moved) + 1);
	open_again(&h);
	assert_as_it_was(&h);
	test_home_close(&h);
}

static void one_file_in_two_homes_is_a_copy(void **state)
{
	char from[TEST_PATH_BYTES + 32], to[TEST_PATH_BYTES + 32];
	struct test_home h, second;
	(void)state;

	open_with_rows(&h);
	close_files(&h);
	test_home_open(&second);
	snprintf(to, sizeof(to), "%s/store", second.path);
	assert_int_equal(mkdir(to, 0700), 0);
	snprintf(from, sizeof(from), "%s/store/data.mdb", h.path);
	snprintf(to, sizeof(to), "%s/store/data.mdb", second.path);
	assert_int_equal(link(from, to), 0);
	test_home_store(&second, 0);
	assert_doubted(&second);
	test_home_close(&second);
	open_again(&h);
	test_home_close(&h);
}

static void compacted_store_stays_ok(void **state)
{
	struct compaction c = { 0 };
	struct test_home h;
	(void)state;

	open_with_rows(&h);
	assert_int_equal(store_compact(h.store, &c, NULL), KITH_OK);
	assert_as_it_was(&h);
	test_home_reopen(&h);
	assert_as_it_was(&h);
	/* And a copy of it is found out. */
	close_files(&h);
	replace_by_copy(&h);
	open_again(&h);
	assert_doubted(&h);
	test_home_close(&h);
}

static void reader_changes_nothing_and_can_tell(void **state)
{
	struct store_options o = { .write = false };
	struct test_home h;
	struct txn *t;
	(void)state;

	open_with_rows(&h);
	close_files(&h);
	replace_by_copy(&h);
	assert_int_equal(home_open(h.path, false, &h.home, NULL), KITH_OK);
	assert_int_equal(store_open(h.home, &o, &h.store, NULL), KITH_OK);
	assert_as_it_was(&h);
	assert_int_equal(store_read(h.store, &t), KITH_OK);
	assert_true(store_is_copy(t));
	txn_end(t);
	close_files(&h);
	open_again(&h);
	assert_doubted(&h);
	assert_int_equal(store_read(h.store, &t), KITH_OK);
	assert_false(store_is_copy(t));
	txn_end(t);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(original_stays_ok),
		cmocka_unit_test(copy_is_unconfirmed_once),
		cmocka_unit_test(copy_taken_while_it_is_open_is_one_too),
		cmocka_unit_test(moved_folder_stays_ok),
		cmocka_unit_test(one_file_in_two_homes_is_a_copy),
		cmocka_unit_test(compacted_store_stays_ok),
		cmocka_unit_test(reader_changes_nothing_and_can_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
