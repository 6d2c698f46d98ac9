#include "tests/views/talk_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* --- questions --- */

enum what { WORD, START, PHRASE, AUTHOR, CHANNEL, ALL, ANY, WITHOUT };

enum { NODES_MAX = 64, NODE_BYTES = 64 };

struct node {
	enum what what;
	char words[NODE_BYTES]; /* folded; of START its beginning */
	size_t author, left, right;
};

struct question {
	struct node nodes[NODES_MAX];
	size_t count;
	char text[TALK_ASKED_BYTES];
	uint64_t after_ms, before_ms;
};

/* A folded word, and how a person might write it. */
static const struct {
	const char *folded, *asked;
} vocabulary[] = {
	{ "garden", "Garden" },	    { "tomato", "tomato" },
	{ "cafe", "caf\u00e9" },    { "cafe", "CAFE" },
	{ "naive", "naive" },	    { "uber", "\u00fcber" },
	{ "\u0436\u0443\u043a", "\u0416\u0443\u043a" },
	{ "\u65e5\u672c", "\u65e5\u672c" }, { "weeds", "weeds" },
	{ "bold", "bold" },	    { "2026", "2026" },
	{ "hidden", "hidden" },	    { "ada", "ada" },
	{ "t", "T" },		    { "picture", "picture" },
};

static void ask_more(struct question *q, const char *text)
{
	size_t n = strlen(q->text);

	assert_in_range(n + strlen(text), 0, sizeof(q->text) - 1);
	snprintf(q->text + n, sizeof(q->text) - n, "%s", text);
}

static size_t make_leaf(struct talk *k, struct question *q)
{
	size_t at = q->count++, i = talk_pick(k, sizeof(vocabulary) /
						 sizeof(*vocabulary));
	struct node *n = &q->nodes[at];
	char text[NODE_BYTES];

	*n = (struct node){ .what = (enum what)talk_pick(k, 5) };
	snprintf(n->words, sizeof(n->words), "%s", vocabulary[i].folded);
	snprintf(text, sizeof(text), "%s", vocabulary[i].asked);
	if (n->what == START) {
		snprintf(n->words, sizeof(n->words), "%s",
			 talk_pick(k, 2) ? "gard" : "tom");
		snprintf(text, sizeof(text), "%s*", n->words);
	} else if (n->what == PHRASE) {
		size_t j = talk_pick(k, sizeof(vocabulary) /
					sizeof(*vocabulary));

		snprintf(n->words, sizeof(n->words), "%s %s",
			 vocabulary[i].folded, vocabulary[j].folded);
		snprintf(text, sizeof(text), "\"%s %s\"", vocabulary[i].asked,
			 vocabulary[j].asked);
	} else if (n->what == AUTHOR) {
		n->author = talk_pick(k, TALK_AUTHORS);
		snprintf(text, sizeof(text), "author:%zu", n->author);
	} else if (n->what == CHANNEL) {
		snprintf(n->words, sizeof(n->words), "%s",
			 talk_pick(k, 2) ? "weeds" : "flowers");
		snprintf(text, sizeof(text), "channel:#%s",
			 *n->words == 'w' ? "WEEDS" : "flowers");
	}
	ask_more(q, text);
	return at;
}

static size_t make(struct talk *k, struct question *q, int depth)
{
	static const char *const joints[] = { " ", " AND ", " OR ", " NOT ",
					      " -" };
	uint32_t joint = talk_pick(k, 5);
	size_t at, left, right;

	if (!depth || !talk_pick(k, 3))
		return make_leaf(k, q);
	at = q->count++;
	ask_more(q, "(");
	left = make(k, q, depth - 1);
	ask_more(q, joints[joint]);
	right = make(k, q, depth - 1);
	ask_more(q, ")");
	q->nodes[at] = (struct node){
		.what = joint < 2 ? ALL : joint == 2 ? ANY : WITHOUT,
		.left = left, .right = right,
	};
	return at;
}

static void make_question(struct talk *k, struct question *q)
{
	*q = (struct question){ .before_ms = UINT64_MAX };
	make(k, q, 3);
	if (!talk_pick(k, 4))
		q->after_ms = (uint64_t)NOW_US / 1000 + talk_pick(k, SPREAD_MS);
	if (!talk_pick(k, 4))
		q->before_ms = (uint64_t)NOW_US / 1000 +
			       talk_pick(k, SPREAD_MS) + 1;
}

static bool says(const struct spoken *s, const char *words, bool whole)
{
	char wanted[NODE_BYTES + 2];

	snprintf(wanted, sizeof(wanted), whole ? " %s " : " %s", words);
	return strstr(s->words, wanted);
}

static bool fits(struct talk *k, const struct question *q, size_t at,
		 const struct spoken *s)
{
	const struct node *n = &q->nodes[at];

	switch (n->what) {
	case WORD:
	case PHRASE:
		return says(s, n->words, true);
	case START:
		return says(s, n->words, false);
	case AUTHOR:
		return kith_feed_equal(&s->author, &k->authors[n->author]);
	case CHANNEL:
		return *n->words == 'w' ? s->weeds : s->flowers;
	case ALL:
		return fits(k, q, n->left, s) && fits(k, q, n->right, s);
	case ANY:
		return fits(k, q, n->left, s) || fits(k, q, n->right, s);
	case WITHOUT:
		return fits(k, q, n->left, s) && !fits(k, q, n->right, s);
	}
	return false;
}

