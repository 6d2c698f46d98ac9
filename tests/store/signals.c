#include "src/store/signals.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/dump.h"
#include "src/store/messages.h"
#include "tests/support/home.h"

/* What a scenario exits with; 3 is what a page that cannot be had does. */
enum { AS_IT_SHOULD = 0, WRONG = 1, UNREADABLE = 3, DAMAGED = 42 };

/* --- faults, each of which may be a guarded read --- */

static int touch(void *at)
{
	return *(volatile uint8_t *)at;
}

/* A page that its file has not, as of a disk that cannot give it. */
static void *cut_off(void)
{
	FILE *f = tmpfile();

	return f ? mmap(NULL, 1, PROT_READ, MAP_SHARED, fileno(f), 0)
		 : MAP_FAILED;
}

/* Where nothing can be read. */
static void *wild(void)
{
	return mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int send(void *number)
{
	raise(*(int *)number);
	return 0;
}

static int doubt(void *text)
{
	signals_leave(text);
	return 0;
}

static int succeed(void *result)
{
	return *(int *)result;
}

static bool goes_astray(int (*read)(void *arg), void *arg, const char *why)
{
	return signals_guard(read, arg, DAMAGED) == DAMAGED &&
	       !strncmp(signals_why(), why, strlen(why));
}

/* --- scenarios, each in a process of its own --- */

static int faults(void)
{
	int seven = 7;

	/* Twice: the first one leaves the next to be caught. */
	return signals_guard(succeed, &seven, DAMAGED) == seven &&
			       goes_astray(touch, cut_off(), "address ") &&
			       goes_astray(touch, wild(), "address ") &&
			       goes_astray(touch, cut_off(), "address ")
		       ? AS_IT_SHOULD
		       : WRONG;
}

static void *run_faults(void *result)
{
	*(int *)result = faults();
	return NULL;
}

static int faults_of_thread(void)
{
	int result = WRONG;
	sigset_t before;
	pthread_t thread;

	signals_block(&before);
	if (pthread_create(&thread, NULL, run_faults, &result) ||
	    pthread_sigmask(SIG_SETMASK, &before, NULL))
		return WRONG;
	pthread_join(thread, NULL);
	return result;
}

static int doubts(void)
{
	signals_leave("nobody reads");
	return goes_astray(doubt, (char[]){ "why not" }, "why not")
		       ? AS_IT_SHOULD
		       : WRONG;
}

static int ours(void)
{
	return signals_guard(touch, NULL, DAMAGED);
}

static int sent_wild(void)
{
	return signals_guard(send, &(int){ SIGSEGV }, DAMAGED);
}

static int sent_bus(void)
{
	return signals_guard(send, &(int){ SIGBUS }, DAMAGED);
}

static int unguarded_wild(void)
{
	return touch(wild());
}

static int unguarded_bus(void)
{
	return touch(cut_off());
}

static const struct scenario {
	const char *name;
	int (*run)(void);
} scenarios[] = {
	{ "faults", faults },
	{ "thread", faults_of_thread },
	{ "doubts", doubts },
	{ "ours", ours },
	{ "sent wild", sent_wild },
	{ "sent bus", sent_bus },
	{ "unguarded wild", unguarded_wild },
	{ "unguarded bus", unguarded_bus },
};

/* A sanitizer ends the process in a way of its own. */
static bool somebody_else_catches(int number)
{
	struct sigaction before;

	return sigaction(number, NULL, &before) ||
	       before.sa_handler != SIG_DFL;
}

static int play(const char *name)
{
	if (!strcmp(name, "alone"))
		return somebody_else_catches(SIGSEGV) ||
				       somebody_else_catches(SIGBUS)
			       ? WRONG
			       : AS_IT_SHOULD;
	store_signals();
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
		if (!strcmp(scenarios[i].name, name))
			return scenarios[i].run();
	return WRONG;
}

static int outcome(const char *name)
{
	const char *arguments[] = { name, NULL };

	return test_wait(test_spawn(arguments, NULL));
}

/* --- a page in the middle of a long value that cannot be read --- */

enum { LONG_BYTES = 1 << 20, DUMP_BYTES_MAX = 4 << 20 };

static struct txn *begin(struct test_home *h)
{
	struct txn *t;

	assert_int_equal(store_read(h->store, &t), KITH_OK);
	return t;
}

static void put_long(struct test_home *h, enum store_table table,
		     struct kith_slice key)
{
	static uint8_t bytes[LONG_BYTES];
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	txn_put(t, table, key, (struct kith_slice){ bytes, sizeof(bytes) });
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void take_away(struct test_home *h, enum store_table table,
		      struct kith_slice key)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct txn *t = begin(h);
	struct kith_slice value;
	const uint8_t *at;

	assert_true(txn_get(t, table, key, &value));
	at = value.p + value.n / 2;
	at -= (uintptr_t)at % page;
	assert_int_equal(mprotect((void *)(uintptr_t)at, page, PROT_NONE), 0);
	txn_end(t);
}

static void assert_damaged(struct txn *t)
{
	assert_int_equal(txn_error(t), KITH_EIO);
	txn_end(t);
}

static void walk_and_dump(struct test_home *h, enum store_table table)
{
	struct kith_buf out = { .limit = DUMP_BYTES_MAX };
	struct txn *t = begin(h);
	struct dump *d = dump_new(t);
	struct cursor c;

	while (dump_next(d, &out))
		;
	kith_buf_free(&out);
	dump_free(d);
	assert_damaged(t);
	if (table == TABLE_LOG)
		return;
	t = begin(h);
	cursor_open(&c, t, table);
	assert_false(cursor_seek(&c, (struct kith_slice){ 0 }));
	cursor_close(&c);
	assert_damaged(t);
}

/* --- tests --- */

static void test_a_sealed_value_that_cannot_be_read_is_damage(void **state)
{
	struct kith_slice key = KITH_SLICE("key"), value;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_long(&h, TABLE_CLOCKS, key);
	store_signals();
	take_away(&h, TABLE_CLOCKS, key);
	t = begin(&h);
	assert_false(txn_get(t, TABLE_CLOCKS, key, &value));
	assert_damaged(t);
	walk_and_dump(&h, TABLE_CLOCKS);
	test_home_close(&h);
}

static void test_a_message_that_cannot_be_read_is_damage(void **state)
{
	struct kith_slice key = KITH_SLICE("\0\0\0\0\0\0\0\1");
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	put_long(&h, TABLE_LOG, key);
	store_signals();
	take_away(&h, TABLE_LOG, key);
	t = begin(&h);
	assert_false(message_get(t, 1, &row));
	assert_damaged(t);
	walk_and_dump(&h, TABLE_LOG);
	test_home_close(&h);
}

static void test_steps_back_and_forth_are_no_damage(void **state)
{
	struct test_home h;
	struct cursor c;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	assert_int_equal(store_write(h.store, &t), KITH_OK);
	txn_put(t, TABLE_BY_ID, KITH_SLICE("a"), KITH_SLICE("12345678"));
	txn_put(t, TABLE_BY_ID, KITH_SLICE("b"), KITH_SLICE("12345678"));
	txn_put(t, TABLE_BY_ID, KITH_SLICE("b"), KITH_SLICE("12345679"));
	txn_put(t, TABLE_BY_ID, KITH_SLICE("d"), KITH_SLICE("12345678"));
	assert_int_equal(txn_commit(t), KITH_OK);
	t = begin(&h);
	cursor_open(&c, t, TABLE_BY_ID);
	assert_true(cursor_seek(&c, KITH_SLICE("a")));
	/* Behind the end, and from there to the last of all. */
	assert_false(cursor_seek(&c, KITH_SLICE("z")));
	assert_true(cursor_previous(&c));
	assert_true(kith_equal(c.key, KITH_SLICE("d")));
	assert_false(cursor_next(&c));
	assert_true(cursor_previous(&c));
	assert_true(kith_equal(c.value, KITH_SLICE("12345679")));
	assert_true(cursor_previous(&c));
	assert_true(kith_equal(c.value, KITH_SLICE("12345678")));
	assert_true(cursor_previous(&c));
	assert_false(cursor_previous(&c));
	assert_true(cursor_next(&c));
	assert_true(kith_equal(c.key, KITH_SLICE("b")));
	assert_int_equal(txn_error(t), KITH_OK);
	cursor_close(&c);
	txn_end(t);
	test_home_close(&h);
}

static void
test_a_guarded_read_that_goes_astray_fails_and_says_where(void **state)
{
	(void)state;
	assert_int_equal(outcome("faults"), AS_IT_SHOULD);
}

static void test_a_thread_without_signals_reads_guarded_too(void **state)
{
	(void)state;
	assert_int_equal(outcome("thread"), AS_IT_SHOULD);
}

static void test_a_doubt_of_lmdb_ends_a_guarded_read_only(void **state)
{
	(void)state;
	assert_int_equal(outcome("doubts"), AS_IT_SHOULD);
}

static void test_a_page_that_cannot_be_had_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(outcome("unguarded bus"), UNREADABLE);
}

