#include "src/ingest/pool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/support/author.h"

enum { MESSAGES = 1000 };

static struct pool *start(unsigned threads, bool signatures)
{
	struct pool_config c = { .threads = threads, .signatures = signatures };
	struct pool *p = pool_start(&c);

	assert_non_null(p);
	return p;
}

/* Settles one batch: tags come in order; every tenth is forged, and every
 * hundredth no message. */
static void settle(struct pool *p, const struct author *a, uint64_t *next,
		   bool signatures)
{
	const struct pool_batch *b = pool_next(p);

	assert_non_null(b);
	for (size_t i = 0; i < b->count; i++, ++*next) {
		const struct pool_item *it = &b->items[i];

		assert_int_equal(it->tag, *next);
		if (*next % 100 == 0) {
			assert_int_equal(it->code, KITH_EFORMAT);
			assert_string_not_equal(it->error.text, "");
			continue;
		}
		assert_int_equal(it->code, KITH_OK);
		assert_int_equal(it->message.sequence, *next);
		assert_int_equal(it->valid, signatures && *next % 10);
		if (*next % 10)
			assert_true(kith_equal(it->message.canon,
					       author_message(a, *next)));
	}
	pool_release(p);
}

/* The message of sequence i: forged, or none at all, now and then. */
static struct kith_slice make(const struct author *a, uint64_t i,
			      char forged[static 512])
{
	struct kith_slice value = author_message(a, i);
	char *mark;

	if (i % 100 == 0)
		return KITH_SLICE("{\"no\":\"message\"}");
	if (i % 10)
		return value;
	assert_in_range(value.n, 1, 511);
	memcpy(forged, value.p, value.n);
	forged[value.n] = '\0';
	mark = strstr(forged, "\"timestamp\":");
	assert_non_null(mark);
	mark[12] = mark[12] == '1' ? '2' : '1';
	return (struct kith_slice){ (uint8_t *)forged, value.n };
}

static void check_all(unsigned threads, bool signatures)
{
	struct pool *p = start(threads, signatures);
	uint64_t next = 1;
	char forged[512];
	struct author a;

	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t i = 1; i <= MESSAGES;) {
		struct kith_slice value = make(&a, i, forged);

		if (!pool_batch(p)) {
			settle(p, &a, &next, signatures);
			continue;
		}
		if (pool_put(p, value, KITH_CLASSIC, i) == KITH_ETOOBIG)
			pool_submit(p);
		else
			i++;
	}
	pool_submit(p);
	while (next <= MESSAGES)
		settle(p, &a, &next, signatures);
	assert_null(pool_next(p));
	pool_stop(p);
	author_clear(&a);
}

static void verdicts_come_in_order(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++)
		check_all(threads, true);
}

static void signatures_are_left_alone_unless_asked_for(void **state)
{
	(void)state;
	check_all(2, false);
}

static void an_idle_pool_stops(void **state)
{
	struct pool *p = start(3, true);
	(void)state;

	pool_submit(p);
	assert_null(pool_next(p));
	pool_stop(p);
	pool_stop(NULL);
}

static void a_pool_stops_with_work_under_way(void **state)
{
	struct pool *p = start(1, true);
	struct author a;
	(void)state;

	author_init(&a, 2);
	author_post(&a, 1);
	for (int i = 0; i < 3; i++) {
		assert_non_null(pool_batch(p));
		assert_int_equal(pool_put(p, author_message(&a, 1),
					  KITH_CLASSIC, 1), KITH_OK);
		pool_submit(p);
	}
	pool_stop(p);
	author_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_come_in_order),
		cmocka_unit_test(signatures_are_left_alone_unless_asked_for),
		cmocka_unit_test(an_idle_pool_stops),
		cmocka_unit_test(a_pool_stops_with_work_under_way),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
