#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/quirks.h"

enum { LIST_MAX = 8, PATH_BYTES = 256 };

static struct kith_slice check(const char *text)
{
	struct kith_slice value = { NULL, 0 };

	assert_int_equal(json_check(kith_text(text), &value, NULL), KITH_OK);
	return value;
}

static void expect_path(struct kith_slice root, const uint8_t *p,
			const char *expected)
{
	struct kith_buf b = { .limit = PATH_BYTES };

	json_path(root, p, &b);
	kith_buf_byte(&b, '\0');
	assert_string_equal(b.p, expected);
	kith_buf_free(&b);
}

/* One quirk in json and no other, there. */
static void expect_one(const char *json, enum quirk quirk, const char *path)
{
	struct quirk_place list[LIST_MAX];
	struct quirks q = { .list = list, .max = LIST_MAX };
	struct kith_slice value = check(json);

	quirks_find(value, &q);
	assert_int_equal(q.n, 1);
	assert_int_equal(list[0].quirk, quirk);
	assert_ptr_equal(q.first[quirk].p, list[0].where.p);
	expect_path(value, list[0].where.p, path);
}

static void each_quirk_is_found_with_its_place(void **state)
{
	(void)state;
	expect_one("{\"a\":[1,{\"b\":{}}]}", QUIRK_EMPTY_OBJECT, "a[1].b");
	expect_one("[\"\\ud800\"]", QUIRK_LONE_SURROGATE, "[0]");
	expect_one("{\"\\udc00\":1}", QUIRK_LONE_SURROGATE,
		   "[\"\\udc00\"]");
	expect_one("{\"a\":1,\"7\":2}", QUIRK_INDEX_ORDER, "[\"7\"]");
	expect_one("{\"2\":1,\"1\":2}", QUIRK_INDEX_ORDER, "[\"1\"]");
	expect_one("{\"a\":1,\"\\u0061\":2}", QUIRK_DUPLICATE,
		   "[\"\\u0061\"]");
	expect_one("{\"__proto__\":1}", QUIRK_PROTO, "__proto__");
	expect_one("-0", QUIRK_MINUS_ZERO, "");
	expect_one("[-0.0e9]", QUIRK_MINUS_ZERO, "[0]");
	expect_one("[1e400]", QUIRK_OVERFLOW, "[0]");
	expect_one("[1e+30]", QUIRK_INTEGER, "[0]");
	expect_one("[1.0]", QUIRK_SPELLING, "[0]");
	expect_one("[1E3]", QUIRK_SPELLING, "[0]");
}

static void what_all_peers_read_alike_has_none(void **state)
{
	static const char *const clean[] = {
		"{\"type\":\"post\",\"text\":\"h\\u0000\\\"\"}",
		"{\"0\":1,\"7\":2,\"4294967295\":3,\"07\":4,\"a\":[]}",
		"[0,1,-1,1.5,1e-7,9007199254740992,true,false,null,\"\"]",
		"\"\xf0\x9f\x98\x80\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++) {
		struct quirks q = { .max = 0 };

		quirks_find(check(clean[i]), &q);
		assert_int_equal(q.n, 0);
	}
}

static void more_than_the_list_holds_are_counted(void **state)
{
	struct quirk_place list[2];
	struct quirks q = { .list = list, .max = 2 };

	(void)state;
	quirks_find(check("[-0,{},-0,1.0]"), &q);
	assert_int_equal(q.n, 4);
	assert_int_equal(list[1].quirk, QUIRK_EMPTY_OBJECT);
	assert_int_equal(q.first[QUIRK_SPELLING].n, 3);
}

static void only_spelling_is_published_anew(void **state)
{
	(void)state;
	for (unsigned i = 0; i < QUIRKS; i++)
		assert_int_equal(quirk_is_refused((enum quirk)i),
				 i != QUIRK_SPELLING);
}

static void paths_lead_to_values_and_names(void **state)
{
	struct kith_slice root =
		check("{ \"a\" : { \"b c\" : [ 1 , { \"d\" : 2 } ] } }");
	const uint8_t *p = memchr(root.p, '2', root.n);

	(void)state;
	expect_path(root, root.p, "");
	expect_path(root, p, "a[\"b c\"][1].d");
	expect_path(root, memchr(root.p, 'd', root.n), "a[\"b c\"][1].d");
	expect_path(root, root.p + root.n, "");
	expect_path(root, memchr(root.p, '1', root.n), "a[\"b c\"][0]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_quirk_is_found_with_its_place),
		cmocka_unit_test(what_all_peers_read_alike_has_none),
		cmocka_unit_test(more_than_the_list_holds_are_counted),
		cmocka_unit_test(only_spelling_is_published_anew),
		cmocka_unit_test(paths_lead_to_values_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
