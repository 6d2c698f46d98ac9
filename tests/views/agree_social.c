#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/inbox.h"
#include "src/views/social.h"
#include "tests/views/agree.h"

/* --- inbox --- */

static bool is_of_self(const struct agree *a, const struct kith_msg_id *id)
{
	const struct said *s = past_find(a->past, id);

	return s && kith_feed_equal(&s->author, &a->viewer->self);
}

static bool names_self(const struct agree *a, struct kith_slice value)
{
	struct kith_feed_id feed;

	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	return !kith_feed_parse(json_plain(value), &feed) &&
	       kith_feed_equal(&feed, &a->viewer->self);
}

static bool mentions_self(const struct agree *a, const struct said *s)
{
	struct kith_slice mentions = json_get(s->content, "mentions");
	struct kith_slice reply = json_get(s->content, "reply"), key, item;
	size_t at = 0;

	if (names_self(a, mentions))
		return true;
	if (json_kind(mentions) == JSON_KIND_ARRAY)
		while (json_next_element(mentions, &at, &item))
			if (names_self(a, item))
				return true;
	at = 0;
	if (json_kind(mentions) == JSON_KIND_OBJECT &&
	    !json_get(mentions, "link").n)
		while (json_next_member(mentions, &at, &key, &item))
			if (names_self(a, item))
				return true;
	at = 0;
	if (json_kind(reply) == JSON_KIND_OBJECT)
		while (json_next_member(reply, &at, &key, &item))
			if (names_self(a, item))
				return true;
	return false;
}

static bool answers_self(const struct agree *a, const struct said *s)
{
	for (size_t i = 0; i < a->past->n; i++)
		if (kith_feed_equal(&a->past->all[i].author,
				    &a->viewer->self) &&
		    past_hangs_on(s, &a->past->all[i].id))
			return true;
	return false;
}

static bool is_beside_self(const struct agree *a, const struct said *s)
{
	struct kith_msg_id root, other;

	if (!past_root(s, &root))
		return false;
	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *own = &a->past->all[i];

		if (kith_feed_equal(&own->author, &a->viewer->self) &&
		    !json_is(own->type, "vote") && past_root(own, &other) &&
		    kith_msg_equal(&root, &other))
			return true;
	}
	return false;
}

static unsigned why_vote(const struct agree *a, const struct said *s)
{
	double value;

	if (!s->has_target || s->target.kind != KITH_REF_MSG ||
	    !is_of_self(a, &s->target.msg) ||
	    past_word(a->past, "vote", &s->author, &s->target, NULL) != s ||
	    !json_number(json_get(json_get(s->content, "vote"), "value"),
			 &value))
		return 0;
	return value != 0 ? INBOX_VOTE : 0;
}

static unsigned why_contact(const struct agree *a, const struct said *s)
{
	enum contact_edge edge, other;
	struct kith_feed_id to;

	if (!contact_read(s->content, &to, &edge) ||
	    !kith_feed_equal(&to, &a->viewer->self))
		return 0;
	for (size_t i = 0; i < a->past->n; i++)
		if (a->past->all[i].sequence > s->sequence &&
		    kith_feed_equal(&a->past->all[i].author, &s->author) &&
		    contact_read(a->past->all[i].content, &to, &other) &&
		    kith_feed_equal(&to, &a->viewer->self))
			return 0;
	return edge == CONTACT_FOLLOW ? INBOX_FOLLOW :
	       edge == CONTACT_BLOCK  ? INBOX_BLOCK : INBOX_UNFOLLOW;
}

static unsigned why(const struct agree *a, const struct said *s)
{
	if (kith_feed_equal(&s->author, &a->viewer->self) ||
	    past_hides(a->past, &a->viewer->self, &s->author))
		return 0;
	if (json_is(s->type, "vote"))
		return why_vote(a, s);
	if (json_is(s->type, "contact"))
		return why_contact(a, s);
	return (mentions_self(a, s) ? INBOX_MENTION : 0) |
	       (answers_self(a, s) ? INBOX_REPLY : 0) |
	       (is_beside_self(a, s) ? INBOX_THREAD : 0);
}

