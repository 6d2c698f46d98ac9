/* The guard of our own feed: its table, and its ways into the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/guard.h"
#include "tests/support/node.h"

static struct publish_row row_of(enum publish_state state, uint64_t least)
{
	return (struct publish_row){ .state = state, .least = least };
}

static bool step(struct publish_row *row, enum guard_event event,
		 uint64_t sequence, uint64_t tip)
{
	struct guard_news news = { event, sequence, tip, 1234 };

	return guard_step(row, &news);
}

/* --- the table --- */

static void ok_freezes_on_a_message_from_elsewhere(void **state)
{
	static const enum guard_event events[] = { GUARD_NEXT, GUARD_BEYOND };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct publish_row row = row_of(PUBLISH_OK, 3);

		assert_true(step(&row, events[i], 8, 5));
		assert_int_equal(row.state, PUBLISH_FROZEN);
		assert_int_equal(row.least, 8);
		assert_int_equal(row.since_us, 1234);
		assert_non_null(strstr(row.reason, "message 8 "));
		assert_false(row.forked);
	}
}

static void key_that_never_wrote_freezes_too(void **state)
{
	struct publish_row row = row_of(PUBLISH_OK, 0);
	(void)state;

	assert_true(step(&row, GUARD_NEXT, 1, 0));
	assert_int_equal(row.state, PUBLISH_FROZEN);
}

static void ok_waits_again_if_nothing_was_written_since_it_was_confirmed(
	void **state)
{
	struct publish_row row = row_of(PUBLISH_OK, 5);
	(void)state;

	assert_true(step(&row, GUARD_NEXT, 6, 5));
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	assert_int_equal(row.least, 6);
	assert_non_null(strstr(row.reason, "message 6 "));
}

static void unconfirmed_and_frozen_learn_how_far_the_feed_goes(void **state)
{
	static const enum publish_state states[] = { PUBLISH_UNCONFIRMED,
						     PUBLISH_FROZEN };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct publish_row row = row_of(states[i], 5);

		assert_true(step(&row, GUARD_BEYOND, 9, 3));
		assert_int_equal(row.state, states[i]);
		assert_int_equal(row.least, 9);
		assert_false(step(&row, GUARD_NEXT, 4, 3));
		assert_int_equal(row.least, 9);
	}
}

static void contradiction_freezes_for_good_in_every_state(void **state)
{
	static const enum publish_state states[] = {
		PUBLISH_OK, PUBLISH_UNCONFIRMED, PUBLISH_FROZEN
	};
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct publish_row row = row_of(states[i], 5);

		assert_true(step(&row, GUARD_CONTRARY, 4, 5));
		assert_int_equal(row.state, PUBLISH_FROZEN);
		assert_true(row.forked);
		assert_non_null(strstr(row.reason, "exists twice"));
		/* Neither another one nor the user's word change that. */
		assert_false(step(&row, GUARD_CONTRARY, 3, 5));
		assert_false(step(&row, GUARD_WORD, 0, 5));
		assert_non_null(strstr(row.reason, "message 4 "));
	}
}

static void peer_that_has_exactly_all_confirms(void **state)
{
	struct publish_row row = row_of(PUBLISH_UNCONFIRMED, 5);
	(void)state;

	assert_true(step(&row, GUARD_HAS_ALL, 5, 5));
	assert_int_equal(row.state, PUBLISH_OK);
	assert_int_equal(row.least, 5);
	assert_string_equal(row.reason, "");
}

static void nothing_else_confirms(void **state)
{
	struct publish_row row = row_of(PUBLISH_UNCONFIRMED, 5);
	(void)state;

	assert_false(step(&row, GUARD_HAS_ALL, 4, 4)); /* not all is here */
	assert_false(step(&row, GUARD_HAS_ALL, 5, 6)); /* a peer behind us */
	assert_false(step(&row, GUARD_HAS_ALL, 7, 6)); /* one ahead */
	row.least = 0;
	assert_false(step(&row, GUARD_HAS_ALL, 0, 0)); /* one with nothing */
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	row = row_of(PUBLISH_FROZEN, 5);
	assert_false(step(&row, GUARD_HAS_ALL, 5, 5));
	assert_int_equal(row.state, PUBLISH_FROZEN);
}

