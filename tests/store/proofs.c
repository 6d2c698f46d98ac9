#include "src/store/proofs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/messages.h"
#include "tests/support/home.h"

static struct kith_feed_id feed_id(uint8_t n)
{
	return (struct kith_feed_id){ KITH_CLASSIC, { n, 1, 2, 3 } };
}

static struct proof_row make_row(uint8_t feed, uint64_t sequence,
				 unsigned count)
{
	struct proof_row row = { .feed = feed_id(feed), .sequence = sequence,
				 .count = count };

	for (unsigned i = 0; i < count; i++)
		row.messages[i] = (struct proof_message){
			.id = { KITH_CLASSIC, { (uint8_t)i, 9 } },
			.received_us = 1000 + i,
			.source = 7 + i,
			.canon = i ? KITH_SLICE("{\"b\":22}")
				   : KITH_SLICE("{\"a\":1}"),
		};
	return row;
}

static void assert_row(const struct proof_row *row, uint8_t feed,
		       uint64_t sequence, unsigned count)
{
	struct proof_row want = make_row(feed, sequence, count);

	assert_true(kith_feed_equal(&row->feed, &want.feed));
	assert_int_equal(row->sequence, sequence);
	assert_int_equal(row->count, count);
	for (unsigned i = 0; i < count; i++) {
		const struct proof_message *m = &row->messages[i];

		assert_true(kith_msg_equal(&m->id, &want.messages[i].id));
		assert_int_equal(m->received_us, want.messages[i].received_us);
		assert_int_equal(m->source, want.messages[i].source);
		assert_true(kith_equal(m->canon, want.messages[i].canon));
	}
}

static struct txn *begin(struct test_home *h, bool write)
{
	struct txn *t;

	assert_int_equal(write ? store_write(h->store, &t)
			       : store_read(h->store, &t), KITH_OK);
	return t;
}

static int open_store(void **state)
{
	struct test_home *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	test_home_open(h);
	test_home_store(h, 0);
	*state = h;
	return 0;
}

static int close_store(void **state)
{
	test_home_close(*state);
	free(*state);
	return 0;
}

static bool put(struct txn *t, uint8_t feed, uint64_t sequence, unsigned count)
{
	struct proof_row row = make_row(feed, sequence, count);

	return proof_put(t, &row);
}

static void rows_come_back_as_they_were_put(void **state)
{
	struct test_home *h = *state;
	struct kith_feed_id id = feed_id(1), other = feed_id(2);
	struct txn *t = begin(h, true);
	struct proof_row row;

	assert_false(proof_get(t, &id, 5, &row));
	assert_true(put(t, 1, 5, 2));
	assert_true(put(t, 1, 9, 1));
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_reopen(h);
	t = begin(h, false);
	assert_true(proof_get(t, &id, 5, &row));
	assert_row(&row, 1, 5, 2);
	assert_true(proof_get(t, &id, 9, &row));
	assert_row(&row, 1, 9, 1);
	assert_false(proof_get(t, &id, 6, &row));
	assert_false(proof_get(t, &other, 5, &row));
	assert_int_equal(proof_places(t, &id).branch, 9);
	assert_int_equal(proof_places(t, &id).pair, 5);
	assert_int_equal(proof_places(t, &other).branch, 0);
	assert_int_equal(proof_places(t, &other).pair, 0);
	txn_end(t);
}

static void a_pair_replaces_a_branch_and_nothing_a_pair(void **state)
{
	struct kith_feed_id id = feed_id(1);
	struct txn *t = begin(*state, true);
	struct proof_row row;

	assert_true(put(t, 1, 5, 1));
	assert_false(put(t, 1, 5, 1));
	assert_true(put(t, 1, 5, 2));
	assert_false(put(t, 1, 5, 1));
	assert_false(put(t, 1, 5, 2));
	assert_true(proof_get(t, &id, 5, &row));
	assert_row(&row, 1, 5, 2);
	txn_end(t);
}

