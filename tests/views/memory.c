#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/views/rebuild.h"
#include "tests/support/alloc.h"
#include "tests/support/home.h"
#include "tests/views/contents.h"
#include "tests/views/oracle.h"

enum { MESSAGES = 60, CONTENT_BYTES = 16384, RECEIVED_US = 2000000000 };

static void fill(struct store *s, struct author *a)
{
	struct kith_buf content = { .limit = CONTENT_BYTES };
	struct feed_row feed = { .id = *author_id(a) };
	struct message_row row;
	uint64_t random = 77;
	struct kith_msg m;
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	for (uint64_t n = 1; n <= MESSAGES; n++) {
		draw_content(&random, a, 1, &content);
		author_write(a, kith_bytes(&content));
		kith_decoder_reset(a->decoder);
		assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
						 author_message(a, n), &m,
						 NULL), KITH_OK);
		assert_int_equal(message_append(t, &feed, &m, RECEIVED_US, 1,
						&row), KITH_OK);
	}
	feed_put(t, &feed);
	assert_int_equal(txn_commit(t), KITH_OK);
	kith_buf_free(&content);
}

/* As one of another version finds it. */
static void forget_places(struct store *s)
{
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	txn_clear(t, TABLE_VIEWS);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void without_memory_views_stay_behind_and_no_more(void **state)
{
	struct test_home h;
	struct author a;
	enum kith_err err;
	size_t n = 0;
	bool reached;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	author_init(&a, 1);
	fill(h.store, &a);
	do {
		(void)alloc_fail_at(++n);
		err = views_catch_up(h.store, NULL);
		reached = alloc_count() >= n;
		alloc_reset();
		assert_int_equal(err, reached ? KITH_ENOMEM : KITH_OK);
		if (err)
			assert_int_equal(views_catch_up(h.store, NULL),
					 KITH_OK);
		assert_views_right(h.store);
		forget_places(h.store);
	} while (reached);
	assert_true(n > 1);
	author_clear(&a);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_views_stay_behind_and_no_more),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
