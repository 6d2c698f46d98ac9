#include "src/gossip/wants_fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/wants_case.h"

enum { AGAIN_MS = 1000 };

static void open_two(struct wants_case *c)
{
	case_open(c, NULL);
	case_join(c, "PQ");
	case_listen(c, "PQ");
}

static void what_is_wanted_and_offered_is_fetched_once(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	assert_does(&c, "");
	case_hear(&c, 'P', "a100 b100");
	case_hear(&c, 'Q', "a100");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 100);
	case_ends(&c, 'a', WANTS_OK, 0);
	assert_does(&c, "");
	assert_says(&c, 'Q', "{a100}");
	case_close(&c);
}

static void what_is_carried_is_fetched_after_our_own(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_hear(&c, 'P', "a-1");
	assert_does(&c, "look a-1");
	case_looked(&c, WANTS_ABSENT);
	case_want(&c, 'b', WANTS_HOPS_UNKNOWN);
	case_want(&c, 'c', 7);
	case_want(&c, 'd', 0);
	case_hear(&c, 'Q', "a1 b1 c1 d1");
	assert_does(&c, "fetch dQ fetch cQ fetch bQ fetch aQ");
	case_close(&c);
}

static void a_blob_as_big_as_the_limit_is_not_fetched(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a5242880");
	assert_does(&c, "");
	case_hear(&c, 'P', "a5242879");
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void one_peer_serves_so_many_at_once_and_all_so_many(void **state)
{
	struct wants_options o;
	struct wants_case c;

	(void)state;
	wants_defaults(&o);
	o.peer_fetches = 2;
	o.fetches = 3;
	case_open(&c, &o);
	case_join(&c, "PQ");
	for (const char *blob = "abcdef"; *blob; blob++)
		case_want(&c, *blob, 0);
	case_hear(&c, 'P', "a1 b1 c1");
	assert_does(&c, "fetch aP fetch bP");
	case_hear(&c, 'Q', "d1 e1 f1");
	assert_does(&c, "fetch dQ");
	case_ends(&c, 'd', WANTS_OK, 0);
	assert_does(&c, "fetch eQ");
	wants_received(c.w, c.fetches[0]); /* the disk finishes a */
	assert_does(&c, "fetch cP");
	case_close(&c);
}

static void several_sources_serve_several_blobs(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_want(&c, 'b', 0);
	case_hear(&c, 'P', "a1 b1");
	case_hear(&c, 'Q', "a1 b1");
	assert_does(&c, "fetch aP fetch bQ");
	case_close(&c);
}

static void the_quicker_source_is_taken(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	c.now_ms += 10000;
	case_progress(&c, 'a', 1000);
	case_ends(&c, 'a', WANTS_OK, 0);
	case_want(&c, 'b', 0);
	case_hear(&c, 'P', "b1000");
	case_hear(&c, 'Q', "b1000");
	assert_does(&c, "fetch bQ");
	case_close(&c);
}

static void a_cut_fetch_goes_on_where_it_stopped(void **state)
{
	struct wants_case c;
	struct wants_request r;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	case_leave(&c, 'P');
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aQ+600");
	wants_request(c.fetches[0], &r);
	assert_int_equal(r.end, 1000);
	assert_int_equal(r.size, 1000);
	case_close(&c);
}

static void a_partial_file_of_an_earlier_run_goes_on(void **state)
{
	struct wants_own own = { .id = case_blob('a'), .kept = 600 };
	struct wants_case c;

	(void)state;
	open_two(&c);
	assert_int_equal(wants_want(c.w, &own, 0), KITH_OK);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP+600");
	case_close(&c);
}

static void who_knows_no_slices_is_asked_for_the_whole(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aP+600");
	case_ends(&c, 'a', WANTS_REFUSED, 600);
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 1000);
	case_ends(&c, 'a', WANTS_OK, 0);
	case_close(&c);
}

static void who_serves_slices_goes_before_who_does_not(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aP+600");
	case_hear(&c, 'Q', "a1000");
	case_ends(&c, 'a', WANTS_REFUSED, 600);
	assert_does(&c, "fetch aQ+600");
	case_close(&c);
}

