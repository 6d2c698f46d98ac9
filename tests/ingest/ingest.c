#include "src/ingest/ingest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/views/contacts.h"
#include "tests/support/node.h"

static void feeds_come_in_whole(void **state)
{
	enum { AUTHORS = 10, MESSAGES = 1000 };
	struct author a[AUTHORS];
	struct ingest_counts counts;
	struct node n;
	(void)state;

	node_open(&n, 0);
	for (int i = 0; i < AUTHORS; i++) {
		author_init(&a[i], (uint8_t)i);
		author_post(&a[i], MESSAGES);
	}
	for (uint64_t s = 1; s <= MESSAGES; s++)
		for (int i = 0; i < AUTHORS; i++)
			node_add(&n, author_message(&a[i], s), 0);
	assert_int_equal(node_collect(&n, INGEST_ADDED), AUTHORS * MESSAGES);
	ingest_counts(n.in, &counts);
	assert_int_equal(counts.added, AUTHORS * MESSAGES);
	assert_int_equal(counts.known + counts.refused + counts.waiting, 0);
	node_restart(&n);
	for (int i = 0; i < AUTHORS; i++) {
		assert_chain(n.h.store, author_id(&a[i]), MESSAGES);
		author_clear(&a[i]);
	}
	node_close(&n);
}

static void results_come_in_the_order_of_adding(void **state)
{
	enum { MESSAGES = 300 };
	struct ingest_done done;
	struct author a;
	struct node n;
	uint32_t next = 0;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint32_t i = 0; i < MESSAGES; i++)
		node_add(&n, author_message(&a, i + 1), i);
	ingest_flush(n.in);
	while (next < MESSAGES) {
		ingest_wait_some(n.in);
		while (ingest_done(n.in, &done))
			for (size_t i = 0; i < done.count; i++, next++) {
				assert_int_equal(done.results[i].tag, next);
				assert_int_equal(done.results[i].sequence,
						 next + 1);
				assert_int_equal(done.results[i].rx, next + 1);
			}
	}
	author_clear(&a);
	node_close(&n);
}

static void message_after_a_hole_is_a_gap(void **state)
{
	enum { MESSAGES = 6 };
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t s = MESSAGES; s > 0; s--)
		node_add(&n, author_message(&a, s), 0);
	assert_int_equal(node_collect(&n, INGEST_GAP), MESSAGES - 1);
	assert_chain(n.h.store, author_id(&a), 1);
	for (uint64_t s = 1; s <= MESSAGES; s++)
		node_add(&n, author_message(&a, s), 0);
	assert_int_equal(node_collect(&n, INGEST_ADDED), MESSAGES - 1);
	assert_chain(n.h.store, author_id(&a), MESSAGES);
	author_clear(&a);
	node_close(&n);
}

static void held_message_is_known(void **state)
{
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, 3);
	for (uint64_t s = 1; s <= 3; s++)
		node_add(&n, author_message(&a, s), 0);
	/* In the same commit, and in a later one. */
	node_add(&n, author_message(&a, 1), 0);
	node_add(&n, author_message(&a, 3), 0);
	assert_int_equal(node_collect(&n, INGEST_KNOWN), 2);
	for (uint64_t s = 1; s <= 3; s++)
		assert_int_equal(node_try(&n, author_message(&a, s)).verdict,
				 INGEST_KNOWN);
	assert_int_equal(node_stored(&n), 3);
	author_clear(&a);
	node_close(&n);
}

static void forged_message_is_invalid(void **state)
{
	struct ingest_result r;
	struct kith_slice good;
	struct author a;
	uint8_t *bad;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, 2);
	good = author_message(&a, 1);
	bad = test_malloc(good.n);
	memcpy(bad, good.p, good.n);
	/* Another word of the text, and all else as it was. */
	for (size_t i = 0; i + 6 < good.n; i++)
		if (!memcmp(bad + i, "number", 6))
			bad[i] = 'l';
	r = node_try(&n, (struct kith_slice){ bad, good.n });
	assert_int_equal(r.verdict, INGEST_INVALID);
	assert_int_equal(r.code, KITH_ESIGN);
	assert_true(kith_feed_equal(&r.author, author_id(&a)));
	assert_int_equal(r.sequence, 1);
	assert_non_null(strstr(r.why, "signature"));
	test_free(bad);
	assert_int_equal(node_stored(&n), 0);
	/* The feed goes on with the right one. */
	assert_int_equal(node_try(&n, good).verdict, INGEST_ADDED);
	author_clear(&a);
	node_close(&n);
}

