#include "tests/views/asked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"

enum { AND, OR, NOT, AUTHOR, TYPE, CHANNEL, LINK, PRIVATE, HOPS, RANGE, KINDS };
enum { DEPTH_MAX = 3, TEXT_BYTES_MAX = 16384, MEMBERS = 8 };

/* The last is any. */
static const char *const members[MEMBERS] = { "root", "branch", "fork",
	"mentions", "vote", "about", "contact", "link" };
static const char *const keys[] = { "rx", "ts", "rts", "seq" };

static double key_of(const struct fact *m, enum ask_order key)
{
	switch (key) {
	case ASK_RX: return (double)m->rx;
	case ASK_TS: return m->claimed;
	case ASK_RTS: return fact_time(m);
	default: return (double)m->sequence;
	}
}

/* --- made --- */

static void fill(struct asked *a, size_t at, unsigned depth);

static void fill_inside(struct asked *a, size_t at, size_t n, unsigned depth)
{
	size_t first = a->count;

	if (first + n > ASKED_NODES)
		n = ASKED_NODES - first;
	a->nodes[at].first = first;
	a->nodes[at].count = n;
	a->count += n;
	for (size_t i = 0; i < n; i++)
		fill(a, first + i, depth + 1);
}

static void fill_range(struct asked *a, struct ask_node *n)
{
	struct facts *f = a->facts;
	const struct fact *m = &f->all[facts_pick(f, (uint32_t)f->n)];

	n->which = facts_pick(f, 4);
	n->low = facts_pick(f, 3);
	n->high = !n->low || !facts_pick(f, 3);
	n->low_open = facts_pick(f, 2);
	n->high_open = facts_pick(f, 2);
	n->from = n->to = key_of(m, (enum ask_order)n->which);
	if (!facts_pick(f, 4))
		n->from -= 0.25;
	if (facts_pick(f, 4))
		n->to += facts_pick(f, 30);
}

static void fill(struct asked *a, size_t at, unsigned depth)
{
	struct ask_node *n = &a->nodes[at];
	struct facts *f = a->facts;
	bool leaf = depth >= DEPTH_MAX || a->count + 3 > ASKED_NODES;

	n->kind = (int)(leaf ? AUTHOR + facts_pick(f, KINDS - AUTHOR)
			     : facts_pick(f, KINDS));
	if (n->kind == HOPS && a->viewer < 0)
		n->kind = TYPE;
	n->yes = facts_pick(f, 2);
	n->which = facts_pick(f, n->kind == AUTHOR	? FACTS_AUTHORS :
				 n->kind == TYPE	? FACTS_TYPES :
				 n->kind == CHANNEL	? FACTS_CHANNELS :
							  MEMBERS);
	n->target = facts_pick(f, FACTS_TARGETS);
	if (n->kind == HOPS)
		n->which = facts_pick(f, 4);
	if (n->kind == RANGE)
		fill_range(a, n);
	else if (n->kind == AND || n->kind == OR)
		fill_inside(a, at, 1 + facts_pick(f, 3), depth);
	else if (n->kind == NOT)
		fill_inside(a, at, 1, depth);
}

/* --- as JSON --- */

static void text(struct kith_buf *b, const char *s)
{
	kith_buf_text(b, s);
}

static void put_range(struct kith_buf *b, const struct ask_node *n)
{
	json_put_text(b, keys[n->which]);
	text(b, ":{");
	if (n->low) {
		text(b, n->low_open ? "\"gt\":" : "\"gte\":");
		json_put_number(b, n->from);
	}
	if (n->low && n->high)
		text(b, ",");
	if (n->high) {
		text(b, n->high_open ? "\"lt\":" : "\"lte\":");
		json_put_number(b, n->to);
	}
	text(b, "}");
}

static void put_member(const struct asked *a, const struct ask_node *n,
		       struct kith_buf *b);

static void put_object(const struct asked *a, const struct ask_node *n,
		       struct kith_buf *b)
{
	text(b, "{");
	put_member(a, n, b);
	text(b, "}");
}

static void put_inside(const struct asked *a, const struct ask_node *n,
		       const char *name, struct kith_buf *b)
{
	json_put_text(b, name);
	text(b, ":[");
	for (size_t i = 0; i < n->count; i++) {
		if (i)
			text(b, ",");
		put_object(a, &a->nodes[n->first + i], b);
	}
	text(b, "]");
}

static void put_word(struct kith_buf *b, const char *name, const char *word)
{
	text(b, "\"");
	text(b, name);
	text(b, "\":\"");
	text(b, word);
	text(b, "\"");
}

static void put_member(const struct asked *a, const struct ask_node *n,
		       struct kith_buf *b)
{
	char hops[32];

