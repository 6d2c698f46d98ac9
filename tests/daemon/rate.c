#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/daemon/rate.h"

enum { EVERY_MS = 100, BURST = 5 };

static int allowed(struct rate *r, int64_t now_ms, int times)
{
	int n = 0;

	for (int i = 0; i < times; i++)
		n += rate_allows(r, now_ms, EVERY_MS, BURST);
	return n;
}

static void as_many_at_once_as_are_saved_up(void **state)
{
	struct rate r = { 0 };

	(void)state;
	assert_int_equal(allowed(&r, 1000000, 100), BURST);
}

static void then_one_each_time(void **state)
{
	struct rate r = { 0 };

	(void)state;
	assert_int_equal(allowed(&r, 1000000, 100), BURST);
	assert_int_equal(allowed(&r, 1000000 + EVERY_MS - 1, 100), 0);
	assert_int_equal(allowed(&r, 1000000 + EVERY_MS, 100), 1);
	assert_int_equal(allowed(&r, 1000000 + 3 * EVERY_MS, 100), 2);
}

static void no_more_are_saved_up_however_long_it_takes(void **state)
{
	struct rate r = { 0 };

	(void)state;
	assert_int_equal(allowed(&r, 1000000, 1), 1);
	assert_int_equal(allowed(&r, 900000000, 100), BURST);
}

/* It counts from the start of the machine. */
static void all_are_saved_up_when_the_clock_begins(void **state)
{
	struct rate r = { 0 };

	(void)state;
	assert_int_equal(allowed(&r, 1, 100), BURST);
	assert_int_equal(allowed(&r, EVERY_MS, 100), 0);
	assert_int_equal(allowed(&r, 1 + EVERY_MS, 100), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_at_once_as_are_saved_up),
		cmocka_unit_test(then_one_each_time),
		cmocka_unit_test(no_more_are_saved_up_however_long_it_takes),
		cmocka_unit_test(all_are_saved_up_when_the_clock_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
