#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/store/scan.h"
#include "tests/support/home.h"

/* More than may wait to be written, in commits as large as those of a flood. */
enum { BATCH = 1000, BATCHES = 70, MESSAGES = BATCH * BATCHES };

/* As many as id_index.h lets wait. */
enum { FEW = 64 };

/* The n-th id of a made-up log: well spread, never twice. */
static struct kith_msg_id id_of(uint64_t n)
{
	struct kith_msg_id id = { .format = KITH_CLASSIC };

	kith_put_be64(id.b, n * UINT64_C(0x9e3779b97f4a7c15));
	kith_put_be64(id.b + 8, n);
	return id;
}

/* Appends messages first to last, without committing. */
static struct txn *append(struct test_home *h, uint64_t first, uint64_t last)
{
	struct feed_row feed;
	struct message_row row;
	struct kith_feed_id author = { KITH_CLASSIC, { 1 } };
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	feed_get(t, &author, &feed);
	for (uint64_t n = first; n <= last; n++) {
		struct kith_msg m = {
			.author = author,
			.sequence = n,
			.id = id_of(n),
			.canon = KITH_SLICE("{}"),
		};

		assert_int_equal(message_append(t, &feed, &m, 1, 0, &row),
				 KITH_OK);
		assert_int_equal(row.rx, n);
	}
	feed_put(t, &feed);
	return t;
}

static void flood(struct test_home *h, uint64_t first, uint64_t last)
{
	for (; first <= last; first += BATCH)
		assert_int_equal(txn_commit(append(h, first,
						   first + BATCH - 1)),
				 KITH_OK);
}

static void assert_found(struct txn *t, uint64_t first, uint64_t last,
			 uint64_t step)
{
	struct message_row row;

	for (uint64_t n = first; n <= last; n += step) {
		struct kith_msg_id id = id_of(n);

		assert_true(message_by_id(t, &id, &row));
		assert_int_equal(row.rx, n);
	}
	assert_int_equal(txn_error(t), KITH_OK);
}

static void assert_all(struct test_home *h, uint64_t last, uint64_t step)
{
	struct kith_msg_id absent = id_of(last + 1);
	struct message_row row;
	struct txn *t;

	assert_int_equal(store_read(h->store, &t), KITH_OK);
	assert_found(t, 1, last, step);
	assert_false(message_by_id(t, &absent, &row));
	txn_end(t);
}

static void settle(struct test_home *h)
{
	while (store_unsettled(h->store))
		assert_int_equal(store_settle(h->store), KITH_OK);
}

static uint64_t indexed(struct test_home *h)
{
	struct txn *t;
	uint64_t n;

	assert_int_equal(store_read(h->store, &t), KITH_OK);
	n = txn_count(t, TABLE_BY_ID);
	txn_end(t);
	return n;
}

static void every_message_of_a_flood_is_found_while_and_after(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	flood(&h, 1, MESSAGES);
	assert_true(store_unsettled(h.store));
	assert_in_range(indexed(&h), 1, MESSAGES - 1);
	assert_all(&h, MESSAGES, 997);
	settle(&h);
	assert_int_equal(indexed(&h), MESSAGES);
	assert_all(&h, MESSAGES, 13);
	test_home_close(&h);
}

static void what_waited_at_the_end_of_a_run_is_written_by_the_next(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	flood(&h, 1, 3 * BATCH);
	test_home_reopen(&h);
	assert_true(store_unsettled(h.store));
	assert_all(&h, 3 * BATCH, 101);
	settle(&h);
	assert_int_equal(indexed(&h), 3 * BATCH);
	test_home_reopen(&h);
	assert_false(store_unsettled(h.store));
	assert_all(&h, 3 * BATCH, 7);
	test_home_close(&h);
}

static void lone(struct test_home *h, uint64_t first, uint64_t last)
{
	for (uint64_t n = first; n <= last; n++)
		assert_int_equal(txn_commit(append(h, n, n)), KITH_OK);
}

static void lone_messages_are_found_and_indexed_once_they_are_many(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	lone(&h, 1, FEW);
	assert_int_equal(indexed(&h), 0);
	assert_false(store_unsettled(h.store));
	assert_all(&h, FEW, 1);
	lone(&h, FEW + 1, FEW + 1);
	assert_int_equal(indexed(&h), FEW + 1);
	lone(&h, FEW + 2, 2 * FEW);
	assert_all(&h, 2 * FEW, 1);
	assert_int_equal(indexed(&h), FEW + 1);
	test_home_close(&h);
}

static void lone_messages_of_two_runs_wait_together(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	lone(&h, 1, FEW / 2);
	test_home_reopen(&h);
	assert_false(store_unsettled(h.store));
	assert_all(&h, FEW / 2, 1);
	lone(&h, FEW / 2 + 1, FEW);
	assert_int_equal(indexed(&h), 0);
	lone(&h, FEW + 1, FEW + 1);
	assert_int_equal(indexed(&h), FEW + 1);
	assert_all(&h, FEW + 1, 1);
	test_home_close(&h);
}

static void a_dropped_transaction_leaves_no_entry(void **state)
{
	struct message_row row;
	struct kith_msg_id id = id_of(2 * BATCH + 5);
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	flood(&h, 1, 2 * BATCH);
	t = append(&h, 2 * BATCH + 1, 3 * BATCH);
	assert_found(t, 1, 3 * BATCH, 211);
	assert_true(message_by_id(t, &id, &row));
	txn_end(t);
	assert_all(&h, 2 * BATCH, 211);
	settle(&h);
	assert_int_equal(indexed(&h), 2 * BATCH);
	flood(&h, 2 * BATCH + 1, 3 * BATCH);
	settle(&h);
	assert_int_equal(indexed(&h), 3 * BATCH);
	assert_all(&h, 3 * BATCH, 11);
	test_home_close(&h);
}

static void a_prefix_finds_the_same_in_log_and_index(void **state)
{
	const uint8_t prefix[] = { 0x77 };
	struct message_row row;
	struct test_home h;
	size_t found[2] = { 0, 0 };
	struct id_scan scan;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	flood(&h, 1, 2 * BATCH);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_read(h.store, &t), KITH_OK);
		id_scan_start(&scan, t, (struct kith_slice){ prefix, 1 });
		while (id_scan_next(&scan, &row)) {
			assert_int_equal(row.id.b[0], prefix[0]);
			found[i]++;
		}
		id_scan_end(&scan);
		txn_end(t);
		settle(&h);
	}
	assert_in_range(found[0], 1, 2 * BATCH);
	assert_int_equal(found[0], found[1]);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_message_of_a_flood_is_found_while_and_after),
		cmocka_unit_test(
			what_waited_at_the_end_of_a_run_is_written_by_the_next),
		cmocka_unit_test(
			lone_messages_are_found_and_indexed_once_they_are_many),
		cmocka_unit_test(lone_messages_of_two_runs_wait_together),
		cmocka_unit_test(a_dropped_transaction_leaves_no_entry),
		cmocka_unit_test(a_prefix_finds_the_same_in_log_and_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
