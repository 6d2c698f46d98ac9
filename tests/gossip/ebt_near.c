#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

/* n is near and o far; nothing of either is here.  They greeted us. */
static struct ebt *new_here(void)
{
	struct ebt *e = case_new("n0 o0");

	case_near(e, 'n', true);
	return e;
}

static void near_is_whole_before_far_is_begun(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	assert_says(e, p, 0, "{n0}");
	case_take(e, p, 'n', 1, 199, 1000);
	assert_says(e, p, 1000, "");
	case_take(e, p, 'n', 200, 200, 2000);
	assert_true(ebt_wake_ms(e) <= 2000);
	assert_says(e, p, 2000, "{o0}");
	case_take(e, p, 'o', 1, 100, 2100);
	assert_says(e, p, 2100, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_caller_is_asked_for_near_feeds_first(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{n0}"); /* it may have it: it has yet to say */
	case_hear(e, p, "o200 n400", 10);
	assert_says(e, p, 10, "");
	case_take(e, p, 'n', 1, 200, 20);
	assert_says(e, p, 20, "{o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void who_has_nothing_near_is_asked_at_once(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{n0}");
	case_hear(e, p, "o200", 10);
	assert_says(e, p, 10, "{o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_little_near_news_makes_nothing_wait(void **state)
{
	struct ebt *e = case_new("n100 o0");
	struct ebt_peer *p;

	(void)state;
	case_near(e, 'n', true);
	p = case_join(e, 'x', true, "", 0);
	case_hear(e, p, "o200 n328", 0);
	assert_says(e, p, 0, "{n200 o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void far_feeds_that_flow_go_on(void **state)
{
	struct ebt *e = case_new("o0 q0");
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	assert_says(e, p, 0, "{o0 q0 n-1}");
	case_take(e, p, 'o', 1, 10, 100);
	case_near(e, 'n', true);
	case_want(e, 'n', true);
	assert_says(e, p, 300, "{n0}");
	case_take(e, p, 'o', 11, 20, 400);
	assert_says(e, p, 400, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_far_feed_that_is_wanted_meanwhile_waits(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	assert_says(e, p, 0, "{n0}");
	case_want(e, 'q', true);
	assert_says(e, p, 500, "");
	case_take(e, p, 'n', 1, 200, 1000);
	assert_says(e, p, 1000, "{o0 q0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void what_becomes_near_waits_no_longer(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	assert_says(e, p, 0, "{n0}");
	case_near(e, 'o', true);
	assert_says(e, p, 100, "{o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_near_feed_that_stalls_holds_nothing_up(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	assert_says(e, p, 0, "{n0}");
	case_take(e, p, 'n', 1, 5, 100);
	assert_says(e, p, 100 + EBT_NEAR_QUIET_MS - 1, "");
	assert_int_equal(ebt_wake_ms(e), 100 + EBT_NEAR_QUIET_MS);
	assert_says(e, p, 100 + EBT_NEAR_QUIET_MS, "{o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_near_feed_that_drips_holds_up_for_a_while(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);
	uint64_t sequence = 0;

	(void)state;
	case_hear(e, p, "o200 n4000000", 0);
	assert_says(e, p, 0, "{n0}");
	for (int64_t ms = 1000; ms < EBT_NEAR_MOST_MS; ms += 1000) {
		sequence++;
		case_take(e, p, 'n', sequence, sequence, ms);
		assert_says(e, p, ms, "");
	}
	assert_says(e, p, EBT_NEAR_MOST_MS, "{o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void who_leaves_is_not_waited_for(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);
	struct ebt_peer *q = case_join(e, 'y', true, "", 0);

	(void)state;
	case_hear(e, q, "o200", 0);
	case_hear(e, p, "n400", 0);
	assert_says(e, p, 0, "{n0}");
	assert_says(e, q, 0, "{n1}");
	ebt_leave(e, p);
	assert_says(e, q, 100, "{o0}");
	ebt_leave(e, q);
	ebt_free(e);
}

static void own_feed_alone_holds_nothing_up(void **state)
{
	struct ebt *e = case_new("s0 o0");
	struct ebt_peer *p;

	(void)state;
	case_near(e, 's', true);
	p = case_join(e, 'x', false, "", 0);
	assert_says(e, p, 0, "{s0 o0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void others_get_what_they_ask_for_meanwhile(void **state)
{
	struct ebt *e = case_new("n0 o30");
	struct ebt_peer *p;

	(void)state;
	case_near(e, 'n', true);
	p = case_join(e, 'x', true, "", 0);
	case_hear(e, p, "o40 n400", 0);
	assert_says(e, p, 0, "{n0} o:21-30");
	ebt_leave(e, p);
	ebt_free(e);
}

/* Their saved clock agrees with ours, so only the answer tells them. */
static void what_they_mention_is_answered_afterwards(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "o0", 0);

	(void)state;
	case_hear(e, p, "o1 n400", 0);
	assert_says(e, p, 0, "{n0}");
	case_take(e, p, 'n', 1, 200, 100);
	assert_says(e, p, 100, "{o1}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void what_was_begun_never_waits_again(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0), *q;

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	assert_says(e, p, 0, "{n0}");
	assert_says(e, p, EBT_NEAR_QUIET_MS, "{o0}");
	q = case_join(e, 'y', true, "", EBT_NEAR_QUIET_MS + 500);
	case_hear(e, q, "o200 n800", EBT_NEAR_QUIET_MS + 500);
	assert_says(e, q, EBT_NEAR_QUIET_MS + 500, "{n1 o1}");
	ebt_leave(e, p); /* a new source is asked at once */
	assert_says(e, q, EBT_NEAR_QUIET_MS + 600, "{n0 o0}");
	ebt_leave(e, q);
	ebt_free(e);
}

static void progress_tells_near_from_all(void **state)
{
	struct ebt *e = new_here();
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);
	struct ebt_progress progress;

	(void)state;
	case_hear(e, p, "o200 n400", 0);
	ebt_progress(e, &progress);
	assert_int_equal(progress.all.feeds, 2);
	assert_int_equal(progress.all.behind, 2);
	assert_int_equal(progress.all.messages, 300);
	assert_int_equal(progress.near.feeds, 1);
	assert_int_equal(progress.near.behind, 1);
	assert_int_equal(progress.near.messages, 200);
	ebt_leave(e, p);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_is_whole_before_far_is_begun),
		cmocka_unit_test(a_caller_is_asked_for_near_feeds_first),
		cmocka_unit_test(who_has_nothing_near_is_asked_at_once),
		cmocka_unit_test(a_little_near_news_makes_nothing_wait),
		cmocka_unit_test(far_feeds_that_flow_go_on),
		cmocka_unit_test(a_far_feed_that_is_wanted_meanwhile_waits),
		cmocka_unit_test(what_becomes_near_waits_no_longer),
		cmocka_unit_test(a_near_feed_that_stalls_holds_nothing_up),
		cmocka_unit_test(a_near_feed_that_drips_holds_up_for_a_while),
		cmocka_unit_test(who_leaves_is_not_waited_for),
		cmocka_unit_test(own_feed_alone_holds_nothing_up),
		cmocka_unit_test(others_get_what_they_ask_for_meanwhile),
		cmocka_unit_test(what_they_mention_is_answered_afterwards),
		cmocka_unit_test(what_was_begun_never_waits_again),
		cmocka_unit_test(progress_tells_near_from_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
