#include "src/daemon/args.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FEED "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"

static void argument_is_found_by_its_index(void **state)
{
	struct kith_slice args = KITH_SLICE("[1,\"two\",{\"a\":[3]}]");

	(void)state;
	assert_true(kith_equal(args_get(args, 0), KITH_SLICE("1")));
	assert_true(kith_equal(args_get(args, 2), KITH_SLICE("{\"a\":[3]}")));
	assert_int_equal(args_get(args, 3).n, 0);
	assert_int_equal(args_get(KITH_SLICE("[]"), 0).n, 0);
}

static void feed_is_a_quoted_reference_and_nothing_else(void **state)
{
	struct kith_feed_id id;

	(void)state;
	assert_true(args_feed(KITH_SLICE("\"" FEED "\""), &id));
	assert_int_equal(id.format, KITH_CLASSIC);
	assert_false(args_feed(KITH_SLICE("\"%x\""), &id));
	assert_false(args_feed(KITH_SLICE("12"), &id));
	assert_false(args_feed((struct kith_slice){ 0 }, &id));
}

static void boolean_of_another_type_leaves_the_default(void **state)
{
	struct kith_slice o = KITH_SLICE("{\"a\":true,\"b\":1,\"c\":false}");
	bool a = false, b = false, c = true, d = true;

	(void)state;
	args_bool(o, "a", &a);
	args_bool(o, "b", &b);
	args_bool(o, "c", &c);
	args_bool(o, "d", &d);
	assert_true(a && !b && !c && d);
}

static void number_of_another_type_is_an_error(void **state)
{
	struct kith_slice o = KITH_SLICE("{\"a\":1.5,\"b\":\"1\",\"c\":null}");
	double value = 7;

	(void)state;
	assert_true(args_number(o, "c", &value) && value == 7);
	assert_true(args_number(o, "d", &value) && value == 7);
	assert_false(args_number(o, "b", &value));
	assert_true(args_number(o, "a", &value) && value == 1.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argument_is_found_by_its_index),
		cmocka_unit_test(feed_is_a_quoted_reference_and_nothing_else),
		cmocka_unit_test(boolean_of_another_type_leaves_the_default),
		cmocka_unit_test(number_of_another_type_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
