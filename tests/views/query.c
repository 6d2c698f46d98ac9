#include "src/views/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/signer.h"
#include "tests/views/asked.h"
#include "tests/views/query_run.h"

enum { HISTORIES = 12, QUERIES = 250, TEXT_BYTES_MAX = 32768 };

/* --- an answer --- */

struct answer {
	uint64_t rx[2 * FACTS_MAX];
	size_t n;
	char cursor[QUERY_CURSOR_BYTES];
	struct kith_error error;
	bool again; /* the query took more than one turn */
};

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
			run_renew(r);
	}
}

/* Asks for the whole, with further members. */
static enum kith_err answer(const struct asked *q, const char *more,
			    struct answer *a)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	enum kith_err err;
	struct run r;

	run_begin(&r, q->facts);
	asked_text(q, more, &text);
	memset(&a->error, 0, sizeof(a->error));
	err = run_ask(&r, q->viewer, kith_bytes(&text), &a->error);
	if (!err)
		assert_int_equal(take(&r, a), QUERY_END);
	run_end(&r);
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

	run_begin(&r, q->facts);
	asked_text(q, ",\"scan\":true,\"emit\":\"count\"", &text);
	if (run_ask(&r, q->viewer, kith_bytes(&text), &e))
		fail_msg("%s", e.text);
	do
		step = query_next(r.run, &m, &row);
	while (step == QUERY_AGAIN);
	assert_int_equal(step, QUERY_GROUP);
	query_group(r.run, &n);
	assert_int_equal(n, asked_answer(q, UINT64_MAX, rx));
	assert_int_equal(query_next(r.run, &m, &row), QUERY_END);
	run_end(&r);
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
	run_begin(&r, q->facts);
	asked_text(q, ",\"scan\":true,\"live\":\"both\"", &text);
	if (run_ask(&r, q->viewer, kith_bytes(&text), &e))
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
		run_renew(&r);
		assert_int_equal(take(&r, &a), QUERY_WAIT);
		assert_int_equal(a.n, news.n);
		if (!facts_pick(q->facts, 6))
			facts_catch_up(q->facts);
	}
	assert_memory_equal(a.rx, news.rx, a.n * sizeof(*a.rx));
	run_end(&r);
	kith_buf_free(&text);
	*count += a.n;
}

static void live_goes_on_without_gap_or_duplicate(void **state)
{
	(void)state;
	assert_true(on_queries(ask_live, QUERIES / 10) > 20);
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
		run_begin(&r, &f);
		assert_int_equal(run_ask(&r, -1, kith_text(text), &e), KITH_OK);
		assert_int_equal(take(&r, &a), QUERY_END);
		run_end(&r);
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

	run_begin(&r, f);
	if (run_ask(&r, 0, kith_text(query), &e))
		fail_msg("%s: %s", query, e.text);
	query_explain(r.run, &plan);
	kith_buf_byte(&plan, 0);
	if (json_check((struct kith_slice){ plan.p, plan.n - 1 }, NULL, NULL) ||
	    !strstr((char *)plan.p, part))
		fail_msg("%s: %s", query, (char *)plan.p);
	run_end(&r);
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
		cmocka_unit_test(author_who_is_not_here_said_nothing),
		cmocka_unit_test(cursor_of_another_order_or_store_is_stale),
		cmocka_unit_test(plans_name_what_is_read_and_what_is_checked),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
