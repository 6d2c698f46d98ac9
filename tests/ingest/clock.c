/* A clock that jumps by 50 years, either way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/ingest.h"
#include "tests/support/node.h"

#define NOW_US	 INT64_C(1790000000000000)
#define FIFTY_US (INT64_C(50) * 365 * 86400 * 1000000)

static _Atomic int64_t clock_us;

static int64_t read_clock(void)
{
	return atomic_fetch_add(&clock_us, 1000);
}

static void set_clock(int64_t us)
{
	atomic_store(&clock_us, us);
}

static void start(struct node *n)
{
	struct ingest_config config = { .verifiers = 1, .now_us = read_clock };

	set_clock(NOW_US);
	node_open(n, 0);
	ingest_stop(n->in);
	config.store = n->h.store;
	config.signer = n->self.signer;
	assert_int_equal(ingest_start(&config, &n->in, NULL), KITH_OK);
}

/* When the newest message came, and what it claims. */
static int64_t newest(struct node *n, double *claimed_ms)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct message_row row;
	struct kith_msg m;
	struct txn *t;

	assert_non_null(d);
	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	assert_true(message_to(t, UINT64_MAX, &row));
	assert_int_equal(kith_msg_decode(d, row.format, row.canon, &m, NULL),
			 KITH_OK);
	*claimed_ms = m.claimed;
	txn_end(t);
	kith_decoder_free(d);
	return row.received_us;
}

static struct ingest_done post(struct node *n)
{
	return node_publish(n, "{\"type\":\"post\",\"text\":\"when?\"}");
}

static void nothing_is_published_by_a_clock_50_years_ahead(void **state)
{
	struct ingest_done done;
	struct node n;
	double claimed_ms;
	(void)state;

	start(&n);
	assert_int_equal(post(&n).code, KITH_OK);
	set_clock(NOW_US + FIFTY_US);
	done = post(&n);
	assert_int_equal(done.code, KITH_EDENIED);
	assert_non_null(strstr(done.error.text, "clock"));
	set_clock(NOW_US + 1000000);
	assert_int_equal(post(&n).code, KITH_OK);
	assert_in_range(newest(&n, &claimed_ms), NOW_US + 1000000,
			NOW_US + 2000000);
	assert_in_range((int64_t)claimed_ms * 1000, NOW_US + 1000000,
			NOW_US + 2000000);
	node_close(&n);
}

static void a_clock_ahead_is_not_believed_in_an_empty_store(void **state)
{
	struct node n;
	(void)state;

	start(&n);
	set_clock(NOW_US + FIFTY_US);
	assert_int_equal(post(&n).code, KITH_EDENIED);
	assert_int_equal(node_stored(&n), 0);
	node_close(&n);
}

static void what_comes_in_meanwhile_is_not_from_the_future(void **state)
{
	struct author a;
	struct node n;
	int64_t before_us, after_us;
	double claimed_ms;
	(void)state;

	start(&n);
	author_init(&a, 1);
	author_post(&a, 3);
	assert_int_equal(node_try(&n, author_message(&a, 1)).verdict,
			 INGEST_ADDED);
	before_us = newest(&n, &claimed_ms);
	set_clock(NOW_US + FIFTY_US);
	assert_int_equal(node_try(&n, author_message(&a, 2)).verdict,
			 INGEST_ADDED);
	after_us = newest(&n, &claimed_ms);
	assert_int_equal(after_us, before_us + 1);
	set_clock(NOW_US + 1000000);
	assert_int_equal(node_try(&n, author_message(&a, 3)).verdict,
			 INGEST_ADDED);
	assert_in_range(newest(&n, &claimed_ms), NOW_US + 1000000,
			NOW_US + 2000000);
	author_clear(&a);
	node_close(&n);
}

static void a_clock_50_years_behind_keeps_the_order(void **state)
{
	int64_t before_us, after_us;
	double before_ms, after_ms;
	struct node n;
	(void)state;

	start(&n);
	assert_int_equal(post(&n).code, KITH_OK);
	before_us = newest(&n, &before_ms);
	set_clock(NOW_US - FIFTY_US);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(post(&n).code, KITH_OK);
		after_us = newest(&n, &after_ms);
		assert_int_equal(after_us, before_us + 1);
		assert_true(after_ms > before_ms &&
			    after_ms <= before_ms + 1);
		before_us = after_us;
		before_ms = after_ms;
	}
	set_clock(NOW_US + 1000000);
	assert_int_equal(post(&n).code, KITH_OK);
	assert_in_range(newest(&n, &after_ms), NOW_US + 1000000,
			NOW_US + 2000000);
	node_close(&n);
}

static void a_first_message_does_not_claim_1976(void **state)
{
	struct author a;
	struct node n;
	double claimed_ms;
	(void)state;

	start(&n);
	author_init(&a, 1);
	author_post(&a, 1);
	assert_int_equal(node_try(&n, author_message(&a, 1)).verdict,
			 INGEST_ADDED);
	set_clock(NOW_US - FIFTY_US);
	assert_int_equal(post(&n).code, KITH_OK);
	newest(&n, &claimed_ms);
	/* Not before what was there already. */
	assert_in_range((int64_t)claimed_ms * 1000, NOW_US - 1000,
			NOW_US + 1000000);
	author_clear(&a);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			nothing_is_published_by_a_clock_50_years_ahead),
		cmocka_unit_test(
			a_clock_ahead_is_not_believed_in_an_empty_store),
		cmocka_unit_test(
			what_comes_in_meanwhile_is_not_from_the_future),
		cmocka_unit_test(a_clock_50_years_behind_keeps_the_order),
		cmocka_unit_test(a_first_message_does_not_claim_1976),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
