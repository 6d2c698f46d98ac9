#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

/* A feed that was silent for two of these is doubted. */
enum { LOOK = EBT_STALL_MS };

/* x said what it has of a, of which we hold 4, and was sent these frames. */
static struct ebt *sent_to_x(struct ebt_peer **p, const char *had,
			     const char *frames)
{
	struct ebt *e = case_new("a4");

	*p = case_join(e, 'x', false, "", 0);
	assert_says(e, *p, 0, "{a8}");
	case_hear(e, *p, had, 0);
	assert_says(e, *p, 0, frames);
	return e;
}

static void leave(struct ebt *e, struct ebt_peer *p)
{
	ebt_leave(e, p);
	ebt_free(e);
}

static void what_a_peer_lost_in_silence_is_sent_again(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_says(e, p, LOOK, "");
	/* What it has, it answers with what it has, and wants no more of; told
	 * that there is more, it asks. */
	assert_says(e, p, 2 * LOOK, "a:2-2");
	case_hear(e, p, "a5", 2 * LOOK);
	assert_says(e, p, 2 * LOOK, "{a8}");
	case_hear(e, p, "a4", 2 * LOOK);
	assert_says(e, p, 2 * LOOK, "a:3-4");
	leave(e, p);
}

static void what_arrived_is_doubted_once(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_says(e, p, LOOK, "");
	assert_says(e, p, 2 * LOOK, "a:2-2");
	case_hear(e, p, "a9", 2 * LOOK);
	for (int64_t i = 2; i < 9; i++)
		assert_says(e, p, i * LOOK, "");
	case_clock(p, "a4");
	leave(e, p);
}

static void who_had_nothing_may_have_taken_the_first_and_gets_it_twice(
	void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a0", "a:1-4");

	(void)state;
	assert_says(e, p, LOOK, "");
	assert_says(e, p, 2 * LOOK, "a:1-1");
	assert_says(e, p, 3 * LOOK, "a:1-1");
	case_hear(e, p, "a3", 3 * LOOK);
	assert_says(e, p, 3 * LOOK, "{a8}");
	case_hear(e, p, "a2", 3 * LOOK);
	assert_says(e, p, 3 * LOOK, "a:2-4");
	leave(e, p);
}

static void who_never_answers_is_left_alone_until_there_is_more(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_says(e, p, LOOK, "");
	assert_says(e, p, 2 * LOOK, "a:2-2");
	assert_says(e, p, 3 * LOOK, "a:2-2");
	for (int64_t i = 4; i < 9; i++)
		assert_says(e, p, i * LOOK, "");
	case_committed(e, 'a', 5);
	assert_says(e, p, 10 * LOOK, "a:5-5");
	assert_says(e, p, 11 * LOOK, "");
	assert_says(e, p, 12 * LOOK, "a:2-2");
	leave(e, p);
}

static void a_feed_that_moves_is_not_doubted(void **state)
{
	static const char *const sent[] = { "a:5-5", "a:6-6", "a:7-7",
					    "a:8-8", "a:9-9", "a:10-10" };
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	for (int i = 0; i < 6; i++) {
		case_committed(e, 'a', (uint64_t)i + 5);
		assert_says(e, p, (i + 1) * LOOK, sent[i]);
	}
	leave(e, p);
}

static void a_doubt_wakes_its_peer(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_null(ebt_ready(e, NULL));
	assert_int_equal(ebt_wake_ms(e), LOOK);
	ebt_tick(e, LOOK);
	assert_ptr_equal(ebt_ready(e, NULL), p);
	leave(e, p);
}

static void who_wants_no_more_is_not_probed(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_says(e, p, LOOK, "");
	case_hear(e, p, "a-1", LOOK);
	assert_says(e, p, 2 * LOOK, "");
	assert_int_equal(ebt_wake_ms(e), INT64_MAX);
	leave(e, p);
}

static void what_was_removed_is_not_sent_again(void **state)
{
	struct kith_feed_id a = case_feed('a');
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	/* It may have taken the next one, as if it had nothing. */
	assert_int_equal(ebt_removed(e, &a, 3), KITH_OK);
	assert_says(e, p, LOOK, "");
	assert_says(e, p, 2 * LOOK, "a:3-3");
	assert_int_equal(ebt_removed(e, &a, 4), KITH_OK);
	assert_says(e, p, 3 * LOOK, "");
	leave(e, p);
}

static void what_a_feed_forks_behind_is_not_sent_again(void **state)
{
	struct kith_feed_id a = case_feed('a');
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_says(e, p, LOOK, "");
	assert_int_equal(ebt_limit(e, &a, 1), KITH_OK);
	assert_says(e, p, 2 * LOOK, "{a3}");
	assert_says(e, p, 9 * LOOK, "");
	leave(e, p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_peer_lost_in_silence_is_sent_again),
		cmocka_unit_test(what_arrived_is_doubted_once),
		cmocka_unit_test(
			who_had_nothing_may_have_taken_the_first_and_gets_it_twice),
		cmocka_unit_test(
			who_never_answers_is_left_alone_until_there_is_more),
		cmocka_unit_test(a_feed_that_moves_is_not_doubted),
		cmocka_unit_test(a_doubt_wakes_its_peer),
		cmocka_unit_test(who_wants_no_more_is_not_probed),
		cmocka_unit_test(what_was_removed_is_not_sent_again),
		cmocka_unit_test(what_a_feed_forks_behind_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
