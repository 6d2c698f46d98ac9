#include "tools/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/text/width.h"

static void assert_safe(const char *want, struct kith_slice text)
{
	struct kith_buf out = { .limit = 1 << 20 };

	text_put(&out, text);
	kith_buf_byte(&out, 0);
	assert_string_equal((const char *)out.p, want);
	kith_buf_free(&out);
}

static void text_of_all_scripts_comes_out_as_it_is(void **state)
{
	const char *text = "grüße 漢字 🎉 e\xcc\x81 שלום 👩‍🌾";
	(void)state;

	assert_safe(text, kith_text(text));
}

static void what_a_terminal_obeys_or_hides_is_escaped(void **state)
{
	(void)state;

	assert_safe("\\u001b[2J\\u0007\\u0000", KITH_SLICE("\033[2J\a\0"));
	assert_safe("\\u009b31m", KITH_SLICE("\xc2\x9b" "31m"));
	assert_safe("\\u202ea\\u2066b\\u200f", KITH_SLICE("\u202e" "a\u2066"
							   "b\u200f"));
	assert_safe("a\\u200bb\\ufeff\\u00ad", KITH_SLICE("a\u200b" "b\ufeff"
							  "\u00ad"));
	assert_safe("\\udb40\\udc41", KITH_SLICE("\U000e0041"));
	assert_safe("\\u000a\\u0009\\u007f", KITH_SLICE("\n\t\x7f"));
}

static void bytes_that_are_no_utf8_are_escaped_one_by_one(void **state)
{
	(void)state;

	assert_safe("\\xff\\xc0\\x80", KITH_SLICE("\xff\xc0\x80"));
	assert_safe("\\xed\\xa0\\x80", KITH_SLICE("\xed\xa0\x80"));
	assert_safe("\\xf4\\x90\\x80\\x80", KITH_SLICE("\xf4\x90\x80\x80"));
	assert_safe("\\xe2\\x82", KITH_SLICE("\xe2\x82"));
}

static void all_that_is_put_is_utf8_without_controls(void **state)
{
	uint8_t two[2];
	(void)state;

	for (unsigned n = 0; n < 1 << 16; n++) {
		struct kith_buf out = { .limit = 64 };

		two[0] = (uint8_t)(n >> 8);
		two[1] = (uint8_t)n;
		text_put(&out, (struct kith_slice){ two, sizeof(two) });
		assert_int_equal(out.err, KITH_OK);
		assert_true(text_is_utf8(kith_bytes(&out)));
		for (size_t i = 0; i < out.n; i++)
			assert_true(out.p[i] >= 0x20 && out.p[i] != 0x7f);
		kith_buf_free(&out);
	}
}

static void marks_take_no_column_and_wide_signs_two(void **state)
{
	(void)state;

	assert_int_equal(text_width(KITH_SLICE("abc")), 3);
	assert_int_equal(text_width(KITH_SLICE("漢字")), 4);
	assert_int_equal(text_width(KITH_SLICE("🎉")), 2);
	assert_int_equal(text_width(KITH_SLICE("e\xcc\x81")), 1);
	assert_int_equal(text_width(KITH_SLICE("हिन्दी")), 5);
	assert_int_equal(text_width(KITH_SLICE("각")), 2);
	assert_int_equal(text_width(KITH_SLICE("ｆｕｌｌ")), 8);
	assert_int_equal(text_width(KITH_SLICE("👍🏽")), 2);
	assert_int_equal(text_width(KITH_SLICE("│─…")), 3);
	assert_int_equal(width_of(0x10ffff), 1);
}

static void assert_cut(const char *want, const char *text, size_t columns,
		       bool pad)
{
	struct kith_buf out = { .limit = 1 << 20 };

	text_put_cut(&out, kith_text(text), columns, pad);
	kith_buf_byte(&out, 0);
	assert_string_equal((const char *)out.p, want);
	kith_buf_free(&out);
}

static void a_cut_text_has_an_ellipsis_and_the_columns_asked_for(void **state)
{
	(void)state;

	assert_cut("a b", " a \n\t b ", 5, false);
	assert_cut("a b  ", "a b", 5, true);
	assert_cut("abcd…", "abcdef", 5, false);
	assert_cut("漢… ", "漢字漢字", 4, true);
	assert_cut("漢字…", "漢字漢字", 5, false);
	assert_cut("", "abc", 0, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_all_scripts_comes_out_as_it_is),
		cmocka_unit_test(what_a_terminal_obeys_or_hides_is_escaped),
		cmocka_unit_test(bytes_that_are_no_utf8_are_escaped_one_by_one),
		cmocka_unit_test(all_that_is_put_is_utf8_without_controls),
		cmocka_unit_test(marks_take_no_column_and_wide_signs_two),
		cmocka_unit_test(
			a_cut_text_has_an_ellipsis_and_the_columns_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