static void junk_is_invalid_and_says_why(void **state)
{
	static const char *const junk[] = {
		"", "{", "null", "[1,2,3]", "{\"previous\":null}", "\xff\xfe",
		"{\"previous\":null,\"author\":\"@A=.ed25519\",\"sequence\":1,"
		"\"timestamp\":1,\"hash\":\"sha256\",\"content\":{\"type\":"
		"\"post\"},\"signature\":\"x\"}",
	};
	struct ingest_result r;
	struct node n;
	(void)state;

	node_open(&n, 0);
	for (size_t i = 0; i < sizeof(junk) / sizeof(*junk); i++) {
		r = node_try(&n, kith_text(junk[i]));
		assert_int_equal(r.verdict, INGEST_INVALID);
		assert_int_equal(r.code, KITH_EFORMAT);
		assert_int_equal(r.author.format, KITH_FORMAT_NONE);
		assert_true(*r.why);
	}
	assert_int_equal(node_stored(&n), 0);
	node_close(&n);
}

static void message_over_the_limit_is_refused_whole(void **state)
{
	static uint8_t big[10 * KITH_MSG_WIRE_BYTES_MAX];
	struct ingest_result r;
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	memset(big, ' ', sizeof(big));
	r = node_try(&n, (struct kith_slice){ big, sizeof(big) });
	assert_int_equal(r.verdict, INGEST_INVALID);
	assert_int_equal(r.code, KITH_ETOOBIG);
	/* The same message in a spelling of exactly the limit passes. */
	author_init(&a, 1);
	author_post(&a, 1);
	memcpy(big, author_message(&a, 1).p, author_message(&a, 1).n);
	r = node_try(&n, (struct kith_slice){ big,
					      KITH_MSG_WIRE_BYTES_MAX + 1 });
	assert_int_equal(r.code, KITH_ETOOBIG);
	r = node_try(&n, (struct kith_slice){ big, KITH_MSG_WIRE_BYTES_MAX });
	assert_int_equal(r.verdict, INGEST_ADDED);
	author_clear(&a);
	node_close(&n);
}

/* Appends value with white space behind every comma and colon outside of
 * strings, as pretty printers put it. */
static void respell(struct kith_slice value, struct kith_buf *out)
{
	bool string = false;

	for (size_t i = 0; i < value.n; i++) {
		string ^= value.p[i] == '"';
		kith_buf_byte(out, value.p[i]);
		if (!string && (value.p[i] == ',' || value.p[i] == ':'))
			kith_buf_text(out, " \n");
	}
}

static void other_spelling_is_stored_canonical(void **state)
{
	enum { MESSAGES = 100 };
	struct kith_buf b = { .limit = 4096 };
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t s = 1; s <= MESSAGES; s++) {
		kith_buf_reset(&b);
		respell(author_message(&a, s), &b);
		/* Some are canonical already, in the same job. */
		node_add(&n, s % 3 ? kith_bytes(&b) : author_message(&a, s), 0);
	}
	assert_int_equal(node_collect(&n, INGEST_ADDED), MESSAGES);
	/* Which compares the stored bytes with the canonical form. */
	assert_chain(n.h.store, author_id(&a), MESSAGES);
	kith_buf_free(&b);
	author_clear(&a);
	node_close(&n);
}

static void fork_is_refused_at_the_tip_and_in_the_past(void **state)
{
	struct ingest_result r;
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, 3);
	/* Messages 4, 5 and 6 are sequences 2, 3 and 4 of another branch. */
	author_go_back(&a, 1);
	author_post(&a, 3);
	for (uint64_t s = 1; s <= 3; s++)
		node_add(&n, author_message(&a, s), 0);
	node_add(&n, author_message(&a, 4), 0);
	assert_int_equal(node_collect(&n, INGEST_FORK), 1);
	for (uint64_t s = 4; s <= 6; s++) {
		r = node_try(&n, author_message(&a, s));
		assert_int_equal(r.verdict, INGEST_FORK);
		assert_int_equal(r.code, KITH_EFORK);
		assert_int_equal(r.sequence, s - 2);
	}
	assert_int_equal(node_stored(&n), 3);
	assert_chain(n.h.store, author_id(&a), 3);
	author_clear(&a);
	node_close(&n);
}