static bool is_answer(struct talk *k, const struct question *q,
		      const struct viewer *v, const struct spoken *s)
{
	return s->found && s->time_ms >= q->after_ms &&
	       s->time_ms < q->before_ms && !viewer_hides(v, s->feed_number) &&
	       fits(k, q, 0, s);
}

/* --- comparing --- */

enum { ANSWERS_MAX = 4096 };

struct answers {
	struct posting at[ANSWERS_MAX];
	size_t n;
};

static void expect(struct talk *k, const struct question *q, struct txn *t,
		   const struct viewer *v, struct answers *out)
{
	static struct spoken s;
	struct message_row row = { 0 };
	size_t i;

	out->n = 0;
	while (message_from(t, row.rx + 1, &row)) {
		spoken_read(t, &row, &s);
		if (!is_answer(k, q, v, &s))
			continue;
		assert_in_range(out->n, 0, ANSWERS_MAX - 1);
		for (i = out->n++; i; i--) {
			struct posting p = { s.time_ms, s.rx };

			if (posting_compare(&p, &out->at[i - 1]) < 0)
				break;
			out->at[i] = out->at[i - 1];
		}
		out->at[i] = (struct posting){ s.time_ms, s.rx };
	}
}

static bool name_author(void *arg, struct txn *t, struct kith_slice name,
			struct kith_feed_id *out, struct kith_error *e)
{
	struct talk *k = arg;

	(void)t;
	(void)e;
	*out = k->authors[name.p[0] - '0'];
	return true;
}

static struct search_hits *start(struct talk *k, const struct question *q,
				 struct txn *t, const struct viewer *v,
				 enum search_sort sort)
{
	struct search_query query = {
		.text = kith_text(q->text),
		.after_ms = q->after_ms,
		.before_ms = q->before_ms == UINT64_MAX ? 0 : q->before_ms,
		.sort = sort,
		.author_named = name_author,
		.arg = k,
	};
	struct search_hits *hits = NULL;
	struct kith_error e = { 0 };

	if (search_find(k->search, t, &query, v, &hits, &e))
		fail_msg("%s: %s", q->text, e.text);
	return hits;
}

static void agree_newest(struct talk *k, const struct question *q,
			 struct txn *t, const struct viewer *v,
			 const struct answers *want)
{
	struct search_hits *hits = start(k, q, t, v, SEARCH_NEWEST);
	struct search_hit hit;

	for (size_t i = 0; i < want->n; i++) {
		if (!search_next(hits, &hit))
			fail_msg("%s: ends early", q->text);
		if (posting_compare(&hit.at, &want->at[i]) != 0)
			fail_msg("%s: another message", q->text);
		assert_int_equal(hit.row.rx, hit.at.rx);
	}
	if (search_next(hits, &hit))
		fail_msg("%s: goes on", q->text);
	assert_int_equal(search_hits_error(hits, NULL), KITH_OK);
	search_hits_end(hits);
}

static bool holds(const struct answers *a, uint64_t rx)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->at[i].rx == rx)
			return true;
	return false;
}

static void agree_best(struct talk *k, const struct question *q,
		       struct txn *t, const struct viewer *v,
		       const struct answers *want)
{
	struct search_hits *hits = start(k, q, t, v, SEARCH_BEST);
	double rank = 1e300;
	struct search_hit hit;
	size_t n = 0;

	while (search_next(hits, &hit)) {
		assert_true(holds(want, hit.row.rx));
		assert_true(hit.rank <= rank);
		rank = hit.rank;
		n++;
	}
	assert_int_equal(n, want->n);
	search_hits_end(hits);
}

static void agree_one_by_one(struct talk *k, const struct question *q,
			     struct txn *t, const struct viewer *v,
			     const struct answers *want)
{
	struct search_hits *hits = start(k, q, t, v, SEARCH_NEWEST);
	struct message_row row = { 0 };
	struct view_message m;
	struct feed_row feed;

	while (message_from(t, row.rx + 1, &row)) {
		assert_true(feed_by_number(t, row.feed_number, &feed));
		views_message(&row, &feed, &m);
		if (search_has(hits, &m) != holds(want, row.rx))
			fail_msg("%s: of one message", q->text);
	}
	search_hits_end(hits);
}

void talk_agree(struct talk *k, size_t n)
{
	static struct answers want;
	static struct question q;
	struct txn *t;

	assert_int_equal(store_read(k->h.store, &t), KITH_OK);
	for (size_t i = 0; i < n; i++) {
		uint32_t blocked = 1 + talk_pick(k, TALK_AUTHORS);
		struct viewer v = { .blocked = &blocked,
				    .blocked_count = talk_pick(k, 2) };

		make_question(k, &q);
		expect(k, &q, t, &v, &want);
		agree_newest(k, &q, t, &v, &want);
		agree_best(k, &q, t, &v, &want);
		agree_one_by_one(k, &q, t, &v, &want);
	}
	txn_end(t);
}