static void place_that_is_alive_elsewhere_freezes_one_that_waits(void **state)
{
	struct publish_row row = row_of(PUBLISH_UNCONFIRMED, 5);
	(void)state;

	assert_true(step(&row, GUARD_ALIVE, 6, 6));
	assert_int_equal(row.state, PUBLISH_FROZEN);
	assert_non_null(strstr(row.reason, "another place is alive"));
	row = row_of(PUBLISH_OK, 5);
	assert_false(step(&row, GUARD_ALIVE, 6, 6));
}

static void users_word_needs_all_that_is_known_of(void **state)
{
	struct publish_row row = row_of(PUBLISH_UNCONFIRMED, 5);
	(void)state;

	assert_false(step(&row, GUARD_WORD, 0, 4));
	assert_true(step(&row, GUARD_WORD, 0, 5));
	assert_int_equal(row.state, PUBLISH_OK);
	row = row_of(PUBLISH_UNCONFIRMED, 0);
	assert_true(step(&row, GUARD_WORD, 0, 0));
	assert_int_equal(row.state, PUBLISH_OK);
}

static void users_word_on_a_frozen_feed_fetches_first(void **state)
{
	struct publish_row row = row_of(PUBLISH_FROZEN, 9);
	(void)state;

	assert_true(step(&row, GUARD_WORD, 0, 5));
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	assert_int_equal(row.least, 9);
	assert_false(step(&row, GUARD_WORD, 0, 5));
}

static void every_refusal_names_state_and_remedy(void **state)
{
	static const struct {
		uint64_t least, tip;
		enum publish_state state;
		bool forked;
		const char *name, *remedy;
	} cases[] = {
		{ 5, 3, PUBLISH_UNCONFIRMED, false, "unconfirmed", "connect" },
		{ 0, 0, PUBLISH_UNCONFIRMED, false, "unconfirmed", "connect" },
		{ 5, 5, PUBLISH_UNCONFIRMED, false, "unconfirmed", "connect" },
		{ 5, 5, PUBLISH_FROZEN, false, "frozen", "unfreeze" },
		{ 5, 5, PUBLISH_FROZEN, true, "frozen for good", "init" },
		{ UINT64_MAX, UINT64_MAX - 1, PUBLISH_UNCONFIRMED, false,
		  "unconfirmed", "status`)" },
		{ UINT64_MAX, UINT64_MAX, PUBLISH_UNCONFIRMED, false,
		  "unconfirmed", "status`)" },
		{ UINT64_MAX, UINT64_MAX, PUBLISH_FROZEN, false, "frozen",
		  "status`)" },
		{ UINT64_MAX, UINT64_MAX, PUBLISH_FROZEN, true, "frozen",
		  "DIR init`" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct publish_row row = row_of(cases[i].state, cases[i].least);
		struct kith_error e = { 0 };

		row.forked = cases[i].forked;
		assert_int_equal(guard_check(&row, cases[i].tip, &e),
				 KITH_EDENIED);
		assert_ptr_equal(strstr(e.text, cases[i].name), e.text);
		assert_non_null(strstr(e.text, cases[i].remedy));
		assert_non_null(guard_advice(&row, cases[i].tip));
	}
}

static void reasons_are_never_cut(void **state)
{
	static const enum guard_event events[] = {
		GUARD_NEXT, GUARD_BEYOND, GUARD_CONTRARY, GUARD_ALIVE
	};
	(void)state;

	for (size_t i = 0; i < 4; i++) {
		struct publish_row row = row_of(PUBLISH_OK, 0);

		if (events[i] == GUARD_ALIVE)
			row.state = PUBLISH_UNCONFIRMED;
		assert_true(step(&row, events[i], UINT64_MAX, 1));
		assert_true(strlen(row.reason) < sizeof(row.reason) - 1);
	}
}

/* --- with a store --- */

static struct publish_row stored(struct node *n)
{
	struct publish_row row;
	struct txn *t;

	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	guard_get(t, author_id(&n->self), &row);
	txn_end(t);
	return row;
}

static struct ingest_done tell(struct node *n, enum guard_event event,
			       uint64_t sequence, struct guard_task *task)
{
	struct ingest_done done;

	*task = (struct guard_task){ .self = *author_id(&n->self),
				     .event = event, .sequence = sequence };
	assert_int_equal(ingest_run(n->in, guard_run, task, n), KITH_OK);
	ingest_wait(n->in);
	assert_true(ingest_done(n->in, &done));
	assert_true(done.task);
	return done;
}

/* A node whose key was found, beside another place that wrote messages. */
static void open_adopted(struct node *n, size_t messages)
{
	node_open(n, 0);
	ingest_stop(n->in);
	author_clear(&n->self);
	author_init(&n->self, NODE_SEED + 1);
	node_start(n);
	author_post(&n->self, messages);
}

static void found_key_gets_a_row_that_says_since_when(void **state)
{
	struct node n;
	(void)state;

	open_adopted(&n, 1);
	ingest_wait(n.in);
	node_restart(&n);
	assert_int_equal(stored(&n).state, PUBLISH_UNCONFIRMED);
	assert_true(stored(&n).since_us > 0);
	node_close(&n);
}

static void adopted_feed_is_fetched_confirmed_and_goes_on(void **state)
{
	struct guard_task task;
	struct node n;
	(void)state;

	open_adopted(&n, 3);
	for (uint64_t s = 1; s <= 3; s++)
		assert_int_equal(node_try(&n, author_message(&n.self, s))
				 .verdict, INGEST_ADDED);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code,
			 KITH_EDENIED);
	/* What a peer had before we had it all is no confirmation. */
	tell(&n, GUARD_HAS_ALL, 2, &task);
	assert_false(task.changed);
	tell(&n, GUARD_HAS_ALL, 3, &task);
	assert_true(task.changed);
	assert_int_equal(task.row.state, PUBLISH_OK);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").sequence, 4);
	node_restart(&n);
	assert_int_equal(stored(&n).state, PUBLISH_OK);
	assert_chain(n.h.store, author_id(&n.self), 4);
	node_close(&n);
}

