#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/draw/svg.h"

static void assert_text(struct kith_buf *out, const char *want)
{
	kith_buf_byte(out, '\0');
	assert_int_equal(out->err, KITH_OK);
	assert_string_equal((const char *)out->p, want);
	kith_buf_free(out);
}

static void text_of_others_is_nothing_but_text(void **state)
{
	struct kith_buf out = { .limit = 4096 };

	(void)state;
	svg_escape(&out, KITH_SLICE("<script>\"&'\x1b\xe2\x80\xae"
				    "]]>\xef\xbf\xbf\xff\n"));
	assert_text(&out, "&lt;script&gt;&quot;&amp;&#39;\\u001b\\u202e"
			  "]]&gt;\xef\xbf\xbd\\xff\\u000a");
}

static void numbers_have_one_decimal_at_most(void **state)
{
	static const struct {
		double n;
		const char *want;
	} cases[] = {
		{ 0, "0" },	  { 1, "1" },	      { -1, "-1" },
		{ 0.5, ".5" },	  { -0.54, "-.5" },   { 12.34, "12.3" },
		{ -0.04, "0" },	  { 9.96, "10" },     { 1000, "1000" },
		{ 1e300, "0" },	  { -99.99, "-100" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kith_buf out = { .limit = 64 };

		svg_number(&out, cases[i].n);
		assert_text(&out, cases[i].want);
	}
}

static void what_is_no_number_is_drawn_at_0(void **state)
{
	struct kith_buf out = { .limit = 64 };

	(void)state;
	svg_number(&out, (double)NAN);
	svg_number(&out, (double)INFINITY);
	assert_text(&out, "00");
}

static void a_drawing_says_what_it_is_and_has_no_script(void **state)
{
	struct kith_buf out = { .limit = 4096 };
	const struct svg_head head = {
		.width = 10, .height = 20, .title = KITH_SLICE("A & B"),
		.description = KITH_SLICE("</desc>"),
		.light = ".a{fill:red}\n", .dark = ".a{fill:blue}\n",
	};

	(void)state;
	svg_begin(&out, &head);
	svg_end(&out);
	assert_text(&out,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		    "viewBox=\"0 0 10 20\" role=\"img\" "
		    "aria-labelledby=\"t d\">\n"
		    "<title id=\"t\">A &amp; B</title>\n"
		    "<desc id=\"d\">&lt;/desc&gt;</desc>\n"
		    "<style>\n.a{fill:red}\n"
		    "@media (prefers-color-scheme: dark) {\n"
		    ".a{fill:blue}\n}\n</style>\n"
		    "<rect class=\"ground\" x=\"0\" y=\"0\" width=\"10\" "
		    "height=\"20\"/>\n</svg>\n");
}

static void shapes_carry_their_titles(void **state)
{
	const double at[2] = { 1, 2 };
	struct kith_buf out = { .limit = 4096 };

	(void)state;
	svg_circle(&out, NULL, at, 3, KITH_SLICE("a<b"));
	svg_circle(&out, "dot", at, 3, (struct kith_slice){ 0 });
	assert_text(&out,
		    "<circle cx=\"1\" cy=\"2\" r=\"3\">"
		    "<title>a&lt;b</title></circle>\n"
		    "<circle class=\"dot\" cx=\"1\" cy=\"2\" r=\"3\"/>\n");
}

static void labels_are_anchored_and_turned(void **state)
{
	const struct svg_text how = { .class = "l", .at = { 4, 5.5 },
				      .anchor = 'e', .turned = -90,
				      .middle = true };
	struct kith_buf out = { .limit = 4096 };

	(void)state;
	svg_say(&out, &how, "x");
	assert_text(&out, "<text class=\"l\" x=\"4\" y=\"5.5\" "
			  "text-anchor=\"end\" dy=\".34em\" "
			  "transform=\"rotate(-90 4 5.5)\">x</text>\n");
}

static void a_curve_has_four_points(void **state)
{
	double at[4][2] = { { 0, 0 }, { 1, 2 }, { 3, 4 }, { 5, -6 } };
	struct kith_buf out = { .limit = 4096 };

	(void)state;
	svg_curve(&out, at);
	assert_text(&out, "<path d=\"M0 0C1 2 3 4 5 -6\"/>\n");
}

static void what_is_wide_takes_room(void **state)
{
	(void)state;
	assert_true(svg_width(KITH_SLICE(""), 14) == 0);
	assert_true(svg_width(KITH_SLICE("WWW"), 14) >
		    2 * svg_width(KITH_SLICE("iii"), 14));
	assert_true(svg_width(KITH_SLICE("\u65e5"), 14) > 14);
	assert_true(svg_width(KITH_SLICE("e\u0301"), 14) ==
		    svg_width(KITH_SLICE("e"), 14));
	assert_true(svg_width(KITH_SLICE("a"), 28) ==
		    2 * svg_width(KITH_SLICE("a"), 14));
}

static void cuts_to(const char *text, double width, const char *want)
{
	struct kith_buf out = { .limit = 256 };

	svg_put_cut(&out, kith_text(text), width, 10);
	assert_text(&out, want);
}

static void what_is_cut_fits_and_says_so(void **state)
{
	static const char *const texts[] = { "WWWWWWWWWW", "iiiiiiiiiiiiiii",
					     "\u65e5\u672c\u8a9e\u65e5" };
	(void)state;

	cuts_to("short", 100, "short");
	cuts_to("two\n words", 100, "two words");
	cuts_to("e\u0301e\u0301e\u0301", 14, "e\u0301\u2026");
	cuts_to("a bcdef", 22, "a\u2026");
	cuts_to("none", 0, "\u2026");
	cuts_to("none", -5, "\u2026");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct kith_buf out = { .limit = 256 };

		svg_put_cut(&out, kith_text(texts[i]), 30, 10);
		assert_true(svg_width(kith_bytes(&out), 10) <= 30);
		assert_memory_equal(out.p + out.n - 3, "\u2026", 3);
		kith_buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_others_is_nothing_but_text),
		cmocka_unit_test(numbers_have_one_decimal_at_most),
		cmocka_unit_test(what_is_no_number_is_drawn_at_0),
		cmocka_unit_test(a_drawing_says_what_it_is_and_has_no_script),
		cmocka_unit_test(shapes_carry_their_titles),
		cmocka_unit_test(labels_are_anchored_and_turned),
		cmocka_unit_test(a_curve_has_four_points),
		cmocka_unit_test(what_is_wide_takes_room),
		cmocka_unit_test(what_is_cut_fits_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
