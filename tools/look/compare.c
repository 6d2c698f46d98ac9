#include "tools/look/compare.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	TOGETHER = 1024, /* feeds under way; most of them mostly need nothing */
	SEEN_MAX = 64 /* answers kept of one; beyond, it goes on alone */
};

/* What a side answered. */
struct seen {
	int copy;
	uint64_t sequence;
	enum part_answer answer;
	struct kith_msg_id id;
};

struct compare_search {
	struct compared f;
	bool done;
	uint64_t fetched[2]; /* which message of a side is at hand; 0: none */
	size_t seen_count;
	struct seen seen[SEEN_MAX];
};

const char *compare_state_name(enum compare_state state)
{
	static const char *const names[COMPARE_STATES] = {
		[COMPARE_EQUAL] = "equal",
		[COMPARE_AHEAD] = "ahead",
		[COMPARE_BEHIND] = "behind",
		[COMPARE_DIVERGED] = "diverged",
		[COMPARE_UNKNOWN] = "unknown",
		[COMPARE_ONLY_A] = "only-a",
		[COMPARE_ONLY_B] = "only-b",
	};

	return names[state];
}

int compare_open(struct compare *c, struct tool *t, const char *const names[2])
{
	struct wanted wanted;
	int code = wanted_read(&wanted, t);

	*c = (struct compare){ .tool = t };
	for (int i = 0; !code && i < 2; i++)
		code = side_open(&c->sides[i], t, names[i]);
	if (!code)
		code = sides_look(c->sides, 2, &wanted);
	return code ? code : sides_agree(c->sides, t);
}

void compare_close(struct compare *c)
{
	for (int i = 0; i < 2; i++)
		side_close(&c->sides[i]);
	free(c->searches);
	c->searches = NULL;
}

/* --- questions ------------------------------------------------------------ */

/* True: the answer is far away, and will be asked for with others. */
static bool must_wait(struct compare *c, int copy, uint64_t sequence)
{
	struct compare_wave *w = &c->waves[copy];
	struct compare_search *s = c->now;

	if (!c->sides[copy].asked || s->fetched[copy] == sequence ||
	    s->seen_count > SEEN_MAX - 2)
		return false;
	if (w->count == SOURCE_AHEAD_MAX)
		return true;
	s->fetched[copy] = sequence;
	w->places[w->count++] = (struct source_place){ s->f.feed, sequence };
	return true;
}

static const struct seen *find_seen(const struct compare_search *s, int copy,
				    uint64_t sequence)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i].sequence == sequence && s->seen[i].copy == copy)
			return &s->seen[i];
	return NULL;
}

static void remember(struct compare_search *s, const struct seen *one)
{
	if (s->seen_count < SEEN_MAX)
		s->seen[s->seen_count++] = *one;
}

/* --- one feed ------------------------------------------------------------- */

/* What is wrong with a message is said of its feed, what is wrong with a side
 * ends it all. */
static enum part_answer answer(struct compare *c, int copy, enum kith_err err,
			       const struct kith_error *e)
{
	switch (err) {
	case KITH_OK:
		return PART_HAS;
	case KITH_ENOENT:
		return PART_LACKS;
	case KITH_EFORMAT:
	case KITH_ESIGN:
		if (!*c->now->f.problem)
			snprintf(c->now->f.problem,
				 sizeof(c->now->f.problem),
				 "%.40s: %.100s", c->sides[copy].name, e->text);
		return PART_LACKS;
	default:
		c->error = *e;
		kith_fail(&c->error, err, 0, "%s", kith_strerror(err));
		c->broken = &c->sides[copy];
		return PART_STOP;
	}
}

static enum part_answer ask(void *arg, int copy, uint64_t sequence,
			    struct kith_msg_id *out)
{
	struct compare *c = arg;
	struct compare_search *s = c->now;
	const struct source_feed *has = &s->f.has[copy];
	struct seen one = { .copy = copy, .sequence = sequence };
	const struct seen *seen;
	struct kith_error e = { 0 };
	enum kith_err err;

