/* Our own feed as peers know it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/gossip/own.h"

static void peer_that_has_all_confirms(void **state)
{
	struct own o = { 0 };
	struct own_peer p;
	(void)state;

	own_join(&o, &p);
	assert_false(own_confirms(&o, 5, 0));
	own_told(&p, 5, 5, 0);
	assert_true(own_confirms(&o, 5, 0));
	assert_false(own_confirms(&o, 4, 0));
	assert_false(own_confirms(&o, 6, 0));
	own_leave(&o, &p);
	assert_false(own_confirms(&o, 5, 0));
}

static void nothing_confirms_nothing(void **state)
{
	struct own o = { 0 };
	struct own_peer p;
	(void)state;

	assert_false(own_confirms(&o, 0, 0));
	own_join(&o, &p);
	own_told(&p, 0, 0, 0);
	assert_false(own_confirms(&o, 0, 0));
}

static void claim_of_more_stands_in_the_way_for_a_while(void **state)
{
	struct own o = { 0 };
	struct own_peer a, b;
	int64_t until_ms;
	(void)state;

	own_join(&o, &a);
	own_join(&o, &b);
	own_told(&a, 5, 5, 100);
	own_told(&b, 9, 5, 100);
	assert_false(own_confirms(&o, 5, 100));
	assert_int_equal(own_claims(&o, 5, 100, &until_ms), 9);
	assert_int_equal(until_ms, 100 + OWN_CLAIM_MS);
	assert_false(own_confirms(&o, 5, 99 + OWN_CLAIM_MS));
	assert_true(own_confirms(&o, 5, 100 + OWN_CLAIM_MS));
	assert_int_equal(own_claims(&o, 5, 100 + OWN_CLAIM_MS, &until_ms), 0);
	assert_int_equal(until_ms, INT64_MAX);
	/* Who is gone claims nothing. */
	assert_int_equal(own_claims(&o, 5, 100, NULL), 9);
	own_leave(&o, &b);
	assert_int_equal(own_claims(&o, 5, 100, NULL), 0);
	own_leave(&o, &b);
	own_leave(&o, &a);
	assert_null(o.peers);
}

static void claim_that_is_borne_out_lasts(void **state)
{
	struct own o = { 0 };
	struct own_peer p;
	int64_t now_ms = 0;
	(void)state;

	own_join(&o, &p);
	own_told(&p, 9, 5, now_ms);
	for (uint64_t tip = 6; tip < 9; tip++) {
		now_ms += OWN_CLAIM_MS - 1;
		own_brought(&p, tip, now_ms);
		assert_int_equal(own_claims(&o, tip, now_ms, NULL), 9);
	}
	own_brought(&p, 9, now_ms);
	assert_true(own_confirms(&o, 9, now_ms));
}

static void idle_talk_is_not_listened_to_for_ever(void **state)
{
	struct own o = { 0 };
	struct own_peer p;
	(void)state;

	own_join(&o, &p);
	for (int i = 0; i < OWN_CLAIMS_MAX; i++) {
		own_told(&p, 9, 5, 0);
		assert_int_equal(own_claims(&o, 5, 0, NULL), 9);
		/* A claim that only grows is the same one. */
		own_told(&p, 10, 5, OWN_CLAIM_MS);
		assert_int_equal(own_claims(&o, 5, OWN_CLAIM_MS, NULL), 0);
		own_told(&p, 5, 5, 0);
	}
	own_told(&p, 9, 5, 0);
	assert_int_equal(own_claims(&o, 5, 0, NULL), 0);
	own_brought(&p, 6, 0);
	assert_int_equal(own_claims(&o, 6, 0, NULL), 9);
}

static void news_is_what_a_peer_lacked_when_it_came(void **state)
{
	struct own o = { 0 };
	struct own_peer p;
	(void)state;

	own_join(&o, &p);
	assert_false(own_is_news(&p, 3)); /* it has told nothing yet */
	own_told(&p, 5, 2, 0);
	assert_false(own_is_news(&p, 5));
	assert_true(own_is_news(&p, 6));
	own_told(&p, 8, 2, 0);
	assert_true(own_is_news(&p, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer_that_has_all_confirms),
		cmocka_unit_test(nothing_confirms_nothing),
		cmocka_unit_test(claim_of_more_stands_in_the_way_for_a_while),
		cmocka_unit_test(claim_that_is_borne_out_lasts),
		cmocka_unit_test(idle_talk_is_not_listened_to_for_ever),
		cmocka_unit_test(news_is_what_a_peer_lacked_when_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
