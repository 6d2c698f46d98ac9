/*
 * How fast questions are answered: query [--json] HOME
 *
 * Each is asked of a store just opened, then many times: "NAME.first US" and
 * "NAME US", the median, in microseconds.  Who and what is asked about is what
 * the store has most of; names and sizes stand on standard error.
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/store/scan.h"
#include "src/views/query.h"
#include "src/views/thread.h"
#include "src/views/votes.h"
#include "tests/bench/bench.h"

enum { RUNS = 101, TEXT_BYTES = 512 };

/* What is asked about. */
struct subjects {
	struct feed_row author;
	struct kith_msg_id root, voted;
	char channel[TERM_TEXT_BYTES_MAX + 1];
};

struct bench {
	const char *path;
	struct home *home;
	struct store *store;
	struct kith_feed_id self;
	bool json, any;
	struct subjects about;
};

static void open_store(struct bench *b)
{
	struct store_options o = { 0 };
	struct kith_error e = { 0 };

	if (home_open(b->path, false, &b->home, &e) ||
	    home_identity(b->home, &b->self, &e) ||
	    store_open(b->home, &o, &b->store, &e))
		bench_fail("query", e.text);
}

static void close_store(struct bench *b)
{
	store_close(b->store);
	home_close(b->home);
}

static struct txn *begin(struct bench *b)
{
	struct txn *t;

	if (store_read(b->store, &t))
		bench_fail("query", "no reader");
	return t;
}

/* --- what there is most of --- */

static size_t count_postings(struct txn *t, const struct term *term)
{
	struct postings p;
	size_t n = 0;

	postings_open(&p, t, NULL, term);
	for (bool more = postings_seek(&p, &POSTING_FIRST); more;
	     more = postings_next(&p))
		n++;
	postings_close(&p);
	return n;
}

/* The longest list of a kind, of a relation where it has one. */
static size_t longest(struct txn *t, enum term_kind kind, int relation,
		      struct term *out)
{
	uint8_t first[2] = { (uint8_t)kind, KITH_REF_MSG };
	struct kith_slice prefix = { first, relation < 0 ? 1 : 2 };
	struct term term = { 0 };
	size_t most = 0, n;

	while (terms_next(t, NULL, prefix, &term)) {
		if (relation >= 0 && term.b[term.n - 1] != relation)
			continue;
		n = count_postings(t, &term);
		if (n <= most)
			continue;
		most = n;
		*out = term;
	}
	return most;
}

/* The message whose id begins as the term has it. */
static bool find_message(struct txn *t, const struct term *term,
			 struct kith_msg_id *out)
{
	struct message_row row;
	struct id_scan s;
	bool found;

	id_scan_start(&s, t, (struct kith_slice){ term->b + 2, 8 });
	found = id_scan_next(&s, &row);
	id_scan_end(&s);
	if (found)
		*out = row.id;
	return found;
}

static void choose(struct bench *b)
{
	struct txn *t = begin(b);
	struct term term = { 0 };
	struct feed_row feed;
	struct kith_slice name;
	uint32_t number = 0;
	size_t n;

	while (feed_next(t, &number, &feed))
		if (feed.last - feed.first >=
		    b->about.author.last - b->about.author.first)
			b->about.author = feed;
	fprintf(stderr, "author: %llu messages\n",
		(unsigned long long)b->about.author.last);
	n = longest(t, TERM_LINK, RELATION_ROOT, &term);
	if (!find_message(t, &term, &b->about.root))
		bench_fail("query", "no thread");
	fprintf(stderr, "thread: %zu replies\n", n);
	n = longest(t, TERM_LINK, RELATION_VOTE, &term);
	if (!find_message(t, &term, &b->about.voted))
		bench_fail("query", "no votes");
	fprintf(stderr, "message: %zu votes\n", n);
	n = longest(t, TERM_CHANNEL, -1, &term);
	name = term_text(term_slice(&term));
	snprintf(b->about.channel, sizeof(b->about.channel), "%.*s",
		 n ? (int)name.n : 4, n ? (const char *)name.p : "none");
	fprintf(stderr, "channel: %zu messages\n", n);
	txn_end(t);
}

/* --- questions --- */

