#include "src/views/abouts.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/private.h"
#include "src/views/view.h"

void abouts_start(struct abouts *a, struct txn *t, const struct viewer *v,
		  const struct kith_ref *of, struct kith_slice member)
{
	*a = (struct abouts){ .txn = t, .viewer = v, .of = *of };
	if (!member.n || member.n > TERM_TEXT_BYTES_MAX)
		return;
	memcpy(a->member, member.p, member.n);
	a->subject = subject_about(of, member);
}

/* Long values are not kept with the opinion. */
static struct kith_slice value_of(struct abouts *a, const struct opinion *o)
{
	struct message_row row;

	if (o->says.n)
		return o->says;
	if (!message_get(a->txn, o->rx, &row) ||
	    row.feed_number != o->author || row.sequence != o->sequence)
		return (struct kith_slice){ 0 };
	return json_get(viewer_content(a->viewer, a->txn, &row), a->member);
}

static bool is_removal(struct kith_slice value)
{
	switch (json_kind(value)) {
	case JSON_KIND_NONE:
	case JSON_KIND_NULL:
		return true;
	case JSON_KIND_OBJECT:
		return json_says_true(json_get(value, "remove"));
	default:
		return false;
	}
}

static bool read_word(struct abouts *a, const struct opinion *o,
		      struct about_word *out)
{
	struct feed_row author;

	if (viewer_hides(a->viewer, o->author) ||
	    !feed_by_number(a->txn, o->author, &author) ||
	    o->sequence < author.first || o->sequence > author.last)
		return false;
	*out = (struct about_word){
		.author = author.id,
		.feed_number = o->author,
		.sequence = o->sequence,
		.rx = o->rx,
		.value = value_of(a, o),
	};
	return !is_removal(out->value);
}

bool abouts_next(struct abouts *a, struct about_word *out)
{
	if (!a->subject.n)
		return false;
	while (opinions_next(a->txn, a->viewer, &a->subject, &a->at))
		if (read_word(a, &a->at, out))
			return true;
	return false;
}

bool about_by(struct abouts *a, const struct kith_feed_id *author,
	      struct about_word *out)
{
	struct opinion o = { 0 };
	struct feed_row feed;

	return a->subject.n && feed_get(a->txn, author, &feed) &&
	       opinion_get(a->txn, a->viewer, &a->subject, feed.number, &o) &&
	       read_word(a, &o, out);
}

struct kith_slice about_essence(struct kith_slice value)
{
	struct kith_slice link = { 0 };

	if (json_kind(value) == JSON_KIND_OBJECT)
		link = json_get(value, "link");
	return link.n ? link : value;
}

/* Of a feed itself, of a message its author. */
static bool subject_author(struct abouts *a, struct kith_feed_id *out)
{
	struct message_row row;
	struct feed_row feed;

	if (a->of.kind == KITH_REF_FEED) {
		*out = a->of.feed;
		return true;
	}
	if (a->of.kind != KITH_REF_MSG ||
	    !message_by_id(a->txn, &a->of.msg, &row) ||
	    !feed_by_number(a->txn, row.feed_number, &feed))
		return false;
	*out = feed.id;
	return true;
}

/* What a crowd says: one word a head, of so many at most. */
enum { HEADS_MAX = 1 << 16 };

struct poll {
	struct about_word *words;
	size_t n, room;
};

static bool poll_add(struct poll *p, const struct about_word *word)
{
	struct about_word *more = list_room(p->words, p->n, &p->room,
					    sizeof(*more));

	if (!more)
		return false;
	p->words = more;
	p->words[p->n++] = *word;
	return true;
}

static int compare_values(const void *a, const void *b)
{
	const struct about_word *wa = a, *wb = b;
	struct kith_slice x = about_essence(wa->value);
	struct kith_slice y = about_essence(wb->value);
	int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);

	if (order || x.n != y.n)
		return order ? order : x.n < y.n ? -1 : 1;
	return (wa->feed_number > wb->feed_number) -
	       (wa->feed_number < wb->feed_number);
}

