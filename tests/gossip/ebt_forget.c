/* Feeds whose messages were removed, some or all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

static void removed(struct ebt *e, char feed, uint64_t first)
{
	struct kith_feed_id id = case_feed(feed);

	assert_int_equal(ebt_removed(e, &id, first), KITH_OK);
}

static void forget(struct ebt *e, char feed, bool yes)
{
	struct kith_feed_id id = case_feed(feed);

	assert_int_equal(ebt_forget(e, &id, yes), KITH_OK);
	assert_int_equal(ebt_forgot(e, &id), yes);
}

static void nothing_is_sent_with_a_hole_in_front(void **state)
{
	struct ebt *e = case_new("a9");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);

	(void)state;
	removed(e, 'a', 5);
	assert_says(e, p, 0, "{a18}");
	assert_says(e, q, 0, "{a19}");
	case_hear(e, p, "a6", 0); /* has 3 and lacks 4 */
	case_hear(e, q, "a8", 0); /* has 4 */
	assert_says(e, p, 0, "");
	assert_says(e, q, 0, "a:5-9");
	/* What is new goes to whoever can use it. */
	case_committed(e, 'a', 10);
	assert_says(e, p, 100, "");
	assert_says(e, q, 100, "a:10-10");
	/* And to the other, once it got elsewhere what is gone here. */
	case_hear(e, p, "a8", 200);
	assert_says(e, p, 200, "a:5-10");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void feed_with_its_start_removed_goes_on(void **state)
{
	struct ebt *e = case_new("a9");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	removed(e, 'a', 5);
	assert_says(e, p, 0, "{a18}");
	case_hear(e, p, "a24", 0);
	case_take(e, p, 'a', 10, 12, 0);
	assert_says(e, p, 100, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void forgotten_feed_is_refused_and_cannot_be_wanted(void **state)
{
	struct ebt *e = case_new("a9 b1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a18 b2}");
	case_hear(e, p, "a18 b2", 0);
	forget(e, 'a', true);
	removed(e, 'a', 0);
	assert_says(e, p, 0, "{a-1}");
	case_want(e, 'a', true);
	assert_says(e, p, 100, "");
	assert_int_equal(case_message(e, p, 'a', 10, 100), EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'b', 2, 100), EBT_TAKE);
	ebt_leave(e, p);
	ebt_free(e);
}

static void feed_taken_back_is_asked_for_from_the_start(void **state)
{
	struct ebt *e = case_new("a3");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a6}");
	case_hear(e, p, "a6", 0);
	forget(e, 'a', true);
	removed(e, 'a', 0);
	assert_says(e, p, 0, "{a-1}");
	forget(e, 'a', false);
	case_want(e, 'a', true);
	assert_says(e, p, 100, "{a0}");
	case_take(e, p, 'a', 1, 3, 200);
	ebt_leave(e, p);
	ebt_free(e);
}

static void sated_node_asks_nobody_and_serves_on(void **state)
{
	struct ebt *e = case_new("a3 b9");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q;

	(void)state;
	assert_says(e, p, 0, "{a6 b18}");
	case_hear(e, p, "a20 b10", 0);
	assert_says(e, p, 0, "b:6-9");
	ebt_sate(e, true);
	assert_says(e, p, 0, "{a7 b19}");
	/* Neither an offer nor time changes that. */
	case_hear(e, p, "a40", 1000);
	case_committed(e, 'b', 10);
	assert_says(e, p, 1000, "b:10-10 ?");
	assert_says(e, p, 60000, "");
	q = case_join(e, 'y', false, "", 60000);
	assert_says(e, q, 60000, "{a7 b21}");
	case_hear(e, q, "a0 b0", 60000);
	assert_says(e, q, 60000, "a:1-3 b:1-10");

	ebt_sate(e, false);
	assert_says(e, p, 61000, "{a6 b20}");
	case_take(e, p, 'a', 4, 10, 61000);
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_sent_with_a_hole_in_front),
		cmocka_unit_test(feed_with_its_start_removed_goes_on),
		cmocka_unit_test(
			forgotten_feed_is_refused_and_cannot_be_wanted),
		cmocka_unit_test(feed_taken_back_is_asked_for_from_the_start),
		cmocka_unit_test(sated_node_asks_nobody_and_serves_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
