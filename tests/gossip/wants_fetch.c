#include "src/gossip/wants_fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/wants_case.h"

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
