#include "src/views/mfr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"

enum { OUT_BYTES_MAX = 64 << 10 };

static void emit(void *arg, struct kith_slice value)
{
	struct kith_buf *out = arg;

	if (out->n)
		kith_buf_byte(out, ' ');
	kith_buf_put(out, value);
}

/* What comes out of values for a query. */
static void assert_out(const char *query, const char *values,
		       const char *expected)
{
	struct kith_buf out = { .limit = OUT_BYTES_MAX };
	struct kith_error e = { 0 };
	struct kith_slice value;
	struct mfr *m;
	size_t at = 0;

	assert_int_equal(json_check(kith_text(query), NULL, NULL), KITH_OK);
	if (mfr_new(kith_text(query), emit, &out, &m, &e))
		fail_msg("%s: %s", query, e.text);
	while (json_next_element(kith_text(values), &at, &value))
		assert_int_equal(mfr_take(m, value), KITH_OK);
	assert_int_equal(mfr_finish(m), KITH_OK);
	mfr_free(m);
	kith_buf_byte(&out, 0);
	assert_string_equal((char *)out.p, expected);
	kith_buf_free(&out);
}

static void assert_filter(const char *pattern, const char *values,
			  const char *expected)
{
	struct kith_buf query = { .limit = OUT_BYTES_MAX };

	kith_buf_text(&query, "[{\"$filter\":");
	kith_buf_text(&query, pattern);
	kith_buf_text(&query, "}]");
	kith_buf_byte(&query, 0);
	assert_out((char *)query.p, values, expected);
	kith_buf_free(&query);
}

static void no_stage_passes_all(void **state)
{
	(void)state;
	assert_out("[]", "[1,{},null]", "1 {} null");
}

static void each_operator_decides(void **state)
{
	static const char *const all = "[1,2,3.5,\"ab\",\"b\",null,true,[1],"
				       "[1,2],{\"a\":1}]";
	(void)state;

	assert_filter("{\"$gt\":2}", "[1,2,3,\"3\",\"x\",null,true]",
		      "3 \"3\"");
	assert_filter("{\"$gte\":2}", "[1,2,3]", "2 3");
	assert_filter("{\"$lt\":\"b\"}", "[\"a\",\"b\",\"c\",\"\"]",
		      "\"a\" \"\"");
	assert_filter("{\"$lte\":1,\"$gt\":0}", all, "1 true");
	assert_filter("{\"$eq\":\"ab\"}", all, "\"ab\"");
	assert_filter("{\"$ne\":1}", "[1,2,\"1\"]", "2 \"1\"");
	assert_filter("{\"$prefix\":\"a\"}", all, "\"ab\"");
	assert_filter("{\"$prefix\":[1]}", all, "[1,2]");
	assert_filter("{\"$is\":\"string\"}", all, "\"ab\" \"b\"");
	assert_filter("{\"$is\":\"object\"}", all,
		      "null [1] [1,2] {\"a\":1}");
	assert_filter("{\"$in\":[1,\"b\",null]}", all, "1 \"b\" null");
	assert_filter("{\"$truthy\":true}", "[0,1,\"\",\"a\",null,{},false]",
		      "1 \"a\" {}");
	assert_filter("{\"$not\":true}", "[0,1,\"\",null,false]",
		      "0 \"\" null false");
	assert_filter("{\"$int\":true}", all, "1 2");
	assert_filter("{\"$mod\":2}", "[1,2,3,4]", "1 3");
	assert_filter("{\"$get\":\"a\"}", all, "{\"a\":1}");
}

static void patterns_match_inside(void **state)
{
	static const char *const all =
		"[{\"a\":{\"b\":1}},{\"a\":{\"b\":2}},{\"a\":null},{},7,"
		"{\"a\":{\"\\u0062\":1,\"c\":3}}]";
	(void)state;

	assert_filter("{\"a\":{\"b\":1}}", all,
		      "{\"a\":{\"b\":1}} {\"a\":{\"\\u0062\":1,\"c\":3}}");
	assert_filter("{\"a\":null}", all, "{\"a\":null}");
	assert_filter("{\"a\":{\"c\":{\"$is\":\"undefined\"}}}", all,
		      "{\"a\":{\"b\":1}} {\"a\":{\"b\":2}}");
	assert_filter("[1,{\"$gt\":1}]", "[[1,2],[1],[2,2],\"12\"]", "[1,2]");
	assert_filter("{\"0\":1}", "[[1,2],[2]]", "[1,2]");
}

static void map_picks_and_drops_what_is_falsy(void **state)
{
	(void)state;
	assert_out("[{\"$map\":\"a\"}]", "[{\"a\":1},{\"a\":0},{\"a\":\"\"},"
		   "{\"a\":false},{\"a\":null},{},{\"a\":[]}]", "1 []");
	assert_out("[{\"$map\":[\"a\",-1]}]", "[{\"a\":[1,2]}]", "2");
	assert_out("[{\"$map\":{\"x\":[\"a\",\"b\"],\"c\":true}}]",
		   "[{\"a\":{\"b\":1.50},\"c\":\"\\u0041\"},{\"c\":2},{}]",
		   "{\"x\":1.50,\"c\":\"\\u0041\"} {\"c\":2} {}");
	assert_out("[{\"$map\":{\"x\":{\"y\":\"a\"}}}]", "[{\"a\":1}]",
		   "{\"x\":{\"y\":1}}");
	assert_out("[{\"$map\":true}]", "[1,0]", "1");
}

