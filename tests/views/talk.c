#include "tests/views/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/views/view.h"

enum { CONTENT_BYTES_MAX = 8192, SPREAD_MS = 5000, LATE = 10 };
#define NOW_US INT64_C(1600000000000000)

/* --- chance --- */

static uint64_t next(struct talk *k)
{
	k->state = k->state * 6364136223846793005u + 1442695040888963407u;
	return k->state >> 33;
}

uint32_t talk_pick(struct talk *k, uint32_t n)
{
	return (uint32_t)(next(k) % n);
}

/* --- the store --- */

void talk_open(struct talk *k, uint64_t seed)
{
	*k = (struct talk){ .state = seed * 77 + 1 };
	test_home_open(&k->h);
	test_home_store(&k->h, 0);
	for (size_t i = 0; i < TALK_AUTHORS; i++) {
		k->authors[i].format = KITH_CLASSIC;
		memset(k->authors[i].b, (int)(i + 1), KITH_ID_BYTES);
	}
}

void talk_close(struct talk *k)
{
	talk_close_index(k);
	test_home_close(&k->h);
}

static struct txn *begin(struct talk *k)
{
	struct txn *t = k->txn;

	if (!t)
		assert_int_equal(store_write(k->h.store, &t), KITH_OK);
	return t;
}

static void finish(struct talk *k, struct txn *t)
{
	if (!k->txn)
		assert_int_equal(txn_commit(t), KITH_OK);
}

static void put_id(struct talk *k, struct kith_msg_id *id)
{
	id->format = KITH_CLASSIC;
	for (size_t i = 0; i < KITH_ID_BYTES; i++)
		id->b[i] = (uint8_t)next(k);
}

uint64_t talk_say(struct talk *k, size_t author, const char *content,
		  int64_t claimed_ms)
{
	struct kith_buf canon = { .limit = 1 << 20 };
	struct feed_row feed = { .id = { 0 } };
	struct txn *t = begin(k);
	struct message_row row;
	struct kith_msg m;

	kith_buf_text(&canon, "{\"previous\":null,\"timestamp\":");
	kith_buf_int(&canon, claimed_ms);
	kith_buf_text(&canon, ",\"content\":");
	kith_buf_text(&canon, content);
	kith_buf_text(&canon, ",\"signature\":\"\"}");
	feed_get(t, &k->authors[author], &feed);
	m = (struct kith_msg){
		.author = k->authors[author],
		.sequence = feed.last + 1,
		.previous = feed.last_id,
		.claimed = (double)claimed_ms,
		.units = (uint32_t)canon.n,
		.canon = kith_bytes(&canon),
	};
	put_id(k, &m.id);
	assert_int_equal(message_append(t, &feed, &m,
					NOW_US + (int64_t)k->said++ * 1000, 0,
					&row), KITH_OK);
	feed_put(t, &feed);
	finish(k, t);
	kith_buf_free(&canon);
	return row.rx;
}

void talk_forget(struct talk *k, size_t author)
{
	struct txn *t = begin(k);
	struct message_row row;
	struct feed_row feed;

	if (feed_get(t, &k->authors[author], &feed) && feed.last) {
		for (uint64_t s = feed.first; s <= feed.last; s++) {
			struct message_place at = { .feed_number = feed.number,
						    .sequence = s };

			assert_true(message_by_sequence(t, feed.number, s,
							&row));
			at.rx = row.rx;
			memcpy(at.id, row.id.b, sizeof(at.id));
			message_delete(t, &at);
		}
		feed.first = feed.last + 1;
		feed_put(t, &feed);
	}
	finish(k, t);
}

/* --- what is said --- */

