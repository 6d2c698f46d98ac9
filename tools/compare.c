#include "tools/compare.h"

#include <stdio.h>

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
	int code = EXIT_DONE;

	*c = (struct compare){ .tool = t };
	for (int i = 0; !code && i < 2; i++)
		code = side_open(&c->sides[i], t, names[i]);
	if (!code)
		code = sides_look(c->sides, 2, t);
	return code ? code : sides_agree(c->sides, t);
}

void compare_close(struct compare *c)
{
	for (int i = 0; i < 2; i++)
		side_close(&c->sides[i]);
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
		if (!*c->now.problem)
			snprintf(c->now.problem, sizeof(c->now.problem),
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
	const struct source_feed *has = &c->now.has[copy];
	struct kith_error e = { 0 };

	if (has->has_tip && sequence == has->last) {
		*out = has->tip;
		return PART_HAS;
	}
	return answer(c, copy,
		      side_id_at(&c->sides[copy], &c->now.feed, sequence, out,
				 &e),
		      &e);
}

/* That two messages differ says something of their author only if both are
 * his. */
static bool check_signatures(struct compare *c)
{
	struct compared *f = &c->now;

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
	struct compared *f = &c->now;

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
	struct compared *f = &c->now;
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

/* False: a side can be read no more. */
static bool compare_one(struct compare *c)
{
	struct compared *f = &c->now;

	for (int i = 0; i < 2; i++)
		if (!f->has[i].known) {
			f->state = COMPARE_UNKNOWN;
			return true;
		}
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

int compare_run(struct compare *c,
		int (*fn)(void *arg, const struct compared *f), void *arg)
{
	size_t at[2] = { 0, 0 };
	int code = EXIT_DONE;

	c->now = (struct compared){ .state = COMPARE_EQUAL };
	while (!code && next_feed(c, at, &c->now.feed)) {
		for (int i = 0; i < 2; i++)
			side_feed(&c->sides[i], &c->now.feed, &c->now.has[i]);
		if (!compare_one(c))
			return side_fail(c->broken, &c->error, c->error.code);
		code = fn(arg, &c->now);
		c->now = (struct compared){ .state = COMPARE_EQUAL };
	}
	return code;
}

int compare_code(const struct compare *c)
{
	int one = visit_code(&c->sides[0].visit);

	return one ? one : visit_code(&c->sides[1].visit);
}