static size_t ask(struct bench *b, const char *text)
{
	struct kith_error e = { 0 };
	struct query_run *run;
	struct message_row row;
	struct view_message m;
	struct query *q;
	struct viewer v;
	struct txn *t = begin(b);
	enum query_step step;
	size_t n = 0;

	if (viewer_start(&v, t, &b->self) ||
	    query_parse(kith_text(text), &q, &e) ||
	    query_start(q, t, &v, NULL, &run, &e))
		bench_fail(text, e.text);
	query_resume(run, t);
	while ((step = query_next(run, &m, &row)) < QUERY_WAIT)
		n += step == QUERY_MESSAGE;
	if (step != QUERY_END)
		bench_fail(text, query_run_error(run)->text);
	query_end(run);
	query_free(q);
	viewer_end(&v);
	txn_end(t);
	return n;
}

static size_t ask_posts(struct bench *b)
{
	return ask(b, "{\"type\":\"post\",\"page\":{\"limit\":50}}");
}

static size_t ask_author(struct bench *b)
{
	char id[KITH_REF_TEXT_BYTES], text[TEXT_BYTES];

	kith_feed_print(&b->about.author.id, id);
	snprintf(text, sizeof(text), "{\"author\":\"%s\",\"type\":\"post\","
		 "\"page\":{\"limit\":50}}", id);
	return ask(b, text);
}

static size_t ask_feed(struct bench *b)
{
	char id[KITH_REF_TEXT_BYTES], text[TEXT_BYTES];

	kith_feed_print(&b->about.author.id, id);
	snprintf(text, sizeof(text), "{\"author\":\"%s\",\"order\":\"seq\"}",
		 id);
	return ask(b, text);
}

static size_t ask_channel(struct bench *b)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "{\"channel\":\"%s\",\"type\":\"post\","
		 "\"page\":{\"limit\":50}}", b->about.channel);
	return ask(b, text);
}

static size_t ask_mentions(struct bench *b)
{
	char id[KITH_REF_TEXT_BYTES], text[TEXT_BYTES];

	kith_feed_print(&b->about.author.id, id);
	snprintf(text, sizeof(text), "{\"mentions\":\"%s\","
		 "\"page\":{\"limit\":50}}", id);
	return ask(b, text);
}

static size_t ask_votes(struct bench *b)
{
	struct kith_ref on = { .kind = KITH_REF_MSG,
			       .msg = b->about.voted };
	struct votes_total total = { 0 };
	struct txn *t = begin(b);
	struct viewer v;

	if (viewer_start(&v, t, &b->self))
		bench_fail("query", "no viewer");
	votes_count(t, &v, &on, &total);
	viewer_end(&v);
	txn_end(t);
	return total.up + total.down;
}

static size_t ask_thread(struct bench *b)
{
	struct txn *t = begin(b);
	struct thread th;
	struct viewer v;
	size_t n;

	if (viewer_start(&v, t, &b->self) ||
	    thread_read(t, &v, &b->about.root, false, &th))
		bench_fail("query", "no thread");
	n = th.count;
	thread_free(&th);
	viewer_end(&v);
	txn_end(t);
	return n;
}

static const struct {
	const char *name;
	size_t (*ask)(struct bench *b);
} cases[] = {
	{ "newest_posts", ask_posts }, { "author_posts", ask_author },
	{ "whole_feed", ask_feed },    { "channel", ask_channel },
	{ "mentions", ask_mentions },  { "votes", ask_votes },
	{ "thread", ask_thread },
};

/* --- times --- */

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double time_one(struct bench *b, size_t i, size_t *n)
{
	double start = bench_seconds(CLOCK_MONOTONIC);

	*n = cases[i].ask(b);
	return (bench_seconds(CLOCK_MONOTONIC) - start) * 1e6;
}

static void print(struct bench *b, const char *name, const char *of, double us)
{
	if (!b->json)
		printf("%s%s %.1f\n", name, of, us);
	else
		printf("%s\"%s%s\":%.1f", b->any ? "," : "{", name, of, us);
	b->any = true;
}

static void measure(struct bench *b, size_t i)
{
	double us[RUNS], first;
	size_t n = 0;

	open_store(b);
	first = time_one(b, i, &n);
	for (size_t k = 0; k < RUNS; k++)
		us[k] = time_one(b, i, &n);
	close_store(b);
	qsort(us, RUNS, sizeof(*us), compare);
	fprintf(stderr, "%s: %zu messages\n", cases[i].name, n);
	print(b, cases[i].name, ".first", first);
	print(b, cases[i].name, "", us[RUNS / 2]);
}

int main(int argc, char **argv)
{
	struct bench b = { .json = argc == 3 && !strcmp(argv[1], "--json") };

	if (argc != 2 + b.json)
		return 2;
	if (kith_init())
		bench_fail("query", "no random source");
	b.path = argv[argc - 1];
	open_store(&b);
	choose(&b);
	close_store(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		measure(&b, i);
	if (b.json)
		puts("}");
	return 0;
}
