#include "src/store/local.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/home.h"

static struct kith_feed_id feed_id(uint8_t n)
{
	return (struct kith_feed_id){ KITH_CLASSIC, { n, 1, 2, 3 } };
}

static struct txn *begin(struct test_home *h, bool write)
{
	struct txn *t;

	assert_int_equal(write ? store_write(h->store, &t)
			       : store_read(h->store, &t), KITH_OK);
	return t;
}

static void open_store(struct test_home *h)
{
	test_home_open(h);
	test_home_store(h, 0);
}

static void key_that_no_row_names_is_not_ours(void **state)
{
	struct kith_feed_id self = feed_id(1), other = feed_id(2);
	struct publish_row out, in = { PUBLISH_FROZEN, 1234, "a reason", 42,
				       true };
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h, true);
	publish_get(t, &self, &out);
	assert_int_equal(out.state, PUBLISH_NOT_OURS);
	publish_put(t, &self, &in);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_reopen(&h);

	t = begin(&h, false);
	publish_get(t, &self, &out);
	assert_int_equal(out.state, PUBLISH_FROZEN);
	assert_int_equal(out.since_us, 1234);
	assert_string_equal(out.reason, "a reason");
	assert_int_equal(out.least, 42);
	assert_true(out.forked);
	publish_get(t, &other, &out);
	assert_int_equal(out.state, PUBLISH_NOT_OURS);
	assert_string_equal(out.reason, "");
	txn_end(t);
	test_home_close(&h);
}

static void peers_keep_their_numbers(void **state)
{
	struct kith_feed_id a = feed_id(9), b = feed_id(3), out;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h, false);
	assert_int_equal(peer_number(t, &a), 0);
	txn_end(t);
	t = begin(&h, true);
	assert_int_equal(peer_number(t, &a), 1);
	assert_int_equal(peer_number(t, &b), 2);
	assert_int_equal(peer_number(t, &a), 1);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_reopen(&h);

	t = begin(&h, false);
	assert_int_equal(peer_number(t, &b), 2);
	assert_true(peer_by_number(t, 1, &out));
	assert_true(kith_feed_equal(&out, &a));
	assert_false(peer_by_number(t, 3, &out));
	assert_false(peer_by_number(t, 0, &out));
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	test_home_close(&h);
}

static void clock_comes_back_and_is_replaced(void **state)
{
	struct kith_clock_entry in[2] = {
		{ feed_id(1), 17 }, { feed_id(2), KITH_CLOCK_REFUSED }
	};
	struct kith_clock_entry *out = NULL;
	struct kith_feed_id peer = feed_id(5);
	struct test_home h;
	struct txn *t;
	size_t n = 9;
	(void)state;

	open_store(&h);
	t = begin(&h, true);
	assert_int_equal(clock_get(t, &peer, &out, &n), KITH_OK);
	assert_null(out);
	assert_int_equal(n, 0);
	clock_put(t, &peer, in, 2);
	assert_int_equal(clock_get(t, &peer, &out, &n), KITH_OK);
	assert_int_equal(n, 2);
	assert_true(kith_feed_equal(&out[1].feed, &in[1].feed));
	assert_int_equal(out[0].sequence, 17);
	assert_int_equal(out[1].sequence, KITH_CLOCK_REFUSED);
	free(out);
	clock_put(t, &peer, in, 0);
	assert_int_equal(clock_get(t, &peer, &out, &n), KITH_OK);
	assert_int_equal(n, 0);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_close(&h);
}

static void addresses_are_walked_by_key(void **state)
{
	struct address_row row = { .text = KITH_SLICE("net:h:1~shs:k"),
				   .last_us = 5 };
	struct address_row out = { .key = { 0 } };
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h, true);
	assert_false(address_row_next(t, &out));
	assert_false(address_row_has(t, row.key));
	for (uint8_t i = 3; i-- > 0;) {
		/* An all-zero key stands first and is not passed over. */
		memset(row.key, i, sizeof(row.key));
		row.paused = i == 1;
		address_row_put(t, &row);
		assert_true(address_row_has(t, row.key));
	}
	for (uint8_t i = 0; i < 3; i++) {
		assert_true(address_row_next(t, &out));
		assert_int_equal(out.key[31], i);
		assert_int_equal(out.paused, i == 1);
		assert_int_equal(out.last_us, 5);
		assert_true(kith_equal(out.text, row.text));
	}
	assert_false(address_row_next(t, &out));
	txn_end(t);
	test_home_close(&h);
}

static void address_over_the_limit_is_refused(void **state)
{
	static uint8_t text[LOCAL_ADDRESS_BYTES_MAX + 1];
	struct address_row row = { .text = { text, sizeof(text) - 1 } };
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h, true);
	address_row_put(t, &row);
	assert_int_equal(txn_error(t), KITH_OK);
	row.text.n++;
	address_row_put(t, &row);
	assert_int_equal(txn_commit(t), KITH_ETOOBIG);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_that_no_row_names_is_not_ours),
		cmocka_unit_test(peers_keep_their_numbers),
		cmocka_unit_test(clock_comes_back_and_is_replaced),
		cmocka_unit_test(addresses_are_walked_by_key),
		cmocka_unit_test(address_over_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