/* As it stands in JSON, and as the words of a query find it. */
static const struct {
	const char *said, *words;
} pieces[] = {
	{ "garden", "garden" },		 { "Garden,", "garden" },
	{ "gardening!", "gardening" },	 { "tomato", "tomato" },
	{ "TOMATO.", "tomato" },	 { "tomatoes", "tomatoes" },
	{ "caf\u00e9", "cafe" },	 { "CAF\u00c9", "cafe" },
	{ "cafe\u0301", "cafe" },	 { "na\u00efve", "naive" },
	{ "\u00dcber", "uber" },	 { "\\u00fcber", "uber" },
	{ "\u0416\u0423\u041a", "\u0436\u0443\u043a" },
	{ "\u0436\u0443\u043a", "\u0436\u0443\u043a" },
	{ "\u65e5\u672c", "\u65e5\u672c" },
	{ "Stra\u00dfe", "stra\u00dfe" }, { "don't", "don t" },
	{ "snake_case", "snake case" },	 { "2026", "2026" },
	{ "#weeds", "weeds" },		 { "**bold**", "bold" },
	{ "`code`", "code" },		 { "\\n", "" },
	{ "\\u0000", "" },		 { "\U0001f33b", "" },
	{ "(brackets)", "brackets" },	 { "\\\"quoted\\\"", "quoted" },
	{ "[@Ada](@AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=.ed25519)",
	  "ada" },
	{ "![a picture](&AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=.sha256)",
	  "a picture" },
	{ "%AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=.sha256", "" },
	{ "https://example.org/hidden/words?in=it", "" },
	{ "[a link](https://example.org/more_(hidden))", "a link" },
	{ "tom-ato", "tom ato" },
};
enum { PIECES = sizeof(pieces) / sizeof(*pieces) };

static void put_pieces(struct talk *k, struct kith_buf *out)
{
	uint32_t n = talk_pick(k, 12);

	for (uint32_t i = 0; i < n; i++) {
		if (i)
			kith_buf_byte(out, ' ');
		kith_buf_text(out, pieces[talk_pick(k, PIECES)].said);
	}
}

/* Each %s is words; and whether they are found there. */
static const char *const forms[] = {
	"{\"type\":\"post\",\"text\":\"%s\"}",
	"{\"type\":\"post\",\"text\":\"%s\"}",
	"{\"type\":\"post\",\"text\":\"%s\",\"channel\":\"Weeds\"}",
	"{\"type\":\"post\",\"text\":\"%s\",\"mentions\":[{\"link\":\"#flowers\"}]}",
	"{\"type\":\"post\",\"contentWarning\":\"%s\",\"text\":7}",
	"{\"type\":\"about\",\"about\":\"x\",\"name\":\"%s\"}",
	"{\"type\":\"blog\",\"title\":\"%s\",\"summary\":null}",
	"{\"type\":\"gathering\",\"description\":\"%s\"}",
	/* Not found: */
	"{\"type\":\"vote\",\"text\":\"%s\"}",
	"{\"type\":[\"post\"],\"text\":\"%s\"}",
	"{\"type\":\"post\",\"text\":[\"%s\"]}",
	"{\"type\":\"post\",\"unknown\":\"%s\"}",
	"\"%s.box\"",
};
enum { FORMS = sizeof(forms) / sizeof(*forms), FORMS_FOUND = 8 };

static void say_something(struct talk *k)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	const char *form = forms[talk_pick(k, FORMS)];
	const char *hole = strstr(form, "%s");
	/* Often the same moment, and now and then none that can be. */
	int64_t claimed = NOW_US / 1000 + (int64_t)talk_pick(k, SPREAD_MS) / 40 *
					  40;

	if (!talk_pick(k, LATE))
		claimed = talk_pick(k, 2) ? -5 : INT64_C(9000000000000);
	kith_buf_put(&content, (struct kith_slice){ (const uint8_t *)form,
						    (size_t)(hole - form) });
	put_pieces(k, &content);
	kith_buf_text(&content, hole + 2);
	kith_buf_byte(&content, 0);
	assert_false(content.err);
	talk_say(k, talk_pick(k, TALK_AUTHORS), (const char *)content.p,
		 claimed);
	kith_buf_free(&content);
}

void talk_babble(struct talk *k, size_t n)
{
	struct txn *t = begin(k);

	k->txn = t;
	for (size_t i = 0; i < n; i++)
		say_something(k);
	k->txn = NULL;
	finish(k, t);
}

/* --- the plain loop --- */

/* What the pieces of a message, and so its words, are; " a b c ". */
struct spoken {
	uint64_t rx, time_ms;
	uint32_t feed_number;
	struct kith_feed_id author;
	bool weeds, flowers, found;
	char words[CONTENT_BYTES_MAX];
};

static struct kith_slice from_text(struct kith_slice s, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= s.n; i++)
		if (!memcmp(s.p + i, text, n))
			return (struct kith_slice){ s.p + i, s.n - i };
	return (struct kith_slice){ 0 };
}

static const char *words_of_piece(struct kith_slice piece)
{
	for (size_t i = 0; i < PIECES; i++)
		if (kith_equal(piece, kith_text(pieces[i].said)))
			return pieces[i].words;
	return NULL;
}

