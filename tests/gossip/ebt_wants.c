#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "tests/gossip/ebt_case.h"

/* --- answers -------------------------------------------------------------- */

static void a_first_mention_is_answered_once(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "a4", 0);

	(void)state;
	assert_says(e, p, 0, "{}");
	case_hear(e, p, "a8", 0);
	assert_says(e, p, 0, "{a9}"); /* not ahead: nothing to ask for */
	case_hear(e, p, "a8", 10);
	case_hear(e, p, "a9", 20);
	assert_says(e, p, 1000, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void unwanted_feeds_are_refused_once(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a8}");
	case_hear(e, p, "q4 r6 t-1", 0);
	assert_says(e, p, 0, "{q-1 r-1}");
	case_hear(e, p, "q6", 10);
	assert_says(e, p, 10, "");
	assert_int_equal(case_message(e, p, 'q', 1, 10), EBT_UNWANTED);
	case_clock(p, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_refusal_may_be_followed_by_a_proper_note(void **state)
{
	struct ebt *e = case_new("a4");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a8}");
	case_hear(e, p, "a-1", 0); /* its follow graph is still loading */
	case_committed(e, 'a', 5);
	assert_says(e, p, 100, "");
	case_clock(p, "a-1");
	case_hear(e, p, "a0", 1000);
	assert_says(e, p, 1000, "{a11} a:1-5");
	ebt_leave(e, p);
	ebt_free(e);
}

static void bad_entries_are_ignored_one_by_one(void **state)
{
	struct ebt *e = case_new("a4 s0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	const char *notes = "{\"q\":4,\"clock\":{},\"@x.ed25519\":2,"
			    "\"@YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
			    ".ed25519\":\"4\","
			    "\"@c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M="
			    ".ed25519\":1.5}";

	(void)state;
	assert_says(e, p, 0, "{a8 s0}");
	assert_int_equal(ebt_notes(e, p, kith_text(notes), 0), KITH_OK);
	assert_says(e, p, 0, "");
	case_clock(p, "");
	assert_int_equal(ebt_notes(e, p, kith_text("[1,2]"), 0), KITH_EFORMAT);
	assert_int_equal(ebt_notes(e, p, kith_text("5"), 0), KITH_EFORMAT);
	assert_int_equal(ebt_notes(e, p, kith_text("\"hi\""), 0), KITH_EFORMAT);
	assert_int_equal(ebt_notes(e, p, kith_text("true"), 0), KITH_EFORMAT);
	ebt_leave(e, p);
	ebt_free(e);
}

static void notes_of_too_many_keys_are_refused(void **state)
{
	struct kith_buf notes = { .limit = 1 << 20 };
	struct ebt *e = case_new("");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	kith_buf_text(&notes, "{\"k\":1");
	for (int i = 1; i < EBT_NOTES_KEYS_MAX; i++)
		kith_buf_text(&notes, ",\"k\":1");
	kith_buf_text(&notes, "}");
	assert_int_equal(ebt_notes(e, p, kith_bytes(&notes), 0), KITH_OK);
	notes.n--;
	kith_buf_text(&notes, ",\"k\":1}");
	assert_int_equal(ebt_notes(e, p, kith_bytes(&notes), 0), KITH_ETOOBIG);
	kith_buf_free(&notes);
	ebt_leave(e, p);
	ebt_free(e);
}

/* --- follows, blocks ------------------------------------------------------ */

static void a_follow_is_told_to_connected_peers(void **state)
{
	struct ebt *e = case_new("s1");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);
	struct ebt_peer *r = case_join(e, 'z', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{s2}");
	assert_says(e, q, 0, "{s3}");
	assert_says(e, r, 0, "{s3}");
	case_hear(e, q, "b-1", 0);
	case_hear(e, r, "b10", 0);
	assert_says(e, r, 0, "{b-1}");
	case_want(e, 'b', true);
	/* z said that it has it: it is asked, the others only told; y, too,
	 * whose refusal was of what we did not want. */
	assert_says(e, p, 10, "{b1}");
	assert_says(e, q, 10, "{b1}");
	assert_says(e, r, 10, "{b0}");
	assert_int_equal(case_message(e, r, 'b', 1, 20), EBT_TAKE);
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_leave(e, r);
	ebt_free(e);
}

static void an_unfollow_is_told_and_holds(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4}");
	case_hear(e, p, "a0", 0);
	case_want(e, 'a', false);
	assert_says(e, p, 10, "{a-1}");
	case_committed(e, 'a', 3);
	case_hear(e, p, "a2", 20);
	assert_says(e, p, 100, "");
	assert_int_equal(case_message(e, p, 'a', 4, 100), EBT_UNWANTED);
	case_want(e, 'a', true);
	assert_says(e, p, 110, "{a6}");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_hidden_feed_is_not_mentioned_and_refused_once(void **state)
{
	struct ebt *e = case_new("a2 b2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_feed_id a = case_feed('a');

	(void)state;
	assert_int_equal(ebt_hide(e, p, &a, true), KITH_OK);
	assert_says(e, p, 0, "{b4}");
	case_hear(e, p, "a0", 0);
	assert_says(e, p, 0, "{a-1}");
	case_hear(e, p, "a0", 10);
	case_committed(e, 'a', 3);
	assert_says(e, p, 100, "");
	assert_int_equal(case_message(e, p, 'a', 4, 100), EBT_UNWANTED);

	assert_int_equal(ebt_hide(e, p, &a, false), KITH_OK);
	assert_says(e, p, 110, "{a6}");
	case_hear(e, p, "a4", 120);
	assert_says(e, p, 120, "a:3-3");
	ebt_leave(e, p);
	ebt_free(e);
}

static void a_refusal_taken_back_is_told_even_at_the_same_sequence(
	void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);

	(void)state;
	assert_says(e, p, 0, "{a4}");
	case_hear(e, p, "a5", 0);
	case_want(e, 'a', false);
	assert_says(e, p, 0, "{a-1}");
	case_want(e, 'a', true);
	assert_says(e, p, 0, "{a4}");
	/* The note that says so may be lost with the connection: next time
	 * nothing may be left out. */
	case_clock(p, "");
	ebt_leave(e, p);
	ebt_free(e);
}

static void only_so_many_feeds_of_others_are_remembered(void **state)
{
	struct kith_buf notes = { .limit = 1 << 24 };
	struct kith_buf body = { .limit = 1 << 20 };
	struct ebt *e = case_new("");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_feed_id id = case_feed('x');
	char text[KITH_REF_TEXT_BYTES];
	struct ebt_out out;
	size_t answers = 0;

	(void)state;
	kith_buf_byte(&notes, '{');
	for (uint32_t i = 0; i < EBT_OTHERS_MAX + 10; i++) {
		kith_put_be32(id.b, i);
		kith_feed_print(&id, text);
		kith_buf_text(&notes, i ? ",\"" : "\"");
		kith_buf_text(&notes, text);
		kith_buf_text(&notes, "\":2");
	}
	kith_buf_byte(&notes, '}');
	assert_int_equal(ebt_notes(e, p, kith_bytes(&notes), 0), KITH_OK);
	while (ebt_next(e, p, 0, &body, &out) == EBT_NOTES)
		for (size_t i = 0; i < body.n; i++)
			answers += body.p[i] == ':';
	assert_int_equal(answers, EBT_OTHERS_MAX);
	kith_buf_free(&notes);
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_free(e);
}

static void hiding_at_runtime_ends_what_runs(void **state)
{
	struct ebt *e = case_new("a2");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct kith_feed_id a = case_feed('a'), q = case_feed('q');

	(void)state;
	assert_says(e, p, 0, "{a4}");
	case_hear(e, p, "a0", 0);
	assert_int_equal(ebt_hide(e, p, &a, true), KITH_OK);
	assert_says(e, p, 0, "{a-1}");
	/* Also what nobody spoke of yet. */
	assert_int_equal(ebt_hide(e, p, &q, true), KITH_OK);
	case_want(e, 'q', true);
	assert_says(e, p, 0, "");
	ebt_leave(e, p);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_mention_is_answered_once),
		cmocka_unit_test(unwanted_feeds_are_refused_once),
		cmocka_unit_test(a_refusal_may_be_followed_by_a_proper_note),
		cmocka_unit_test(bad_entries_are_ignored_one_by_one),
		cmocka_unit_test(notes_of_too_many_keys_are_refused),
		cmocka_unit_test(a_follow_is_told_to_connected_peers),
		cmocka_unit_test(an_unfollow_is_told_and_holds),
		cmocka_unit_test(
			a_hidden_feed_is_not_mentioned_and_refused_once),
		cmocka_unit_test(
			a_refusal_taken_back_is_told_even_at_the_same_sequence),
		cmocka_unit_test(only_so_many_feeds_of_others_are_remembered),
		cmocka_unit_test(hiding_at_runtime_ends_what_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
