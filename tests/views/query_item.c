#include "src/views/query.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "tests/views/facts.h"

enum { ROOM = 1 << 16 };

/* A query of nobody, at its first message. */
struct asked_one {
	struct txn *txn;
	struct viewer viewer;
	struct query *query;
	struct query_run *run;
	struct view_message m;
	struct message_row row;
};

static void ask(struct asked_one *a, struct facts *f, const char *text)
{
	assert_int_equal(store_read(f->home.store, &a->txn), KITH_OK);
	assert_int_equal(viewer_start(&a->viewer, a->txn, NULL), KITH_OK);
	assert_int_equal(query_parse(kith_text(text), &a->query, NULL),
			 KITH_OK);
	assert_int_equal(query_start(a->query, a->txn, &a->viewer, NULL,
				     &a->run, NULL), KITH_OK);
	query_resume(a->run, a->txn);
	assert_int_equal(query_next(a->run, &a->m, &a->row), QUERY_MESSAGE);
}

static void end(struct asked_one *a)
{
	query_end(a->run);
	query_free(a->query);
	viewer_end(&a->viewer);
	txn_end(a->txn);
}

static void assert_time(struct asked_one *a, int64_t received_us)
{
	struct kith_buf item = { .limit = ROOM }, time = { .limit = ROOM };

	a->row.received_us = received_us;
	query_item(a->run, QUERY_MESSAGE, &a->m, &item);
	json_put_number(&time, (double)received_us / 1000);
	assert_int_equal(item.err, KITH_OK);
	assert_int_equal(json_check(kith_bytes(&item), NULL, NULL), KITH_OK);
	if (!kith_equal(json_get(kith_bytes(&item), "timestamp"),
			kith_bytes(&time)))
		fail_msg("%lld", (long long)received_us);
	kith_buf_free(&time);
	kith_buf_free(&item);
}

static void the_time_of_receipt_is_printed_as_numbers_are(void **state)
{
	static const int64_t from[] = {
		-2000, 998, 1000000, 1514517067954000, 1795295372597917,
		((int64_t)1 << 52) - 3000, ((int64_t)1 << 52) - 1000,
		((int64_t)1 << 53) - 1000,
		INT64_MAX - 3000
	};
	static struct facts f;
	struct asked_one a;
	(void)state;

	facts_open(&f, 1);
	facts_add(&f, 5, false);
	facts_catch_up(&f);
	ask(&a, &f, "{\"order\":\"rts desc\"}");
	for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++)
		for (int64_t us = from[i]; us < from[i] + 3000; us++)
			assert_time(&a, us);
	end(&a);
	facts_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_of_receipt_is_printed_as_numbers_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
