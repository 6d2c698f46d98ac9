#include "src/views/query_lanes.h"

#include <stdlib.h>

#define LAST_NUMBER (((uint64_t)1 << 48) - 1)

struct posting posting_after(const struct posting *at)
{
	if (at->rx < LAST_NUMBER)
		return (struct posting){ at->time_ms, at->rx + 1 };
	return (struct posting){ at->time_ms + 1, 0 };
}

struct posting posting_before(const struct posting *at)
{
	if (at->rx)
		return (struct posting){ at->time_ms, at->rx - 1 };
	if (at->time_ms)
		return (struct posting){ at->time_ms - 1, LAST_NUMBER };
	return (struct posting){ 0, 0 };
}

struct lane *lane_new(enum lane_kind kind, const struct filter *of)
{
	struct lane *l = calloc(1, sizeof(*l));

	if (l) {
		l->kind = kind;
		l->of = of;
	}
	return l;
}

struct lane *lane_term(const struct term *term, const struct filter *of)
{
	struct lane *l = lane_new(LANE_TERM, of);

	if (l)
		l->postings.term = *term;
	return l;
}

void lane_add(struct lane *to, struct lane *l)
{
	l->next = to->first;
	to->first = l;
}

/* Lists nest as filters do. */
void lane_free(struct lane *l)
{
	while (l) {
		struct lane *next = l->next;

		lane_free(l->first);
		free(l->memory);
		free(l);
		l = next;
	}
}

void lane_rewind(struct lane *l)
{
	l->placed = false;
	for (struct lane *i = l->first; i; i = i->next)
		lane_rewind(i);
}

void lane_open(struct lane *l, struct txn *t, const struct viewer *v)
{
	l->placed = false;
	if (l->kind == LANE_TERM) {
		struct term term = l->postings.term;

		postings_open(&l->postings, t, v, &term);
		l->open = true;
	}
	for (struct lane *i = l->first; i; i = i->next)
		lane_open(i, t, v);
}

void lane_close(struct lane *l)
{
	if (l->open)
		postings_close(&l->postings);
	l->open = l->placed = false;
	for (struct lane *i = l->first; i; i = i->next)
		lane_close(i);
}

/* a stands before b as one reads. */
static bool before(const struct posting *a, const struct posting *b, bool back)
{
	int order = posting_compare(a, b);

	return back ? order > 0 : order < 0;
}

/* --- postings in memory --- */

static bool stand(struct lane *l)
{
	if (l->index >= l->count)
		return false;
	l->at = l->memory[l->index];
	return true;
}

/* The first at or after to is at low; back: the last at or before it. */
static bool seek_memory(struct lane *l, const struct posting *to, bool back)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (posting_compare(&l->memory[middle], to) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (back && (low == l->count ||
		     posting_compare(&l->memory[low], to) > 0))
		low--; /* before the first it wraps, beyond count */
	l->index = low;
	return stand(l);
}

static bool step_memory(struct lane *l, bool back)
{
	l->index += back ? (size_t)-1 : 1;
	return stand(l);
}

/* --- postings of a term --- */

static bool seek_term(struct lane *l, const struct posting *to, bool back)
{
	bool found = back ? postings_seek_back(&l->postings, to)
			  : postings_seek(&l->postings, to);

	l->at = l->postings.at;
	return found;
}

static bool step_term(struct lane *l, bool back)
{
	bool found = back ? postings_previous(&l->postings)
			  : postings_next(&l->postings);

	l->at = l->postings.at;
	return found;
}

/* --- of several --- */

/* At the foremost of those that stand somewhere. */
static bool foremost(struct lane *l, bool back)
{
	struct lane *best = NULL;

	for (struct lane *i = l->first; i; i = i->next)
		if (i->found && (!best || before(&i->at, &best->at, back)))
			best = i;
	if (best)
		l->at = best->at;
	return best;
}

static bool step_or(struct lane *l, bool back)
{
	const struct posting here = l->at;

	for (struct lane *i = l->first; i; i = i->next)
		if (i->found && !posting_compare(&i->at, &here))
			lane_step(i, back);
	return foremost(l, back);
}

static bool seek_or(struct lane *l, const struct posting *to, bool back)
{
	for (struct lane *i = l->first; i; i = i->next)
		lane_seek(i, to, back);
	return foremost(l, back);
}

/* Leaps until all stand on the same. */
static bool seek_and(struct lane *l, const struct posting *to, bool back)
{
	struct posting goal = *to;
	struct lane *i = l->first;

	while (i) {
		if (!lane_seek(i, &goal, back))
			return false;
		if (posting_compare(&i->at, &goal)) {
			goal = i->at;
			i = i == l->first ? i->next : l->first;
		} else {
			i = i->next;
		}
	}
	l->at = goal;
	return true;
}

static bool step_and(struct lane *l, bool back)
{
	return lane_step(l->first, back) &&
	       seek_and(l, &l->first->at, back);
}

/* --- all of them --- */

bool lane_seek(struct lane *l, const struct posting *to, bool back)
{
	/* Reading goes one way: who is there already stays. */
	if (l->placed && (!l->found || !before(&l->at, to, back)))
		return l->found;
	l->placed = true;
	switch (l->kind) {
	case LANE_TERM:
		l->found = seek_term(l, to, back);
		break;
	case LANE_MEMORY:
		l->found = seek_memory(l, to, back);
		break;
	case LANE_OR:
		l->found = seek_or(l, to, back);
		break;
	case LANE_AND:
		l->found = seek_and(l, to, back);
		break;
	}
	return l->found;
}

bool lane_step(struct lane *l, bool back)
{
	if (!l->found)
		return false;
	switch (l->kind) {
	case LANE_TERM:
		l->found = step_term(l, back);
		break;
	case LANE_MEMORY:
		l->found = step_memory(l, back);
		break;
	case LANE_OR:
		l->found = step_or(l, back);
		break;
	case LANE_AND:
		l->found = step_and(l, back);
		break;
	}
	return l->found;
}

size_t lane_count(struct lane *l, size_t most)
{
	size_t n = 0;

	for (bool more = lane_seek(l, &POSTING_FIRST, false); more && n < most;
	     more = lane_step(l, false))
		n++;
	return n;
}
