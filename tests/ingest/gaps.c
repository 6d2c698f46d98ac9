/* The way into a store that shows what somebody else has: gaps are let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/forget.h"
#include "src/ingest/ingest.h"
#include "src/store/messages.h"
#include "src/views/view.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { MESSAGES = 12, RECEIVED_US = 1700000000 };

struct bed {
	struct test_home h;
	struct author a;
	struct ingest *in;
};

static void start(struct bed *b, bool gaps)
{
	struct ingest_config config = { .store = b->h.store, .gaps = gaps };

	assert_int_equal(ingest_start(&config, &b->in, NULL), KITH_OK);
}

static int make(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	test_home_open(&b->h);
	test_home_store(&b->h, 0);
	assert_int_equal(views_start(b->h.store, NULL), KITH_OK);
	author_init(&b->a, 1);
	author_post(&b->a, MESSAGES);
	start(b, true);
	*state = b;
	return 0;
}

static int clear(void **state)
{
	struct bed *b = *state;

	ingest_stop(b->in);
	author_clear(&b->a);
	test_home_close(&b->h);
	free(b);
	return 0;
}

static struct ingest_result put(struct bed *b, uint64_t sequence)
{
	struct ingest_result result;
	struct ingest_done done;

	assert_int_equal(ingest_add_received(b->in,
					     author_message(&b->a, sequence),
					     1, 0, RECEIVED_US +
						   (int64_t)sequence),
			 KITH_OK);
	ingest_wait(b->in);
	assert_true(ingest_done(b->in, &done));
	assert_int_equal(done.count, 1);
	result = done.results[0];
	return result;
}

static struct feed_row feed(struct bed *b)
{
	struct feed_row row;
	struct txn *t;

	assert_int_equal(store_read(b->h.store, &t), KITH_OK);
	(void)feed_get(t, author_id(&b->a), &row);
	txn_end(t);
	return row;
}

static void a_feed_may_begin_in_the_middle_and_have_gaps(void **state)
{
	struct bed *b = *state;

	assert_int_equal(put(b, 3).verdict, INGEST_ADDED);
	assert_int_equal(put(b, 4).verdict, INGEST_ADDED);
	assert_int_equal(put(b, 9).verdict, INGEST_ADDED);
	assert_int_equal(put(b, 9).verdict, INGEST_KNOWN);
	assert_int_equal(feed(b).first, 3);
	assert_int_equal(feed(b).last, 9);
	assert_int_equal(feed(b).state, FEED_PARTIAL);
}

static void a_feed_without_a_gap_is_like_any_other(void **state)
{
	struct bed *b = *state;

	for (uint64_t n = 1; n <= MESSAGES; n++)
		assert_int_equal(put(b, n).verdict, INGEST_ADDED);
	assert_int_equal(feed(b).state, FEED_OK);
	assert_chain(b->h.store, author_id(&b->a), MESSAGES);
}

static void what_follows_at_once_must_be_chained(void **state)
{
	struct bed *b = *state;

	author_go_back(&b->a, 4);
	author_post(&b->a, 2); /* 13 is 5', 14 is 6' */
	assert_int_equal(put(b, 5).verdict, INGEST_ADDED);
	assert_int_equal(put(b, MESSAGES + 2).verdict, INGEST_FORK);
}

static void a_forged_message_stays_out_of_a_gap(void **state)
{
	struct bed *b = *state;
	struct kith_slice value = author_message(&b->a, 7);
	struct kith_buf forged = { .limit = value.n };
	struct ingest_done done;

	kith_buf_put(&forged, value);
	memcpy(memmem(forged.p, forged.n, "number 7", 8), "number 8", 8);
	assert_int_equal(put(b, 3).verdict, INGEST_ADDED);
	assert_int_equal(ingest_add(b->in, kith_bytes(&forged), 1, 0), KITH_OK);
	ingest_wait(b->in);
	assert_true(ingest_done(b->in, &done));
	assert_int_equal(done.results[0].verdict, INGEST_INVALID);
	assert_int_equal(feed(b).last, 3);
	kith_buf_free(&forged);
}

