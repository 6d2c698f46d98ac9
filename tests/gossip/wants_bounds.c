#include "src/gossip/wants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/gossip/wants_case.h"
#include "tests/support/alloc.h"

static void came(struct wants_case *c, uint32_t n)
{
	struct kith_blob_id id = case_numbered(n);

	wants_came(c->w, &id, 1, c->now_ms);
}

static void of_one_item_so_many_entries_are_read(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_flood(&c, 'P', 0, WANTS_ITEM_ENTRIES_MAX + 1, -3);
	assert_int_equal(case_counts(&c).dropped, 1);
	assert_int_equal(case_look_all(&c), WANTS_ITEM_ENTRIES_MAX);
	case_close(&c);
}

static void what_a_peer_asks_waits_up_to_a_limit(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_flood(&c, 'P', 0, WANTS_ASKED_MAX - 1, -3);
	assert_false(wants_is_full(case_peer(&c, 'P')));
	case_flood(&c, 'P', WANTS_ASKED_MAX, 2, -3);
	assert_true(wants_is_full(case_peer(&c, 'P')));
	assert_int_equal(case_counts(&c).dropped, 1);
	assert_int_equal(wants_next(c.w, 0, &c.last), WANTS_LOOK);
	assert_true(wants_is_full(case_peer(&c, 'P')));
	case_looked(&c, 500); /* the answer waits in its place */
	assert_true(wants_is_full(case_peer(&c, 'P')));
	wants_listens(c.w, case_peer(&c, 'P'));
	assert_true(wants_say(c.w, case_peer(&c, 'P'), &c.body));
	assert_true(wants_say(c.w, case_peer(&c, 'P'), &c.body));
	assert_false(wants_is_full(case_peer(&c, 'P')));
	case_close(&c);
}

static void a_peer_that_takes_no_answers_is_read_all_the_same(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_flood(&c, 'P', 0, WANTS_ASKED_MAX, -3);
	while (wants_next(c.w, 0, &c.last) == WANTS_LOOK) {
		assert_true(wants_is_full(case_peer(&c, 'P')));
		case_looked(&c, 500);
	}
	assert_false(wants_is_full(case_peer(&c, 'P')));
	case_flood(&c, 'P', 20000, 10, -3);
	assert_int_equal(case_counts(&c).dropped, 10);
	case_close(&c);
}

static void what_all_peers_ask_has_a_limit_that_leaves_some_for_each(void **s)
{
	struct wants_case c;
	uint64_t dropped;

	(void)s;
	case_open(&c, NULL);
	for (const char *peer = "ABCDEFGH"; *peer; peer++) {
		case_join(&c, (char[]){ *peer, 0 });
		case_flood(&c, *peer, 0, WANTS_ASKED_MAX, -3);
	}
	dropped = case_counts(&c).dropped;
	assert_int_equal(dropped, 8 * WANTS_ASKED_MAX - WANTS_ASKED_ALL_MAX -
					  64); /* the last one's */
	case_join(&c, "Z");
	case_flood(&c, 'Z', 0, 65, -3);
	assert_int_equal(case_counts(&c).dropped, dropped + 1);
	case_leave(&c, 'A');
	case_flood(&c, 'Z', 0, 1, -3);
	assert_int_equal(case_counts(&c).dropped, dropped + 1);
	case_close(&c);
}

static void a_million_wants_are_a_bounded_number(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	for (uint32_t i = 0; i < 1000000; i += WANTS_ITEM_ENTRIES_MAX) {
		case_flood(&c, 'P', i, WANTS_ITEM_ENTRIES_MAX, -1);
		assert_int_equal(case_look_all(&c), WANTS_ITEM_ENTRIES_MAX);
		assert_true(case_counts(&c).carried <= WANTS_CARRIED_PEER_MAX);
	}
	assert_int_equal(case_counts(&c).carried, WANTS_CARRIED_PEER_MAX);
	case_close(&c);
}

