#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "src/store/compact.h"
#include "tests/support/home.h"

enum { ROUNDS = 10, MOMENT_NS = 2000000 };

struct waiting {
	struct store *store;
	uint8_t key;
	enum kith_err err;
};

/* Gives another thread time to get to where it waits.  Nothing that is
 * asserted depends on it. */
static void let_others_run(void)
{
	nanosleep(&(struct timespec){ 0, MOMENT_NS }, NULL);
}

static struct kith_slice key_of(const uint8_t *key)
{
	return (struct kith_slice){ key, 1 };
}

static void *write_row(void *arg)
{
	struct waiting *w = arg;
	struct txn *t;

	w->err = store_write(w->store, &t);
	if (w->err)
		return NULL;
	txn_put(t, TABLE_CONTACTS, key_of(&w->key), KITH_SLICE("row"));
	w->err = txn_commit(t);
	return NULL;
}

static void *compact(void *arg)
{
	struct compaction c = { 0 };
	struct waiting *w = arg;

	w->err = store_compact(w->store, &c, NULL);
	return NULL;
}

static bool has_row(struct store *s, uint8_t key)
{
	struct kith_slice value;
	struct txn *t;
	bool has;

	assert_int_equal(store_read(s, &t), KITH_OK);
	has = txn_get(t, TABLE_CONTACTS, key_of(&key), &value);
	txn_end(t);
	return has;
}

/* One writer is at work, one waits for it, and then compaction begins. */
static void one_round(struct store *s, uint8_t key)
{
	struct waiting writer = { .store = s, .key = key };
	struct waiting compactor = { .store = s };
	pthread_t threads[2];
	enum kith_err committed;
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	assert_int_equal(
		pthread_create(&threads[0], NULL, write_row, &writer), 0);
	let_others_run();
	assert_int_equal(
		pthread_create(&threads[1], NULL, compact, &compactor), 0);
	let_others_run();
	/* Asserted when both are over, since they read this stack. */
	committed = txn_commit(t);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	assert_int_equal(committed, KITH_OK);
	assert_int_equal(compactor.err, KITH_OK);
	assert_true(!writer.err || writer.err == KITH_EBUSY);
	assert_int_equal(has_row(s, key), !writer.err);
}

static void what_a_waiting_writer_commits_is_in_the_copy(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	for (int round = 1; round <= ROUNDS; round++)
		one_round(h.store, (uint8_t)round);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_waiting_writer_commits_is_in_the_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
