#include "src/store/scan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/support/home.h"

/* Enough for a tree of some levels, its rows far apart. */
enum { FEEDS = 3, EACH = 2500, BYTES = 600, BATCH = 1000 };
enum { PAGE_BYTES = 512, PAGES = 64 };

static uint8_t body[BYTES];

static struct kith_feed_id feed_id(size_t n)
{
	return (struct kith_feed_id){ KITH_CLASSIC, { (uint8_t)n } };
}

static void append(struct txn *t, size_t feed, uint64_t sequence)
{
	struct kith_feed_id id = feed_id(feed);
	struct message_row row;
	struct feed_row f;
	struct kith_msg m = {
		.author = id,
		.sequence = sequence,
		.canon = { body, sizeof(body) },
		.id = { KITH_CLASSIC, { (uint8_t)feed } },
	};

	kith_put_be64(m.id.b + 1, sequence);
	feed_get(t, &id, &f);
	assert_int_equal(message_append(t, &f, &m, 1, 0, &row), KITH_OK);
	feed_put(t, &f);
}

static struct txn *begin(struct test_home *h, bool write)
{
	struct txn *t;

	assert_int_equal(write ? store_write(h->store, &t)
			       : store_read(h->store, &t), KITH_OK);
	return t;
}

/* One message of each feed after the other. */
static void fill(struct test_home *h)
{
	struct txn *t;

	test_home_open(h);
	test_home_store(h, 0);
	t = begin(h, true);
	for (uint64_t s = 1; s <= EACH; s++) {
		for (size_t feed = 1; feed <= FEEDS; feed++)
			append(t, feed, s);
		if (s % BATCH)
			continue;
		assert_int_equal(txn_commit(t), KITH_OK);
		t = begin(h, true);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
}

static uint32_t number_of(struct txn *t, size_t feed)
{
	struct kith_feed_id id = feed_id(feed);
	struct feed_row f;

	assert_true(feed_get(t, &id, &f));
	return f.number;
}

/* Every step-th from first to last, and nothing else. */
static void assert_feed(struct txn *t, size_t feed, uint64_t first,
			uint64_t last, uint64_t step)
{
	uint32_t number = number_of(t, feed);
	struct message_row row, same;
	struct scan s;

	scan_feed(&s, t, number, first);
	for (uint64_t n = first; n <= last; n += step) {
		assert_true(scan_next(&s, &row));
		assert_int_equal(row.feed_number, number);
		assert_int_equal(row.sequence, n);
		assert_true(message_by_sequence(t, number, n, &same));
		assert_int_equal(row.rx, same.rx);
		assert_true(kith_equal(row.canon, same.canon));
	}
	assert_false(scan_next(&s, &row));
	scan_end(&s);
	assert_int_equal(txn_error(t), KITH_OK);
}

static void a_feed_comes_in_its_order_from_anywhere(void **state)
{
	struct test_home h;
	struct txn *t;
	(void)state;

	fill(&h);
	t = begin(&h, false);
	for (size_t feed = 1; feed <= FEEDS; feed++) {
		assert_feed(t, feed, 1, EACH, 1);
		assert_feed(t, feed, EACH / 2, EACH, 1);
		assert_feed(t, feed, EACH, EACH, 1);
		assert_feed(t, feed, EACH + 1, EACH, 1);
	}
	txn_end(t);
	test_home_close(&h);
}

static void what_was_deleted_is_stepped_over(void **state)
{
	struct message_row row;
	struct test_home h;
	struct txn *t;
	uint32_t number;
	(void)state;

	fill(&h);
	t = begin(&h, true);
	number = number_of(t, 2);
	for (uint64_t s = 2; s <= EACH; s += 2) {
		struct message_place at = { .sequence = s,
					    .feed_number = number };

		assert_true(message_by_sequence(t, number, s, &row));
		at.rx = row.rx;
		memcpy(at.id, row.id.b, sizeof(at.id));
		message_delete(t, &at);
	}
	assert_feed(t, 2, 1, EACH, 2);
	assert_int_equal(txn_commit(t), KITH_OK);
	t = begin(&h, false);
	assert_feed(t, 1, 1, EACH, 1);
	assert_feed(t, 2, 1, EACH, 2);
	txn_end(t);
	test_home_close(&h);
}

static void a_writer_sees_what_it_appends(void **state)
{
	struct test_home h;
	struct txn *t;
	(void)state;

	fill(&h);
	t = begin(&h, true);
	append(t, 3, EACH + 1);
	assert_feed(t, 3, 1, EACH + 1, 1);
	append(t, 3, EACH + 2);
	assert_feed(t, 3, EACH, EACH + 2, 1);
	txn_end(t);
	test_home_close(&h);
}

static void the_log_comes_whole(void **state)
{
	struct message_row row;
	struct test_home h;
	struct txn *t;
	struct scan s;
	(void)state;

	fill(&h);
	t = begin(&h, false);
	scan_log(&s, t, 2);
	for (uint64_t rx = 2; rx <= FEEDS * EACH; rx++) {
		assert_true(scan_next(&s, &row));
		assert_int_equal(row.rx, rx);
	}
	assert_false(scan_next(&s, &row));
	scan_end(&s);
	txn_end(t);
	test_home_close(&h);
}

/* Under a sanitizer: it stays inside of the pages whatever they hold. */
static void foresight_bears_any_pages(void **state)
{
	uint8_t *pages = test_malloc(PAGES * PAGE_BYTES);
	struct foresight f = { .map = pages, .pages = PAGES,
			       .page_bytes = PAGE_BYTES, .depth = 4 };
	uint64_t rx[FORESIGHT_MAX], random = 1;
	(void)state;

	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < PAGES * PAGE_BYTES; i++) {
			random = random * UINT64_C(6364136223846793005) + 1;
			/* Small numbers lead farther. */
			pages[i] = random >> 62 ? 0 : (uint8_t)(random >> 32);
		}
		for (size_t i = 0; i < FORESIGHT_MAX; i++)
			rx[i] = random >> i;
		f.root = random >> 33 & (PAGES - 1);
		foresight_ask(&f, rx, FORESIGHT_MAX);
	}
	test_free(pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_comes_in_its_order_from_anywhere),
		cmocka_unit_test(what_was_deleted_is_stepped_over),
		cmocka_unit_test(a_writer_sees_what_it_appends),
		cmocka_unit_test(the_log_comes_whole),
		cmocka_unit_test(foresight_bears_any_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