static void contacts_are_folded_with_the_append(void **state)
{
	struct kith_buf content = { .limit = 4096 };
	struct contact c = { .sequence = 0 };
	struct author a, b;
	struct txn *t;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_init(&b, 2);
	contact_write(&content, author_id(&b), CONTACT_FOLLOW);
	author_write(&a, kith_bytes(&content));
	assert_int_equal(node_try(&n, author_message(&a, 1)).verdict,
			 INGEST_ADDED);
	assert_int_equal(store_read(n.h.store, &t), KITH_OK);
	assert_true(contacts_next(t, &c));
	assert_true(kith_feed_equal(&c.from, author_id(&a)));
	assert_true(kith_feed_equal(&c.to, author_id(&b)));
	assert_int_equal(c.edge, CONTACT_FOLLOW);
	assert_false(contacts_next(t, &c));
	txn_end(t);
	kith_buf_free(&content);
	author_clear(&a);
	author_clear(&b);
	node_close(&n);
}

static void full_disk_acknowledges_nothing(void **state)
{
	enum { MESSAGES = 2000 };
	struct ingest_done done;
	struct ingest_result r;
	struct author a;
	struct node n;
	uint64_t held;
	(void)state;

	node_open(&n, 256 * 1024);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t s = 1; s <= MESSAGES; s++)
		node_add(&n, author_message(&a, s), 0);
	ingest_wait(n.in);
	held = 0;
	while (ingest_done(n.in, &done))
		for (size_t i = 0; i < done.count; i++)
			held += done.results[i].verdict == INGEST_ADDED;
	assert_int_equal(held, node_stored(&n));
	assert_in_range(held, 0, MESSAGES - 1);
	r = node_try(&n, author_message(&a, held + 1));
	while (r.verdict == INGEST_ADDED)
		r = node_try(&n, author_message(&a, ++held + 1));
	assert_int_equal(r.verdict, INGEST_FAILED);
	assert_int_equal(r.code, KITH_EFULL);
	while ((done = node_publish(&n, "{\"type\":\"post\"}")).code == KITH_OK)
		;
	assert_int_equal(done.code, KITH_EFULL);
	/* With room again it goes on where it was. */
	node_restart(&n);
	for (uint64_t s = held + 1; s <= MESSAGES; s++)
		node_add(&n, author_message(&a, s), 0);
	assert_int_equal(node_collect(&n, INGEST_ADDED), MESSAGES - held);
	assert_chain(n.h.store, author_id(&a), MESSAGES);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code, KITH_OK);
	author_clear(&a);
	node_close(&n);
}

static void queue_is_full_until_results_are_taken(void **state)
{
	struct ingest_done done;
	struct author a;
	struct node n;
	size_t added = 0;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, 1);
	assert_false(ingest_full(n.in));
	while (!ingest_full(n.in)) {
		node_add(&n, author_message(&a, 1), 0);
		/* Far more than the limit has room for. */
		assert_in_range(++added, 1, INGEST_QUEUE_BYTES_MAX / 256);
	}
	ingest_wait(n.in);
	assert_true(ingest_full(n.in));
	while (ingest_done(n.in, &done))
		added -= done.count;
	assert_int_equal(added, 0);
	assert_false(ingest_full(n.in));
	author_clear(&a);
	node_close(&n);
}

static void other_writers_of_the_store_take_turns(void **state)
{
	enum { MESSAGES = 1500, ROUND = 50 };
	struct author a;
	struct node n;
	struct txn *t;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t s = 1; s <= MESSAGES; s++) {
		node_add(&n, author_message(&a, s), 0);
		if (s % ROUND)
			continue;
		ingest_flush(n.in);
		assert_int_equal(store_write(n.h.store, &t), KITH_OK);
		txn_put(t, TABLE_CLOCKS, KITH_SLICE("a local fact"),
			KITH_SLICE("value"));
		assert_int_equal(txn_commit(t), KITH_OK);
	}
	assert_int_equal(node_collect(&n, INGEST_ADDED), MESSAGES);
	assert_chain(n.h.store, author_id(&a), MESSAGES);
	author_clear(&a);
	node_close(&n);
}

