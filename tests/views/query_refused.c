/* Queries that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "feeds/signer.h"
#include "tests/views/query_run.h"

static const struct {
	const char *text, *error;
	int offset;
} refused[] = {
	{ "", "unexpected end", -1 },
	{ "7", "a query is an object", 0 },
	{ "[]", "a query is an object", 0 },
	{ "{\"type\":\"post\"", "unexpected end", -1 },
	{ "{\"autor\":\"x\"}", "unknown operator \"autor\", at autor", 1 },
	{ "{\"filter\":{\"or\":[{\"typ\":1}]}}",
	  "unknown operator \"typ\", at filter.or[0].typ", 18 },
	{ "{\"group\":\"%x\"}", "the operator group is not there", 1 },
	{ "{\"filter\":7}", "filter is an object, at filter", 10 },
	{ "{\"type\":7}", "type wants a text, at type", 8 },
	{ "{\"type\":\"\"}", "type wants a text, at type", 8 },
	{ "{\"type\":[]}", "the list of type is empty, at type", 8 },
	{ "{\"type\":[\"a\",[\"b\"]]}", "type wants a text, at type[1]", 13 },
	{ "{\"author\":\"alice\"}",
	  "author wants the id of a feed, at author", 10 },
	{ "{\"root\":\"%nothing\"}", "root wants an id, at root", 8 },
	{ "{\"link\":{}}", "link wants an id, at link", 8 },
	{ "{\"channel\":\"#\"}",
	  "channel wants the name of a channel, at channel", 11 },
	{ "{\"link\":\"#\"}",
	  "link wants the name of a channel, at link", 8 },
	{ "{\"private\":1}", "private wants true or false, at private", 11 },
	{ "{\"hops\":2}", "hops wants {\"lte\": a number to 100}, at hops", 8 },
	{ "{\"hops\":{\"lte\":-1}}", "hops wants {\"lte\"", 8 },
	{ "{\"hops\":{\"lte\":1000}}", "hops wants {\"lte\"", 8 },
	{ "{\"hops\":{\"gt\":1}}", "hops wants {\"lte\"", 8 },
	{ "{\"hops\":{\"lte\":1}}", "hops needs an identity", 0 },
	{ "{\"text\":\"x\"}", "text needs the search", 0 },
	{ "{\"rx\":{}}", "rx wants a number or {\"gt\": ...}, at rx", 6 },
	{ "{\"ts\":{\"above\":1}}",
	  "ts knows gt, gte, lt and lte, not \"above\", at ts.above", 7 },
	{ "{\"rts\":{\"gt\":\"1\"}}", "rts wants a number, at rts.gt", 13 },
	{ "{\"and\":{}}", "and wants a list of filters, at and", 7 },
	{ "{\"or\":[]}", "or wants a list of filters, at or", 6 },
	{ "{\"or\":[7]}", "a filter in or is an object, at or[0]", 7 },
	{ "{\"not\":[{}]}", "a filter in not is an object, at not", 7 },
	{ "{\"order\":\"up\"}", "order is rx, ts, rts or seq", 9 },
	{ "{\"order\":7}", "order is rx, ts, rts or seq", 9 },
	{ "{\"page\":7}", "page is {\"after\": CURSOR", 8 },
	{ "{\"page\":{\"size\":7}}", "page knows after and limit only", 9 },
	{ "{\"page\":{\"limit\":-7}}", "limit is a number", 17 },
	{ "{\"page\":{\"after\":7}}", "after is a cursor", 17 },
	{ "{\"page\":{\"after\":\"7\"}}",
	  "stale cursor: start again without it, at page.after", 17 },
	{ "{\"emit\":\"all\"}", "emit is kv, id, value", 8 },
	{ "{\"emit\":{\"group-count\":\"hue\"}}", "emit is kv, id, value", 23 },
	{ "{\"live\":true}", "live is old, new or both", 8 },
	{ "{\"live\":\"new\",\"emit\":\"count\"}",
	  "what counts never ends", 8 },
	{ "{\"asOf\":\"now\"}", "asOf is a receive number", 8 },
	{ "{\"scan\":1}", "scan is true or false", 8 },
	{ "{\"not\":{\"type\":\"post\"}}", "this reads every message: add", 0 },
	{ "{\"private\":false}", "this reads every message: add", 0 },
	{ "{\"seq\":7}", "this reads every message: add", 0 },
	{ "{\"order\":\"ts\"}", "this reads every message: add", 0 },
	{ "{\"emit\":\"count\"}", "this reads every message: add", 0 },
	{ "{\"or\":[{\"type\":\"x\"},{\"seq\":7}]}",
	  "this reads every message: add", 0 },
	{ "{\"order\":\"seq\"}", "order seq needs one author", 0 },
};

static void assert_refused(struct facts *f, struct kith_slice text,
			   enum kith_err code, const char *error, int offset)
{
	struct kith_error e = { 0 };
	struct run r;

	run_begin(&r, f);
	assert_int_equal(run_ask(&r, -1, text, &e), code);
	if (!strstr(e.text, error) && offset >= 0)
		fail_msg("%.*s: \"%s\", not \"%s\"", (int)text.n,
			 (const char *)text.p, e.text, error);
	if (offset >= 0)
		assert_int_equal(e.offset, offset);
	run_end(&r);
}

static void each_malformed_query_says_what_and_where(void **state)
{
	static struct facts f;
	(void)state;

	facts_open(&f, 1);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_refused(&f, kith_text(refused[i].text), KITH_EFORMAT,
			       refused[i].error, refused[i].offset);
	facts_close(&f);
}

/* Opens, n times, then inside, and closes. */
static void repeat(struct kith_buf *b, const char *open, const char *inside,
		   const char *close, int n)
{
	kith_buf_reset(b);
	for (int i = 0; i < n; i++)
		kith_buf_text(b, open);
	kith_buf_text(b, inside);
	for (int i = 0; i < n; i++)
		kith_buf_text(b, close);
}

