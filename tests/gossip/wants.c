#include "src/gossip/wants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/wants_case.h"

static void the_first_item_is_sent_even_if_empty(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	assert_null(wants_ready(c.w, NULL));
	assert_says(&c, 'P', "");
	wants_listens(c.w, case_peer(&c, 'P'));
	assert_ptr_equal(wants_ready(c.w, NULL), case_peer(&c, 'P'));
	assert_says(&c, 'P', "{}");
	assert_null(wants_ready(c.w, NULL));
	case_close(&c);
}

static void an_own_want_is_told_to_all(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_listen(&c, "PQ");
	case_want(&c, 'a', 0);
	assert_says(&c, 'P', "{a-1}");
	assert_says(&c, 'Q', "{a-1}");
	assert_says(&c, 'P', "");
	case_close(&c);
}

static void a_new_connection_is_told_all_wants_in_its_first_item(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_want(&c, 'a', 0);
	case_want(&c, 'b', 2);
	case_came(&c, 'd', 5);
	case_join(&c, "P");
	case_hear(&c, 'P', "c-2");
	assert_does(&c, "look c-2");
	case_looked(&c, WANTS_ABSENT);
	wants_listens(c.w, case_peer(&c, 'P'));
	assert_says(&c, 'P', "{a-1 b-1 c-3}");
	case_close(&c);
}

static void a_stream_opened_anew_is_told_everything_again(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_want(&c, 'a', 0);
	case_join(&c, "P");
	case_listen(&c, "P");
	wants_listens(c.w, case_peer(&c, 'P'));
	assert_says(&c, 'P', "{a-1}");
	case_close(&c);
}

static void who_asks_for_what_is_here_is_answered_alone(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_listen(&c, "PQ");
	case_hear(&c, 'P', "a-1");
	assert_does(&c, "look a-1");
	case_looked(&c, 161699);
	assert_says(&c, 'P', "{a161699}");
	assert_says(&c, 'Q', "");
	case_close(&c);
}

static void a_want_too_far_to_carry_is_answered_all_the_same(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_listen(&c, "P");
	case_hear(&c, 'P', "a-9007199254740991");
	assert_does(&c, "look a-100");
	case_looked(&c, 7);
	assert_says(&c, 'P', "{a7}");
	case_close(&c);
}

static void a_want_is_carried_one_hop_farther_to_all(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_listen(&c, "PQ");
	case_hear(&c, 'P', "a-1");
	assert_does(&c, "look a-1");
	case_looked(&c, WANTS_ABSENT);
	assert_says(&c, 'P', "{a-2}");
	assert_says(&c, 'Q', "{a-2}");
	case_hear(&c, 'Q', "b-2");
	assert_does(&c, "look b-2");
	case_looked(&c, WANTS_ABSENT);
	assert_says(&c, 'P', "{b-3}");
	case_close(&c);
}

static void a_want_beyond_sympathy_is_not_carried(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_listen(&c, "P");
	case_hear(&c, 'P', "a-3");
	assert_does(&c, "look a-3");
	case_looked(&c, WANTS_ABSENT);
	assert_says(&c, 'P', "");
	case_close(&c);
}

static void a_nearer_want_takes_the_place_of_a_farther_one(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_listen(&c, "PQ");
	case_hear(&c, 'P', "a-2");
	assert_does(&c, "look a-2");
	case_looked(&c, WANTS_ABSENT);
	assert_says(&c, 'P', "{a-3}");
	case_hear(&c, 'Q', "a-1");
	assert_does(&c, "");
	assert_says(&c, 'P', "{a-2}");
	case_hear(&c, 'Q', "a-2");
	assert_says(&c, 'P', "");
	case_close(&c);
}

static void an_own_want_is_not_overwritten_by_one_that_is_carried(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_want(&c, 'a', 0);
	case_listen(&c, "P");
	case_hear(&c, 'P', "a-1");
	assert_does(&c, "");
	assert_says(&c, 'P', "");
	case_close(&c);
}

