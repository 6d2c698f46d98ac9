#include "tools/pass/expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/author.h"
#include "tests/support/home.h"

enum { STORED = 5 };

static struct kith_slice none;

/* A store with the first STORED messages of an author. */
static void store_some(struct test_home *h, struct author *a)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct message_row row;
	struct feed_row feed;
	struct kith_msg m;
	struct txn *t;

	assert_non_null(d);
	author_init(a, 1);
	author_post(a, STORED + 5);
	test_home_open(h);
	test_home_store(h, 0);
	assert_int_equal(store_write(h->store, &t), KITH_OK);
	feed_get(t, author_id(a), &feed);
	for (uint64_t n = 1; n <= STORED; n++) {
		assert_int_equal(kith_msg_decode(d, KITH_CLASSIC,
						 author_message(a, n), &m,
						 NULL), KITH_OK);
		assert_int_equal(message_append(t, &feed, &m, 1, 0, &row),
				 KITH_OK);
	}
	feed_put(t, &feed);
	assert_int_equal(txn_commit(t), KITH_OK);
	kith_decoder_free(d);
}

static void what_comes_next_follows_the_store_and_what_was_taken(void **state)
{
	struct test_home h;
	struct author a;
	struct expect *x;
	(void)state;

	store_some(&h, &a);
	x = expect_new(h.store);
	assert_non_null(x);
	assert_int_equal(expect_look(x, author_id(&a), 7, none), EXPECT_LATER);
	assert_int_equal(expect_look(x, author_id(&a), 6, none), EXPECT_NOW);
	assert_int_equal(expect_look(x, author_id(&a), 6, none), EXPECT_NOW);
	assert_int_equal(expect_look(x, author_id(&a), 7, none), EXPECT_NOW);
	assert_int_equal(expect_look(x, author_id(&a), 9, none), EXPECT_LATER);
	/* 7 was none after all: it is asked for again. */
	expect_back(x, author_id(&a), 7);
	assert_int_equal(expect_look(x, author_id(&a), 8, none), EXPECT_LATER);
	assert_int_equal(expect_look(x, author_id(&a), 7, none), EXPECT_NOW);
	assert_int_equal(expect_look(x, author_id(&a), 8, none), EXPECT_NOW);
	expect_free(x);
	author_clear(&a);
	test_home_close(&h);
}

static void the_same_bytes_are_held_and_others_are_not(void **state)
{
	struct test_home h;
	struct author a;
	struct expect *x;
	(void)state;

	store_some(&h, &a);
	x = expect_new(h.store);
	assert_non_null(x);
	for (uint64_t n = 1; n <= STORED; n++) {
		uint64_t other = n % STORED + 1;

		assert_int_equal(expect_look(x, author_id(&a), n,
					     author_message(&a, n)),
				 EXPECT_HELD);
		assert_int_equal(expect_look(x, author_id(&a), n,
					     author_message(&a, other)),
				 EXPECT_NOW);
	}
	assert_int_equal(expect_look(x, author_id(&a), STORED + 1,
				     author_message(&a, STORED + 1)),
			 EXPECT_NOW);
	expect_free(x);
	author_clear(&a);
	test_home_close(&h);
}

/* Feed i, none of which the store has. */
static struct kith_feed_id stranger(uint32_t i)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	kith_put_be32(id.b, i);
	return id;
}

static void feeds_beyond_the_limit_are_looked_up_each_time(void **state)
{
	struct kith_feed_id id;
	struct test_home h;
	struct author a;
	struct expect *x;
	(void)state;

	store_some(&h, &a);
	x = expect_new(h.store);
	assert_non_null(x);
	for (uint32_t i = 0; i < EXPECT_FEEDS_MAX; i++) {
		id = stranger(i);
		assert_int_equal(expect_look(x, &id, 1, none), EXPECT_NOW);
	}
	for (uint32_t i = 0; i < EXPECT_FEEDS_MAX; i += 1000) {
		id = stranger(i);
		assert_int_equal(expect_look(x, &id, 2, none), EXPECT_NOW);
	}
	id = stranger(EXPECT_FEEDS_MAX);
	assert_int_equal(expect_look(x, &id, 1, none), EXPECT_NOW);
	assert_int_equal(expect_look(x, &id, 2, none), EXPECT_LATER);
	expect_back(x, &id, 1);
	assert_int_equal(expect_look(x, author_id(&a), 6, none), EXPECT_NOW);
	assert_int_equal(expect_look(x, author_id(&a), 7, none), EXPECT_LATER);
	assert_int_equal(expect_look(x, author_id(&a), 2,
				     author_message(&a, 2)), EXPECT_HELD);
	expect_free(x);
	author_clear(&a);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_comes_next_follows_the_store_and_what_was_taken),
		cmocka_unit_test(the_same_bytes_are_held_and_others_are_not),
		cmocka_unit_test(
			feeds_beyond_the_limit_are_looked_up_each_time),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