	if (has->has_tip && sequence == has->last) {
		*out = has->tip;
		return PART_HAS;
	}
	seen = find_seen(s, copy, sequence);
	if (!seen && must_wait(c, copy, sequence))
		return PART_STOP;
	if (!seen) {
		s->fetched[copy] = 0;
		err = side_id_at(&c->sides[copy], &s->f.feed, sequence,
				 &one.id, &e);
		one.answer = answer(c, copy, err, &e);
		remember(s, &one);
		seen = &one;
	}
	*out = seen->id;
	return seen->answer;
}

/* That two messages differ says something of their author only if both are
 * his.  False: not yet, or a side can be read no more. */
static bool check_signatures(struct compare *c)
{
	struct compared *f = &c->now->f;
	bool waits = false;

	for (int i = 0; i < 2; i++)
		waits |= must_wait(c, i, f->part.until);
	if (waits)
		return false;
	for (int i = 0; i < 2; i++) {
		struct kith_error e = { 0 };
		bool is_signed = false;
		struct kith_msg m;
		enum kith_err err = side_message(&c->sides[i], &f->feed,
						 f->part.until, &m, &is_signed,
						 &e);

		if (answer(c, i, err, &e) == PART_STOP)
			return false;
		f->forged |= err || !is_signed;
		if (!err && !is_signed)
			snprintf(f->problem, sizeof(f->problem), "%.40s: the "
				 "signature of message %llu is wrong",
				 c->sides[i].name,
				 (unsigned long long)f->part.until);
	}
	return true;
}

/* What stands behind the last that is the same, and of one that is known to
 * differ from there on. */
static void find_first(struct compared *f)
{
	uint64_t from = f->part.until;

	if (f->state != COMPARE_DIVERGED)
		from = f->part.same + 1;
	if (f->state == COMPARE_AHEAD || f->state == COMPARE_BEHIND)
		from = f->has[f->state == COMPARE_AHEAD].last + 1;
	for (int i = 0; i < 2; i++)
		if (from <= f->has[i].last)
			f->first[i] = from > f->has[i].first
					      ? from : f->has[i].first;
}

/* Which messages before its last one a side lacks: it begins later than the
 * other, or has holes. */
static void note_lacks(struct compare *c)
{
	struct compared *f = &c->now->f;

	for (int i = 0; i < 2; i++) {
		const struct source_feed *has = &f->has[i];
		uint64_t span = has->last - has->first + 1;
		char side = i ? 'B' : 'A';

		if (*f->problem)
			return;
		if (has->messages < span)
			snprintf(f->problem, sizeof(f->problem), "%c lacks "
				 "%llu of its messages %llu to %llu", side,
				 (unsigned long long)(span - has->messages),
				 (unsigned long long)has->first,
				 (unsigned long long)has->last);
		else if (has->first > f->has[!i].first)
			snprintf(f->problem, sizeof(f->problem), "%c begins "
				 "with message %llu only", side,
				 (unsigned long long)has->first);
	}
}

/* Both have some of it. */
static bool search(struct compare *c)
{
	static const enum compare_state states[] = {
		[PART_EQUAL] = COMPARE_EQUAL,
		[PART_AHEAD] = COMPARE_AHEAD,
		[PART_BEHIND] = COMPARE_BEHIND,
		[PART_DIVERGED] = COMPARE_DIVERGED,
		[PART_UNKNOWN] = COMPARE_UNKNOWN,
	};
	struct compared *f = &c->now->f;
	struct part_span spans[2];

	for (int i = 0; i < 2; i++) {
		/* Its first message names the one before it. */
		uint64_t first = f->has[i].first;

		spans[i].first = first > 1 ? first - 1 : 1;
		spans[i].last = f->has[i].last;
	}
	if (!part_find(spans, ask, c, &f->part))
		return false;
	f->state = states[f->part.verdict];
	note_lacks(c);
	if (f->state == COMPARE_UNKNOWN)
		return true;
	find_first(f);
	return f->state != COMPARE_DIVERGED || check_signatures(c);
}

