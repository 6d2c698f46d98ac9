#include "src/gossip/wants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/wants_case.h"

static void own_wants_are_told_again_after_a_long_time(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_want(&c, 'a', 0);
	case_listen(&c, "P");
	assert_int_equal(wants_wake_ms(c.w), WANTS_AGAIN_MS);
	c.now_ms += WANTS_AGAIN_MS;
	assert_does(&c, "");
	assert_says(&c, 'P', "{a-1}");
	case_close(&c);
}

static void so_many_own_wants_are_told_the_nearest_first(void **state)
{
	struct kith_blob_id far = case_numbered(WANTS_TOLD_MAX - 1);
	struct kith_blob_id near = case_numbered(90000);
	struct wants_state s;
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_want_many(&c, 0, WANTS_TOLD_MAX + 5, 3, KITH_OK);
	assert_int_equal(case_counts(&c).told, WANTS_TOLD_MAX);
	wants_state(c.w, &far, &s);
	assert_int_equal(s.stand, WANTS_ASKED);
	case_want_many(&c, 90000, 1, 1, KITH_OK);
	assert_int_equal(case_counts(&c).told, WANTS_TOLD_MAX);
	wants_state(c.w, &near, &s);
	assert_int_equal(s.stand, WANTS_ASKED);
	wants_state(c.w, &far, &s);
	assert_int_equal(s.stand, WANTS_WAITING);
	case_close(&c);
}

static void the_next_is_told_when_one_came(void **state)
{
	struct kith_blob_id first = case_numbered(0);
	struct kith_blob_id next = case_numbered(WANTS_TOLD_MAX);
	struct wants_state s;
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_want_many(&c, 0, WANTS_TOLD_MAX + 2, 3, KITH_OK);
	wants_came(c.w, &first, 5, 0);
	wants_state(c.w, &next, &s);
	assert_int_equal(s.stand, WANTS_ASKED);
	assert_int_equal(case_counts(&c).told, WANTS_TOLD_MAX);
	case_close(&c);
}

static void wants_that_nobody_answers_give_others_a_turn(void **state)
{
	struct kith_blob_id first = case_numbered(0),
			    last = case_numbered(1999);
	struct wants_state s;
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_want_many(&c, 0, 1000, 1, KITH_OK);
	case_want_many(&c, 1000, 1000, 3, KITH_OK);
	case_flood(&c, 'P', 0, 1, 400);
	wants_hold(c.w, true);
	assert_int_equal(wants_wake_ms(c.w), WANTS_TURN_MS);
	c.now_ms = WANTS_TURN_MS;
	assert_int_equal(case_look_all(&c), 0);
	wants_state(c.w, &first, &s); /* somebody has it: it goes on */
	assert_int_equal(s.stand, WANTS_OFFERED);
	assert_int_equal(s.distance, 1);
	wants_state(c.w, &last, &s);
	assert_int_equal(s.stand, WANTS_WAITING); /* all but one had a turn */
	c.now_ms += WANTS_TURN_MS;
	assert_int_equal(case_look_all(&c), 0);
	wants_state(c.w, &last, &s);
	assert_int_equal(s.stand, WANTS_ASKED);
	assert_int_equal(case_counts(&c).told, WANTS_TOLD_MAX);
	case_close(&c);
}

static void of_own_wants_the_nearest_are_kept(void **state)
{
	struct kith_blob_id near = case_numbered(90000);
	struct wants_state s;
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_want_many(&c, 0, WANTS_OWN_MAX, 3, KITH_OK);
	case_want_many(&c, 50000, 1, 3, KITH_EFULL);
	case_want_many(&c, 0, 10, 3, KITH_OK); /* here already */
	case_want_many(&c, 90000, 1, 2, KITH_OK);
	assert_int_equal(case_counts(&c).own, WANTS_OWN_MAX);
	wants_state(c.w, &near, &s);
	assert_int_equal(s.hops, 2);
	assert_int_equal(s.stand, WANTS_ASKED);
	case_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_wants_are_told_again_after_a_long_time),
		cmocka_unit_test(so_many_own_wants_are_told_the_nearest_first),
		cmocka_unit_test(the_next_is_told_when_one_came),
		cmocka_unit_test(wants_that_nobody_answers_give_others_a_turn),
		cmocka_unit_test(of_own_wants_the_nearest_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