static void message_beyond_the_tip_says_how_much_is_missing(void **state)
{
	struct guard_task task;
	struct node n;
	(void)state;

	open_adopted(&n, 5);
	node_try(&n, author_message(&n.self, 1));
	assert_int_equal(node_try(&n, author_message(&n.self, 5)).verdict,
			 INGEST_GAP);
	assert_int_equal(stored(&n).least, 5);
	tell(&n, GUARD_HAS_ALL, 1, &task);
	assert_false(task.changed);
	assert_int_equal(tell(&n, GUARD_WORD, 0, &task).code, KITH_EDENIED);
	node_close(&n);
}

static void live_message_freezes_unless_it_is_history(void **state)
{
	struct guard_task task;
	struct publish_row row;
	struct txn *t;
	struct node n;
	(void)state;

	open_adopted(&n, 2);
	node_try(&n, author_message(&n.self, 1));
	node_try(&n, author_message(&n.self, 2));
	/* Authors of tests date their messages long ago. */
	tell(&n, GUARD_ALIVE, 2, &task);
	assert_false(task.changed);
	tell(&n, GUARD_ALIVE, 7, &task);
	assert_false(task.changed);
	row = stored(&n);
	row.since_us = 1;
	assert_int_equal(store_write(n.h.store, &t), KITH_OK);
	publish_put(t, author_id(&n.self), &row);
	assert_int_equal(txn_commit(t), KITH_OK);
	tell(&n, GUARD_ALIVE, 2, &task);
	assert_true(task.changed);
	assert_int_equal(stored(&n).state, PUBLISH_FROZEN);
	node_close(&n);
}

static void forked_feed_is_not_unfrozen(void **state)
{
	struct ingest_done done;
	struct guard_task task;
	struct node n;
	(void)state;

	node_open(&n, 0);
	node_publish(&n, "{\"type\":\"post\",\"text\":\"here\"}");
	author_post(&n.self, 1);
	assert_int_equal(node_try(&n, author_message(&n.self, 1)).verdict,
			 INGEST_OWN);
	done = tell(&n, GUARD_WORD, 0, &task);
	assert_int_equal(done.code, KITH_EDENIED);
	assert_non_null(strstr(done.error.text, "for good"));
	node_restart(&n);
	assert_true(stored(&n).forked);
	node_close(&n);
}

