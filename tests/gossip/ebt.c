#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

/* --- session start -------------------------------------------------------- */

static void the_first_connection_goes_as_the_worked_example(void **state)
{
	/* We are the server of protocol/05 section 6, trace. */
	struct ebt *e = case_new("a4 c0 s1");
	struct ebt_peer *p = case_join(e, 'c', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a8 c0 s2}");
	case_take(e, p, 'c', 1, 1, 10);
	assert_says(e, p, 10, "");
	case_hear(e, p, "a4 c2 s0", 10);
	assert_says(e, p, 10, "a:3-4 s:1-1");
	case_committed(e, 'a', 5);
	assert_says(e, p, 20, "a:5-5");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_caller_waits_for_the_callee(void **state)
{
	struct ebt *e = case_new("a2 c1 s0");
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	assert_says(e, p, EBT_FIRST_WAIT_MS - 1, "");
	assert_int_equal(ebt_wake_ms(e), EBT_FIRST_WAIT_MS);
	case_hear(e, p, "a8 c0 s2", 100);
	/* What the callee asks for goes with our own first notes. */
	assert_says(e, p, 100, "{a4 c2 s0} c:1-1");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_caller_does_not_wait_for_ever(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	assert_says(e, p, EBT_FIRST_WAIT_MS, "{a4}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_callee_sends_even_empty_notes(void **state)
{
	struct ebt *e = case_new("");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', true, "", 0);

	(void)state;
	assert_says(e, p, 0, "{}");
	assert_says(e, p, 0, "");
	case_hear(e, q, "", 0);
	assert_says(e, q, 0, ""); /* a caller with nothing to say is silent */
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void what_did_not_change_is_left_out(void **state)
{
	struct ebt *e = case_new("a4 b4 c4 d0 f0 g4");
	struct ebt_peer *p =
		case_join(e, 'x', false, "a4 b3 c-1 d0 g5", 0);

	(void)state;
	/* a and d are as they were, c is refused; f was never spoken of. */
	assert_says(e, p, 0, "{b8 f0 g8}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_feed_left_out_wakes_up_with_a_note(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "a4", 0);

	(void)state;
	assert_says(e, p, 0, "{}");
	case_committed(e, 'a', 5); /* they are behind and do not listen yet */
	assert_says(e, p, 100, "{a11}");
	case_hear(e, p, "a8", 110);
	assert_says(e, p, 110, "a:5-5");
	case_hear(e, p, "a14", 120); /* they got ahead: 7 */
	assert_says(e, p, 120, "{a10}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void long_notes_are_cut_at_the_limit(void **state)
{
	enum { FEEDS = 4000 };
	struct ebt *e = case_new("");
	struct kith_feed_id id = case_feed('x');
	struct kith_buf body = { .limit = 1 << 20 };
	struct ebt_peer *p;
	struct ebt_out out;
	size_t frames = 0, bytes = 0;

	(void)state;
	for (unsigned i = 0; i < FEEDS; i++) {
		kith_put_be32(id.b, i);
		assert_int_equal(ebt_want(e, &id, true), KITH_OK);
	}
	p = case_join(e, 'x', false, "", 0);
	for (; ebt_next(e, p, 0, &body, &out) == EBT_NOTES; frames++) {
		assert_true(body.n <= EBT_NOTES_BYTES_MAX);
		assert_int_equal(body.p[0], '{');
		assert_int_equal(body.p[body.n - 1], '}');
		bytes += body.n;
	}
	/* {"@...ed25519":0} and its comma, 58 bytes each. */
	assert_int_equal(frames, 3);
	assert_int_equal(bytes, FEEDS * 58 + frames);
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_free(e);
}

/* --- sending -------------------------------------------------------------- */

static void messages_take_turns_and_keep_their_order(void **state)
{
	struct ebt *e = case_new("a150 b70 c1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a300 b140 c2}");
	case_hear(e, p, "a0 b0 c0", 0);
	assert_says(e, p, 0,
		    "a:1-64 b:1-64 c:1-1 a:65-128 b:65-70 a:129-150");
	ebt_leave(e, p);
	ebt_free(e);
}

static void only_who_asks_is_sent_messages(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4}");
	case_hear(e, p, "a1", 0); /* has nothing, only listens: told already */
	assert_says(e, p, 0, "");
	case_committed(e, 'a', 3);
	assert_says(e, p, 100, "{a6}");
	case_hear(e, p, "a0", 110);
	assert_says(e, p, 110, "a:1-3");
	case_hear(e, p, "a3", 120);
	case_committed(e, 'a', 4);
	assert_says(e, p, 200, "{a8}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void news_of_progress_are_collected(void **state)
{
	struct ebt *e = case_new("a1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 1000);
	struct ebt_out out;
	struct kith_buf body = { .limit = 1000 };

	(void)state;
	assert_says(e, p, 1000, "{a2}");
	case_hear(e, p, "a3", 1000);
	for (uint64_t sequence = 2; sequence < 40; sequence++) {
		case_committed(e, 'a', sequence);
		assert_int_equal(ebt_next(e, p, 1000 + (int64_t)sequence, &body,
					  &out),
				 EBT_IDLE);
		assert_int_equal(out.wake_ms, 1000 + EBT_NOTES_EVERY_MS);
	}
	assert_int_equal(ebt_wake_ms(e), 1000 + EBT_NOTES_EVERY_MS);
	assert_says(e, p, 1000 + EBT_NOTES_EVERY_MS, "{a78}");
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_receiver_in_a_flood_says_nothing(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a0}");
	case_hear(e, p, "a2000", 0);
	for (uint64_t sequence = 1; sequence <= 1000; sequence++) {
		case_take(e, p, 'a', sequence, sequence, (int64_t)sequence);
		assert_says(e, p, (int64_t)sequence, "");
	}
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_lower_note_restarts_sending(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a8}");
	case_hear(e, p, "a0", 0);
	assert_says(e, p, 0, "a:1-4");
	case_hear(e, p, "a4", 10); /* lost what followed 2 */
	assert_says(e, p, 10, "a:3-4");
	case_clock(p, "a2");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_message_that_came_is_not_sent_back(void **state)
{
	struct ebt *e = case_new("a1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a2}");
	case_hear(e, p, "a2", 0); /* asks for what follows 1 as well */
	case_take(e, p, 'a', 2, 3, 10);
	assert_says(e, p, 10, "");
	case_committed(e, 'a', 4);
	assert_says(e, p, 20, "a:4-4");
	case_clock(p, "a3");
	ebt_leave(e, p);
	ebt_free(e);
}

/* --- the caller's view ---------------------------------------------------- */

static void ready_peers_are_walked_once_each(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);
	struct ebt_peer *r = case_join(e, 'z', false, "", 0);
	int served = 0;

	(void)state;
	for (struct ebt_peer *i = ebt_ready(e, NULL); i; i = ebt_ready(e, i)) {
		assert_says(e, i, 0, i == p ? "{a4}" : "{a5}");
		served++;
	}
	assert_int_equal(served, 3);
	assert_null(ebt_ready(e, NULL));
	case_hear(e, q, "a0", 0);
	case_hear(e, r, "a0", 0);
	assert_ptr_equal(ebt_ready(e, NULL), q);
	assert_ptr_equal(ebt_ready(e, q), r); /* q had no room: it stays */
	assert_null(ebt_ready(e, r));
	assert_says(e, q, 0, "a:1-2");
	assert_ptr_equal(ebt_ready(e, NULL), r);
	ebt_leave(e, r);
	assert_null(ebt_ready(e, NULL));
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void peers_whose_time_came_are_ready(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', true, "", 0);

	(void)state;
	assert_says(e, p, 0, "");
	assert_null(ebt_ready(e, NULL));
	ebt_tick(e, EBT_FIRST_WAIT_MS - 1);
	assert_null(ebt_ready(e, NULL));
	ebt_tick(e, EBT_FIRST_WAIT_MS);
	assert_ptr_equal(ebt_ready(e, NULL), p);
	assert_says(e, p, EBT_FIRST_WAIT_MS, "{a4}");
	assert_int_equal(ebt_wake_ms(e), INT64_MAX);
	ebt_leave(e, p);
	ebt_free(e);
}

static void progress_counts_what_peers_said(void **state)
{
	struct ebt *e = case_new("a2 b4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_feed_id a = case_feed('a'), q = case_feed('q');
	struct ebt_progress progress;
	int user;

	(void)state;
	case_hear(e, p, "a21 b5 q7", 0);
	ebt_progress(e, &progress);
	assert_int_equal(progress.all.feeds, 2);
	assert_int_equal(progress.all.behind, 1);
	assert_int_equal(progress.all.messages, 8);
	assert_true(ebt_wants(e, &a));
	assert_false(ebt_wants(e, &q));
	ebt_peer_attach(p, &user);
	assert_ptr_equal(ebt_peer_user(p), &user);
	ebt_leave(e, p);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_connection_goes_as_the_worked_example),
		cmocka_unit_test(a_caller_waits_for_the_callee),
		cmocka_unit_test(a_caller_does_not_wait_for_ever),
		cmocka_unit_test(a_callee_sends_even_empty_notes),
		cmocka_unit_test(what_did_not_change_is_left_out),
		cmocka_unit_test(a_feed_left_out_wakes_up_with_a_note),
		cmocka_unit_test(long_notes_are_cut_at_the_limit),
		cmocka_unit_test(messages_take_turns_and_keep_their_order),
		cmocka_unit_test(only_who_asks_is_sent_messages),
		cmocka_unit_test(news_of_progress_are_collected),
		cmocka_unit_test(a_receiver_in_a_flood_says_nothing),
		cmocka_unit_test(a_lower_note_restarts_sending),
		cmocka_unit_test(a_message_that_came_is_not_sent_back),
		cmocka_unit_test(ready_peers_are_walked_once_each),
		cmocka_unit_test(peers_whose_time_came_are_ready),
		cmocka_unit_test(progress_counts_what_peers_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
