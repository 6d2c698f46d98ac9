#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "feeds/json.h"

static struct kith_slice text_of(const char *s)
{
	return kith_text(s);
}

static void assert_bytes(const struct kith_buf *b, const char *expected)
{
	assert_int_equal(b->err, KITH_OK);
	if (!kith_equal(kith_bytes(b), kith_text(expected)))
		fail_msg("%.*s is not %s", (int)b->n, (const char *)b->p,
			 expected);
}

static void assert_bad(const char *in, size_t offset)
{
	struct kith_slice value = { NULL, 7 };
	struct kith_error e = { 0 };

	if (json_check(text_of(in), &value, &e) != KITH_EFORMAT)
		fail_msg("taken: %s", in);
	assert_int_equal(e.code, KITH_EFORMAT);
	if (e.offset != offset)
		fail_msg("%s: offset %zu, %s", in, e.offset, e.text);
	assert_true(e.text[0]);
	assert_int_equal(value.n, 7);
}

static void valid_texts_pass_whole(void **state)
{
	static const char *const texts[] = {
		"0", "-0", "0.5e-7", "1E+2", "null", "true", "false", "\"\"",
		"{}", "[]", "[ ]", "{ }", "[1,[2],{\"a\":[]}]", "\"\\u00e9\"",
		"{\"\":{\"\":null}}", "\"\\ud800\"",
		"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
		"\"\x7f\xef\xbf\xbf\xf4\x8f\xbf\xbf\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct kith_slice value;

		assert_int_equal(json_check(text_of(texts[i]), &value, NULL),
				 KITH_OK);
		assert_true(kith_equal(value, text_of(texts[i])));
	}
}

static void strings_end_where_no_slash_escapes_the_quote(void **state)
{
	const struct kith_slice texts[] = {
		KITH_SLICE("[\"\\\\\",\"\\\"\",\"\\\\\\\"]\",[\"\\\"]\"]]"),
		KITH_SLICE("[\"\",\"]\",\",\",\"a\\\\\\\\\"]"),
	};
	struct kith_slice item;
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		size_t at = 0, n = 0;

		while (json_next_element(texts[i], &at, &item))
			n++;
		assert_int_equal(n, 4);
		assert_int_equal(at, texts[i].n - 1);
	}
}

static void space_around_the_value_is_cut(void **state)
{
	struct kith_slice value;

	(void)state;
	assert_int_equal(json_check(text_of(" \r\n\t[ 1 ]\n"), &value, NULL),
			 KITH_OK);
	assert_true(kith_equal(value, KITH_SLICE("[ 1 ]")));
	assert_int_equal(json_check(text_of(" 1"), NULL, NULL), KITH_OK);
}

static void each_mistake_is_found_where_it_stands(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} cases[] = {
		{ "", 0 }, { "  ", 2 }, { "\xef\xbb\xbf{}", 0 }, { "nul", 0 },
		{ "nulll", 4 }, { "True", 0 }, { "NaN", 0 }, { "+1", 0 },
		{ "01", 0 }, { ".5", 0 }, { "1.", 0 }, { "1e", 0 }, { "-", 0 },
		{ "1 2", 2 }, { "[1,]", 3 }, { "[1", 2 }, { "[1 2]", 3 },
		{ "[,1]", 1 }, { "{\"a\"}", 4 }, { "{\"a\":}", 5 },
		{ "{a:1}", 1 }, { "{\"a\":1,}", 7 }, { "{'a':1}", 1 },
		{ "[1}", 2 }, { "]", 0 }, { "\"a", 2 }, { "\"\\x\"", 1 },
		{ "\"\\u12g4\"", 1 }, { "\"\\u12", 1 }, { "\"\n\"", 1 },
		{ "\"\x80\"", 1 }, { "\"\xc0\xaf\"", 1 },
		{ "\"\xe0\x80\x80\"", 1 }, { "\"\xed\xa0\x80\"", 1 },
		{ "\"\xf4\x90\x80\x80\"", 1 }, { "\"\xf5\x80\x80\x80\"", 1 },
		{ "\"\xe2\x82\"", 1 }, { "\"0123456789\x01\"", 11 },
		{ "/**/1", 0 }, { "\"a\"b", 3 }, { "{\"a\":1}}", 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_bad(cases[i].text, cases[i].offset);
}

static void a_nul_byte_ends_nothing(void **state)
{
	struct kith_slice value;

	(void)state;
	assert_int_equal(json_check(KITH_SLICE("1\0"), &value, NULL),
			 KITH_EFORMAT);
	assert_int_equal(json_check(KITH_SLICE("\"a\0b\""), &value, NULL),
			 KITH_EFORMAT);
}

/* An array of arrays, depth of them. */
static struct kith_slice nested(uint8_t *room, size_t depth)
{
	memset(room, '[', depth);
	memset(room + depth, ']', depth);
	return (struct kith_slice){ room, 2 * depth };
}

static void nesting_has_a_limit(void **state)
{
	uint8_t room[2 * JSON_DEPTH_MAX + 2];
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(json_check(nested(room, JSON_DEPTH_MAX), NULL, NULL),
			 KITH_OK);
	assert_int_equal(json_check(nested(room, JSON_DEPTH_MAX + 1), NULL,
				    &e), KITH_EFORMAT);
	assert_int_equal(e.offset, JSON_DEPTH_MAX);
}

static const char whole[] =
	"{\"a\":[1,-2.5e3,true,null,{\"\\u00e9\":\"x\\ud83d\\ude00\"}],"
	"\"b\":\"\xe2\x82\xac\",\"c\":{}}";

static void no_text_cut_short_passes(void **state)
{
	(void)state;
	assert_int_equal(json_check(text_of(whole), NULL, NULL), KITH_OK);
	for (size_t n = 0; n + 1 < sizeof(whole); n++) {
		/* memory of exactly n bytes shows each read beyond it */
		uint8_t *copy = malloc(n ? n : 1);
		struct kith_slice cut = { copy, n };

		assert_non_null(copy);
		memcpy(copy, whole, n);
		assert_int_equal(json_check(cut, NULL, NULL), KITH_EFORMAT);
		free(copy);
	}
}

static void walk_all(struct kith_slice value)
{
	struct kith_slice key, inner;
	uint64_t number;
	size_t at = 0;

	while (json_next_member(value, &at, &key, &inner))
		walk_all(inner);
	for (at = 0; json_next_element(value, &at, &inner);)
		walk_all(inner);
	if (!json_uint(value, &number) && json_is(value, "x"))
		assert_true(json_units(value) == 1);
	assert_true(json_plain(value).n <= value.n);
}

static void walkers_stay_inside_a_text_cut_short(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++) {
		uint8_t *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, whole, n);
		walk_all((struct kith_slice){ copy, n });
		free(copy);
	}
}

