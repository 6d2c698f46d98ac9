#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/channel.h"

static void assert_channel(const char *from, const char *to)
{
	char out[CHANNEL_TEXT_BYTES];

	assert_int_equal(channel_normalize(kith_text(from), out), strlen(to));
	assert_string_equal(out, to);
}

static void letters_become_small_in_every_script(void **state)
{
	(void)state;
	assert_channel("WORLD", "world");
	assert_channel("ÄÖÜẞ", "äöüß");
	assert_channel("ЖУРНАЛ", "журнал");
	assert_channel("ĀĂĄ", "āăą");
	assert_channel("𐐀", "𐐨");
	assert_channel("日本", "日本");
}

static void capital_i_with_dot_becomes_two_characters(void **state)
{
	(void)state;
	assert_channel("İ", "i\xcc\x87");
}

static void a_sigma_is_final_at_the_end_of_a_word_only(void **state)
{
	(void)state;
	assert_channel("ΟΔΟΣ", "οδος");
	assert_channel("ΣΟΦΟΣ", "σοφος");
	assert_channel("Σ", "σ");
	assert_channel("ΑΣ ΑΣΑ", "αςασα");
	assert_channel("ΑΣ'Α", "ασ'α");
	assert_channel("ΑΣ'", "ας'");
}

static void white_space_and_punctuation_are_left_out(void **state)
{
	(void)state;
	assert_channel("#a b.c,d", "abcd");
	assert_channel("<x>[y]\"z\"(w)!?", "xyzw");
	assert_channel("tab\there\xc2\xa0\xe2\x80\x83\xef\xbb\xbf", "tabhere");
	assert_channel("a-b_c:d", "a-b_c:d");
}

static void nothing_left_is_no_channel(void **state)
{
	(void)state;
	assert_channel("", "");
	assert_channel(" #!", "");
}

static void only_thirty_units_are_kept(void **state)
{
	(void)state;
	assert_channel("0123456789012345678901234567890",
		       "012345678901234567890123456789");
	assert_channel("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
		       "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀");
	/* The second half of the last one does not fit. */
	assert_channel("x😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
		       "x😀😀😀😀😀😀😀😀😀😀😀😀😀😀\xef\xbf\xbd");
	assert_channel("12345678901234567890123456789İ",
		       "12345678901234567890123456789i");
}

static void what_is_not_utf8_becomes_the_replacement(void **state)
{
	(void)state;
	assert_channel("a\xff", "a\xef\xbf\xbd");
	assert_channel("\xc3", "\xef\xbf\xbd");
	assert_channel("\xed\xa0\x80x", "\xef\xbf\xbdx");
	assert_channel("\xc0\xafx", "\xef\xbf\xbd\xef\xbf\xbdx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_become_small_in_every_script),
		cmocka_unit_test(capital_i_with_dot_becomes_two_characters),
		cmocka_unit_test(a_sigma_is_final_at_the_end_of_a_word_only),
		cmocka_unit_test(white_space_and_punctuation_are_left_out),
		cmocka_unit_test(nothing_left_is_no_channel),
		cmocka_unit_test(only_thirty_units_are_kept),
		cmocka_unit_test(what_is_not_utf8_becomes_the_replacement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
