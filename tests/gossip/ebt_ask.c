#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"
#include "tests/support/alloc.h"

/* --- at most one peer is asked -------------------------------------------- */

static void only_the_first_peer_is_asked(void **state)
{
	struct ebt *e = case_new("a2 b2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4 b4}");
	assert_says(e, q, 0, "{a5 b5}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_peer_that_is_ahead_replaces_one_that_has_nothing(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	case_hear(e, p, "a0", 10);
	case_hear(e, q, "a20", 20);
	assert_says(e, p, 20, "{a1}");
	assert_says(e, q, 20, "{a0}");
	/* Saved clocks say the same before the peer does. */
	ebt_leave(e, q);
	assert_says(e, p, 30, "");
	q = case_join(e, 'y', false, "a10", 40);
	assert_says(e, q, 40, "{a0}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_live_source_is_given_a_moment(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4}");
	assert_says(e, q, 0, "{a5}");
	case_hear(e, p, "a4", 0);
	case_hear(e, q, "a4", 0);
	/* y tells of 3 before x has sent it; x does so in time. */
	case_hear(e, q, "a6", 1000);
	case_take(e, p, 'a', 3, 3, 1200);
	ebt_tick(e, 2000);
	assert_says(e, q, 2000, "");
	/* Next time x does not. */
	case_hear(e, q, "a8", 3000);
	assert_int_equal(ebt_wake_ms(e), 3250);
	ebt_tick(e, 3249);
	assert_says(e, q, 3249, "");
	ebt_tick(e, 3250);
	assert_says(e, q, 3250, "{a6}");
	assert_says(e, p, 3250, "{a7}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_source_that_has_no_more_is_left_soon(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a4", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	case_take(e, p, 'a', 1, 4, 100);
	assert_int_equal(ebt_wake_ms(e), 350);
	assert_says(e, q, 350, "{a8}");
	assert_says(e, p, 350, "{a9}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void what_left_with_a_peer_is_asked_from_another(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	assert_int_equal(case_message(e, p, 'a', 1, 10), EBT_TAKE);
	assert_int_equal(case_message(e, p, 'a', 2, 10), EBT_TAKE);
	case_committed(e, 'a', 1);
	ebt_leave(e, p); /* 2 may be lost with it */
	assert_says(e, q, 20, "{a2}");
	case_take(e, q, 'a', 2, 9, 30);
	ebt_leave(e, q);
	ebt_free(e);
}

static void what_may_be_lost_counts_as_missing(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a2", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a2", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	assert_int_equal(case_message(e, p, 'a', 1, 10), EBT_TAKE);
	assert_int_equal(case_message(e, p, 'a', 2, 10), EBT_TAKE);
	case_committed(e, 'a', 1);
	assert_says(e, q, 20, "");
	ebt_leave(e, p);
	assert_says(e, q, 20, "{a2}");
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_refusal_moves_the_asking_on(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	case_hear(e, p, "a-1", 10);
	assert_says(e, q, 10, "{a0}");
	assert_says(e, p, 10, "");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

/* --- stalls --------------------------------------------------------------- */

static void silence_moves_the_asking_on_in_turn(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);
	struct ebt_peer *r = case_join(e, 'z', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	assert_says(e, r, 0, "{a1}");
	case_hear(e, p, "a9", 0);
	case_hear(e, q, "a9", 0);
	case_hear(e, r, "a9", 0);
	ebt_tick(e, EBT_STALL_MS - 1);
	assert_says(e, q, EBT_STALL_MS - 1, "");
	assert_int_equal(ebt_wake_ms(e), EBT_STALL_MS);
	ebt_tick(e, EBT_STALL_MS);
	assert_says(e, p, EBT_STALL_MS, "{a1}");
	assert_says(e, q, EBT_STALL_MS, "{a0}");
	assert_says(e, r, EBT_STALL_MS, "");
	ebt_tick(e, EBT_STALL_MS * 2);
	assert_says(e, q, EBT_STALL_MS * 2, "{a1}");
	assert_says(e, r, EBT_STALL_MS * 2, "{a0}");
	/* x was silent before: its turn comes with the cure. */
	ebt_tick(e, EBT_STALL_MS * 3);
	assert_says(e, r, EBT_STALL_MS * 3, "{a1}");
	assert_says(e, p, EBT_STALL_MS * 3, "{a-1} {a0}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_leave(e, r);
	ebt_free(e);
}

static void a_message_is_a_sign_of_life(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a20", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a20", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	for (uint64_t sequence = 1; sequence <= 10; sequence++) {
		int64_t now_ms = (int64_t)sequence * (EBT_STALL_MS - 1);

		ebt_tick(e, now_ms);
		case_take(e, p, 'a', sequence, sequence, now_ms);
	}
	assert_says(e, q, 10 * EBT_STALL_MS, "");
	ebt_tick(e, 11 * EBT_STALL_MS);
	assert_says(e, p, 11 * EBT_STALL_MS, "{a21}");
	assert_says(e, q, 11 * EBT_STALL_MS, "{a20}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_peer_busy_with_other_feeds_has_more_time(void **state)
{
	struct ebt *e = case_new("a0 b0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9 b1000", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);
	int64_t now_ms = 0;

	(void)state;
	assert_says(e, p, 0, "{a0 b0}");
	assert_says(e, q, 0, "{a1 b1}");
	for (uint64_t sequence = 1; now_ms < 4 * EBT_STALL_MS; sequence++) {
		assert_says(e, q, now_ms, "");
		now_ms += 1000;
		case_take(e, p, 'b', sequence, sequence, now_ms);
	}
	assert_says(e, q, now_ms, "{a0}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void a_skipped_feed_that_we_lost_is_cured(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	case_hear(e, p, "a19", 10); /* OFF, higher, and nothing follows */
	ebt_tick(e, EBT_STALL_MS + 10);
	assert_says(e, p, EBT_STALL_MS + 10, "{a-1} {a0}");
	case_take(e, p, 'a', 1, 9, EBT_STALL_MS + 20);
	ebt_tick(e, EBT_STALL_MS * 9);
	assert_says(e, p, EBT_STALL_MS * 9, "");
	assert_int_equal(ebt_wake_ms(e), INT64_MAX);
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_peer_that_never_sends_is_asked_ever_more_rarely(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_buf body = { .limit = 1000 };
	struct ebt_out out;
	int64_t hour = 3600000, now_ms = 0;
	int frames = 0;

	(void)state;
	assert_says(e, p, 0, "{a0}");
	case_hear(e, p, "a18", 0);
	while ((now_ms = ebt_wake_ms(e)) < hour) {
		ebt_tick(e, now_ms);
		while (ebt_next(e, p, now_ms, &body, &out) == EBT_NOTES)
			frames++;
	}
	assert_in_range(frames, 8, 40);
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_new_offer_is_taken_without_the_long_pause(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q;
	struct kith_buf body = { .limit = 1000 };
	struct ebt_out out;
	int64_t now_ms = 0, hour = 3600000;

	(void)state;
	while (now_ms < hour) {
		while (ebt_next(e, p, now_ms, &body, &out) == EBT_NOTES)
			;
		now_ms = ebt_wake_ms(e);
		ebt_tick(e, now_ms);
	}
	while (ebt_next(e, p, now_ms, &body, &out) == EBT_NOTES)
		;
	q = case_join(e, 'y', false, "", now_ms);
	assert_says(e, q, now_ms, "{a1}");
	case_hear(e, q, "a19", now_ms);
	assert_true(ebt_wake_ms(e) <= now_ms + EBT_STALL_MS);
	ebt_tick(e, now_ms + EBT_STALL_MS);
	assert_says(e, q, now_ms + EBT_STALL_MS, "{a0}");
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void without_looking_elsewhere_nobody_else_is_asked(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p, *q;

	(void)state;
	ebt_set_stall_ms(e, INT64_MAX);
	p = case_join(e, 'x', false, "a9", 0);
	q = case_join(e, 'y', false, "a9", 0);
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	assert_int_equal(ebt_wake_ms(e), INT64_MAX);
	ebt_tick(e, 1000 * EBT_STALL_MS);
	assert_says(e, q, 1000 * EBT_STALL_MS, "");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

/* --- memory --------------------------------------------------------------- */

/* Feeds and others enough to grow every table; false: something failed. */
static bool run_short_of_memory(struct ebt *e)
{
	struct kith_clock_entry saved[40];
	struct kith_feed_id id = case_feed('f'), peer = case_feed('x');
	struct kith_buf body = { .limit = 100000 };
	struct ebt_out out;
	struct ebt_peer *p;
	bool ok = true;

	for (uint32_t i = 0; i < 40; i++) {
		saved[i] = (struct kith_clock_entry){ case_feed('o'), i };
		kith_put_be32(saved[i].feed.b, i);
	}
	p = ebt_join(e, &peer, false, saved, 40, 0);
	for (uint32_t i = 0; i < 80; i++) {
		kith_put_be32(id.b, i);
		ok = !ebt_want(e, &id, true) && ok;
		ok = !ebt_committed(e, &id, i) && ok;
	}
	if (!p)
		return false;
	if (ebt_next(e, p, 0, &body, &out) == EBT_IDLE)
		ok = false;
	kith_buf_free(&body);
	ebt_leave(e, p);
	return ok;
}

static void any_allocation_may_fail(void **state)
{
	struct kith_feed_id self = case_feed('s');
	size_t failures = 0;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct ebt *e = ebt_new(&self);

		if (!e || !run_short_of_memory(e))
			failures++;
		ebt_free(e);
	}
	assert_true(failures > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_first_peer_is_asked),
		cmocka_unit_test(
			a_peer_that_is_ahead_replaces_one_that_has_nothing),
		cmocka_unit_test(a_live_source_is_given_a_moment),
		cmocka_unit_test(a_source_that_has_no_more_is_left_soon),
		cmocka_unit_test(what_left_with_a_peer_is_asked_from_another),
		cmocka_unit_test(what_may_be_lost_counts_as_missing),
		cmocka_unit_test(a_refusal_moves_the_asking_on),
		cmocka_unit_test(silence_moves_the_asking_on_in_turn),
		cmocka_unit_test(a_message_is_a_sign_of_life),
		cmocka_unit_test(a_peer_busy_with_other_feeds_has_more_time),
		cmocka_unit_test(a_skipped_feed_that_we_lost_is_cured),
		cmocka_unit_test(
			a_peer_that_never_sends_is_asked_ever_more_rarely),
		cmocka_unit_test(a_new_offer_is_taken_without_the_long_pause),
		cmocka_unit_test(
			without_looking_elsewhere_nobody_else_is_asked),
		cmocka_unit_test(any_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
