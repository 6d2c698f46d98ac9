#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

/* Before an echo is asked for, and from the answer to the look. */
enum { PAUSE = EBT_STALL_MS / 3 };

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

/* An echo and the look behind it, which says these frames; gives the time. */
#define assert_look(e, p, now_ms, frames) \
	look(e, p, now_ms, frames, __FILE__, __LINE__)
static int64_t look(struct ebt *e, struct ebt_peer *p, int64_t now_ms,
		    const char *frames, const char *file, int line)
{
	now_ms += PAUSE;
	case_says(e, p, now_ms, "?", file, line);
	ebt_echoed(e, p, now_ms);
	now_ms += PAUSE;
	case_says(e, p, now_ms, frames, file, line);
	return now_ms;
}

/* The looks that come to nothing. */
#define assert_two_looks(e, p, now_ms) \
	assert_look(e, p, assert_look(e, p, now_ms, ""), "")

static void assert_rests(struct ebt *e, struct ebt_peer *p, int64_t now_ms)
{
	assert_says(e, p, now_ms + 100 * PAUSE, "");
	assert_int_equal(ebt_wake_ms(e), INT64_MAX);
}

static void what_a_peer_lost_in_silence_is_sent_again(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	/* What it has, it answers with what it has, and wants no more of; told
	 * that there is more, it asks. */
	now_ms = assert_look(e, p, now_ms, "a:2-2");
	case_hear(e, p, "a5", now_ms);
	assert_says(e, p, now_ms, "{a8}");
	case_hear(e, p, "a4", now_ms);
	assert_says(e, p, now_ms, "a:3-4");
	leave(e, p);
}

static void what_arrived_is_doubted_once(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	now_ms = assert_look(e, p, now_ms, "a:2-2");
	case_hear(e, p, "a9", now_ms);
	assert_rests(e, p, now_ms);
	case_clock(p, "a4");
	leave(e, p);
}

static void who_had_nothing_may_have_taken_the_first_and_gets_it_twice(
	void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a0", "a:1-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	now_ms = assert_look(e, p, now_ms, "a:1-1");
	now_ms = assert_look(e, p, now_ms, "a:1-1");
	case_hear(e, p, "a3", now_ms);
	assert_says(e, p, now_ms, "{a8}");
	case_hear(e, p, "a2", now_ms);
	assert_says(e, p, now_ms, "a:2-4");
	leave(e, p);
}

static void who_does_not_answer_is_not_probed(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a0", "a:1-4");

	(void)state;
	assert_says(e, p, PAUSE - 1, "");
	assert_says(e, p, PAUSE, "?");
	assert_rests(e, p, PAUSE);
	/* It slept, and is through it now. */
	ebt_echoed(e, p, 200 * PAUSE);
	assert_says(e, p, 201 * PAUSE - 1, "");
	assert_says(e, p, 201 * PAUSE, "");
	assert_look(e, p, 201 * PAUSE, "");
	leave(e, p);
}

static void an_echo_from_before_does_not_count(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	assert_says(e, p, now_ms + PAUSE, "?");
	case_committed(e, 'a', 5);
	assert_says(e, p, now_ms + PAUSE, "a:5-5");
	ebt_echoed(e, p, now_ms + PAUSE);
	assert_says(e, p, now_ms + 2 * PAUSE, "");
	now_ms = assert_look(e, p, now_ms + 2 * PAUSE, "");
	assert_look(e, p, now_ms, "a:2-2");
	leave(e, p);
}

static void who_says_nothing_is_left_alone_until_there_is_more(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	now_ms = assert_look(e, p, now_ms, "a:2-2");
	now_ms = assert_look(e, p, now_ms, "a:2-2");
	assert_rests(e, p, now_ms);
	now_ms += 100 * PAUSE;
	case_committed(e, 'a', 5);
	assert_says(e, p, now_ms, "a:5-5");
	now_ms = assert_two_looks(e, p, now_ms);
	assert_look(e, p, now_ms, "a:2-2");
	leave(e, p);
}

static void a_feed_that_moves_is_not_doubted(void **state)
{
	static const char *const sent[] = { "a:5-5", "a:6-6", "a:7-7",
					    "a:8-8", "a:9-9", "a:10-10" };
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		now_ms = assert_look(e, p, now_ms, "");
		case_committed(e, 'a', (uint64_t)i + 5);
		assert_says(e, p, now_ms, sent[i]);
	}
	leave(e, p);
}

static void a_doubt_wakes_its_peer(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");

	(void)state;
	assert_null(ebt_ready(e, NULL));
	assert_int_equal(ebt_wake_ms(e), PAUSE);
	ebt_tick(e, PAUSE);
	assert_ptr_equal(ebt_ready(e, NULL), p);
	assert_says(e, p, PAUSE, "?");
	assert_null(ebt_ready(e, NULL));
	assert_int_equal(ebt_wake_ms(e), INT64_MAX);
	ebt_echoed(e, p, PAUSE);
	assert_ptr_equal(ebt_ready(e, NULL), p);
	assert_says(e, p, PAUSE, "");
	assert_int_equal(ebt_wake_ms(e), 2 * PAUSE);
	leave(e, p);
}

static void who_wants_no_more_is_not_probed(void **state)
{
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	case_hear(e, p, "a-1", now_ms);
	assert_rests(e, p, now_ms);
	leave(e, p);
}

static void what_was_removed_is_not_sent_again(void **state)
{
	struct kith_feed_id a = case_feed('a');
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	/* It may have taken the next one, as if it had nothing. */
	assert_int_equal(ebt_removed(e, &a, 3), KITH_OK);
	now_ms = assert_look(e, p, now_ms, "a:3-3");
	assert_int_equal(ebt_removed(e, &a, 4), KITH_OK);
	assert_rests(e, p, now_ms);
	leave(e, p);
}

static void what_a_feed_forks_behind_is_not_sent_again(void **state)
{
	struct kith_feed_id a = case_feed('a');
	struct ebt_peer *p;
	struct ebt *e = sent_to_x(&p, "a4", "a:3-4");
	int64_t now_ms = assert_two_looks(e, p, 0);

	(void)state;
	assert_int_equal(ebt_limit(e, &a, 1), KITH_OK);
	assert_says(e, p, now_ms, "{a3}");
	assert_rests(e, p, now_ms);
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
			who_says_nothing_is_left_alone_until_there_is_more),
		cmocka_unit_test(who_does_not_answer_is_not_probed),
		cmocka_unit_test(an_echo_from_before_does_not_count),
		cmocka_unit_test(a_feed_that_moves_is_not_doubted),
		cmocka_unit_test(a_doubt_wakes_its_peer),
		cmocka_unit_test(who_wants_no_more_is_not_probed),
		cmocka_unit_test(what_was_removed_is_not_sent_again),
		cmocka_unit_test(what_a_feed_forks_behind_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