static void reduce_groups_in_order(void **state)
{
	(void)state;
	assert_out("[{\"$reduce\":{\"t\":\"t\",\"n\":{\"$count\":true},"
		   "\"s\":{\"$sum\":\"v\"}}}]",
		   "[{\"t\":\"b\",\"v\":1},{\"t\":\"a\",\"v\":2},"
		   "{\"t\":\"b\",\"v\":\"3\"},{\"v\":null},{\"t\":3}]",
		   "{\"t\":3,\"n\":1,\"s\":0} {\"t\":\"a\",\"n\":1,\"s\":2} "
		   "{\"t\":\"b\",\"n\":2,\"s\":4} {\"n\":1,\"s\":0}");
	assert_out("[{\"$reduce\":{\"x\":{\"t\":\"t\"},\"max\":{\"$max\":"
		   "\"v\"},\"min\":{\"$min\":\"v\"},\"p\":{\"$product\":"
		   "\"v\"},\"all\":{\"$collect\":\"v\"}}}]",
		   "[{\"t\":1,\"v\":2},{\"t\":1,\"v\":-3},{\"t\":1,\"v\":5}]",
		   "{\"x\":{\"t\":1},\"max\":5,\"min\":-3,\"p\":-30,"
		   "\"all\":[2,-3,5]}");
	assert_out("[{\"$reduce\":{\"max\":{\"$max\":\"n\"},\"all\":"
		   "{\"$collect\":\"n\"}}}]", "[{\"n\":1},{\"n\":7}]",
		   "7 [1,7]");
	assert_out("[{\"$reduce\":{\"$count\":true}}]", "[1,2]", "2");
	assert_out("[{\"$reduce\":{\"$count\":true}}]", "[]", "");
}

static void sort_is_stable_and_stages_follow_it(void **state)
{
	(void)state;
	assert_out("[{\"$sort\":[[\"a\"]]},{\"$map\":\"b\"}]",
		   "[{\"a\":2,\"b\":1},{\"a\":1,\"b\":2},{\"a\":2,\"b\":3},"
		   "{\"a\":\"1\",\"b\":4},{\"b\":5},{\"a\":null,\"b\":6}]",
		   "6 2 1 3 4 5");
	assert_out("[{\"$sort\":[{\"$reverse\":[\"a\"]}]},{\"$map\":\"a\"}]",
		   "[{\"a\":1},{\"a\":3},{\"a\":2}]", "3 2 1");
}

static void assert_refused(const char *query, enum kith_err code,
			   const char *text)
{
	struct kith_error e = { 0 };
	struct mfr *m;

	assert_int_equal(mfr_new(kith_text(query), emit, NULL, &m, &e), code);
	assert_non_null(strstr(e.text, text));
}

static void what_is_unknown_is_named(void **state)
{
	(void)state;
	assert_refused("7", KITH_EFORMAT, "query must be a list of stages");
	assert_refused("[7]", KITH_EFORMAT, "a stage is an object");
	assert_refused("[{\"$bogus\":1}]", KITH_EFORMAT,
		       "unknown function:\"$bogus\"");
	assert_refused("[{\"$filter\":{\"a\":[{\"$near\":1}]}}]", KITH_EFORMAT,
		       "unknown operator \"$near\"");
	assert_refused("[{\"$map\":{\"a\":{\"$sum\":1}}}]", KITH_EFORMAT,
		       "unknown operator \"$sum\"");
	assert_refused("[{\"$map\":null}]", KITH_EFORMAT,
		       "could not process:null");
	assert_refused("[{\"$reduce\":{\"a\":{\"$group\":1}}}]", KITH_EFORMAT,
		       "unknown operator \"$group\"");
	assert_refused("[{\"$sort\":\"a\"}]", KITH_EFORMAT, "list of paths");
}

static void nesting_is_limited(void **state)
{
	struct kith_buf q = { .limit = OUT_BYTES_MAX };
	struct kith_error e = { 0 };
	struct mfr *m;
	(void)state;

	kith_buf_text(&q, "[{\"$filter\":");
	for (int i = 0; i <= MFR_DEPTH_MAX; i++)
		kith_buf_text(&q, "{\"a\":");
	kith_buf_text(&q, "1");
	for (int i = 0; i <= MFR_DEPTH_MAX; i++)
		kith_buf_text(&q, "}");
	kith_buf_text(&q, "}]");
	assert_int_equal(mfr_new(kith_bytes(&q), emit, NULL, &m, &e),
			 KITH_ETOOBIG);
	kith_buf_free(&q);
}

static void memory_is_limited(void **state)
{
	struct kith_buf value = { .limit = MFR_ITEM_BYTES_MAX };
	enum kith_err err = KITH_OK;
	struct mfr *m;
	int n = 0;
	(void)state;

	assert_int_equal(mfr_new(KITH_SLICE("[{\"$sort\":[\"a\"]}]"), emit,
				 NULL, &m, NULL), KITH_OK);
	kith_buf_byte(&value, '"');
	while (value.n < 100000)
		kith_buf_byte(&value, 'x');
	kith_buf_byte(&value, '"');
	for (; !err; n++)
		err = mfr_take(m, kith_bytes(&value));
	assert_int_equal(err, KITH_ETOOBIG);
	assert_in_range(n, 100, MFR_KEPT_BYTES_MAX / 100000 + 1);
	mfr_free(m);
	kith_buf_free(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_stage_passes_all),
		cmocka_unit_test(each_operator_decides),
		cmocka_unit_test(patterns_match_inside),
		cmocka_unit_test(map_picks_and_drops_what_is_falsy),
		cmocka_unit_test(reduce_groups_in_order),
		cmocka_unit_test(sort_is_stable_and_stages_follow_it),
		cmocka_unit_test(what_is_unknown_is_named),
		cmocka_unit_test(nesting_is_limited),
		cmocka_unit_test(memory_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
