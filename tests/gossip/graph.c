#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/gossip/graph.h"
#include "tests/support/alloc.h"

/* Feeds are letters; m is the centre. */
static struct kith_feed_id feed(char letter)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, letter, sizeof(id.b));
	return id;
}

static enum kith_err try_set(struct graph *g, char from, char sign, char to)
{
	struct kith_feed_id a = feed(from), b = feed(to);
	enum contact_edge edge = sign == '>' ? CONTACT_FOLLOW :
				 sign == '!' ? CONTACT_BLOCK :
				 sign == '-' ? CONTACT_UNFOLLOW :
					       CONTACT_NONE;

	return graph_set(g, &a, &b, edge);
}

/* Edges such as "m>a a!b b-c": follows, blocks, unfollows. */
static void set(struct graph *g, const char *edges)
{
	for (; *edges; edges += edges[3] ? 4 : 3)
		assert_int_equal(try_set(g, edges[0], edges[1], edges[2]),
				 KITH_OK);
}

static struct graph *make(const char *edges)
{
	struct kith_feed_id self = feed('m');
	struct graph *g = graph_new(&self);

	assert_non_null(g);
	set(g, edges);
	return g;
}

static void assert_hops(const char *edges, char letter, int hops)
{
	struct graph *g = make(edges);
	struct kith_feed_id id = feed(letter);

	if (graph_hops(g, &id) != hops)
		fail_msg("%s: %c at %d, not %d", edges, letter,
			 graph_hops(g, &id), hops);
	graph_free(g);
}

static void hops_are_those_of_the_worked_examples(void **state)
{
	(void)state;
	/* Protocol/13 section 7. */
	assert_hops("m>a a>b b>c", 'm', 0);
	assert_hops("m>a a>b b>c", 'a', 1);
	assert_hops("m>a a>b b>c", 'b', 2);
	assert_hops("m>a a>b b>c", 'c', 3);
	assert_hops("m>a a!x", 'x', GRAPH_HOPS_FAR);
	assert_hops("m>a a!x m>x", 'x', 1);
	assert_hops("m>a m>z a>t z!t", 't', 2);
	assert_hops("m>a m!b a>b b>c", 'b', GRAPH_HOPS_BLOCKED);
	assert_hops("m>a m!b a>b b>c", 'c', GRAPH_HOPS_FAR);
	assert_hops("m>a m-b a>b b>c", 'b', 2);
	assert_hops("m>a m-b a>b b>c", 'c', 3);
	assert_hops("m>a a-u", 'u', GRAPH_HOPS_FAR);
}

static void nearer_noes_win_over_longer_ways(void **state)
{
	(void)state;
	assert_hops("m>a m>z a>b b>x z!x", 'x', GRAPH_HOPS_FAR);
	assert_hops("m-x m>a a>b b>x", 'x', GRAPH_HOPS_FAR);
	assert_hops("m>a a-x a>b b>x", 'x', 3);
	assert_hops("m>a a-x a>b b>c c>x", 'x', GRAPH_HOPS_FAR);
	/* A block from out of reach counts for nothing. */
	assert_hops("m>a y!a", 'a', 1);
}

static void a_feed_says_nothing_of_itself(void **state)
{
	(void)state;
	assert_hops("m!m m>a a-a", 'm', 0);
	assert_hops("m!m m>a a-a", 'a', 1);
}

static void the_newest_edge_replaces_the_others(void **state)
{
	struct graph *g = make("m>a");
	struct kith_feed_id m = feed('m'), a = feed('a');
	uint64_t version = graph_version(g);

	(void)state;
	set(g, "m>a");
	assert_int_equal(graph_version(g), version);
	set(g, "m!a");
	assert_true(graph_version(g) != version);
	assert_int_equal(graph_get(g, &m, &a), CONTACT_BLOCK);
	assert_int_equal(graph_hops(g, &a), GRAPH_HOPS_BLOCKED);
	set(g, "m>a");
	assert_int_equal(graph_hops(g, &a), 1);
	set(g, "m a");
	assert_int_equal(graph_get(g, &m, &a), CONTACT_NONE);
	assert_int_equal(graph_hops(g, &a), GRAPH_HOPS_FAR);
	graph_free(g);
}

static void who_blocks_a_reader_is_hidden_from_it(void **state)
{
	struct graph *g = make("m>a m>b a!b");
	struct kith_feed_id a = feed('a'), b = feed('b'), q = feed('q');

	(void)state;
	assert_true(graph_hides(g, &a, &b));
	assert_false(graph_hides(g, &b, &a));
	assert_false(graph_hides(g, &q, &a));
	assert_false(graph_hides(g, &a, &q));
	graph_free(g);
}

