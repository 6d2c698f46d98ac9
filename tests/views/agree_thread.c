#include <stdlib.h>

#include "src/views/thread.h"
#include "tests/views/agree.h"

/* The loop's own thread. */
struct circle {
	const struct said **members;
	size_t n;
};

static bool has(const struct circle *c, const struct said *s)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->members[i] == s)
			return true;
	return false;
}

static bool hangs_on_one(const struct circle *c, const struct said *s)
{
	for (size_t i = 0; i < c->n; i++)
		if (past_hangs_on(s, &c->members[i]->id))
			return true;
	return false;
}

static bool grow(const struct agree *a, struct circle *c,
		 const struct kith_msg_id *root, bool nested)
{
	size_t before = c->n;

	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];

		if ((kith_msg_equal(&s->id, root) || past_hangs_on(s, root) ||
		     (nested && hangs_on_one(c, s))) && !has(c, s) &&
		    !past_hides(a->past, agree_self(a), &s->author))
			c->members[c->n++] = s;
	}
	return c->n > before;
}

static void draw(const struct agree *a, struct circle *c,
		 const struct kith_msg_id *root, bool nested)
{
	c->n = 0;
	while (grow(a, c, root, nested) && nested)
		;
}

static bool comes_before(const struct said *x, const struct said *y)
{
	if (x->time_ms != y->time_ms)
		return x->time_ms < y->time_ms;
	return memcmp(x->id.b, y->id.b, KITH_ID_BYTES) < 0;
}

/* s needs none of those from c->members[from] on; the root needs nobody, and
 * all need the root. */
static bool is_ready(const struct circle *c, size_t from, const struct said *s,
		     const struct kith_msg_id *root)
{
	if (kith_msg_equal(&s->id, root))
		return true;
	for (size_t i = from; i < c->n; i++)
		if (c->members[i] != s &&
		    (past_links_to(s, &c->members[i]->id) ||
		     kith_msg_equal(&c->members[i]->id, root)))
			return false;
	return true;
}

/* Of those that are ready the first by time and id, again and again; false:
 * there is a circle of links. */
static bool arrange(struct circle *c, const struct kith_msg_id *root)
{
	for (size_t done = 0; done < c->n; done++) {
		size_t best = c->n;

		for (size_t i = done; i < c->n; i++)
			if (is_ready(c, done, c->members[i], root) &&
			    (best == c->n ||
			     comes_before(c->members[i], c->members[best])))
				best = i;
		if (best == c->n)
			return false;
		const struct said *first = c->members[best];

		c->members[best] = c->members[done];
		c->members[done] = first;
	}
	return true;
}

static bool is_tip(const struct circle *c, const struct said *s,
		   const struct kith_msg_id *root)
{
	if (kith_msg_equal(&s->id, root) && c->n > 1)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->members[i] != s &&
		    !kith_msg_equal(&c->members[i]->id, root) &&
		    past_links_to(c->members[i], &s->id))
			return false;
	return true;
}

static bool same(const struct circle *c, const struct thread *th, bool ordered)
{
	if (c->n != th->count)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		const struct thread_message *m = &th->messages[i];
		size_t k = 0;

		while (k < c->n && c->members[k]->rx != m->rx)
			k++;
		if (k == c->n || (ordered && k != i) ||
		    m->tip != is_tip(c, c->members[k], &th->root) ||
		    m->time_ms != c->members[k]->time_ms)
			return false;
		if (m->parent != THREAD_NONE &&
		    ((size_t)m->parent >= i ||
		     m->depth != th->messages[m->parent].depth + 1))
			return false;
		if (m->parent == THREAD_NONE && m->depth)
			return false;
	}
	return true;
}

/* What is missing is not in the log, and something here hangs on it. */
static bool missing_is_missing(const struct agree *a, const struct circle *c,
			       const struct thread *th)
{
	for (size_t i = 0; i < th->missing_count; i++) {
		bool linked = false;

		if (past_find(a->past, &th->missing[i]))
			return false;
		for (size_t k = 0; k < c->n && !linked; k++)
			linked = past_links_to(c->members[k], &th->missing[i]);
		if (!linked)
			return false;
	}
	return true;
}

static bool agree_on_thread(struct agree *a, struct circle *c,
			    const struct kith_msg_id *root, bool nested)
{
	struct thread th;
	bool ok;

	draw(a, c, root, nested);
	ok = !thread_read(a->txn, a->viewer, root, nested, &th) && th.whole &&
	     same(c, &th, arrange(c, root)) &&
	     missing_is_missing(a, c, &th) &&
	     (!th.have_root || kith_msg_equal(&th.messages[0].id, root));
	thread_free(&th);
	return ok;
}

static void climb(const struct past *p, const struct kith_msg_id *from,
		  struct kith_msg_id *out)
{
	const struct said *s;

	*out = *from;
	for (int i = 0; i < THREAD_CLIMB_MAX && (s = past_find(p, out)) &&
			past_root(s, out); i++)
		;
}

/* Of a large past not every message is tried. */
enum { SMALL = 1000, STEP = 97 };

/* Each message as the root of a thread; and those that only others name. */
bool agree_on_threads(struct agree *a)
{
	struct circle c = { malloc(a->past->n * sizeof(const void *) + 1), 0 };
	struct kith_ref of = { .kind = KITH_REF_MSG };
	struct kith_msg_id top, want;
	bool ok = c.members;

	for (size_t i = 0; ok && i < a->past->n;
	     i += a->past->n > SMALL ? STEP : 1) {
		const struct said *s = &a->past->all[i];

		of.msg = s->id;
		ok = agree_on_thread(a, &c, &s->id, false) &&
		     agree_on_thread(a, &c, &s->id, true);
		if (ok && past_root(s, &of.msg))
			ok = agree_on_thread(a, &c, &of.msg, false) &&
			     agree_on_thread(a, &c, &of.msg, true);
		thread_top(a->txn, NULL, &s->id, &top);
		climb(a->past, &s->id, &want);
		ok = ok && kith_msg_equal(&top, &want);
	}
	free(c.members);
	return ok || agree_differ(a, "the thread", &of);
}
