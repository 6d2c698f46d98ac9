#include "src/views/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/signer.h"
#include "tests/views/asked.h"

enum { HISTORIES = 12, QUERIES = 250, TEXT_BYTES_MAX = 32768 };

/* --- an answer --- */

struct answer {
	uint64_t rx[2 * FACTS_MAX];
	size_t n;
	char cursor[QUERY_CURSOR_BYTES];
	struct kith_error error;
	bool again; /* the query took more than one turn */
};

/* A query of a viewer, and the transaction that it reads in. */
struct run {
	struct facts *facts;
	struct txn *txn;
	struct viewer viewer;
	struct query *query;
	struct query_run *run;
};

static void begin(struct run *r, struct facts *f)
{
	*r = (struct run){ .facts = f };
	assert_int_equal(store_read(f->home.store, &r->txn), KITH_OK);
}

/* As another turn would have it. */
static void renew(struct run *r)
{
	query_pause(r->run);
	txn_end(r->txn);
	assert_int_equal(store_read(r->facts->home.store, &r->txn), KITH_OK);
	query_resume(r->run, r->txn);
}

static enum kith_err ask(struct run *r, int viewer, struct kith_slice text,
			 struct kith_error *e)
{
	enum kith_err err;

	assert_int_equal(viewer_start(&r->viewer, r->txn, viewer < 0 ? NULL :
				      &r->facts->authors[viewer]), KITH_OK);
	err = query_parse(text, &r->query, e);
	if (!err)
		err = query_start(r->query, r->txn, &r->viewer, NULL, &r->run,
				  e);
	if (!err)
		query_resume(r->run, r->txn);
	return err;
}

static void end(struct run *r)
{
	query_end(r->run);
	query_free(r->query);
	viewer_end(&r->viewer);
	txn_end(r->txn);
}

/* Takes all there is, now and then in another transaction. */
static enum query_step take(struct run *r, struct answer *a)
{
	struct message_row row;
	struct view_message m;

	for (;;) {
		enum query_step step = query_next(r->run, &m, &row);

		if (step == QUERY_MESSAGE) {
			assert_true(a->n < 2 * FACTS_MAX);
			a->rx[a->n++] = row.rx;
			query_cursor(r->run, &m, a->cursor);
		} else if (step != QUERY_AGAIN) {
			return step;
		}
		if (!facts_pick(r->facts, 8))
			renew(r);
	}
}

/* Asks for the whole, with further members. */
static enum kith_err answer(const struct asked *q, const char *more,
			    struct answer *a)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	enum kith_err err;
	struct run r;

	begin(&r, q->facts);
	asked_text(q, more, &text);
	memset(&a->error, 0, sizeof(a->error));
	err = ask(&r, q->viewer, kith_bytes(&text), &a->error);
	if (!err)
		assert_int_equal(take(&r, a), QUERY_END);
	end(&r);
	kith_buf_free(&text);
	return err;
}

static void assert_answer(const struct asked *q, const struct answer *a,
			  uint64_t as_of)
{
	uint64_t rx[FACTS_MAX];
	size_t n = asked_answer(q, as_of, rx);

	if (n == a->n && !memcmp(rx, a->rx, n * sizeof(*rx)))
		return;
	fail_msg("%zu for %zu messages: viewer %d, order %d%s, %.*s", a->n, n,
		 q->viewer, (int)q->order, q->descending ? " desc" : "",
		 (int)q->filter.n, (const char *)q->filter.p);
}

/* --- against plain loops --- */

typedef void with_query(struct asked *q, size_t *count);

/* Calls fn for many random queries on random stores.  KITH_HISTORY: one
 * alone; KITH_HISTORIES: so many. */
static size_t on_queries(with_query *fn, unsigned queries)
{
	const char *one = getenv("KITH_HISTORY");
	const char *many = getenv("KITH_HISTORIES");
	uint64_t seed = one ? strtoull(one, NULL, 10) : 1;
	uint64_t last = one  ? seed :
			many ? strtoull(many, NULL, 10) : HISTORIES;
	static struct facts f;
	size_t count = 0;
	struct asked q;

	for (; seed <= last; seed++) {
		facts_open(&f, seed);
		facts_add(&f, 30 + facts_pick(&f, 300), true);
		facts_catch_up(&f);
		if (facts_pick(&f, 2))
			facts_forget(&f, facts_pick(&f, FACTS_AUTHORS));
		facts_add(&f, 20, true);
		facts_catch_up(&f);
		for (unsigned i = 0; i < queries; i++) {
			asked_make(&q, &f);
			fn(&q, &count);
			asked_clear(&q);
		}
		facts_close(&f);
	}
	return count;
}