static void who_does_not_have_it_any_more_is_not_asked_again(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_ends(&c, 'a', WANTS_REFUSED, 0);
	c.now_ms += 1000 * AGAIN_MS;
	assert_does(&c, "");
	case_hear(&c, 'P', "a1000"); /* it has it again */
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void an_offer_that_crosses_a_refusal_counts(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_hear(&c, 'P', "a1000");
	case_ends(&c, 'a', WANTS_REFUSED, 0);
	assert_does(&c, "");
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void who_failed_goes_behind_who_has_the_whole(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a900000");
	assert_does(&c, "fetch aP");
	c.now_ms += WANTS_STALL_MS;
	case_progress(&c, 'a', 1000);
	assert_does(&c, "stop a");
	case_ends(&c, 'a', WANTS_CUT, 1000);
	c.now_ms += 10 * AGAIN_MS;
	wants_hold(c.w, true); /* both may be asked when it ends */
	case_hear(&c, 'Q', "a800000");
	assert_does(&c, "");
	wants_hold(c.w, false);
	assert_does(&c, "fetch aQ");
	case_close(&c);
}

static void who_lied_is_not_asked_for_it_again(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 1000);
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_does(&c, "fetch aQ");
	case_ends(&c, 'a', WANTS_REFUSED, 0);
	case_hear(&c, 'P', "a1000");
	c.now_ms += 1000 * AGAIN_MS;
	assert_does(&c, "");
	case_close(&c);
}

static void who_lied_twice_is_not_asked_for_anything(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_want(&c, 'b', 0);
	case_hear(&c, 'P', "a1000 b1000");
	assert_does(&c, "fetch aP fetch bP");
	case_ends(&c, 'a', WANTS_LIED, 0);
	case_ends(&c, 'b', WANTS_TOO_BIG, 0);
	case_want(&c, 'c', 0);
	case_hear(&c, 'P', "c1000");
	assert_does(&c, "");
	case_leave(&c, 'P');
	case_join(&c, "P"); /* another connection, another chance */
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void nobody_is_blamed_for_the_bytes_of_another(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aQ+600");
	case_progress(&c, 'a', 400);
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_does(&c, "fetch aQ"); /* the whole, from one alone */
	case_progress(&c, 'a', 500);
	case_ends(&c, 'a', WANTS_CUT, 500);
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aQ+500"); /* from Q, since the bytes are its */
	case_progress(&c, 'a', 500);
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void sizes_that_differ_do_not_mix(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a5000000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aQ");
	case_close(&c);
}

static void a_fetch_that_stands_still_is_stopped(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000000");
	assert_does(&c, "fetch aP");
	for (int i = 1; i <= 10; i++) { /* slow, but it comes on */
		assert_int_equal(wants_wake_ms(c.w), c.now_ms + WANTS_SLOW_MS);
		c.now_ms += WANTS_STALL_MS;
		case_progress(&c, 'a', (uint64_t)i * WANTS_STALL_BYTES);
		assert_does(&c, "");
	}
	c.now_ms += WANTS_STALL_MS - 1;
	case_progress(&c, 'a', 11 * WANTS_STALL_BYTES - 1);
	assert_does(&c, "");
	c.now_ms = wants_wake_ms(c.w);
	assert_does(&c, "stop a");
	assert_does(&c, "");
	case_ends(&c, 'a', WANTS_CUT, 11 * WANTS_STALL_BYTES - 1);
	assert_does(&c, "");
	case_close(&c);
}

static void a_slow_fetch_gives_way_to_another_source(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000000");
	assert_does(&c, "fetch aP");
	case_hear(&c, 'Q', "a1000000");
	c.now_ms += WANTS_SLOW_MS;
	case_progress(&c, 'a', WANTS_STALL_BYTES);
	assert_does(&c, "stop a");
	case_ends(&c, 'a', WANTS_CUT, WANTS_STALL_BYTES);
	assert_does(&c, "fetch aQ+16384");
	case_close(&c);
}

static void the_end_has_to_come_as_well(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	c.now_ms += WANTS_STALL_MS;
	case_progress(&c, 'a', 100);
	assert_does(&c, "");
	c.now_ms += WANTS_STALL_MS;
	assert_does(&c, "stop a");
	case_close(&c);
}

static void what_the_disk_finishes_does_not_stand_still(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	wants_received(c.w, c.fetches[0]);
	c.now_ms += 10 * WANTS_STALL_MS;
	assert_does(&c, "");
	case_close(&c);
}

static void failures_are_tried_again_less_and_less_often(void **state)
{
	static const int64_t waits_ms[] = { 10000, 60000, 300000, 300000 };
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(*waits_ms); i++) {
		case_ends(&c, 'a', WANTS_CUT, 0);
		assert_int_equal(wants_wake_ms(c.w), c.now_ms + waits_ms[i]);
		c.now_ms += waits_ms[i] - 1;
		assert_does(&c, "");
		c.now_ms++;
		assert_does(&c, "fetch aP");
	}
	case_close(&c);
}

static void what_is_wanted_no_more_is_stopped(void **state)
{
	struct kith_blob_id a = case_blob('a');
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	wants_unwant(c.w, &a);
	assert_does(&c, "stop a");
	case_want(&c, 'a', 0); /* and then it is, after all */
	case_hear(&c, 'P', "a100");
	assert_does(&c, ""); /* not twice at once */
	case_ends(&c, 'a', WANTS_CUT, 50);
	assert_does(&c, "fetch aP+50");
	case_close(&c);
}

static void what_came_another_way_is_stopped(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	case_came(&c, 'a', 100);
	assert_does(&c, "stop a");
	case_ends(&c, 'a', WANTS_CUT, 50);
	assert_does(&c, "");
	case_close(&c);
}

static void what_there_is_no_room_for_waits_until_there_is(void **state)
{
	struct kith_blob_id a = case_blob('a');
	struct wants_state s;
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	case_ends(&c, 'a', WANTS_NO_ROOM, 0);
	case_hear(&c, 'Q', "a100");
	assert_does(&c, "");
	wants_state(c.w, &a, &s);
	assert_int_equal(s.stand, WANTS_ASIDE);
	wants_hold(c.w, true);
	case_want(&c, 'b', 0);
	case_hear(&c, 'Q', "b100");
	assert_does(&c, "");
	wants_hold(c.w, false);
	assert_does(&c, "fetch bQ fetch aP");
	case_close(&c);
}

static void a_fetch_outlives_its_peer(void **state)
{
	struct wants_case c;
	struct wants_request r;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a100");
	assert_does(&c, "fetch aP");
	case_leave(&c, 'P');
	wants_request(c.fetches[0], &r);
	assert_null(r.peer);
	case_ends(&c, 'a', WANTS_CUT, 50);
	case_hear(&c, 'Q', "a100");
	assert_does(&c, "fetch aQ+50");
	case_close(&c);
}

static void why_names_who_offers_it(void **state)
{
	struct kith_blob_id a = case_blob('a');
	struct wants_offer_of offer;
	struct wants_state s;
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 2);
	case_hear(&c, 'P', "a100");
	case_hear(&c, 'Q', "a100");
	wants_state(c.w, &a, &s);
	assert_int_equal(s.stand, WANTS_OFFERED);
	assert_int_equal(s.hops, 2);
	assert_int_equal(s.offers, 2);
	assert_does(&c, "fetch aP");
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_true(wants_offer_at(c.w, &a, 0, &offer));
	assert_int_equal(offer.peer.b[0], 'P');
	assert_true(offer.lied);
	assert_true(wants_offer_at(c.w, &a, 1, &offer));
	assert_int_equal(offer.size, 100);
	assert_false(wants_offer_at(c.w, &a, 2, &offer));
	case_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wanted_and_offered_is_fetched_once),
		cmocka_unit_test(what_is_carried_is_fetched_after_our_own),
		cmocka_unit_test(a_blob_as_big_as_the_limit_is_not_fetched),
		cmocka_unit_test(
			one_peer_serves_so_many_at_once_and_all_so_many),
		cmocka_unit_test(several_sources_serve_several_blobs),
		cmocka_unit_test(the_quicker_source_is_taken),
		cmocka_unit_test(a_cut_fetch_goes_on_where_it_stopped),
		cmocka_unit_test(a_partial_file_of_an_earlier_run_goes_on),
		cmocka_unit_test(who_knows_no_slices_is_asked_for_the_whole),
		cmocka_unit_test(who_serves_slices_goes_before_who_does_not),
		cmocka_unit_test(
			who_does_not_have_it_any_more_is_not_asked_again),
		cmocka_unit_test(an_offer_that_crosses_a_refusal_counts),
		cmocka_unit_test(who_failed_goes_behind_who_has_the_whole),
		cmocka_unit_test(who_lied_is_not_asked_for_it_again),
		cmocka_unit_test(who_lied_twice_is_not_asked_for_anything),
		cmocka_unit_test(nobody_is_blamed_for_the_bytes_of_another),
		cmocka_unit_test(sizes_that_differ_do_not_mix),
		cmocka_unit_test(a_fetch_that_stands_still_is_stopped),
		cmocka_unit_test(a_slow_fetch_gives_way_to_another_source),
		cmocka_unit_test(the_end_has_to_come_as_well),
		cmocka_unit_test(what_the_disk_finishes_does_not_stand_still),
		cmocka_unit_test(failures_are_tried_again_less_and_less_often),
		cmocka_unit_test(what_is_wanted_no_more_is_stopped),
		cmocka_unit_test(what_came_another_way_is_stopped),
		cmocka_unit_test(
			what_there_is_no_room_for_waits_until_there_is),
		cmocka_unit_test(a_fetch_outlives_its_peer),
		cmocka_unit_test(why_names_who_offers_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