static void limits_are_hit_exactly(void **state)
{
	struct kith_buf b = { .limit = 1 << 20 };
	static struct facts f;
	struct query *q;
	(void)state;

	facts_open(&f, 1);
	repeat(&b, "{\"not\":", "{\"type\":\"x\"}", "}", QUERY_DEPTH_MAX);
	assert_int_equal(query_parse(kith_bytes(&b), &q, NULL), KITH_OK);
	query_free(q);
	repeat(&b, "{\"not\":", "{\"type\":\"x\"}", "}", QUERY_DEPTH_MAX + 1);
	assert_refused(&f, kith_bytes(&b), KITH_ETOOBIG, "nest more than", -1);
	repeat(&b, "", "{\"type\":[\"x\"", "", 1);
	for (int i = 1; i < QUERY_TERMS_MAX; i++)
		kith_buf_text(&b, ",\"x\"");
	kith_buf_text(&b, "]}");
	assert_int_equal(query_parse(kith_bytes(&b), &q, NULL), KITH_OK);
	query_free(q);
	b.n -= 2;
	kith_buf_text(&b, ",\"x\"]}");
	assert_refused(&f, kith_bytes(&b), KITH_ETOOBIG, "values in one", -1);
	repeat(&b, " ", "{}", "", QUERY_TEXT_BYTES_MAX - 2);
	assert_int_equal(query_parse(kith_bytes(&b), &q, NULL), KITH_OK);
	query_free(q);
	repeat(&b, " ", "{}", "", QUERY_TEXT_BYTES_MAX - 1);
	assert_refused(&f, kith_bytes(&b), KITH_ETOOBIG, "bytes", -1);
	facts_close(&f);
	kith_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_malformed_query_says_what_and_where),
		cmocka_unit_test(limits_are_hit_exactly),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