/* Without scan it is either refused or the same. */
static void ask_whole(struct asked *q, size_t *count)
{
	struct answer a = { .n = 0 }, b = { .n = 0 };

	if (answer(q, ",\"scan\":true", &a))
		fail_msg("%s", a.error.text);
	assert_answer(q, &a, UINT64_MAX);
	if (answer(q, "", &b))
		assert_non_null(strstr(b.error.text, "reads every message"));
	else
		assert_answer(q, &b, UINT64_MAX);
	*count += a.n > 0;
}

static void answers_are_as_a_loop_gives_them(void **state)
{
	(void)state;
	assert_true(on_queries(ask_whole, QUERIES) > 100);
}

static void ask_count(struct asked *q, size_t *count)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_error e = { 0 };
	uint64_t rx[FACTS_MAX], n;
	struct message_row row;
	struct view_message m;
	enum query_step step;
	struct run r;

	begin(&r, q->facts);
	asked_text(q, ",\"scan\":true,\"emit\":\"count\"", &text);
	if (ask(&r, q->viewer, kith_bytes(&text), &e))
		fail_msg("%s", e.text);
	do
		step = query_next(r.run, &m, &row);
	while (step == QUERY_AGAIN);
	assert_int_equal(step, QUERY_GROUP);
	query_group(r.run, &n);
	assert_int_equal(n, asked_answer(q, UINT64_MAX, rx));
	assert_int_equal(query_next(r.run, &m, &row), QUERY_END);
	end(&r);
	kith_buf_free(&text);
	*count += n > 0;
}

static void counts_are_as_a_loop_counts(void **state)
{
	(void)state;
	assert_true(on_queries(ask_count, QUERIES / 5) > 20);
}

/* --- pages --- */

/* Pages of random sizes while messages arrive, as of the first. */
static void ask_pages(struct asked *q, size_t *count)
{
	uint64_t as_of = q->facts->all[q->facts->n - 1].rx;
	struct answer a = { .n = 0 };
	char more[160];
	size_t before;

	do {
		before = a.n;
		snprintf(more, sizeof(more), ",\"scan\":true,\"asOf\":%u,"
			 "\"page\":{\"limit\":%u%s%s%s}", (unsigned)as_of,
			 1 + facts_pick(q->facts, 9),
			 a.n ? ",\"after\":\"" : "", a.cursor,
			 a.n ? "\"" : "");
		if (answer(q, more, &a))
			fail_msg("%s", a.error.text);
		if (q->facts->n + 3 < FACTS_MAX && !facts_pick(q->facts, 4)) {
			facts_add(q->facts, 2, false);
			facts_catch_up(q->facts);
		}
	} while (a.n > before);
	assert_answer(q, &a, as_of);
	*count += a.n > 10;
}

static void pages_make_up_the_whole_while_messages_arrive(void **state)
{
	(void)state;
	assert_true(on_queries(ask_pages, QUERIES / 8) > 10);
}

/* --- live --- */

/* What is heard: all old in order, then each new one that passes as it comes,
 * whether the views have caught up or not. */
static void ask_live(struct asked *q, size_t *count)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct answer a = { .n = 0 }, news = { .n = 0 };
	struct kith_error e = { 0 };
	uint64_t as_of;
	struct run r;

	if (q->facts->n + 12 > FACTS_MAX)
		return;
	begin(&r, q->facts);
	asked_text(q, ",\"scan\":true,\"live\":\"both\"", &text);
	if (ask(&r, q->viewer, kith_bytes(&text), &e))
		fail_msg("%s", e.text);
	as_of = query_as_of(r.run);
	assert_int_equal(take(&r, &a), QUERY_SYNC);
	assert_answer(q, &a, as_of);
	a.n = 0;
	for (size_t i = 0; i < q->facts->n; i++)
		if (q->facts->all[i].rx > as_of &&
		    asked_has(q, &q->facts->all[i]))
			news.rx[news.n++] = q->facts->all[i].rx;
	assert_int_equal(take(&r, &a), QUERY_WAIT);
	for (int i = 0; i < 10; i++) {
		const struct fact *m = facts_add(q->facts, 1, true);

		if (asked_has(q, m))
			news.rx[news.n++] = m->rx;
		renew(&r);
		assert_int_equal(take(&r, &a), QUERY_WAIT);
		assert_int_equal(a.n, news.n);
		if (!facts_pick(q->facts, 6))
			facts_catch_up(q->facts);
	}
	assert_memory_equal(a.rx, news.rx, a.n * sizeof(*a.rx));
	end(&r);
	kith_buf_free(&text);
	*count += a.n;
}

static void live_goes_on_without_gap_or_duplicate(void **state)
{
	(void)state;
	assert_true(on_queries(ask_live, QUERIES / 10) > 20);
}

/* --- what is refused --- */

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
	{ "{\"live\":\"new\",\"emit\":\"count\"}", "what counts never ends", 8 },
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

	begin(&r, f);
	assert_int_equal(ask(&r, -1, text, &e), code);
	if (!strstr(e.text, error) && offset >= 0)
		fail_msg("%.*s: \"%s\", not \"%s\"", (int)text.n,
			 (const char *)text.p, e.text, error);
	if (offset >= 0)
		assert_int_equal(e.offset, offset);
	end(&r);
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

