/* Forked feeds: not told, sent, asked for or taken beyond their limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

static void limit(struct ebt *e, char feed, uint64_t sequence)
{
	struct kith_feed_id id = case_feed(feed);

	assert_int_equal(ebt_limit(e, &id, sequence), KITH_OK);
}

static void forked_feed_is_told_and_sent_up_to_its_limit(void **state)
{
	struct ebt *e = case_new("a9");
	struct ebt_peer *p;

	(void)state;
	limit(e, 'a', 4);
	p = case_join(e, 'x', false, "", 0);
	assert_says(e, p, 0, "{a9}");
	case_hear(e, p, "a4", 0);
	assert_says(e, p, 0, "a:3-4");
	/* What the log still got changes nothing. */
	case_committed(e, 'a', 10);
	assert_says(e, p, 100, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void feed_forked_at_its_first_message_has_nothing_to_tell(void **state)
{
	struct ebt *e = case_new("a3");
	struct ebt_peer *p;

	(void)state;
	limit(e, 'a', 0);
	p = case_join(e, 'x', false, "", 0);
	assert_says(e, p, 0, "{a1}");
	case_hear(e, p, "a0", 0);
	assert_says(e, p, 0, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void peers_hear_of_a_limit_that_comes_later(void **state)
{
	struct ebt *e = case_new("a9");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a18}");
	assert_says(e, q, 0, "{a19}");
	case_hear(e, q, "a2", 0);
	limit(e, 'a', 4);
	assert_says(e, p, 0, "{a9}");
	assert_says(e, q, 0, "{a9} a:2-4");
	/* Said once; a higher limit is none. */
	limit(e, 'a', 4);
	limit(e, 'a', 7);
	assert_says(e, p, 0, "");
	limit(e, 'a', 2);
	assert_says(e, p, 0, "{a5}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void sending_stops_at_a_limit_in_its_midst(void **state)
{
	struct ebt *e = case_new("a200");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_buf body = { .limit = EBT_NOTES_BYTES_MAX };
	struct ebt_out out;

	(void)state;
	assert_says(e, p, 0, "{a400}");
	case_hear(e, p, "a0", 0);
	assert_int_equal(ebt_next(e, p, 0, &body, &out), EBT_MESSAGES);
	assert_int_equal(out.to, EBT_BATCH_MAX);
	limit(e, 'a', EBT_BATCH_MAX + 2);
	assert_says(e, p, 0, "{a133} a:65-66");
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_free(e);
}

static void forked_feed_is_neither_asked_for_nor_taken(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_progress progress;

	(void)state;
	assert_says(e, p, 0, "{a8}");
	case_hear(e, p, "a16", 0);
	limit(e, 'a', 2);
	assert_says(e, p, 0, "{a5}");
	assert_int_equal(case_message(e, p, 'a', 5, 0), EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'a', 7, 0), EBT_UNWANTED);
	assert_int_equal(case_message(e, p, 'a', 3, 0), EBT_KNOWN);
	assert_says(e, p, EBT_STALL_MS * 10, "");
	ebt_progress(e, &progress);
	assert_int_equal(progress.all.feeds, 1);
	assert_int_equal(progress.all.behind, 0);
	assert_int_equal(progress.all.messages, 0);
	/* Nor from those who come later, or say more. */
	case_hear(e, p, "a40", EBT_STALL_MS * 20);
	assert_says(e, p, EBT_STALL_MS * 40, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void what_lies_before_the_fork_is_still_fetched(void **state)
{
	struct ebt *e = case_new("a1");
	struct ebt_peer *p;
	struct ebt_progress progress;

	(void)state;
	limit(e, 'a', 4);
	p = case_join(e, 'x', false, "", 0);
	assert_says(e, p, 0, "{a2}");
	case_hear(e, p, "a16", 0);
	ebt_progress(e, &progress);
	assert_int_equal(progress.all.messages, 3);
	case_take(e, p, 'a', 2, 4, 0);
	assert_says(e, p, 0, "{a9}");
	assert_int_equal(case_message(e, p, 'a', 5, 0), EBT_UNWANTED);
	ebt_progress(e, &progress);
	assert_int_equal(progress.all.behind, 0);
	ebt_leave(e, p);
	ebt_free(e);
}

static void other_feeds_go_on(void **state)
{
	struct ebt *e = case_new("a4 b4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a8 b8}");
	case_hear(e, p, "a16 b16", 0);
	limit(e, 'a', 2);
	assert_says(e, p, 0, "{a5}");
	case_take(e, p, 'b', 5, 8, 0);
	ebt_leave(e, p);
	ebt_free(e);
}

static void limit_taken_back_is_as_if_it_had_never_been(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_int_equal(ebt_limit_of(e, &a), UINT64_MAX);
	limit(e, 'a', 2);
	assert_int_equal(ebt_limit_of(e, &a), 2);
	assert_says(e, p, 0, "{a5}");
	assert_says(e, q, 0, "{a5}");
	case_hear(e, p, "a12", 0);
	case_hear(e, q, "a2", 0);
	assert_says(e, q, 0, "a:2-2");
	ebt_unlimit(e, &a);
	assert_int_equal(ebt_limit_of(e, &a), UINT64_MAX);
	assert_says(e, p, 0, "{a8}");
	assert_says(e, q, 0, "{a9} a:3-4");
	case_take(e, p, 'a', 5, 6, 0);
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

static void limit_of_a_feed_that_nobody_wants_does_no_harm(void **state)
{
	struct ebt *e = case_new("a4");
	struct kith_feed_id b = case_feed('b');
	struct ebt_peer *p;

	(void)state;
	limit(e, 'b', 3);
	p = case_join(e, 'x', false, "", 0);
	assert_says(e, p, 0, "{a8}");
	case_want(e, 'b', true);
	assert_says(e, p, 0, "{b0}");
	ebt_unlimit(e, &b);
	assert_says(e, p, 0, "{b0}");
	ebt_leave(e, p);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forked_feed_is_told_and_sent_up_to_its_limit),
		cmocka_unit_test(
			feed_forked_at_its_first_message_has_nothing_to_tell),
		cmocka_unit_test(peers_hear_of_a_limit_that_comes_later),
		cmocka_unit_test(sending_stops_at_a_limit_in_its_midst),
		cmocka_unit_test(forked_feed_is_neither_asked_for_nor_taken),
		cmocka_unit_test(what_lies_before_the_fork_is_still_fetched),
		cmocka_unit_test(other_feeds_go_on),
		cmocka_unit_test(limit_taken_back_is_as_if_it_had_never_been),
		cmocka_unit_test(
			limit_of_a_feed_that_nobody_wants_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
