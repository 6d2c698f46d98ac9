/* Views against plain loops over the log, on random histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/signer.h"
#include "tests/support/home.h"
#include "tests/views/agree.h"
#include "tests/views/history.h"

enum { HISTORIES = 500 };

typedef bool agree_fn(struct agree *a);

static bool agree_for(struct txn *t, const struct past *p,
		      const struct kith_feed_id *self, agree_fn *fn)
{
	struct agree a = { .txn = t, .past = p };
	struct viewer v;
	bool ok;

	assert_int_equal(viewer_start(&v, t, self), KITH_OK);
	a.viewer = &v;
	ok = fn(&a);
	viewer_end(&v);
	return ok;
}

static void check_history(struct txn *t, uint64_t seed, agree_fn *fn)
{
	struct history h;
	struct past p;

	history_make(&h, t, seed);
	past_read(&p, t);
	for (size_t i = 0; i < HISTORY_AUTHORS; i++)
		if (!agree_for(t, &p, &h.authors[i], fn))
			fail_msg("in history %u", (unsigned)seed);
	if (!agree_for(t, &p, NULL, fn))
		fail_msg("in history %u", (unsigned)seed);
	past_clear(&p);
	history_clear(&h);
}

/* KITH_HISTORY: one alone; KITH_HISTORIES: so many. */
static void check_histories(agree_fn *fn)
{
	const char *one = getenv("KITH_HISTORY");
	const char *many = getenv("KITH_HISTORIES");
	uint64_t seed = one ? strtoull(one, NULL, 10) : 0;
	uint64_t end = one  ? seed + 1 :
		       many ? strtoull(many, NULL, 10) : HISTORIES;
	struct test_home h;

	test_home_open(&h);
	test_home_store(&h, 0);
	for (; seed < end; seed++) {
		struct txn *t;

		assert_int_equal(store_write(h.store, &t), KITH_OK);
		check_history(t, seed, fn);
		txn_end(t);
	}
	test_home_close(&h);
}

#define ON_HISTORIES(name, fn)             \
	static void name(void **state)     \
	{                                  \
		(void)state;               \
		check_histories(fn);       \
	}

ON_HISTORIES(names_are_as_a_loop_finds_them, agree_on_names)
ON_HISTORIES(votes_are_as_a_loop_counts_them, agree_on_votes)
ON_HISTORIES(channels_are_as_a_loop_counts_them, agree_on_channels)
ON_HISTORIES(threads_are_as_a_loop_draws_them, agree_on_threads)
ON_HISTORIES(the_inbox_is_as_a_loop_fills_it, agree_on_inbox)
ON_HISTORIES(hops_are_as_the_rules_say, agree_on_hops)
ON_HISTORIES(followers_are_as_a_loop_finds_them, agree_on_followers)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_as_a_loop_finds_them),
		cmocka_unit_test(votes_are_as_a_loop_counts_them),
		cmocka_unit_test(channels_are_as_a_loop_counts_them),
		cmocka_unit_test(threads_are_as_a_loop_draws_them),
		cmocka_unit_test(the_inbox_is_as_a_loop_fills_it),
		cmocka_unit_test(hops_are_as_the_rules_say),
		cmocka_unit_test(followers_are_as_a_loop_finds_them),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