static void the_walk_goes_from_near_to_far(void **state)
{
	struct graph *g = make("m>a m>b b>c c>d m!x a>x");
	struct kith_feed_id id;
	char seen[8] = "";
	size_t at = 0, n = 0;
	int hops, last = 0;

	(void)state;
	for (; graph_next(g, 2, &at, &id, &hops); n++) {
		seen[n] = (char)id.b[0];
		assert_true(hops >= last);
		last = hops;
	}
	assert_int_equal(n, 4);
	assert_int_equal(seen[0], 'm');
	assert_int_equal(seen[3], 'c');
	at = 0;
	assert_true(graph_next(g, 0, &at, &id, &hops));
	assert_false(graph_next(g, 0, &at, &id, &hops));
	graph_free(g);
}

static void what_a_feed_says_can_be_walked_and_taken_back(void **state)
{
	struct graph *g = make("m>a m!b b>c m-c");
	struct kith_feed_id self = feed('m'), b = feed('b'), d = feed('d'), to;
	enum contact_edge edge;
	size_t at = 0, count = 0;
	(void)state;

	while (graph_edges(g, &self, &at, &to, &edge)) {
		assert_int_equal(edge, graph_get(g, &self, &to));
		assert_int_equal(graph_set(g, &self, &to, CONTACT_NONE),
				 KITH_OK);
		count++;
	}
	assert_int_equal(count, 3);
	assert_false(graph_edges(g, &self, &at, &to, &edge));
	to = feed('a');
	assert_int_equal(graph_hops(g, &to), GRAPH_HOPS_FAR);
	to = feed('c');
	assert_int_equal(graph_get(g, &b, &to), CONTACT_FOLLOW);
	at = 0;
	assert_false(graph_edges(g, &d, &at, &to, &edge));
	graph_free(g);
}

static void the_same_key_in_two_formats_is_two_feeds(void **state)
{
	struct kith_feed_id m = feed('m'), a = feed('a'), other = a;
	struct graph *g = make("m>a");

	(void)state;
	other.format = KITH_BENDYBUTT_V1;
	assert_int_equal(graph_hops(g, &a), 1);
	assert_int_equal(graph_hops(g, &other), GRAPH_HOPS_FAR);
	assert_int_equal(graph_get(g, &m, &other), CONTACT_NONE);
	graph_free(g);
}

static void ten_thousand_feeds_are_found_again(void **state)
{
	enum { FEEDS = 10000 };
	uint8_t key[GRAPH_KEY_BYTES] = { 1, 2, 3 };
	struct kith_feed_id self = feed('m'), id = feed('n');
	struct graph *g = graph_new(&self);
	size_t at = 0;
	int hops, count = 0;

	(void)state;
	graph_set_key(g, key);
	for (uint32_t i = 0; i < FEEDS; i++) {
		kith_put_be32(id.b, i);
		assert_int_equal(graph_set(g, &self, &id, CONTACT_FOLLOW),
				 KITH_OK);
	}
	while (graph_next(g, 1, &at, &id, &hops))
		count++;
	assert_int_equal(count, FEEDS + 1);
	assert_int_equal(graph_hops(g, &self), 0);
	graph_free(g);
}

static void a_failed_allocation_changes_nothing(void **state)
{
	size_t failures = 0;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_feed_id self = feed('m'), a = feed('a');
		struct graph *g = graph_new(&self);

		if (!g) {
			failures++;
			continue;
		}
		if (try_set(g, 'm', '>', 'a')) {
			failures++;
			assert_int_equal(graph_get(g, &self, &a), CONTACT_NONE);
			assert_int_equal(graph_hops(g, &a), GRAPH_HOPS_FAR);
			assert_int_equal(try_set(g, 'm', '>', 'a'), KITH_OK);
		}
		assert_int_equal(graph_hops(g, &a), 1);
		graph_free(g);
	}
	assert_true(failures >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hops_are_those_of_the_worked_examples),
		cmocka_unit_test(nearer_noes_win_over_longer_ways),
		cmocka_unit_test(a_feed_says_nothing_of_itself),
		cmocka_unit_test(the_newest_edge_replaces_the_others),
		cmocka_unit_test(who_blocks_a_reader_is_hidden_from_it),
		cmocka_unit_test(the_walk_goes_from_near_to_far),
		cmocka_unit_test(what_a_feed_says_can_be_walked_and_taken_back),
		cmocka_unit_test(the_same_key_in_two_formats_is_two_feeds),
		cmocka_unit_test(ten_thousand_feeds_are_found_again),
		cmocka_unit_test(a_failed_allocation_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