/* --- cursors and plans --- */

static void author_who_is_not_here_said_nothing(void **state)
{
	static const char *const orders[] = { "seq", "seq desc", "rx", "rts",
					      "ts desc" };
	char id[KITH_REF_TEXT_BYTES], text[256];
	struct kith_feed_id nobody = { KITH_CLASSIC, { 7 } };
	struct kith_error e = { 0 };
	struct answer a = { .n = 0 };
	static struct facts f;
	struct run r;
	(void)state;

	facts_open(&f, 1);
	facts_add(&f, 20, true);
	facts_catch_up(&f);
	kith_feed_print(&nobody, id);
	for (size_t i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "{\"author\":\"%s\","
			 "\"order\":\"%s\"}", id, orders[i]);
		begin(&r, &f);
		assert_int_equal(ask(&r, -1, kith_text(text), &e), KITH_OK);
		assert_int_equal(take(&r, &a), QUERY_END);
		end(&r);
	}
	assert_int_equal(a.n, 0);
	facts_close(&f);
}

static void cursor_of_another_order_or_store_is_stale(void **state)
{
	struct answer a = { .n = 0 };
	static struct facts f, other;
	struct asked q;
	char more[160];
	(void)state;

	facts_open(&f, 1);
	facts_add(&f, 50, true);
	facts_catch_up(&f);
	asked_make(&q, &f);
	kith_buf_reset(&q.filter);
	kith_buf_text(&q.filter, "{}");
	q.order = ASK_RTS;
	assert_int_equal(answer(&q, ",\"page\":{\"limit\":5}", &a), KITH_OK);
	assert_int_equal(a.n, 5);
	snprintf(more, sizeof(more), ",\"page\":{\"after\":\"%s\"}", a.cursor);
	assert_int_equal(answer(&q, more, &a), KITH_OK);
	q.descending = !q.descending;
	assert_int_equal(answer(&q, more, &a), KITH_EFORMAT);
	assert_non_null(strstr(a.error.text, "stale cursor: start again"));
	q.descending = !q.descending;
	facts_open(&other, 2);
	facts_add(&other, 50, true);
	facts_catch_up(&other);
	q.facts = &other;
	q.viewer = -1;
	assert_int_equal(answer(&q, more, &a), KITH_EFORMAT);
	assert_string_equal(a.error.text,
			    "stale cursor: start again without it");
	asked_clear(&q);
	facts_close(&other);
	facts_close(&f);
}

static void assert_plan(struct facts *f, const char *query, const char *part)
{
	struct kith_buf plan = { .limit = TEXT_BYTES_MAX };
	struct kith_error e = { 0 };
	struct run r;

	begin(&r, f);
	if (ask(&r, 0, kith_text(query), &e))
		fail_msg("%s: %s", query, e.text);
	query_explain(r.run, &plan);
	kith_buf_byte(&plan, 0);
	if (json_check((struct kith_slice){ plan.p, plan.n - 1 }, NULL, NULL) ||
	    !strstr((char *)plan.p, part))
		fail_msg("%s: %s", query, (char *)plan.p);
	end(&r);
	kith_buf_free(&plan);
}

static void plans_name_what_is_read_and_what_is_checked(void **state)
{
	static struct facts f;
	(void)state;

	facts_open(&f, 1);
	facts_add(&f, 200, true);
	facts_catch_up(&f);
	assert_plan(&f, "{\"type\":\"post\"}",
		    "{\"reads\":{\"type\":\"post\",\"has\":");
	assert_plan(&f, "{\"type\":\"post\"}", "\"checks\":[]");
	assert_plan(&f, "{\"type\":\"post\",\"not\":{\"private\":true}}",
		    "\"checks\":[\"not\"]");
	assert_plan(&f, "{}", "{\"reads\":{\"everything\":true,\"has\":200}");
	assert_plan(&f, "{\"order\":\"rx\"}", "\"log\":true");
	assert_plan(&f, "{\"type\":\"post\",\"order\":\"ts\"}",
		    "\"sorts\":true");
	assert_plan(&f, "{\"type\":[\"post\",\"x\"]}",
		    "{\"any\":[{\"type\":\"");
	facts_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_as_a_loop_gives_them),
		cmocka_unit_test(counts_are_as_a_loop_counts),
		cmocka_unit_test(pages_make_up_the_whole_while_messages_arrive),
		cmocka_unit_test(live_goes_on_without_gap_or_duplicate),
		cmocka_unit_test(each_malformed_query_says_what_and_where),
		cmocka_unit_test(limits_are_hit_exactly),
		cmocka_unit_test(author_who_is_not_here_said_nothing),
		cmocka_unit_test(cursor_of_another_order_or_store_is_stale),
		cmocka_unit_test(plans_name_what_is_read_and_what_is_checked),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