static void the_log_has_the_times_of_the_source(void **state)
{
	static const uint64_t sequences[] = { 2, 3, 7 };
	struct bed *b = *state;
	struct message_row row;
	uint64_t rx = 0;
	struct txn *t;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(put(b, sequences[i]).verdict, INGEST_ADDED);
	assert_int_equal(store_read(b->h.store, &t), KITH_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_true(message_from(t, rx + 1, &row));
		assert_int_equal(row.sequence, sequences[i]);
		assert_int_equal(row.received_us,
				 RECEIVED_US + (int64_t)row.sequence);
		rx = row.rx;
	}
	txn_end(t);
}

static void a_feed_with_gaps_is_walked_backwards(void **state)
{
	static const uint64_t sequences[] = { 2, 3, 7 };
	struct bed *b = *state;
	struct message_row row;
	struct txn *t;
	uint32_t number;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(put(b, sequences[i]).verdict, INGEST_ADDED);
	number = feed(b).number;
	assert_int_equal(store_read(b->h.store, &t), KITH_OK);
	for (uint64_t n = 0; n < MESSAGES; n++) {
		uint64_t want = n < 2 ? 0 : n < 3 ? 2 : n < 7 ? 3 : 7;

		assert_int_equal(message_to_sequence(t, number, n, &row),
				 want > 0);
		if (want)
			assert_int_equal(row.sequence, want);
	}
	/* Those of other feeds are not given in their place. */
	assert_false(message_to_sequence(t, number + 1, MESSAGES, &row));
	assert_false(message_to_sequence(t, number - 1, MESSAGES, &row));
	txn_end(t);
}

static void forget_until(struct bed *b, uint64_t until)
{
	struct forgetting f = { .feed = *author_id(&b->a), .until = until };
	bool more;

	assert_int_equal(forget_some(b->h.store, &f, &more, NULL), KITH_OK);
	assert_false(more);
}

static void what_lacks_goes_with_what_is_forgotten_around_it(void **state)
{
	struct bed *b = *state;
	struct feed_row row;

	assert_int_equal(put(b, 3).verdict, INGEST_ADDED);
	assert_int_equal(put(b, 4).verdict, INGEST_ADDED);
	assert_int_equal(put(b, 9).verdict, INGEST_ADDED);
	row = feed(b);
	assert_int_equal(row.lacks, 4);
	assert_int_equal(feed_held(&row), 3);
	forget_until(b, 5);
	row = feed(b);
	assert_int_equal(row.lacks, 3);
	assert_int_equal(feed_held(&row), 1);
	forget_until(b, FORGET_ALL);
	row = feed(b);
	assert_int_equal(row.lacks, 0);
	assert_int_equal(feed_held(&row), 0);
}

static void a_feed_that_ends_before_it_begins_holds_nothing(void **state)
{
	const struct feed_row row = { .first = 8, .last = 7 };
	(void)state;

	assert_int_equal(feed_held(&row), 0);
}

static void a_store_that_replicates_lets_no_gap_in(void **state)
{
	struct bed *b = *state;

	ingest_stop(b->in);
	start(b, false);
	assert_int_equal(put(b, 3).verdict, INGEST_GAP);
	assert_int_equal(put(b, 1).verdict, INGEST_ADDED);
	assert_int_equal(put(b, 3).verdict, INGEST_GAP);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)
	const struct CMUnitTest tests[] = {
		TEST(a_feed_may_begin_in_the_middle_and_have_gaps),
		TEST(a_feed_without_a_gap_is_like_any_other),
		TEST(what_follows_at_once_must_be_chained),
		TEST(a_forged_message_stays_out_of_a_gap),
		TEST(the_log_has_the_times_of_the_source),
		TEST(a_feed_with_gaps_is_walked_backwards),
		TEST(what_lacks_goes_with_what_is_forgotten_around_it),
		TEST(a_feed_that_ends_before_it_begins_holds_nothing),
		TEST(a_store_that_replicates_lets_no_gap_in),
	};

	assert_int_equal(kith_init(), KITH_OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
