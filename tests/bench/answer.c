/*
 * One question to the views of a store: answer HOME KIND ARGUMENT
 *
 * KIND is query (ARGUMENT: JSON, as kith query takes it), thread, votes (a
 * message's id) or search (words).  Opens the store, answers, then answers
 * again some times.  Prints {"rows","open_ms","first_ms","warm_ms"}: to open
 * alone, from the beginning to the end of the first answer, and the median of
 * the others.  What the system has read of the files stays in memory, as far
 * as it likes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeds/ref.h"
#include "src/views/query.h"
#include "src/views/search.h"
#include "src/views/thread.h"
#include "src/views/votes.h"
#include "tests/bench/bench.h"

enum { WARM = 20, PAGE = 50, ITEM_BYTES = 1 << 20 };

struct asked {
	struct home *home;
	struct store *store;
	struct search *search; /* NULL until the first search */
	struct kith_feed_id self;
	const char *text;
	struct kith_buf item;
};

static double now_ms(void)
{
	return bench_seconds(CLOCK_MONOTONIC) * 1e3;
}

/* Whole messages, as text. */
static size_t by_query(struct asked *a, struct txn *t, const struct viewer *v)
{
	struct kith_error e = { 0 };
	struct query *q;
	struct query_run *run;
	struct view_message m;
	struct message_row row;
	enum query_step step;
	size_t rows = 0;

	if (query_parse(kith_text(a->text), &q, &e) ||
	    query_start(q, t, v, NULL, &run, &e))
		bench_fail(a->text, e.text);
	query_resume(run, t);
	while ((step = query_next(run, &m, &row)) != QUERY_END) {
		if (step == QUERY_AGAIN)
			continue;
		if (step != QUERY_MESSAGE && step != QUERY_GROUP)
			bench_fail(a->text, "no answer");
		kith_buf_reset(&a->item);
		query_item(run, step, &m, &a->item);
		rows++;
	}
	query_pause(run);
	query_end(run);
	query_free(q);
	return rows;
}

static struct kith_msg_id parse_id(const char *text)
{
	struct kith_msg_id id;

	if (kith_msg_parse(kith_text(text), &id))
		bench_fail("answer", "that is no id of a message");
	return id;
}

static size_t by_thread(struct asked *a, struct txn *t, const struct viewer *v)
{
	struct kith_msg_id root = parse_id(a->text);
	struct thread th;
	size_t rows;

	if (thread_read(t, v, &root, false, &th))
		bench_fail("thread", "no memory");
	rows = th.count;
	thread_free(&th);
	return rows;
}

static size_t by_votes(struct asked *a, struct txn *t, const struct viewer *v)
{
	struct kith_ref on = { .kind = KITH_REF_MSG };
	struct votes_total total;

	on.msg = parse_id(a->text);
	votes_count(t, v, &on, &total);
	return total.up + total.down;
}

static size_t by_search(struct asked *a, struct txn *t, const struct viewer *v)
{
	struct search_query q = { .text = kith_text(a->text) };
	struct kith_error e = { 0 };
	struct search_hits *hits;
	struct search_hit hit;
	size_t rows = 0;

	if (!a->search && search_open(a->home, &a->search, &e))
		bench_fail("search", e.text);
	if (search_find(a->search, t, &q, v, &hits, &e))
		bench_fail("search", e.text);
	while (rows < PAGE && search_next(hits, &hit))
		rows++;
	search_hits_end(hits);
	return rows;
}

static const struct kind {
	const char *name;
	size_t (*ask)(struct asked *a, struct txn *t, const struct viewer *v);
} kinds[] = {
	{ "query", by_query },
	{ "thread", by_thread },
	{ "votes", by_votes },
	{ "search", by_search },
};

static const struct kind *kind_named(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	bench_fail(name, "no such kind");
}

/* As the owner of the home sees it. */
static size_t answer(struct asked *a, const struct kind *kind)
{
	struct viewer v;
	struct txn *t;
	size_t rows;

	if (store_read(a->store, &t))
		bench_fail("answer", "cannot read the store");
	if (viewer_start(&v, t, &a->self))
		bench_fail("answer", "no memory");
	rows = kind->ask(a, t, &v);
	viewer_end(&v);
	if (txn_error(t))
		bench_fail("answer", kith_strerror(txn_error(t)));
	txn_end(t);
	return rows;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	struct store_options o = { .write = false };
	struct asked a = { .item.limit = ITEM_BYTES };
	double start = now_ms(), opened, first, warm[WARM];
	const struct kind *kind;
	struct kith_error e = { 0 };
	size_t rows;

	if (argc != 4)
		bench_fail("answer", "usage: answer HOME KIND ARGUMENT");
	kind = kind_named(argv[2]);
	a.text = argv[3];
	if (kith_init() || home_open(argv[1], false, &a.home, &e) ||
	    home_identity(a.home, &a.self, &e) ||
	    store_open(a.home, &o, &a.store, &e))
		bench_fail("answer", e.text);
	opened = now_ms() - start;
	rows = answer(&a, kind);
	first = now_ms() - start;
	for (int i = 0; i < WARM; i++) {
		start = now_ms();
		answer(&a, kind);
		warm[i] = now_ms() - start;
	}
	qsort(warm, WARM, sizeof(*warm), compare);
	printf("{\"rows\":%zu,\"open_ms\":%.4f,\"first_ms\":%.4f,"
	       "\"warm_ms\":%.4f}\n", rows, opened, first, warm[WARM / 2]);
	search_close(a.search);
	kith_buf_free(&a.item);
	store_close(a.store);
	home_close(a.home);
	return 0;
}
