#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/draw/quantiles.h"

static void assert_near(uint64_t got, uint64_t want)
{
	uint64_t off = got > want ? got - want : want - got;

	/* Half a step of a sixteenth. */
	assert_true(off <= want / 32 + 1);
}

static void none_have_no_quantiles(void **state)
{
	struct quantiles q = { .count = 0 };

	(void)state;
	assert_int_equal(quantiles_get(&q, 0.5), 0);
}

static void small_numbers_are_exact(void **state)
{
	struct quantiles q = { .count = 0 };

	(void)state;
	for (uint64_t i = 0; i < 16; i++)
		quantiles_add(&q, i);
	assert_int_equal(quantiles_get(&q, 0.5), 7);
	assert_int_equal(quantiles_get(&q, 1), 15);
}

static void any_number_is_found_again_nearly(void **state)
{
	static const uint64_t bases[] = { 15, 16, 17, 31, 32, 33, 1000, 65535,
					  86400000, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		struct quantiles q = { .count = 0 };

		quantiles_add(&q, bases[i]);
		quantiles_add(&q, bases[i]);
		assert_near(quantiles_get(&q, 0.5), bases[i]);
	}
}

static void the_largest_number_has_a_step(void **state)
{
	struct quantiles q = { .count = 0 };

	(void)state;
	quantiles_add(&q, UINT64_MAX);
	quantiles_add(&q, 1);
	assert_int_equal(quantiles_get(&q, 0.5), 1);
	assert_near(quantiles_get(&q, 1), UINT64_MAX);
	assert_int_equal(q.most, UINT64_MAX);
}

static void quantiles_of_many_are_near_the_true_ones(void **state)
{
	struct quantiles q = { .count = 0 };

	(void)state;
	/* 1 to 100000 in an order that is not theirs. */
	for (uint64_t i = 0; i < 100000; i++)
		quantiles_add(&q, i * 7919 % 100000 + 1);
	assert_near(quantiles_get(&q, 0.5), 50000);
	assert_near(quantiles_get(&q, 0.9), 90000);
	assert_near(quantiles_get(&q, 0.99), 99000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_have_no_quantiles),
		cmocka_unit_test(small_numbers_are_exact),
		cmocka_unit_test(any_number_is_found_again_nearly),
		cmocka_unit_test(the_largest_number_has_a_step),
		cmocka_unit_test(quantiles_of_many_are_near_the_true_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