static void new_carried_wants_come_at_a_rate(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_flood(&c, 'P', 0, WANTS_CARRIED_PEER_MAX, -1);
	case_look_all(&c);
	case_leave(&c, 'P'); /* they stay, on nobody's account */
	case_join(&c, "P");
	assert_int_equal(case_counts(&c).carried, WANTS_CARRIED_PEER_MAX);
	case_flood(&c, 'Q', 1000, WANTS_CARRIED_PEER_MAX, -1);
	case_look_all(&c);
	case_leave(&c, 'P');
	case_flood(&c, 'Q', 5000, 1, -1);
	case_look_all(&c);
	assert_int_equal(case_counts(&c).carried, 2 * WANTS_CARRIED_PEER_MAX);
	c.now_ms += 700000; /* the oldest of Q may give way now */
	case_flood(&c, 'Q', 5000, 1, -1);
	case_look_all(&c);
	assert_int_equal(case_counts(&c).carried, 2 * WANTS_CARRIED_PEER_MAX);
	assert_int_equal(case_counts(&c).dropped, 1);
	case_close(&c);
}

static void the_rate_refills_while_time_passes(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_flood(&c, 'P', 0, WANTS_CARRIED_PEER_MAX, -1);
	case_look_all(&c);
	for (uint32_t i = 0; i < 400; i++)
		came(&c, i);
	assert_int_equal(case_counts(&c).carried, 100);
	case_flood(&c, 'P', 1000, 1, -1); /* there is a place, but too soon */
	case_look_all(&c);
	assert_int_equal(case_counts(&c).dropped, 1);
	c.now_ms += 100;
	case_flood(&c, 'P', 2000, 6, -1);
	case_look_all(&c);
	assert_int_equal(case_counts(&c).carried, 105);
	assert_int_equal(case_counts(&c).dropped, 2);
	case_close(&c);
}

static void a_carried_want_ends_a_while_after_its_peer_left(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "P");
	case_flood(&c, 'P', 0, 2, -1);
	case_look_all(&c);
	c.now_ms += 10 * (int64_t)WANTS_CARRY_MS;
	assert_int_equal(case_look_all(&c), 0);
	assert_int_equal(case_counts(&c).carried, 2);
	case_leave(&c, 'P');
	assert_int_equal(wants_wake_ms(c.w), c.now_ms + WANTS_CARRY_MS);
	case_join(&c, "P");
	case_flood(&c, 'P', 1, 1, -1); /* one is asked for again */
	c.now_ms += WANTS_CARRY_MS;
	assert_int_equal(case_look_all(&c), 0);
	assert_int_equal(case_counts(&c).carried, 1);
	case_close(&c);
}

static void carried_wants_of_all_have_a_limit(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	for (uint32_t i = 0; i < 30; i++) {
		case_join(&c, "P");
		case_flood(&c, 'P', i * 1000, WANTS_CARRIED_PEER_MAX, -1);
		case_look_all(&c);
		case_leave(&c, 'P');
	}
	assert_int_equal(case_counts(&c).carried, WANTS_CARRIED_MAX);
	case_close(&c);
}

static void offers_of_a_peer_have_a_limit(void **state)
{
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_want_many(&c, 0, WANTS_OWN_MAX, 3, KITH_OK);
	case_flood(&c, 'Q', 0, 500, -1);
	for (uint32_t i = 0; i < 30000; i += 1000)
		case_flood(&c, 'P', i, 1000, 7);
	assert_int_equal(case_counts(&c).offers, WANTS_OFFERS_MAX);
	case_leave(&c, 'P');
	assert_int_equal(case_counts(&c).offers, 0);
	case_close(&c);
}

static void many_who_offer_all_leave_room_for_one_who_offers_some(void **state)
{
	static const char many[] = "ABCDEFGHIJKLMNOP";
	const uint32_t each = WANTS_OFFERS_ALL_MAX / (sizeof(many) - 1);
	struct wants_case c;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, many);
	case_join(&c, "Q");
	case_want_many(&c, 0, WANTS_OWN_MAX, 3, KITH_OK);
	for (const char *p = many; *p; p++)
		case_flood(&c, *p, 0, each, 7);
	assert_int_equal(case_counts(&c).offers, WANTS_OFFERS_ALL_MAX);
	case_flood(&c, 'A', each, 1, 7);
	assert_int_equal(case_counts(&c).offers, WANTS_OFFERS_ALL_MAX);
	case_flood(&c, 'Q', 0, 1000, 7);
	assert_int_equal(case_counts(&c).offers, WANTS_OFFERS_ALL_MAX + 1000);
	for (const char *p = many; *p; p++)
		case_leave(&c, *p);
	case_close(&c);
}

static void pushes_have_a_limit(void **state)
{
	struct wants_case c;
	struct kith_blob_id id;

	(void)state;
	case_open(&c, NULL);
	for (uint32_t i = 0; i < WANTS_PUSH_MAX; i++) {
		id = case_numbered(i);
		assert_int_equal(wants_push(c.w, &id, 5, 0), KITH_OK);
	}
	id = case_numbered(WANTS_PUSH_MAX);
	assert_int_equal(wants_push(c.w, &id, 5, 0), KITH_EFULL);
	case_close(&c);
}

