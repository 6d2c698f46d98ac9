/* A live peer as a source, with real connections: all that it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "feeds/peek.h"
#include "src/source/kind.h"
#include "tests/source/peer_scene.h"

static void walk_gives_every_message_of_what_it_told(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, HONEST);
	enum source_step step = SOURCE_MESSAGE;
	struct source_finding found = { .text = "" };
	struct source_message m;
	struct kith_error e = { 0 };
	uint64_t n = 0;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (n = 0;; n++) {
			if (source_peer.next(c->source, &step, &m, &found, &e))
				fail_msg("%s", e.text);
			if (step != SOURCE_MESSAGE)
				break;
			assert_int_equal(m.at, n + 1);
			/* Somebody looks elsewhere in between. */
			if (n == 10)
				scene_gives(c, 900);
		}
		assert_int_equal(step, SOURCE_END);
		assert_int_equal(n, MESSAGES);
		assert_int_equal(source_peer.rewind(c->source, &e), KITH_OK);
	}
	scene_close(c);
}

static void walk_by_time_gives_all_and_claims_no_order(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, BY_TIME);
	enum source_step step = SOURCE_MESSAGE;
	struct source_finding found = { .text = "" };
	struct source_message m;
	struct kith_feed_id feed;
	struct kith_error e = { 0 };
	bool seen[MESSAGES + 1] = { false };
	uint64_t n = 0, sequence, first = 0;

	(void)state;
	assert_false(source_peer.can & SOURCE_ORDERED);
	for (;; n++) {
		if (source_peer.next(c->source, &step, &m, &found, &e))
			fail_msg("%s", e.text);
		if (step != SOURCE_MESSAGE)
			break;
		assert_true(msg_peek(m.value, &feed, &sequence));
		assert_in_range(sequence, 1, MESSAGES);
		assert_false(seen[sequence]);
		seen[sequence] = true;
		first = first ? first : sequence;
	}
	/* It leaves out the last. */
	assert_int_equal(step, SOURCE_FINDING);
	assert_int_equal(n, MESSAGES - MESSAGES % 3);
	assert_int_equal(first, 3);
	scene_close(c);
}

static void walk_tells_of_what_is_no_message_of_the_feed(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, JUNK);
	enum source_step step = SOURCE_MESSAGE;
	struct source_finding found = { .text = "" };
	struct source_message m;
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(source_peer.next(c->source, &step, &m, &found, &e),
			 KITH_OK);
	assert_int_equal(step, SOURCE_FINDING);
	assert_non_null(strstr(found.text, "no message"));
	assert_int_equal(source_peer.next(c->source, &step, &m, &found, &e),
			 KITH_OK);
	assert_int_equal(step, SOURCE_END);
	scene_close(c);
}

/* On a slow machine silence may begin earlier than the peer means it. */
static void assert_walk_misses_some(enum mood mood, const char *how)
{
	struct scene *c = scene_open(BY_CLOCK, mood);
	enum source_step step = SOURCE_MESSAGE;
	struct source_finding found = { .text = "" };
	struct source_message m;
	struct kith_error e = { 0 };
	char want[64];
	int n = -1;

	for (; step == SOURCE_MESSAGE; n++)
		assert_int_equal(source_peer.next(c->source, &step, &m, &found,
						  &e), KITH_OK);
	assert_int_equal(step, SOURCE_FINDING);
	snprintf(want, sizeof(want), "%s at %d, said %d", how, n, MESSAGES);
	if (!strstr(found.text, want))
		fail_msg("%s", found.text);
	assert_int_equal(source_peer.next(c->source, &step, &m, &found, &e),
			 KITH_OK);
	assert_int_equal(step, SOURCE_END);
	scene_close(c);
}

static void walk_tells_of_a_feed_that_stalls(void **state)
{
	(void)state;
	assert_walk_misses_some(STALLS, "fell silent");
}

static void walk_tells_of_a_feed_that_ends_short(void **state)
{
	(void)state;
	assert_walk_misses_some(SHORT, "ends");
}

static void walk_ends_where_a_feed_has_no_end(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, ALWAYS_LATER);
	enum source_step step = SOURCE_MESSAGE;
	struct source_finding found = { .text = "" };
	struct source_message m;
	struct kith_error e = { 0 };
	uint64_t n = 0;

	(void)state;
	for (; step == SOURCE_MESSAGE; n++)
		assert_int_equal(source_peer.next(c->source, &step, &m, &found,
						  &e), KITH_OK);
	assert_int_equal(step, SOURCE_FINDING);
	assert_non_null(strstr(found.text, "more than it has"));
	assert_true(n <= 3 * MESSAGES);
	scene_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk_gives_every_message_of_what_it_told),
		cmocka_unit_test(walk_by_time_gives_all_and_claims_no_order),
		cmocka_unit_test(walk_tells_of_what_is_no_message_of_the_feed),
		cmocka_unit_test(walk_tells_of_a_feed_that_stalls),
		cmocka_unit_test(walk_tells_of_a_feed_that_ends_short),
		cmocka_unit_test(walk_ends_where_a_feed_has_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