/* False: it waits for answers, or a side can be read no more. */
static bool compare_one(struct compare *c)
{
	struct compared *f = &c->now->f;

	f->state = COMPARE_EQUAL;
	for (int i = 0; i < 2; i++) {
		f->first[i] = 0;
		if (!f->has[i].known)
			f->state = COMPARE_UNKNOWN;
	}
	if (f->state == COMPARE_UNKNOWN)
		return true;
	if (f->has[0].last && f->has[1].last)
		return search(c);
	if (f->has[0].last || f->has[1].last)
		f->state = f->has[0].last ? COMPARE_ONLY_A : COMPARE_ONLY_B;
	for (int i = 0; i < 2; i++)
		f->first[i] = f->has[i].first;
	return true;
}

/* --- all ------------------------------------------------------------------ */

/* The next feed of either side, in order. */
static bool next_feed(const struct compare *c, size_t at[2],
		      struct kith_feed_id *out)
{
	const struct kith_feed_id *ids[2];
	int order;

	for (int i = 0; i < 2; i++)
		ids[i] = at[i] < c->sides[i].count
				 ? &c->sides[i].feeds[at[i]].id : NULL;
	if (!ids[0] && !ids[1])
		return false;
	order = !ids[0] ? 1 : !ids[1] ? -1 : source_compare(ids[0], ids[1]);
	*out = *ids[order > 0];
	at[0] += order <= 0;
	at[1] += order >= 0;
	return true;
}

static struct compare_search *nth(const struct compare *c, size_t i)
{
	return &c->searches[(c->first + i) % TOGETHER];
}

static void begin(struct compare *c, size_t at[2])
{
	struct kith_feed_id feed;

	while (c->count < TOGETHER && next_feed(c, at, &feed)) {
		struct compare_search *s = nth(c, c->count++);

		s->f = (struct compared){ .feed = feed };
		s->done = false;
		s->fetched[0] = s->fetched[1] = 0;
		s->seen_count = 0;
		for (int i = 0; i < 2; i++)
			side_feed(&c->sides[i], &feed, &s->f.has[i]);
	}
}

/* Each as far as it goes with what is known. */
static void go_on(struct compare *c)
{
	for (size_t i = 0; i < c->count && !c->broken; i++) {
		c->now = nth(c, i);
		if (!c->now->done)
			c->now->done = compare_one(c);
	}
}

static void fetch(struct compare *c)
{
	for (int i = 0; i < 2 && !c->broken; i++) {
		struct compare_wave *w = &c->waves[i];

		if (source_ahead(c->sides[i].source, w->places, w->count,
				 &c->error))
			c->broken = &c->sides[i];
		w->count = 0;
	}
}

/* Those at the front that are done. */
static int tell(struct compare *c,
		int (*fn)(void *arg, const struct compared *f), void *arg)
{
	int code = EXIT_DONE;

	for (; !code && c->count && nth(c, 0)->done; c->count--) {
		code = fn(arg, &nth(c, 0)->f);
		c->first = (c->first + 1) % TOGETHER;
	}
	return code;
}

int compare_run(struct compare *c,
		int (*fn)(void *arg, const struct compared *f), void *arg)
{
	size_t at[2] = { 0, 0 };
	int code = EXIT_DONE;

	if (!c->searches)
		c->searches = calloc(TOGETHER, sizeof(*c->searches));
	if (!c->searches)
		return tool_fail(EXIT_FAILED, "out of memory");
	for (begin(c, at); !code && !c->broken && c->count; begin(c, at)) {
		go_on(c);
		fetch(c);
		code = tell(c, fn, arg);
	}
	if (code || !c->broken)
		return code;
	return side_fail(c->broken, &c->error, c->error.code);
}

int compare_code(const struct compare *c)
{
	int one = visit_code(&c->sides[0].visit);

	return one ? one : visit_code(&c->sides[1].visit);
}