static void frozen_feed_goes_on_after_the_users_word_and_a_peers(void **state)
{
	struct guard_task task;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_post(&n.self, 2);
	node_try(&n, author_message(&n.self, 1));
	node_try(&n, author_message(&n.self, 2));
	assert_int_equal(stored(&n).state, PUBLISH_FROZEN);
	assert_int_equal(tell(&n, GUARD_WORD, 0, &task).code, KITH_OK);
	assert_int_equal(task.row.state, PUBLISH_UNCONFIRMED);
	tell(&n, GUARD_HAS_ALL, 2, &task);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").sequence, 3);
	/* And with nothing to say, nothing happens. */
	assert_int_equal(tell(&n, GUARD_WORD, 0, &task).code, KITH_OK);
	assert_false(task.changed);
	node_close(&n);
}

/* --- clocks --- */

static int64_t shift_us;

static int64_t shifted_now_us(void)
{
	return INT64_C(1800000000000000) + shift_us;
}

static void start_with_clock(struct node *n)
{
	struct ingest_config config = { .store = n->h.store,
					.signer = n->self.signer,
					.verifiers = 1,
					.now_us = shifted_now_us };

	ingest_stop(n->in);
	assert_int_equal(ingest_start(&config, &n->in, NULL), KITH_OK);
}

static void clock_that_jumps_50_years_neither_forks_nor_freezes(void **state)
{
	static const int64_t years[] = { 0, -50, 50, 30, -50, 0 };
	struct message_row row, before = { 0 };
	struct ingest_done done;
	struct feed_row feed;
	uint64_t last = 0;
	double claimed = 0;
	struct node n;
	struct txn *t;
	(void)state;

	node_open(&n, 0);
	start_with_clock(&n);
	for (size_t i = 0; i < sizeof(years) / sizeof(*years); i++) {
		shift_us = years[i] * INT64_C(31556952000000);
		done = node_publish(&n, "{\"type\":\"post\"}");
		assert_int_equal(stored(&n).state, PUBLISH_OK);
		if (years[i] == 50) {
			/* What claims the future cannot be taken back. */
			assert_int_equal(done.code, KITH_EDENIED);
			continue;
		}
		assert_int_equal(done.sequence, ++last);
		assert_int_equal(store_read(n.h.store, &t), KITH_OK);
		assert_true(message_to(t, UINT64_MAX, &row));
		assert_true(row.received_us > before.received_us);
		assert_true(feed_get(t, author_id(&n.self), &feed));
		assert_true(feed.last_claimed > claimed);
		claimed = feed.last_claimed;
		before = row;
		txn_end(t);
	}
	node_restart(&n);
	assert_chain(n.h.store, author_id(&n.self), last);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ok_freezes_on_a_message_from_elsewhere),
		cmocka_unit_test(key_that_never_wrote_freezes_too),
		cmocka_unit_test(
		ok_waits_again_if_nothing_was_written_since_it_was_confirmed),
		cmocka_unit_test(
			unconfirmed_and_frozen_learn_how_far_the_feed_goes),
		cmocka_unit_test(contradiction_freezes_for_good_in_every_state),
		cmocka_unit_test(peer_that_has_exactly_all_confirms),
		cmocka_unit_test(nothing_else_confirms),
		cmocka_unit_test(
			place_that_is_alive_elsewhere_freezes_one_that_waits),
		cmocka_unit_test(users_word_needs_all_that_is_known_of),
		cmocka_unit_test(users_word_on_a_frozen_feed_fetches_first),
		cmocka_unit_test(every_refusal_names_state_and_remedy),
		cmocka_unit_test(reasons_are_never_cut),
		cmocka_unit_test(found_key_gets_a_row_that_says_since_when),
		cmocka_unit_test(adopted_feed_is_fetched_confirmed_and_goes_on),
		cmocka_unit_test(
			message_beyond_the_tip_says_how_much_is_missing),
		cmocka_unit_test(live_message_freezes_unless_it_is_history),
		cmocka_unit_test(forked_feed_is_not_unfrozen),
		cmocka_unit_test(
			frozen_feed_goes_on_after_the_users_word_and_a_peers),
		cmocka_unit_test(
			clock_that_jumps_50_years_neither_forks_nor_freezes),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