/* The first of the longest run of equal values. */
static bool poll_winner(struct poll *p, struct about_word *out)
{
	size_t most = 0, run = 0;

	if (!p->n)
		return false;
	qsort(p->words, p->n, sizeof(*p->words), compare_values);
	for (size_t i = 0; i < p->n; i++) {
		bool same = i && kith_equal(about_essence(p->words[i].value),
				about_essence(p->words[i - 1].value));

		run = same ? run + 1 : 1;
		if (run > most) {
			most = run;
			*out = p->words[i + 1 - run];
		}
	}
	return true;
}

/* The word of o counts; false: no memory. */
static bool ask(struct abouts *a, const struct opinion *o, about_use_fn *use,
		struct poll *p)
{
	struct about_word word;

	return !read_word(a, o, &word) || (use && !use(word.value)) ||
	       poll_add(p, &word);
}

static bool ask_all(struct abouts *a, about_use_fn *use, struct poll *p)
{
	struct opinion o = { 0 };

	while (p->n < HEADS_MAX &&
	       opinions_next(a->txn, a->viewer, &a->subject, &o))
		if (!ask(a, &o, use, p))
			return false;
	return true;
}

/* Where more have spoken than the viewer follows, as a crowd of strangers may
 * about anybody, those who count are asked one by one. */
static bool ask_followed(struct abouts *a, about_use_fn *use, struct poll *p)
{
	const struct viewer *v = a->viewer;
	struct opinion o = { 0 };
	size_t spoken = 0;

	for (; spoken < v->followed_count; spoken++) {
		if (!opinions_next(a->txn, a->viewer, &a->subject, &o))
			return true;
		if (viewer_follows(v, o.author) && !ask(a, &o, use, p))
			return false;
	}
	p->n = 0;
	for (size_t i = 0; i < v->followed_count; i++)
		if (opinion_get(a->txn, a->viewer, &a->subject,
				v->followed[i], &o) &&
		    !ask(a, &o, use, p))
			return false;
	return true;
}

bool about_of_crowd(struct abouts *a, enum about_crowd crowd,
		    about_use_fn *use, struct about_word *out)
{
	struct poll p = { 0 };
	bool found = a->subject.n && (crowd == ABOUT_ALL ?
					      ask_all(a, use, &p) :
					      ask_followed(a, use, &p)) &&
		     poll_winner(&p, out);

	free(p.words);
	return found;
}

enum about_rule about_rule(struct abouts *a, enum about_crowd crowd,
			   about_use_fn *use, struct about_word *out)
{
	struct kith_feed_id author;

	if (a->viewer->known && about_by(a, &a->viewer->self, out) &&
	    (!use || use(out->value)))
		return ABOUT_RULE_VIEWER;
	if (subject_author(a, &author) && about_by(a, &author, out) &&
	    (!use || use(out->value)))
		return ABOUT_RULE_SUBJECT;
	if (!about_of_crowd(a, crowd, use, out))
		return ABOUT_RULE_NONE;
	return crowd == ABOUT_ALL ? ABOUT_RULE_ALL : ABOUT_RULE_FOLLOWED;
}

bool about_resolve(struct abouts *a, enum about_crowd crowd, about_use_fn *use,
		   struct about_word *out)
{
	return about_rule(a, crowd, use, out) != ABOUT_RULE_NONE;
}

static bool time_of(struct txn *t, const struct about_word *word,
		    struct posting *out)
{
	struct view_message m;
	struct message_row row;
	double ms;

	if (!message_get(t, word->rx, &row) || !views_read(t, &row, &m))
		return false;
	ms = view_time_ms(&m);
	*out = (struct posting){ ms > 0 ? (uint64_t)ms : 0, row.rx };
	return true;
}

bool about_latest(struct abouts *a, about_use_fn *use, struct about_word *out)
{
	struct posting newest = POSTING_FIRST, at;
	struct about_word word;
	bool found = false;

	a->at = (struct opinion){ 0 };
	while (abouts_next(a, &word)) {
		if ((use && !use(word.value)) ||
		    !time_of(a->txn, &word, &at) ||
		    posting_compare(&at, &newest) < 0)
			continue;
		newest = at;
		*out = word;
		found = true;
	}
	return found;
}