/* The pieces between what the form has around them. */
static void read_words(struct kith_slice text, struct spoken *out)
{
	size_t from = 0, n = 1;

	strcpy(out->words, " ");
	for (size_t i = 0; i <= text.n; i++) {
		const char *words;

		if (i < text.n && text.p[i] != ' ')
			continue;
		words = words_of_piece((struct kith_slice){ text.p + from,
							    i - from });
		if (!words && i < text.n)
			continue; /* a piece with a space in it */
		from = i + 1;
		if (words && *words)
			n += (size_t)snprintf(out->words + n,
					      sizeof(out->words) - n, "%s ",
					      words);
	}
}

static void read_content(struct kith_slice content, struct spoken *out)
{
	for (size_t i = 0; i < FORMS; i++) {
		const char *hole = strstr(forms[i], "%s"), *end = hole + 2;
		size_t before = (size_t)(hole - forms[i]), after = strlen(end);

		if (content.n < before + after ||
		    memcmp(content.p, forms[i], before) != 0 ||
		    memcmp(content.p + content.n - after, end, after) != 0)
			continue;
		if (i < 2 && (from_text(content, ",\"channel\"").n ||
			      from_text(content, ",\"mentions\"").n))
			continue;
		read_words((struct kith_slice){ content.p + before,
						content.n - before - after },
			   out);
		out->weeds = i == 2;
		out->flowers = i == 3;
		/* A flower is no word, but something said. */
		out->found = i < FORMS_FOUND &&
			     (out->words[1] ||
			      from_text(content, "\U0001f33b").n);
		return;
	}
	fail_msg("a message that nobody said");
}

static void read_spoken(struct txn *t, const struct message_row *row,
			struct spoken *out)
{
	struct view_message m;
	struct feed_row feed;
	double ms;

	assert_true(feed_by_number(t, row->feed_number, &feed));
	views_message(row, &feed, &m);
	ms = m.claimed < (double)row->received_us / 1000
		     ? m.claimed : (double)row->received_us / 1000;
	*out = (struct spoken){ .rx = row->rx,
				.time_ms = ms > 0 ? (uint64_t)ms : 0,
				.feed_number = row->feed_number,
				.author = feed.id };
	read_content(m.content, out);
}

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
	assert_in_range(strlen(q->text) + strlen(text), 0,
			sizeof(q->text) - 1);
	strcat(q->text, text);
}

static size_t make_leaf(struct talk *k, struct question *q)
{
	size_t at = q->count++, i = talk_pick(k, sizeof(vocabulary) /
						 sizeof(*vocabulary));
	struct node *n = &q->nodes[at];
	char text[NODE_BYTES];

	*n = (struct node){ .what = (enum what)talk_pick(k, 5) };
	strcpy(n->words, vocabulary[i].folded);
	strcpy(text, vocabulary[i].asked);
	if (n->what == START) {
		strcpy(n->words, talk_pick(k, 2) ? "gard" : "tom");
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
		strcpy(n->words, talk_pick(k, 2) ? "weeds" : "flowers");
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
		read_spoken(t, &row, &s);
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
	size_t from = want->n ? talk_pick(k, (uint32_t)want->n) : 0;
	struct search_hit hit;

	if (from)
		search_seek(hits, &want->at[from]);
	for (size_t i = from; i < want->n; i++) {
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

/* --- the index --- */

void talk_index(struct talk *k, size_t messages)
{
	struct search_slice slice = { .messages = messages, .sweep = true };
	struct kith_error e = { 0 };

	if (!k->search && search_open(k->h.home, &k->search, &e))
		fail_msg("%s", e.text);
	do {
		if (search_catch_up(k->search, k->h.store, &slice, &e))
			fail_msg("%s", e.text);
	} while (slice.more);
	assert_int_equal(slice.done, slice.total);
	assert_false(slice.stale);
}

void talk_close_index(struct talk *k)
{
	search_close(k->search);
	k->search = NULL;
}

uint64_t talk_count(struct talk *k, const char *text)
{
	struct search_query q = { .text = kith_text(text) };
	struct viewer v = { 0 };
	struct search_hits *hits = NULL;
	struct search_hit hit;
	enum kith_err err;
	uint64_t n = 0;
	struct txn *t;

	assert_int_equal(store_read(k->h.store, &t), KITH_OK);
	err = search_find(k->search, t, &q, &v, &hits, NULL);
	while (!err && search_next(hits, &hit))
		n++;
	if (!err)
		err = search_hits_error(hits, NULL);
	search_hits_end(hits);
	txn_end(t);
	assert_true(!err || err == KITH_EIO);
	return err ? UINT64_MAX : n;
}
