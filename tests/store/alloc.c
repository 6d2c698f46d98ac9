/* Whichever allocation fails, it is said, and nothing is left half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/store/proofs.h"
#include "tests/support/alloc.h"
#include "tests/support/home.h"

static bool is_memory(enum kith_err err)
{
	return err == KITH_OK || err == KITH_ENOMEM;
}

static void write_some(struct store *s)
{
	struct kith_feed_id id = { KITH_CLASSIC, { 1 } };
	struct kith_clock_entry entry = { id, 5 };
	struct kith_msg m = {
		.author = id,
		.canon = KITH_SLICE("{}"),
		.id = { KITH_CLASSIC, { 2 } },
	};
	struct message_row row;
	struct feed_row feed;
	struct txn *t;

	if (store_write(s, &t))
		return;
	feed_get(t, &id, &feed);
	m.sequence = feed.last + 1;
	if (!message_append(t, &feed, &m, 1, 0, &row))
		feed_put(t, &feed);
	clock_put(t, &id, &entry, 1);
	proof_put(t, &(struct proof_row){
		.feed = id, .sequence = m.sequence, .count = 2,
		.messages = { { .canon = m.canon }, { .canon = m.canon } } });
	assert_true(is_memory(txn_commit(t)));
}

static void read_some(struct store *s)
{
	struct kith_feed_id id = { KITH_CLASSIC, { 1 } };
	struct kith_clock_entry *clock = NULL;
	struct feed_row feed;
	struct message_row row;
	struct txn *t;
	size_t n = 0;

	if (store_read(s, &t))
		return;
	if (feed_get(t, &id, &feed)) {
		assert_true(message_by_sequence(t, feed.number, feed.last,
						&row));
		assert_true(message_by_id(t, &feed.last_id, &row));
		assert_int_equal(message_count(t), feed.last);
		if (!clock_get(t, &id, &clock, &n))
			assert_int_equal(n, 1);
		free(clock);
		assert_int_equal(proof_places(t, &id).pair, 1);
	}
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
}

static void every_allocation_may_fail(void **state)
{
	struct store_options o = { .write = true };
	struct test_home h;
	struct store *s;
	enum kith_err err;
	(void)state;

	test_home_open(&h);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct home *home = NULL;

		err = home_open(h.path, true, &home, NULL);
		assert_true(is_memory(err));
		if (err)
			continue;
		assert_int_equal(home_lock_writer(home, NULL), KITH_OK);
		err = store_open(home, &o, &s, NULL);
		assert_true(is_memory(err));
		if (!err) {
			write_some(s);
			read_some(s);
			store_close(s);
		}
		home_close(home);
	}
	alloc_reset();
	test_home_store(&h, 0);
	write_some(h.store);
	read_some(h.store);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
