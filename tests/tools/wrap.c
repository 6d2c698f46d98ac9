#include "tools/text/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_lines(const char *want, struct kith_slice marked,
			 const struct wrap *how)
{
	struct kith_buf out = { .limit = 1 << 20 };

	wrap_put(&out, marked, how);
	kith_buf_byte(&out, 0);
	assert_string_equal((const char *)out.p, want);
	kith_buf_free(&out);
}

static void lines_end_at_spaces(void **state)
{
	const struct wrap how = { .columns = 10 };
	(void)state;

	assert_lines("one two\nthree four\nfive\n",
		     KITH_SLICE("one two three four five"), &how);
	assert_lines("1234567890\n", KITH_SLICE("1234567890"), &how);
	assert_lines("12345 7890\n12345\n", KITH_SLICE("12345 7890 12345"),
		     &how);
	assert_lines("a   b\n", KITH_SLICE("a   b   "), &how);
	assert_lines("\n", KITH_SLICE(""), &how);
	assert_lines("a\n\nb\n", KITH_SLICE("a\n\nb"), &how);
}

static void a_word_wider_than_a_line_is_broken_between_characters(void **state)
{
	const struct wrap how = { .columns = 5 };
	(void)state;

	assert_lines("12345\n678\n", KITH_SLICE("12345678"), &how);
	assert_lines("a\n12345\n678 b\n", KITH_SLICE("a 12345678 b"), &how);
	assert_lines("漢字\n漢\n", KITH_SLICE("漢字漢"), &how);
	assert_lines("abcde\xcc\x81\nf\n", KITH_SLICE("abcde\xcc\x81" "f"),
		     &how);
}

static void each_line_has_what_stands_before_it(void **state)
{
	const struct wrap how = { .columns = 8, .first = KITH_SLICE("1. "),
				  .rest = KITH_SLICE("   ") };
	const struct wrap bar = { .columns = 8, .first = KITH_SLICE("| "),
				  .rest = KITH_SLICE("| ") };
	(void)state;

	assert_lines("1. one\n   two\n", KITH_SLICE("one two"), &how);
	assert_lines("1. one\n\n   two\n", KITH_SLICE("one\n\ntwo"), &how);
	assert_lines("| one\n|\n| two\n", KITH_SLICE("one\n\ntwo"), &bar);
}

static void lines_as_they_are_are_not_broken(void **state)
{
	const struct wrap how = { .columns = 4, .as_is = true };
	(void)state;

	assert_lines("  int  a;\n", KITH_SLICE("  int  a;"), &how);
}

static void make_marked(struct kith_buf *out)
{
	kith_buf_text(out, "a ");
	style_begin(out, STYLE_STRONG);
	kith_buf_text(out, "bold word");
	style_end(out, STYLE_STRONG);
	kith_buf_text(out, " z");
}

static void styles_are_told_to_a_terminal_with_colour_only(void **state)
{
	const struct wrap plain = { .columns = 80 };
	const struct wrap colour = { .columns = 80, .colour = true };
	struct kith_buf marked = { .limit = 1024 };
	(void)state;

	make_marked(&marked);
	assert_int_equal(wrap_width(kith_bytes(&marked)), 13);
	assert_lines("a bold word z\n", kith_bytes(&marked), &plain);
	assert_lines("a \033[1mbold word\033[0m z\n", kith_bytes(&marked),
		     &colour);
	kith_buf_free(&marked);
}

static void no_style_reaches_over_the_end_of_a_line(void **state)
{
	const struct wrap how = { .columns = 7, .colour = true,
				  .first = KITH_SLICE("> "),
				  .rest = KITH_SLICE("> ") };
	struct kith_buf marked = { .limit = 1024 };
	(void)state;

	make_marked(&marked);
	assert_lines("> a\n> \033[1mbold\033[0m\n> \033[1mword\033[0m\n"
		     "> z\n", kith_bytes(&marked), &how);
	kith_buf_free(&marked);
}

static void a_cut_line_ends_its_styles(void **state)
{
	const struct wrap how = { .columns = 80, .colour = true };
	struct kith_buf marked = { .limit = 1024 }, cut = { .limit = 1024 };
	(void)state;

	make_marked(&marked);
	assert_int_equal(wrap_cut(&cut, kith_bytes(&marked), 6), 6);
	assert_lines("a \033[1mbol\033[0m…\n", kith_bytes(&cut), &how);
	kith_buf_reset(&cut);
	assert_int_equal(wrap_cut(&cut, kith_bytes(&marked), 13), 13);
	assert_true(kith_equal(kith_bytes(&cut), kith_bytes(&marked)));
	kith_buf_reset(&cut);
	assert_int_equal(wrap_cut(&cut, kith_bytes(&marked), 0), 0);
	assert_int_equal(cut.n, 0);
	kith_buf_free(&marked);
	kith_buf_free(&cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_at_spaces),
		cmocka_unit_test(
			a_word_wider_than_a_line_is_broken_between_characters),
		cmocka_unit_test(each_line_has_what_stands_before_it),
		cmocka_unit_test(lines_as_they_are_are_not_broken),
		cmocka_unit_test(
			styles_are_told_to_a_terminal_with_colour_only),
		cmocka_unit_test(no_style_reaches_over_the_end_of_a_line),
		cmocka_unit_test(a_cut_line_ends_its_styles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