static void the_type_shows_in_the_first_byte(void **state)
{
	(void)state;
	assert_int_equal(json_kind(text_of("")), JSON_KIND_NONE);
	assert_int_equal(json_kind(text_of("null")), JSON_KIND_NULL);
	assert_int_equal(json_kind(text_of("true")), JSON_KIND_BOOL);
	assert_int_equal(json_kind(text_of("false")), JSON_KIND_BOOL);
	assert_int_equal(json_kind(text_of("-1")), JSON_KIND_NUMBER);
	assert_int_equal(json_kind(text_of("\"\"")), JSON_KIND_STRING);
	assert_int_equal(json_kind(text_of("[]")), JSON_KIND_ARRAY);
	assert_int_equal(json_kind(text_of("{}")), JSON_KIND_OBJECT);
}

static void members_and_elements_come_in_order(void **state)
{
	struct kith_slice object = KITH_SLICE(
		"{ \"a\" : 1 , \"b\":[ 2,{} ,\"]\"],\"c\" :\"}\\\"\" }");
	struct kith_slice key, value, array = { NULL, 0 };
	size_t at = 0;

	(void)state;
	assert_true(json_next_member(object, &at, &key, &value));
	assert_true(kith_equal(key, KITH_SLICE("\"a\"")));
	assert_true(kith_equal(value, KITH_SLICE("1")));
	assert_true(json_next_member(object, &at, &key, &array));
	assert_true(json_next_member(object, &at, &key, &value));
	assert_true(kith_equal(value, KITH_SLICE("\"}\\\"\"")));
	assert_false(json_next_member(object, &at, &key, &value));

	at = 0;
	assert_false(json_next_element(object, &at, &value));
	assert_true(json_next_element(array, &at, &value));
	assert_true(kith_equal(value, KITH_SLICE("2")));
	assert_true(json_next_element(array, &at, &value));
	assert_true(kith_equal(value, KITH_SLICE("{}")));
	assert_true(json_next_element(array, &at, &value));
	assert_true(kith_equal(value, KITH_SLICE("\"]\"")));
	assert_false(json_next_element(array, &at, &value));
	at = 0;
	assert_false(json_next_member(array, &at, &key, &value));
}

static void get_gives_the_last_of_a_name_however_escaped(void **state)
{
	struct kith_slice object = KITH_SLICE(
		"{\"a\":1,\"b\":{\"a\":5},\"\\u0061\":2,\"\xc3\xa9\":3}");

	(void)state;
	assert_true(kith_equal(json_get(object, "a"), KITH_SLICE("2")));
	assert_true(kith_equal(json_get(object, "\xc3\xa9"), KITH_SLICE("3")));
	assert_int_equal(json_get(object, "c").n, 0);
	assert_int_equal(json_get(KITH_SLICE("[1]"), "a").n, 0);
	assert_int_equal(json_get(KITH_SLICE(""), "a").n, 0);
}

