#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

/* --- bad messages --------------------------------------------------------- */

static void a_gap_is_asked_for_once(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4}");
	assert_int_equal(case_message(e, p, 'a', 5, 0), EBT_GAP);
	assert_says(e, p, 0, "{a4}");
	assert_int_equal(case_message(e, p, 'a', 6, 0), EBT_GAP);
	assert_says(e, p, 0, "");
	case_take(e, p, 'a', 3, 6, 10);
	ebt_leave(e, p);
	ebt_free(e);
}

static void repeats_turn_a_source_off_when_it_has_no_more(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4}");
	case_hear(e, p, "a7", 0);
	/* It has 3 yet: a repeat of 2 changes nothing. */
	assert_int_equal(case_message(e, p, 'a', 2, 0), EBT_KNOWN);
	assert_says(e, p, 0, "");
	case_take(e, p, 'a', 3, 3, 0);
	assert_int_equal(case_message(e, p, 'a', 3, 0), EBT_KNOWN);
	assert_says(e, p, 0, "{a7}");
	/* What follows is taken although it was turned off. */
	case_take(e, p, 'a', 4, 4, 0);
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_queued_message_counts_as_known(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	case_hear(e, q, "a0", 0);
	assert_int_equal(case_message(e, p, 'a', 1, 0), EBT_TAKE);
	assert_int_equal(case_message(e, q, 'a', 1, 0), EBT_KNOWN);
	assert_int_equal(case_message(e, p, 'a', 3, 0), EBT_GAP);
	assert_says(e, q, 0, ""); /* not sent on before it is committed */
	case_committed(e, 'a', 1);
	assert_says(e, q, 0, "");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void the_right_message_behind_a_forged_one_is_taken(void **state)
{
	struct ebt *e = case_new("a1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_says(e, p, 0, "{a2}");
	assert_says(e, q, 0, "{a3}");
	assert_int_equal(case_message(e, p, 'a', 2, 0), EBT_TAKE);
	assert_int_equal(case_message(e, p, 'a', 2, 0), EBT_TAKE);
	assert_int_equal(case_message(e, q, 'a', 2, 0), EBT_KNOWN);
	ebt_refused(e, p, &a, EBT_INVALID);
	case_committed(e, 'a', 2);
	assert_int_equal(case_message(e, p, 'a', 3, 0), EBT_TAKE);
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void invalid_messages_are_counted_and_then_refused(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_says(e, p, 0, "{a0}");
	for (int i = 1; i < EBT_BAD_MAX; i++) {
		assert_int_equal(case_message(e, p, 'a', 1, 0), EBT_TAKE);
		ebt_refused(e, p, &a, EBT_INVALID);
		assert_says(e, p, 0, "{a0}");
	}
	assert_int_equal(case_message(e, p, 'a', 1, 0), EBT_TAKE);
	ebt_refused(e, p, &a, EBT_INVALID);
	assert_says(e, p, 0, "{a-1}");
	assert_int_equal(case_message(e, p, 'a', 1, 0), EBT_UNWANTED);
	case_hear(e, p, "a18", 0);
	assert_says(e, p, 0, "");
	/* The next connection starts anew. */
	ebt_leave(e, p);
	p = case_join(e, 'x', false, "a9", 0);
	assert_says(e, p, 0, "{a0}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void an_invalid_message_moves_the_asking_on(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	assert_int_equal(case_message(e, p, 'a', 1, 0), EBT_TAKE);
	ebt_refused(e, p, &a, EBT_INVALID);
	assert_says(e, p, 0, "{a1}");
	assert_says(e, q, 0, "{a0}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_fork_is_refused_for_an_hour_across_sessions(void **state)
{
	struct ebt *e = case_new("a1 b1");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_says(e, p, 0, "{a2 b2}");
	assert_says(e, q, 0, "{a3 b3}");
	assert_int_equal(case_message(e, p, 'a', 2, 0), EBT_TAKE);
	ebt_refused(e, p, &a, EBT_FORKED);
	assert_says(e, p, 0, "{a-1}");
	assert_says(e, q, 0, "{a2}"); /* through other peers it goes on */
	assert_int_equal(case_message(e, p, 'b', 2, 0), EBT_TAKE);
	ebt_leave(e, p);

	p = case_join(e, 'x', false, "a9", EBT_BARRED_MS - 1);
	assert_says(e, p, EBT_BARRED_MS - 1, "{b2}");
	case_hear(e, p, "a18", EBT_BARRED_MS - 1);
	assert_says(e, p, EBT_BARRED_MS - 1, "{a-1}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	p = case_join(e, 'x', false, "a9", EBT_BARRED_MS);
	assert_says(e, p, EBT_BARRED_MS, "{a2 b2}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void our_own_feed_still_goes_to_who_forked_it(void **state)
{
	struct ebt *e = case_new("s2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_feed_id self = case_feed('s');

	(void)state;
	assert_says(e, p, 0, "{s4}");
	case_hear(e, p, "s2", 0);
	assert_says(e, p, 0, "s:2-2");
	assert_int_equal(case_message(e, p, 's', 3, 0), EBT_TAKE);
	ebt_refused(e, p, &self, EBT_FORKED);
	assert_says(e, p, 0, "{s5}");
	assert_int_equal(case_message(e, p, 's', 3, 0), EBT_UNWANTED);
	case_hear(e, p, "s2", 10);
	assert_says(e, p, 10, "s:2-2");
	ebt_leave(e, p);
	ebt_free(e);
}

static void what_we_lack_is_not_asked_for_in_a_loop(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_says(e, p, 0, "{a0}");
	for (uint64_t sequence = 1; sequence <= 9; sequence++)
		assert_int_equal(case_message(e, p, 'a', sequence, 0),
				 EBT_TAKE);
	for (int i = 0; i < 9; i++)
		ebt_refused(e, p, &a, EBT_LACKING); /* the disk is full */
	assert_says(e, p, 0, "");
	ebt_tick(e, EBT_STALL_MS);
	assert_says(e, p, EBT_STALL_MS, "{a-1} {a0}");
	case_take(e, p, 'a', 1, 9, EBT_STALL_MS);
	ebt_leave(e, p);
	ebt_free(e);
}

static void messages_that_were_not_asked_for_are_dropped(void **state)
{
	struct ebt *e = case_new("a1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_int_equal(case_message(e, p, 'a', 2, 0), EBT_UNWANTED);
	assert_says(e, p, 0, "{a2}");
	assert_int_equal(case_message(e, p, 'z', 1, 0), EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'a', 0, 0), EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'a', UINT64_C(1) << 31, 0),
			 EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'a', UINT64_MAX, 0), EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'a', 2, 0), EBT_TAKE);
	ebt_leave(e, p);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_is_asked_for_once),
		cmocka_unit_test(repeats_turn_a_source_off_when_it_has_no_more),
		cmocka_unit_test(a_queued_message_counts_as_known),
		cmocka_unit_test(
			the_right_message_behind_a_forged_one_is_taken),
		cmocka_unit_test(invalid_messages_are_counted_and_then_refused),
		cmocka_unit_test(an_invalid_message_moves_the_asking_on),
		cmocka_unit_test(a_fork_is_refused_for_an_hour_across_sessions),
		cmocka_unit_test(our_own_feed_still_goes_to_who_forked_it),
		cmocka_unit_test(what_we_lack_is_not_asked_for_in_a_loop),
		cmocka_unit_test(messages_that_were_not_asked_for_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