static void count_wake(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
}

static int64_t at_noon(void)
{
	return INT64_C(1700000000000000);
}

static void owner_is_woken_and_the_clock_is_asked(void **state)
{
	atomic_int wakes = 0;
	struct ingest_config config = {
		.verifiers = 1,
		.wake = count_wake,
		.wake_arg = &wakes,
		.now_us = at_noon,
	};
	struct message_row row;
	struct node n;
	struct txn *t;
	(void)state;

	node_open(&n, 0);
	ingest_stop(n.in);
	config.store = n.h.store;
	config.signer = n.self.signer;
	assert_int_equal(ingest_start(&config, &n.in, NULL), KITH_OK);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code, KITH_OK);
	assert_int_equal(store_read(n.h.store, &t), KITH_OK);
	assert_true(message_get(t, 1, &row));
	assert_int_equal(row.received_us, at_noon());
	assert_int_equal(row.source, 0);
	txn_end(t);
	/* The last wake may still be on its way until the thread ended. */
	ingest_stop(n.in);
	assert_in_range(atomic_load(&wakes), 1, 2);
	node_start(&n);
	node_close(&n);
}

static void stop_finishes_what_was_added(void **state)
{
	enum { MESSAGES = 500 };
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t s = 1; s <= MESSAGES; s++)
		node_add(&n, author_message(&a, s), 0);
	node_restart(&n);
	assert_chain(n.h.store, author_id(&a), MESSAGES);
	author_clear(&a);
	node_close(&n);
}

/* On the writer's thread, where nothing may be asserted. */
static enum kith_err write_local(struct store *s, void *arg,
				 struct kith_error *e)
{
	uint32_t *count = arg;
	struct txn *t;

	if (store_write(s, &t))
		return kith_fail(e, KITH_EIO, 0, "nothing begun");
	*count = (uint32_t)message_count(t);
	if (txn_commit(t))
		return kith_fail(e, KITH_EIO, 0, "nothing committed");
	return kith_fail(e, KITH_EDENIED, 0, "on purpose");
}

static void a_task_writes_between_commits_and_tells_its_outcome(void **state)
{
	struct ingest_done done;
	uint32_t count = 99;
	struct node n;
	(void)state;

	node_open(&n, 0);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code, 0);
	assert_int_equal(ingest_run(n.in, write_local, &count, &n), KITH_OK);
	ingest_wait(n.in);
	assert_true(ingest_done(n.in, &done));
	assert_true(done.task);
	assert_null(done.results);
	assert_ptr_equal(done.user, &n);
	assert_int_equal(done.code, KITH_EDENIED);
	assert_string_equal(done.error.text, "on purpose");
	assert_int_equal(count, 1);
	assert_false(ingest_done(n.in, &done));
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feeds_come_in_whole),
		cmocka_unit_test(results_come_in_the_order_of_adding),
		cmocka_unit_test(message_after_a_hole_is_a_gap),
		cmocka_unit_test(held_message_is_known),
		cmocka_unit_test(forged_message_is_invalid),
		cmocka_unit_test(junk_is_invalid_and_says_why),
		cmocka_unit_test(message_over_the_limit_is_refused_whole),
		cmocka_unit_test(other_spelling_is_stored_canonical),
		cmocka_unit_test(fork_is_refused_at_the_tip_and_in_the_past),
		cmocka_unit_test(contacts_are_folded_with_the_append),
		cmocka_unit_test(full_disk_acknowledges_nothing),
		cmocka_unit_test(queue_is_full_until_results_are_taken),
		cmocka_unit_test(other_writers_of_the_store_take_turns),
		cmocka_unit_test(owner_is_woken_and_the_clock_is_asked),
		cmocka_unit_test(
			a_task_writes_between_commits_and_tells_its_outcome),
		cmocka_unit_test(stop_finishes_what_was_added),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