static void skip_if_not_alone(void)
{
	if (outcome("alone") == AS_IT_SHOULD)
		return;
	print_message("skipped: a sanitizer catches these signals\n");
	skip();
}

static void test_what_we_do_wrong_ends_the_process_as_ever(void **state)
{
	(void)state;
	skip_if_not_alone();
	assert_int_equal(outcome("ours"), -SIGSEGV);
	assert_int_equal(outcome("unguarded wild"), -SIGSEGV);
}

static void test_a_signal_from_outside_is_no_damage(void **state)
{
	(void)state;
	skip_if_not_alone();
	assert_int_equal(outcome("sent wild"), -SIGSEGV);
	assert_int_equal(outcome("sent bus"), -SIGBUS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_guarded_read_that_goes_astray_fails_and_says_where),
		cmocka_unit_test(
			test_a_thread_without_signals_reads_guarded_too),
		cmocka_unit_test(test_a_doubt_of_lmdb_ends_a_guarded_read_only),
		cmocka_unit_test(
			test_a_page_that_cannot_be_had_ends_the_process),
		cmocka_unit_test(
			test_what_we_do_wrong_ends_the_process_as_ever),
		cmocka_unit_test(test_a_signal_from_outside_is_no_damage),
		cmocka_unit_test(
			test_a_sealed_value_that_cannot_be_read_is_damage),
		cmocka_unit_test(test_a_message_that_cannot_be_read_is_damage),
		cmocka_unit_test(test_steps_back_and_forth_are_no_damage),
	};

	if (argc > 1)
		return play(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