static void a_carried_want_becomes_our_own(void **state)
{
	struct wants_case c;
	struct kith_blob_id a = case_blob('a');

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_listen(&c, "P");
	case_hear(&c, 'P', "a-1");
	assert_does(&c, "look a-1");
	case_looked(&c, WANTS_ABSENT);
	assert_says(&c, 'P', "{a-2}");
	case_want(&c, 'a', 1);
	assert_says(&c, 'P', "{a-1}");
	wants_unwant(c.w, &a);
	assert_says(&c, 'P', "{a-2}");
	case_close(&c);
}

static void what_others_asked_for_is_carried_when_we_want_it_no_more(void **s)
{
	struct wants_case c;
	struct kith_blob_id a = case_blob('a');

	(void)s;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_want(&c, 'a', 0);
	case_listen(&c, "PQ");
	case_hear(&c, 'P', "a-1");
	wants_unwant(c.w, &a);
	assert_says(&c, 'Q', "{a-2}");
	case_close(&c);
}

static void what_comes_is_told_to_all(void **state)
{
	struct wants_case c;
	struct wants_state s;
	struct kith_blob_id a = case_blob('a');

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_listen(&c, "PQ");
	case_want(&c, 'a', 0);
	assert_says(&c, 'P', "{a-1}");
	case_came(&c, 'a', 9);
	assert_says(&c, 'P', "{a9}");
	assert_says(&c, 'Q', "{a9}"); /* the want is no news any more */
	wants_state(c.w, &a, &s);
	assert_int_equal(s.stand, WANTS_UNKNOWN);
	case_close(&c);
}

static void what_came_while_a_peer_did_not_listen_yet_is_told(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_hear(&c, 'P', "a-1");
	assert_does(&c, "look a-1");
	case_looked(&c, WANTS_ABSENT);
	case_came(&c, 'a', 9);
	wants_listens(c.w, case_peer(&c, 'P'));
	assert_says(&c, 'P', "{a9}");
	case_close(&c);
}

static void entries_that_make_no_sense_are_ignored(void **state)
{
	static const char *const items[] = {
		"[1,2]", "null", "\"text\"", "{\"x\":-1}", "{\"&x.sha256\":-1}",
		"{\"@YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.ed25519\":-1}",
		"{\"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.sha256\":0}",
		"{\"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.sha256\":-0.5}",
		"{\"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.sha256\":-1e99}",
		"{\"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.sha256\":\"-1\"}",
		"{\"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.sha256\":{}}"
	};
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_want(&c, 'a', 0);
	case_listen(&c, "P");
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		assert_true(wants_item(c.w, case_peer(&c, 'P'),
				       kith_text(items[i]), 0));
	assert_does(&c, "");
	assert_says(&c, 'P', "");
	case_close(&c);
}

static void a_pushed_blob_is_announced_until_enough_have_it(void **state)
{
	struct wants_case c;
	struct kith_blob_id a = case_blob('a');
	struct kith_feed_id peer;
	uint64_t size;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQR");
	case_listen(&c, "PQR");
	assert_int_equal(wants_push(c.w, &a, 10, 0), KITH_OK);
	assert_says(&c, 'P', "{a-1}");
	case_hear(&c, 'P', "a-2");
	assert_says(&c, 'P', "{a10}");
	case_hear(&c, 'P', "a10");
	case_hear(&c, 'P', "a10"); /* the same peer counts once */
	case_hear(&c, 'Q', "a10");
	assert_does(&c, "");
	case_hear(&c, 'R', "a10");
	assert_int_equal(wants_next(c.w, 0, &c.last), WANTS_PUSHED);
	assert_true(wants_copies(c.w, &a, 2, &peer, &size));
	assert_int_equal(peer.b[0], 'R');
	assert_int_equal(size, 10);
	assert_false(wants_copies(c.w, &a, 3, &peer, &size));
	assert_does(&c, "");
	assert_false(wants_copies(c.w, &a, 0, &peer, &size));
	assert_says(&c, 'R', "");
	case_close(&c);
}

