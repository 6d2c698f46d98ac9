#include "src/ingest/retain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/views/view.h"
#include "tests/support/node.h"

/* Authors of tests write from here on, a millisecond apart. */
#define DAY_MS 86400000.0

enum { POSTS = 10, MANY = 150, LARGE = 2500 };

static void take(struct node *n, const struct author *a)
{
	for (uint64_t s = 1; s <= a->count; s++)
		node_add(n, author_message(a, s), 0);
	assert_int_equal(node_collect(n, INGEST_ADDED), a->count);
}

static struct feed_row row_of(struct node *n, const struct kith_feed_id *id)
{
	struct feed_row row;
	struct txn *t;

	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	feed_get(t, id, &row);
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	return row;
}

/* All steps with these near feeds; how many there were. */
static unsigned retain(struct node *n, struct retaining *r)
{
	struct kith_error e = { 0 };
	unsigned steps = 0;
	bool more = true;

	for (; more; steps++)
		if (retain_some(n->h.store, r, &more, &e))
			fail_msg("%s", e.text);
	return steps;
}

/* A node with its own feed, and one of another. */
struct two {
	struct node n;
	struct author a;
	struct kith_feed_id near[2];
	double claimed_ms; /* of the other's newest */
};

static int make(void **state)
{
	struct two *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	node_open(&w->n, 0);
	author_init(&w->a, 1);
	author_post(&w->a, POSTS);
	take(&w->n, &w->a);
	for (int i = 0; i < POSTS; i++)
		assert_int_equal(
			node_publish(&w->n, "{\"type\":\"post\"}").code,
			KITH_OK);
	w->near[0] = *author_id(&w->n.self);
	w->near[1] = *author_id(&w->a);
	w->claimed_ms = w->a.tip.claimed;
	*state = w;
	return 0;
}

static int clear(void **state)
{
	struct two *w = *state;

	author_clear(&w->a);
	node_close(&w->n);
	free(w);
	return 0;
}

/* As of so many days after the other's newest message. */
static struct retaining rule(struct two *w, size_t near, double days_later)
{
	return (struct retaining){
		.near = w->near,
		.near_count = near,
		.days = 30,
		.wall_ms = w->claimed_ms + days_later * DAY_MS,
	};
}

static void old_messages_of_distant_feeds_go_but_the_last(void **state)
{
	struct two *w = *state;
	struct retaining r = rule(w, 1, 31);
	struct feed_row row;

	retain(&w->n, &r);
	assert_int_equal(r.messages, POSTS - 1);
	assert_int_equal(r.feeds, 1);
	row = row_of(&w->n, author_id(&w->a));
	assert_int_equal(row.first, POSTS);
	assert_int_equal(row.last, POSTS);
	assert_int_equal(row.state, FEED_PARTIAL);
	assert_false(row.forgotten);
	/* Ours are as old. */
	assert_int_equal(row_of(&w->n, &w->near[0]).first, 1);

	author_post(&w->a, 1);
	assert_int_equal(
		node_try(&w->n, author_message(&w->a, POSTS + 1)).verdict,
		INGEST_ADDED);
	r = rule(w, 1, 31);
	retain(&w->n, &r);
	assert_int_equal(r.messages, 1);
}

static void young_ones_and_near_feeds_stay(void **state)
{
	struct two *w = *state;
	struct retaining r = rule(w, 1, 29);

	retain(&w->n, &r);
	assert_int_equal(r.messages, 0);
	assert_int_equal(r.changed_count, 0);
	r = rule(w, 2, 31);
	retain(&w->n, &r);
	assert_int_equal(r.messages, 0);
	assert_int_equal(node_stored(&w->n), 2 * POSTS);
	assert_int_equal(row_of(&w->n, author_id(&w->a)).first, 1);
}

static void dry_run_counts_the_same_and_removes_nothing(void **state)
{
	struct two *w = *state;
	struct retaining dry = rule(w, 1, 31), r = rule(w, 1, 31);

	dry.dry = true;
	retain(&w->n, &dry);
	assert_int_equal(node_stored(&w->n), 2 * POSTS);
	retain(&w->n, &r);
	assert_int_equal(r.messages, dry.messages);
	assert_int_equal(r.bytes, dry.bytes);
	assert_int_equal(r.feeds, dry.feeds);
	assert_int_equal(dry.looked, dry.total);
}

/* Our own newest message says what day it is at most. */
static void clock_that_jumps_ahead_removes_nothing(void **state)
{
	struct two *w = *state;
	struct feed_row own = row_of(&w->n, &w->near[0]);
	struct retaining r = rule(w, 1, 0);

	r.wall_ms = own.last_claimed + 50 * 365 * DAY_MS;
	r.days = (int64_t)((own.last_claimed - w->claimed_ms) / DAY_MS) + 1;
	retain(&w->n, &r);
	assert_int_equal(r.messages, 0);
	/* The same with a clock far behind. */
	r = rule(w, 1, -50 * 365);
	retain(&w->n, &r);
	assert_int_equal(r.messages, 0);
	assert_int_equal(node_stored(&w->n), 2 * POSTS);
}

static void own_feed_stays_even_if_nobody_says_it_is_near(void **state)
{
	struct two *w = *state;
	struct retaining r = rule(w, 2, 400 * 365);
	struct kith_feed_id only[1] = { *author_id(&w->a) };

	r.near = only;
	r.near_count = 1;
	r.days = 1;
	retain(&w->n, &r);
	assert_int_equal(r.messages, 0);
	assert_int_equal(row_of(&w->n, &w->near[0]).first, 1);
}

static void many_feeds_and_long_ones_go_in_steps(void **state)
{
	struct two *w = *state;
	struct author many[MANY];
	struct author longer;
	struct retaining r;
	size_t changed = 0;
	unsigned steps = 0;
	bool more;

	for (int i = 0; i < MANY; i++) {
		author_init(&many[i], (uint8_t)(i + 2 + (i + 2 >= NODE_SEED)));
		author_post(&many[i], 2);
		take(&w->n, &many[i]);
	}
	author_init(&longer, 250);
	author_post(&longer, LARGE);
	take(&w->n, &longer);
	r = rule(w, 1, 31);
	do {
		assert_int_equal(retain_some(w->n.h.store, &r, &more, NULL),
				 KITH_OK);
		assert_true(r.changed_count <= RETAIN_CHANGED_MAX);
		changed += r.changed_count;
		steps++;
	} while (more);
	assert_true(steps > 3);
	assert_int_equal(r.messages, POSTS - 1 + MANY + LARGE - 1);
	assert_int_equal(r.feeds, 1 + MANY + 1);
	assert_true(changed >= r.feeds);
	assert_int_equal(node_stored(&w->n), POSTS + 1 + MANY + 1);
	for (int i = 0; i < MANY; i++)
		author_clear(&many[i]);
	author_clear(&longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)
		TEST(old_messages_of_distant_feeds_go_but_the_last),
		TEST(young_ones_and_near_feeds_stay),
		TEST(dry_run_counts_the_same_and_removes_nothing),
		TEST(clock_that_jumps_ahead_removes_nothing),
		TEST(own_feed_stays_even_if_nobody_says_it_is_near),
		TEST(many_feeds_and_long_ones_go_in_steps),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