static void the_lowest_places_of_each_feed_are_kept(void **state)
{
	struct txn *t = begin(*state, true);
	struct proof_row row = { 0 };
	struct kith_feed_id id;

	for (uint64_t s = 1; s <= PROOFS_A_FEED_MAX; s++) {
		assert_true(put(t, 1, 10 * s, 2));
		assert_true(put(t, 2, s, 2));
	}
	assert_false(put(t, 1, 10 * PROOFS_A_FEED_MAX + 1, 2));
	id = feed_id(1);
	assert_int_equal(proof_places(t, &id).pair, 10);
	assert_true(put(t, 1, 15, 2));
	assert_true(put(t, 1, 5, 1));
	assert_true(put(t, 1, 5, 2));
	for (int i = 0; i < 4; i++) {
		static const uint64_t want[] = { 5, 10, 15, 20 };

		assert_true(proof_next(t, &row));
		assert_row(&row, 1, want[i], 2);
	}
	for (uint64_t s = 1; s <= PROOFS_A_FEED_MAX; s++) {
		assert_true(proof_next(t, &row));
		assert_row(&row, 2, s, 2);
	}
	assert_false(proof_next(t, &row));
	txn_end(t);
}

static void rows_of_one_feed_are_dropped(void **state)
{
	struct test_home *h = *state;
	struct kith_feed_id id = feed_id(2);
	struct txn *t = begin(h, true);
	struct proof_row row = { 0 };
	struct feed_row held;

	for (uint8_t feed = 1; feed <= 3; feed++)
		for (uint64_t s = 1; s <= 3; s++)
			assert_true(put(t, feed, s, 1));
	for (uint8_t feed = 1; feed <= 2; feed++) {
		held = (struct feed_row){ .id = feed_id(feed), .number = feed,
					  .state = FEED_FORKED, .first = 1,
					  .last = 3 };
		feed_put(t, &held);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
	assert_int_equal(proofs_drop(h->store, &id, NULL), KITH_OK);
	assert_int_equal(proofs_drop(h->store, &id, NULL), KITH_ENOENT);
	t = begin(h, false);
	assert_true(feed_get(t, &id, &held));
	assert_int_equal(held.state, FEED_OK);
	id = feed_id(1);
	assert_true(feed_get(t, &id, &held));
	assert_int_equal(held.state, FEED_FORKED);
	id = feed_id(2);
	for (int i = 0; i < 6; i++) {
		assert_true(proof_next(t, &row));
		assert_false(kith_feed_equal(&row.feed, &id));
	}
	assert_false(proof_next(t, &row));
	txn_end(t);
}

/* As src/store does it: a row cut short is damage, whichever byte is last. */
static void a_row_cut_short_is_an_error(void **state)
{
	struct test_home *h = *state;
	struct kith_feed_id id = feed_id(1);
	struct kith_buf whole = { .limit = 4096 }, key = { .limit = 64 };
	struct txn *t = begin(h, true);
	struct proof_row row;
	struct cursor c;

	assert_true(put(t, 1, 5, 2));
	cursor_open(&c, t, TABLE_PROOFS);
	assert_true(cursor_seek(&c, (struct kith_slice){ 0 }));
	kith_buf_put(&whole, c.value);
	kith_buf_put(&key, c.key);
	cursor_close(&c);
	assert_int_equal(txn_commit(t), KITH_OK);
	for (size_t n = 0; n < whole.n; n++) {
		t = begin(h, true);
		txn_put(t, TABLE_PROOFS, kith_bytes(&key),
			(struct kith_slice){ whole.p, n });
		assert_false(proof_get(t, &id, 5, &row));
		assert_int_equal(txn_error(t), KITH_EIO);
		txn_end(t);
	}
	kith_buf_free(&whole);
	kith_buf_free(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_come_back_as_they_were_put,
						open_store, close_store),
		cmocka_unit_test_setup_teardown(
			a_pair_replaces_a_branch_and_nothing_a_pair, open_store,
			close_store),
		cmocka_unit_test_setup_teardown(
			the_lowest_places_of_each_feed_are_kept, open_store,
			close_store),
		cmocka_unit_test_setup_teardown(rows_of_one_feed_are_dropped,
						open_store, close_store),
		cmocka_unit_test_setup_teardown(a_row_cut_short_is_an_error,
						open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