static void one_item_of_ours_names_so_many(void **state)
{
	struct wants_case c;
	size_t items = 0;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_want_many(&c, 0, WANTS_TOLD_MAX, 3, KITH_OK);
	case_flood(&c, 'Q', 5000, 500, -1);
	case_look_all(&c);
	wants_listens(c.w, case_peer(&c, 'P'));
	for (; wants_say(c.w, case_peer(&c, 'P'), &c.body); items++)
		assert_true(c.body.n < WANTS_SAY_ENTRIES_MAX * 70);
	assert_int_equal(items, 2);
	case_close(&c);
}

/* Old news take no memory, and whoever is behind misses only those beyond the
 * limit. */
static void a_peer_that_is_slow_hears_what_came(void **state)
{
	enum { CAME = 3 * WANTS_NEWS_MAX };
	struct wants_case c;
	size_t entries = 0;

	(void)state;
	case_open(&c, NULL);
	case_join(&c, "PQ");
	case_listen(&c, "PQ");
	for (uint32_t i = 0; i < CAME; i++) {
		struct kith_blob_id id = case_numbered(i);

		wants_came(c.w, &id, 1, 0);
		wants_say(c.w, case_peer(&c, 'Q'), &c.body);
	}
	while (wants_say(c.w, case_peer(&c, 'P'), &c.body))
		for (size_t i = 0; i < c.body.n; i++)
			entries += c.body.p[i] == '&';
	assert_true(entries >= WANTS_NEWS_MAX && entries < CAME);
	case_close(&c);
}

static void without_memory_nothing_breaks(void **state)
{
	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct wants_own own = { .id = case_numbered(1) };
		struct kith_feed_id peer = { .format = KITH_CLASSIC };
		struct kith_buf body = { .limit = 4096 };
		struct wants_options o;
		struct wants_peer *p;
		struct wants *w;
		struct wants_do next;
		enum wants_step step;

		wants_defaults(&o);
		w = wants_new(&o);
		p = w ? wants_join(w, &peer, 0) : NULL;
		if (!p) {
			wants_free(w);
			continue;
		}
		wants_listens(w, p);
		wants_say(w, p, &body);
		if (wants_want(w, &own, 0) == KITH_OK)
			wants_offer(w, p, &own.id, 10, 0);
		own.id = case_numbered(2);
		if (wants_push(w, &own.id, 10, 0) == KITH_OK)
			wants_offer(w, p, &own.id, 10, 0);
		wants_item(w, p,
			   KITH_SLICE("{\"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
				      "YWFhYWFhYWE=.sha256\":-1}"),
			   0);
		while ((step = wants_next(w, 0, &next)) != WANTS_IDLE) {
			if (step == WANTS_LOOK)
				wants_looked(w, &next.look, (int64_t)n % 2, 0);
			else if (step == WANTS_FETCH)
				wants_fetched(w, next.fetch, WANTS_OK, 0, 0);
		}
		wants_say(w, p, &body);
		wants_leave(w, p, 0);
		wants_free(w);
		kith_buf_free(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_item_so_many_entries_are_read),
		cmocka_unit_test(what_a_peer_asks_waits_up_to_a_limit),
		cmocka_unit_test(
			a_peer_that_takes_no_answers_is_read_all_the_same),
		cmocka_unit_test(
			what_all_peers_ask_has_a_limit_that_leaves_some_for_each),
		cmocka_unit_test(a_million_wants_are_a_bounded_number),
		cmocka_unit_test(new_carried_wants_come_at_a_rate),
		cmocka_unit_test(the_rate_refills_while_time_passes),
		cmocka_unit_test(
			a_carried_want_ends_a_while_after_its_peer_left),
		cmocka_unit_test(carried_wants_of_all_have_a_limit),
		cmocka_unit_test(offers_of_a_peer_have_a_limit),
		cmocka_unit_test(
			many_who_offer_all_leave_room_for_one_who_offers_some),
		cmocka_unit_test(pushes_have_a_limit),
		cmocka_unit_test(one_item_of_ours_names_so_many),
		cmocka_unit_test(a_peer_that_is_slow_hears_what_came),
		cmocka_unit_test(without_memory_nothing_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