/* The newest below before; reasons: of each message. */
static bool next_item(const struct agree *a, const unsigned *reasons,
		      const struct inbox_query *q,
		      const struct posting *before, struct inbox_item *out)
{
	struct posting best = POSTING_FIRST;

	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];
		struct posting at = { s->time_ms, s->rx };

		if (s->rx <= q->above_rx || posting_compare(&at, before) >= 0 ||
		    posting_compare(&at, &best) < 0 ||
		    !(reasons[i] & q->reasons))
			continue;
		best = at;
		*out = (struct inbox_item){ at, reasons[i] };
	}
	return best.rx;
}

/* Page by page, room items each. */
static bool agree_on_pages(struct agree *a, const unsigned *reasons,
			   struct inbox_query *q, size_t room)
{
	struct posting before = POSTING_LAST;
	struct inbox_item page[8], want;
	size_t n;

	q->before = POSTING_LAST;
	do {
		if (inbox_page(a->txn, a->viewer, q, page, room, &n))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (!next_item(a, reasons, q, &before, &want) ||
			    posting_compare(&want.at, &page[i].at) ||
			    want.reasons != page[i].reasons)
				return false;
			before = want.at;
		}
		q->before = before;
	} while (n == room);
	return !next_item(a, reasons, q, &before, &want);
}

bool agree_on_inbox(struct agree *a)
{
	struct inbox_query all = { .reasons = INBOX_ALL };
	struct inbox_query some = { .reasons = INBOX_VOTE | INBOX_MENTION };
	struct inbox_query news = { .reasons = INBOX_ALL };

	unsigned *reasons = calloc(a->past->n + 1, sizeof(*reasons));
	bool ok = reasons;

	for (size_t i = 0; ok && a->viewer->known && i < a->past->n; i++)
		reasons[i] = why(a, &a->past->all[i]);
	if (a->past->n)
		news.above_rx = a->past->all[a->past->n / 2].rx;
	ok = ok && agree_on_pages(a, reasons, &all, 8) &&
	     agree_on_pages(a, reasons, &all, 1) &&
	     agree_on_pages(a, reasons, &some, 3) &&
	     agree_on_pages(a, reasons, &news, 3);
	free(reasons);
	return ok || agree_differ(a, "the inbox", NULL);
}

/* --- hops, by the words of protocol/13 section 7 --- */

struct distances {
	struct kith_feed_id *feeds; /* 0: the centre */
	int *of;		    /* INT_MAX: none yet */
	size_t n, room;
};

static size_t number(struct distances *d, const struct kith_feed_id *feed)
{
	size_t i = 0;

	while (i < d->n && !kith_feed_equal(&d->feeds[i], feed))
		i++;
	if (i == d->n) {
		if (d->n == d->room) {
			d->room = 2 * d->room + 16;
			d->feeds = realloc(d->feeds,
					   d->room * sizeof(*d->feeds));
			d->of = realloc(d->of, d->room * sizeof(*d->of));
			if (!d->feeds || !d->of)
				abort();
		}
		d->feeds[d->n] = *feed;
		d->of[d->n++] = INT_MAX;
	}
	return i;
}

static int better(int a, int b)
{
	if (a == INT_MAX || b == INT_MAX)
		return a == INT_MAX ? b : a;
	if (abs(a) != abs(b))
		return abs(a) < abs(b) ? a : b;
	return a > b ? a : b;
}

/* Until nothing changes: the least absolute value wins, on a tie the positive
 * one, and nobody with a negative one is asked. */
static bool relax(const struct agree *a, struct distances *d)
{
	bool changed = false;

	for (size_t i = 0; i < a->past->word_count; i++) {
		const struct said *s = &a->past->all[a->past->words[i]];
		struct kith_feed_id to = s->whom;
		enum contact_edge edge;
		size_t from, at;
		int way;

		if (!s->is_contact || kith_feed_equal(&s->author, &to))
			continue;
		from = number(d, &s->author);
		at = number(d, &to);
		edge = past_edge(a->past, &s->author, &to);
		if (d->of[from] == INT_MAX || d->of[from] < 0 ||
		    edge == CONTACT_NONE)
			continue;
		way = edge == CONTACT_FOLLOW ? d->of[from] + 1 :
		      edge == CONTACT_BLOCK  ? -d->of[from] - 1 :
					       -d->of[from] - 2;
		way = better(d->of[at], way);
		changed |= way != d->of[at];
		d->of[at] = way;
	}
	return changed;
}

