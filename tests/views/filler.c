#include "src/views/filler.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/support/home.h"

#define FEED "@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.ed25519"

/* One of them names the same feed and the same channel twice. */
static const char *const contents[] = {
	"{\"type\":\"post\",\"text\":\"a\",\"mentions\":[\"" FEED "\",\"" FEED
	"\",\"#cats\",\"#cats\"],\"channel\":\"cats\"}",
	"{\"type\":\"post\",\"text\":\"b\",\"root\":\"" FEED "\"}",
	"{\"type\":\"contact\",\"contact\":\"" FEED "\",\"following\":true}",
	"\"boxed.box\"",
};
enum { MESSAGES = sizeof(contents) / sizeof(*contents) };

static void add(struct filler *f, size_t i)
{
	struct message_row row = { .rx = i + 1, .sequence = i + 1,
				   .feed_number = 1, .received_us = 5000000 };
	struct view_message m = { .row = &row, .claimed = 1000,
				  .author = { KITH_CLASSIC, { 1 } },
				  .content = kith_text(contents[i]) };

	for (size_t v = 0; views[v]; v++)
		if (views[v]->rows)
			assert_true(filler_add(f, views[v], &m));
}

/* The sum of the postings that a store gets of all messages. */
static void put_and_sum(struct txn *t, struct row_sum *sum)
{
	struct filler *f = filler_new();
	struct cursor c;

	assert_non_null(f);
	for (size_t i = 0; i < MESSAGES; i++)
		add(f, i);
	assert_true(filler_put(f, t));
	filler_free(f);
	cursor_open(&c, t, TABLE_POSTINGS);
	for (bool more = cursor_seek(&c, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&c))
		row_sum_add(sum, row_sum_hash(sum, c.key, c.value));
	cursor_close(&c);
	assert_int_equal(txn_error(t), KITH_OK);
}

static void a_sum_is_that_of_the_rows_in_any_order(void **state)
{
	struct row_sum stored = { .key = { 7 } }, sum = stored;
	struct filler *f = filler_new();
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	assert_int_equal(store_write(h.store, &t), KITH_OK);
	put_and_sum(t, &stored);
	assert_true(stored.count > MESSAGES);
	filler_sum(f, &sum);
	for (size_t i = MESSAGES; i-- > 0;)
		add(f, i);
	assert_int_equal(sum.count, stored.count);
	assert_true(row_sum_equal(&sum, &stored));
	add(f, 0);
	assert_false(row_sum_equal(&sum, &stored));
	filler_free(f);
	txn_end(t);
	test_home_close(&h);
}

static void a_hash_is_of_key_and_value(void **state)
{
	const struct row_sum s = { .key = { 7 } }, other = { .key = { 8 } };
	struct kith_slice a = KITH_SLICE("a"), b = KITH_SLICE("b");
	struct kith_slice none = { 0 };
	uint64_t hash = row_sum_hash(&s, a, b);
	(void)state;

	assert_true(hash == row_sum_hash(&s, a, b));
	assert_true(hash != row_sum_hash(&s, b, a));
	assert_true(hash != row_sum_hash(&s, KITH_SLICE("ab"), none));
	assert_true(hash != row_sum_hash(&s, a, none));
	assert_true(hash != row_sum_hash(&other, a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sum_is_that_of_the_rows_in_any_order),
		cmocka_unit_test(a_hash_is_of_key_and_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
