#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/draw/bars.h"

#define WHOLE "\xe2\x96\x88"
#define HALF "\xe2\x96\x8c"
#define EIGHTH "\xe2\x96\x8f"

static void assert_bar(enum bars style, uint64_t value, uint64_t most,
		       size_t columns, bool pad, const char *want)
{
	struct kith_buf out = { .limit = 4096 };

	bars_put(&out, style, value, most, columns, pad);
	kith_buf_byte(&out, '\0');
	assert_string_equal((const char *)out.p, want);
	kith_buf_free(&out);
}

static void a_bar_is_as_long_as_its_share(void **state)
{
	(void)state;
	assert_bar(BARS_EIGHTHS, 4, 4, 2, false, WHOLE WHOLE);
	assert_bar(BARS_EIGHTHS, 2, 4, 2, false, WHOLE);
	assert_bar(BARS_EIGHTHS, 3, 4, 2, false, WHOLE HALF);
	assert_bar(BARS_EIGHTHS, 1, 16, 2, false, EIGHTH);
	assert_bar(BARS_HASHES, 3, 4, 8, false, "######");
}

static void nothing_has_no_bar_and_little_has_one(void **state)
{
	(void)state;
	assert_bar(BARS_EIGHTHS, 0, 4, 2, false, "");
	assert_bar(BARS_EIGHTHS, 1, 1000000, 2, false, EIGHTH);
	assert_bar(BARS_HASHES, 1, 1000000, 2, false, "#");
	assert_bar(BARS_HASHES, 1, 0, 2, false, "");
	assert_bar(BARS_HASHES, 1, 1, 0, true, "");
}

static void more_than_most_is_as_long_as_most(void **state)
{
	(void)state;
	assert_bar(BARS_EIGHTHS, UINT64_MAX, 1, 1, false, WHOLE);
	assert_bar(BARS_HASHES, UINT64_MAX, UINT64_MAX, 3, false, "###");
}

static void a_padded_bar_takes_all_columns(void **state)
{
	(void)state;
	assert_bar(BARS_EIGHTHS, 1, 4, 4, true, WHOLE "   ");
	assert_bar(BARS_EIGHTHS, 3, 8, 4, true, WHOLE HALF "  ");
	assert_bar(BARS_EIGHTHS, 0, 4, 3, true, "   ");
	assert_bar(BARS_HASHES, 1, 2, 4, true, "##  ");
}

static void a_line_has_a_column_for_each_value(void **state)
{
	static const uint64_t values[] = { 0, 1, 4, 8 };
	struct kith_buf out = { .limit = 4096 };

	(void)state;
	bars_put_line(&out, BARS_EIGHTHS, values, 4);
	kith_buf_byte(&out, '\0');
	assert_string_equal((const char *)out.p, " \xe2\x96\x81\xe2\x96\x84"
						 WHOLE);
	kith_buf_reset(&out);
	bars_put_line(&out, BARS_HASHES, values, 4);
	kith_buf_byte(&out, '\0');
	assert_string_equal((const char *)out.p, " 159");
	kith_buf_free(&out);
}

static void the_locale_decides_what_is_drawn(void **state)
{
	(void)state;
	assert_false(setenv("LC_ALL", "C", 1));
	assert_int_equal(bars_style(), BARS_HASHES);
	assert_false(setenv("LC_ALL", "no-such-locale", 1));
	assert_int_equal(bars_style(), BARS_HASHES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bar_is_as_long_as_its_share),
		cmocka_unit_test(nothing_has_no_bar_and_little_has_one),
		cmocka_unit_test(more_than_most_is_as_long_as_most),
		cmocka_unit_test(a_padded_bar_takes_all_columns),
		cmocka_unit_test(a_line_has_a_column_for_each_value),
		cmocka_unit_test(the_locale_decides_what_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