	switch (n->kind) {
	case AND: put_inside(a, n, "and", b); break;
	case OR: put_inside(a, n, "or", b); break;
	case NOT:
		text(b, "\"not\":");
		put_object(a, &a->nodes[n->first], b);
		break;
	case AUTHOR:
		text(b, "\"author\":");
		facts_put_target(a->facts, n->which, b);
		break;
	case TYPE: put_word(b, "type", fact_types[n->which]); break;
	case CHANNEL: put_word(b, "channel", fact_channels[n->which]); break;
	case LINK:
		json_put_text(b, members[n->which]);
		text(b, ":");
		facts_put_target(a->facts, n->target, b);
		break;
	case PRIVATE:
		text(b, n->yes ? "\"private\":true" : "\"private\":false");
		break;
	case HOPS:
		snprintf(hops, sizeof(hops), "\"hops\":{\"lte\":%u}",
			 n->which);
		text(b, hops);
		break;
	default: put_range(b, n); break;
	}
}

void asked_make(struct asked *a, struct facts *f)
{
	memset(a, 0, sizeof(*a));
	a->facts = f;
	a->filter.limit = TEXT_BYTES_MAX;
	a->viewer = (int)facts_pick(f, FACTS_AUTHORS + 1) - 1;
	a->order = (enum ask_order)facts_pick(f, 4);
	a->descending = facts_pick(f, 2);
	a->author = facts_pick(f, FACTS_AUTHORS);
	a->count = 1;
	fill(a, 0, 0);
	put_object(a, &a->nodes[0], &a->filter);
	if (facts_pick(f, 3))
		a->order = ASK_RTS;
}

void asked_clear(struct asked *a)
{
	kith_buf_free(&a->filter);
}

void asked_text(const struct asked *a, const char *more, struct kith_buf *out)
{
	text(out, "{\"filter\":");
	kith_buf_put(out, kith_bytes(&a->filter));
	if (a->order == ASK_SEQ) {
		text(out, ",\"author\":");
		facts_put_target(a->facts, a->author, out);
	}
	text(out, ",\"order\":\"");
	text(out, keys[a->order]);
	text(out, a->descending ? " desc\"" : "\"");
	text(out, more);
	text(out, "}");
	assert_false(out->err);
}

/* --- answered --- */

static bool in_range(const struct ask_node *n, double key)
{
	if (n->low && (n->low_open ? key <= n->from : key < n->from))
		return false;
	return !n->high || (n->high_open ? key < n->to : key <= n->to);
}

static bool links(const struct ask_node *n, const struct fact *m)
{
	for (size_t i = 0; i < m->link_count; i++)
		if (m->links[i].target == n->target &&
		    (n->which == MEMBERS - 1 ||
		     !strcmp(m->links[i].member, members[n->which])))
			return true;
	return false;
}

static bool holds(const struct asked *a, const struct ask_node *n,
		  const struct fact *m)
{
	const struct ask_node *inside = &a->nodes[n->first];
	size_t yes = 0;
	int hops;

	for (size_t i = 0; i < n->count; i++)
		yes += holds(a, &inside[i], m);
	switch (n->kind) {
	case AND: return yes == n->count;
	case OR: return yes > 0;
	case NOT: return !yes;
	case AUTHOR: return m->author == n->which;
	case TYPE: return !m->boxed && m->type == n->which;
	case CHANNEL: return m->in[n->which];
	case LINK: return links(n, m);
	case PRIVATE: return m->boxed == n->yes;
	case HOPS:
		hops = facts_hops(a->facts, (unsigned)a->viewer, m->author);
		return hops >= 0 && hops <= (int)n->which;
	default: return in_range(n, key_of(m, (enum ask_order)n->which));
	}
}

bool asked_has(const struct asked *a, const struct fact *m)
{
	if (m->gone || (a->order == ASK_SEQ && m->author != a->author))
		return false;
	if (a->viewer >= 0 && (unsigned)a->viewer != m->author &&
	    facts_edge(a->facts, (unsigned)a->viewer, m->author) == -1)
		return false;
	return holds(a, &a->nodes[0], m);
}

struct placed {
	double key;
	uint64_t rx;
};

static int compare(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->rx > b->rx) - (a->rx < b->rx);
}

size_t asked_answer(const struct asked *a, uint64_t as_of, uint64_t *rx)
{
	static struct placed all[FACTS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < a->facts->n; i++) {
		const struct fact *m = &a->facts->all[i];

		if (m->rx <= as_of && asked_has(a, m))
			all[n++] = (struct placed){ key_of(m, a->order),
						    m->rx };
	}
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0; i < n; i++)
		rx[i] = all[a->descending ? n - 1 - i : i].rx;
	return n;
}