static void a_pushed_blob_that_is_removed_is_pushed_no_more(void **state)
{
	struct wants_case c;
	struct kith_blob_id a = case_blob('a');

	(void)state;
	case_open(&c, NULL);
	assert_int_equal(wants_push(c.w, &a, 10, 0), KITH_OK);
	wants_gone(c.w, &a);
	case_join(&c, "P");
	wants_listens(c.w, case_peer(&c, 'P'));
	assert_says(&c, 'P', "{}");
	case_close(&c);
}

static void the_stingy_answer_only_what_they_push(void **state)
{
	struct kith_blob_id a = case_blob('a');
	struct wants_options o;
	struct wants_case c;

	(void)state;
	wants_defaults(&o);
	o.stingy = true;
	case_open(&c, &o);
	case_join(&c, "P");
	case_listen(&c, "P");
	assert_int_equal(wants_push(c.w, &a, 10, 0), KITH_OK);
	case_hear(&c, 'P', "a-1 b-1");
	assert_does(&c, "");
	assert_says(&c, 'P', "{a10} {a-1}");
	case_came(&c, 'd', 4);
	assert_says(&c, 'P', "");
	case_close(&c);
}

static void a_peer_without_items_is_asked_what_it_has(void **state)
{
	struct wants_case c;
	struct wants_peer *p;
	struct kith_buf asked;

	(void)state;
	case_open(&c, NULL);
	case_want(&c, 'a', 0);
	case_want(&c, 'b', 0);
	case_join(&c, "P");
	p = case_peer(&c, 'P');
	wants_is_legacy(c.w, p);
	assert_true(wants_say(c.w, p, &c.body));
	asked = c.body;
	c.body.p = NULL;
	c.body.n = c.body.cap = 0;
	wants_has(c.w, p, kith_bytes(&asked), KITH_SLICE("[false,true]"), 0);
	kith_buf_free(&asked);
	assert_does(&c, "fetch bP");
	case_came(&c, 'd', 5);
	assert_says(&c, 'P', "");
	case_want(&c, 'e', 0);
	assert_says(&c, 'P', "[e]");
	case_close(&c);
}

static void a_peer_that_listens_knows_items(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_listen(&c, "P");
	wants_is_legacy(c.w, case_peer(&c, 'P'));
	case_want(&c, 'a', 0);
	assert_says(&c, 'P', "{a-1}");
	case_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_item_is_sent_even_if_empty),
		cmocka_unit_test(an_own_want_is_told_to_all),
		cmocka_unit_test(
			a_new_connection_is_told_all_wants_in_its_first_item),
		cmocka_unit_test(a_stream_opened_anew_is_told_everything_again),
		cmocka_unit_test(who_asks_for_what_is_here_is_answered_alone),
		cmocka_unit_test(
			a_want_too_far_to_carry_is_answered_all_the_same),
		cmocka_unit_test(a_want_is_carried_one_hop_farther_to_all),
		cmocka_unit_test(a_want_beyond_sympathy_is_not_carried),
		cmocka_unit_test(
			a_nearer_want_takes_the_place_of_a_farther_one),
		cmocka_unit_test(
			an_own_want_is_not_overwritten_by_one_that_is_carried),
		cmocka_unit_test(a_carried_want_becomes_our_own),
		cmocka_unit_test(
			what_others_asked_for_is_carried_when_we_want_it_no_more),
		cmocka_unit_test(what_comes_is_told_to_all),
		cmocka_unit_test(
			what_came_while_a_peer_did_not_listen_yet_is_told),
		cmocka_unit_test(entries_that_make_no_sense_are_ignored),
		cmocka_unit_test(
			a_pushed_blob_is_announced_until_enough_have_it),
		cmocka_unit_test(
			a_pushed_blob_that_is_removed_is_pushed_no_more),
		cmocka_unit_test(the_stingy_answer_only_what_they_push),
		cmocka_unit_test(a_peer_without_items_is_asked_what_it_has),
		cmocka_unit_test(a_peer_that_listens_knows_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
