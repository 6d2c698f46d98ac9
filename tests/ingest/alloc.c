/* Whichever allocation fails, nothing is acknowledged that was not written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "tests/support/alloc.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { SELF = 100, MESSAGES = 3000, AT_ONCE = 70 };

struct tally {
	uint64_t received, published; /* acknowledged */
};

static void collect(struct ingest *in, struct tally *tally)
{
	struct ingest_done done;

	while (ingest_done(in, &done)) {
		if (!done.results) {
			tally->published += done.code == KITH_OK;
			continue;
		}
		for (size_t i = 0; i < done.count; i++)
			tally->received +=
				done.results[i].verdict == INGEST_ADDED;
	}
}

/* Brings in what follows of a, and publishes; any of it may fail. */
static void run(const struct ingest_config *config, const struct author *a,
		struct tally *tally)
{
	uint64_t end = tally->received + AT_ONCE;
	enum kith_err err;
	struct ingest *in;

	if (ingest_start(config, &in, NULL))
		return;
	for (uint64_t s = tally->received + 1; s <= end && s <= MESSAGES; s++)
		if (ingest_add(in, author_message(a, s), 0, 0))
			break;
	ingest_flush(in);
	err = ingest_publish(in, KITH_SLICE("{\"type\":\"post\"}"), NULL);
	assert_true(err == KITH_OK || err == KITH_ENOMEM);
	ingest_wait(in);
	collect(in, tally);
	ingest_stop(in);
}

static void every_allocation_may_fail(void **state)
{
	struct publish_row ours = { .state = PUBLISH_OK };
	struct ingest_config config = { .verifiers = 1 };
	struct tally tally = { 0, 0 };
	struct author self, a;
	struct test_home h;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	author_init(&self, SELF);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	assert_int_equal(store_write(h.store, &t), KITH_OK);
	publish_put(t, author_id(&self), &ours);
	assert_int_equal(txn_commit(t), KITH_OK);
	config.store = h.store;
	config.signer = self.signer;

	for (size_t n = 1; alloc_fail_at(n); n++)
		run(&config, &a, &tally);
	alloc_reset();
	assert_true(tally.received > 0);
	assert_true(tally.published > 1);
	assert_chain(h.store, author_id(&a), tally.received);
	assert_chain(h.store, author_id(&self), tally.published);
	author_clear(&self);
	author_clear(&a);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