static void strings_compare_unescaped(void **state)
{
	(void)state;
	assert_true(json_is(KITH_SLICE("\"ab\""), "ab"));
	assert_true(json_is(KITH_SLICE("\"\\u0061b\""), "ab"));
	assert_true(json_is(KITH_SLICE("\"\\ud83d\\uDE00\""),
			    "\xf0\x9f\x98\x80"));
	assert_true(json_is(KITH_SLICE("\"\""), ""));
	assert_false(json_is(KITH_SLICE("\"\\u0061b\""), "a"));
	assert_false(json_is(KITH_SLICE("\"\\u0061\""), "ab"));
	assert_false(json_is(KITH_SLICE("ab"), "ab"));
	assert_false(json_is(KITH_SLICE("\"ab"), "ab"));
	assert_true(json_says_true(KITH_SLICE("true")));
	assert_false(json_says_true(KITH_SLICE("\"true\"")));
}

static void strings_come_out_unescaped(void **state)
{
	struct kith_buf out = { .limit = 16 };

	(void)state;
	assert_true(json_unescape(KITH_SLICE("\"a\\n\\u20ac\\ud800\\/\""),
				  &out));
	assert_bytes(&out, "a\n\xe2\x82\xac\xef\xbf\xbd/");
	assert_false(json_unescape(KITH_SLICE("null"), &out));
	kith_buf_reset(&out);
	assert_true(json_unescape(KITH_SLICE("\"0123456789abcdef\""), &out));
	assert_false(json_unescape(KITH_SLICE("\"x\""), &out));
	assert_int_equal(out.err, KITH_ETOOBIG);
	kith_buf_free(&out);
}

static void plain_is_what_needs_no_unescaping(void **state)
{
	(void)state;
	assert_true(kith_equal(json_plain(KITH_SLICE("\"%a=\"")),
			       KITH_SLICE("%a=")));
	assert_int_equal(json_plain(KITH_SLICE("\"\\u0061\"")).n, 0);
	assert_int_equal(json_plain(KITH_SLICE("12")).n, 0);
	assert_int_equal(json_plain(KITH_SLICE("\"")).n, 0);
}

static void units_are_those_of_utf16(void **state)
{
	(void)state;
	assert_int_equal(json_units(KITH_SLICE("\"abc\"")), 3);
	assert_int_equal(json_units(KITH_SLICE("\"\xe2\x82\xac\"")), 1);
	assert_int_equal(json_units(KITH_SLICE("\"\xf0\x9f\x98\x80\"")), 2);
	assert_int_equal(json_units(KITH_SLICE("\"\\ud83d\\ude00\"")), 2);
	assert_int_equal(json_units(KITH_SLICE("\"\\ud800\\n\"")), 2);
	assert_int_equal(json_units(KITH_SLICE("[1]")), 0);
}

static void unsigned_numbers_end_below_two_to_the_53rd(void **state)
{
	uint64_t n = 5;
	double d;

	(void)state;
	assert_true(json_uint(KITH_SLICE("9007199254740991"), &n));
	assert_true(n == UINT64_C(9007199254740991));
	assert_true(json_uint(KITH_SLICE("1.20e1"), &n));
	assert_int_equal(n, 12);
	assert_true(json_uint(KITH_SLICE("-0"), &n));
	assert_int_equal(n, 0);
	assert_false(json_uint(KITH_SLICE("9007199254740992"), &n));
	assert_false(json_uint(KITH_SLICE("-1"), &n));
	assert_false(json_uint(KITH_SLICE("1.5"), &n));
	assert_false(json_uint(KITH_SLICE("1e999"), &n));
	assert_false(json_uint(KITH_SLICE("\"1\""), &n));
	assert_false(json_uint(KITH_SLICE("true"), &n));
	assert_true(json_number(KITH_SLICE("-1.5"), &d));
	assert_true(d == -1.5);
	assert_false(json_number(KITH_SLICE(""), &d));
	assert_false(json_number(KITH_SLICE("null"), &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_texts_pass_whole),
		cmocka_unit_test(
			strings_end_where_no_slash_escapes_the_quote),
		cmocka_unit_test(space_around_the_value_is_cut),
		cmocka_unit_test(each_mistake_is_found_where_it_stands),
		cmocka_unit_test(a_nul_byte_ends_nothing),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(no_text_cut_short_passes),
		cmocka_unit_test(walkers_stay_inside_a_text_cut_short),
		cmocka_unit_test(the_type_shows_in_the_first_byte),
		cmocka_unit_test(members_and_elements_come_in_order),
		cmocka_unit_test(get_gives_the_last_of_a_name_however_escaped),
		cmocka_unit_test(strings_compare_unescaped),
		cmocka_unit_test(strings_come_out_unescaped),
		cmocka_unit_test(plain_is_what_needs_no_unescaping),
		cmocka_unit_test(units_are_those_of_utf16),
		cmocka_unit_test(unsigned_numbers_end_below_two_to_the_53rd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