static int kith_hops(int distance)
{
	return distance == INT_MAX ? GRAPH_HOPS_FAR :
	       distance == -1	   ? GRAPH_HOPS_BLOCKED :
	       distance < 0	   ? GRAPH_HOPS_FAR : distance;
}

/* Each step is what its author last said, each follows from the one before,
 * and there are as many as hops. */
static bool is_reason(const struct agree *a, const struct kith_feed_id *feed,
		      int distance, const struct social_step *steps, size_t n)
{
	struct kith_feed_id at = a->viewer->self;

	if (distance == INT_MAX || !distance)
		return !n;
	for (size_t i = 0; i < n; i++) {
		const struct said *s = NULL;

		for (size_t k = 0; k < a->past->n; k++)
			if (a->past->all[k].rx == steps[i].rx)
				s = &a->past->all[k];
		if (!s || !kith_feed_equal(&steps[i].from, &at) ||
		    !kith_feed_equal(&s->author, &at) ||
		    s->sequence != steps[i].sequence ||
		    past_edge(a->past, &at, &steps[i].to) != steps[i].edge ||
		    (i + 1 < n && steps[i].edge != CONTACT_FOLLOW))
			return false;
		at = steps[i].to;
	}
	if (!kith_feed_equal(&at, feed))
		return false;
	if (distance > 0)
		return n == (size_t)distance &&
		       steps[n - 1].edge == CONTACT_FOLLOW;
	return (steps[n - 1].edge == CONTACT_BLOCK && n == (size_t)-distance) ||
	       (steps[n - 1].edge == CONTACT_UNFOLLOW &&
		n + 1 == (size_t)-distance);
}

static bool agree_on_distances(struct agree *a, struct distances *d,
			       struct social *s)
{
	struct social_step steps[SOCIAL_STEPS_MAX];
	struct kith_ref of = { .kind = KITH_REF_FEED };

	for (size_t i = 0; i < d->n; i++) {
		of.feed = d->feeds[i];
		if (social_hops(s, &of.feed) != kith_hops(d->of[i])) {
			fprintf(stderr, "want %d, got %d\n", d->of[i],
				social_hops(s, &of.feed));
			return agree_differ(a, "the distance", &of);
		}
		if (!is_reason(a, &of.feed, d->of[i], steps,
			       social_why(s, a->txn, &of.feed, steps)))
			return agree_differ(a, "the reason", &of);
	}
	return true;
}

bool agree_on_hops(struct agree *a)
{
	struct distances d = { 0 };
	struct social *s = NULL;
	bool ok;

	if (!a->viewer->known)
		return true;
	number(&d, &a->viewer->self);
	d.of[0] = 0;
	while (relax(a, &d))
		;
	ok = !social_open(&s, a->txn, &a->viewer->self, 2) &&
	     agree_on_distances(a, &d, s);
	social_close(s);
	free(d.feeds);
	free(d.of);
	return ok;
}

/* --- followers --- */

static size_t count_followers(const struct agree *a,
			      const struct kith_feed_id *feed,
			      enum contact_edge edge)
{
	size_t n = 0;

	for (size_t i = 0; i < a->past->n; i++) {
		const struct kith_feed_id *who = &a->past->all[i].author;

		if (a->past->all[i].first &&
		    past_edge(a->past, who, feed) == edge &&
		    !past_hides(a->past, agree_self(a), who))
			n++;
	}
	return n;
}

bool agree_on_followers(struct agree *a)
{
	static const enum contact_edge edges[] = { CONTACT_FOLLOW,
						   CONTACT_BLOCK };

	for (size_t i = 0; i < a->past->n; i++)
		for (size_t k = 0; k < 2; k++) {
			struct kith_ref of = { .kind = KITH_REF_FEED };
			struct kith_feed_id who;
			struct followers f;
			enum contact_edge edge;
			size_t n = 0;

			if (!contact_read(a->past->all[i].content, &of.feed,
					  &edge))
				break;
			followers_start(&f, a->txn, a->viewer, &of.feed,
					edges[k]);
			while (followers_next(&f, &who))
				if (past_edge(a->past, &who, &of.feed) ==
				    edges[k])
					n++;
				else
					return agree_differ(a, "a follower",
							    &of);
			followers_end(&f);
			if (n != count_followers(a, &of.feed, edges[k]))
				return agree_differ(a, "the followers", &of);
		}
	return true;
}
