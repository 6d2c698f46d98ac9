/* Whichever allocation fails, it is said, and nothing is left half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/blob_check.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/store/proofs.h"
#include "tests/support/alloc.h"
#include "tests/support/home.h"

static bool is_memory(enum kith_err err)
{
	return err == KITH_OK || err == KITH_ENOMEM;
}

static void write_some(struct store *s)
{
	struct kith_feed_id id = { KITH_CLASSIC, { 1 } };
	struct kith_clock_entry entry = { id, 5 };
	struct kith_msg m = {
		.author = id,
		.canon = KITH_SLICE("{}"),
		.id = { KITH_CLASSIC, { 2 } },
	};
	struct message_row row;
	struct feed_row feed;
	struct txn *t;

	if (store_write(s, &t))
		return;
	feed_get(t, &id, &feed);
	m.sequence = feed.last + 1;
	if (!message_append(t, &feed, &m, 1, 0, &row))
		feed_put(t, &feed);
	clock_put(t, &id, &entry, 1);
	proof_put(t, &(struct proof_row){
		.feed = id, .sequence = m.sequence, .count = 2,
		.messages = { { .canon = m.canon }, { .canon = m.canon } } });
	assert_true(is_memory(txn_commit(t)));
}

static void read_some(struct store *s)
{
	struct kith_feed_id id = { KITH_CLASSIC, { 1 } };
	struct kith_clock_entry *clock = NULL;
	struct feed_row feed;
	struct message_row row;
	struct txn *t;
	size_t n = 0;

	if (store_read(s, &t))
		return;
	if (feed_get(t, &id, &feed)) {
		assert_true(message_by_sequence(t, feed.number, feed.last,
						&row));
		assert_true(message_by_id(t, &feed.last_id, &row));
		assert_int_equal(message_count(t), feed.last);
		if (!clock_get(t, &id, &clock, &n))
			assert_int_equal(n, 1);
		free(clock);
		assert_int_equal(proof_places(t, &id).pair, 1);
	}
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
}

static void every_allocation_may_fail(void **state)
{
	struct store_options o = { .write = true };
	struct test_home h;
	struct store *s;
	enum kith_err err;
	(void)state;

	test_home_open(&h);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct home *home = NULL;

		err = home_open(h.path, true, &home, NULL);
		assert_true(is_memory(err));
		if (err)
			continue;
		assert_int_equal(home_lock_writer(home, NULL), KITH_OK);
		err = store_open(home, &o, &s, NULL);
		assert_true(is_memory(err));
		if (!err) {
			write_some(s);
			read_some(s);
			store_close(s);
		}
		home_close(home);
	}
	alloc_reset();
	test_home_store(&h, 0);
	write_some(h.store);
	read_some(h.store);
	test_home_close(&h);
}

/* A blob in two goes, and all that can be asked of it. */
static void blob_some(struct store *s, struct blobs *b)
{
	/* SHA-256 of "abc", FIPS 180-2 B.1. */
	static const struct kith_blob_id id = { {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41,
		0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3,
		0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00,
		0x15, 0xad } };
	const struct blob_write how = { .id = &id, .limit = 10,
					.resume = true };
	struct blob_check check = { .blobs = b };
	enum kith_err err = KITH_OK;
	struct blob_writer *w;
	bool more = true;

	for (int i = 0; i < 2 && !err; i++) {
		err = blob_writer_new(b, &how, &w, NULL);
		if (err)
			break;
		err = blob_writer_put(w, i ? KITH_SLICE("c") : KITH_SLICE("ab"),
				      NULL);
		assert_int_equal(err, KITH_OK);
		if (i)
			err = blob_writer_finish(w, NULL, NULL);
		else
			blob_writer_cut(w);
	}
	/* What was taken up whole, or not at all. */
	assert_true(is_memory(err));
	assert_true(is_memory(blobs_tidy(b, 0, 0, NULL)));
	err = blob_verify(b, &id);
	assert_true(is_memory(err) || err == KITH_ENOENT);
	for (err = KITH_OK; more && !err;)
		err = blob_check_some(s, &check, &more, NULL);
	assert_true(is_memory(err));
	blob_check_clear(&check);
	err = blob_remove(b, &id);
	assert_true(is_memory(err) || err == KITH_ENOENT);
}

static void every_allocation_for_a_blob_may_fail(void **state)
{
	struct test_home h;
	struct blobs *b;
	enum kith_err err;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		err = blobs_open(h.home, &b, NULL);
		assert_true(is_memory(err));
		if (err)
			continue;
		blob_some(h.store, b);
		blobs_close(b);
	}
	alloc_reset();
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(every_allocation_for_a_blob_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
