#include "src/source/part.h"

#include "feeds/message.h"

enum seen { SEEN_SAME, SEEN_OTHER, SEEN_NOTHING, SEEN_STOP };

struct search {
	part_ask *ask;
	void *arg;
	struct part *out;
};

static enum seen look(struct search *s, uint64_t sequence)
{
	struct kith_msg_id ids[2];

	for (int copy = 0; copy < 2; copy++) {
		s->out->asked++;
		switch (s->ask(s->arg, copy, sequence, &ids[copy])) {
		case PART_HAS: break;
		case PART_LACKS: return SEEN_NOTHING;
		case PART_STOP: return SEEN_STOP;
		}
	}
	if (kith_msg_equal(&ids[0], &ids[1])) {
		if (sequence > s->out->same)
			s->out->same = sequence;
		return SEEN_SAME;
	}
	if (!s->out->until || sequence < s->out->until) {
		s->out->until = sequence;
		memcpy(s->out->ids, ids, sizeof(ids));
	}
	return SEEN_OTHER;
}

/* The place n before or behind a hole, towards the bound. */
static uint64_t step(uint64_t hole, uint64_t bound, uint64_t n)
{
	return hole < bound ? hole + n : hole - n;
}

/* The edge of a hole, on the side of the bound: what is seen there, and where.
 * In steps that double, and then by halves; where several holes stand close it
 * may be the edge of another.  SEEN_NOTHING: the hole goes to the bound, which
 * is not looked at. */
static enum seen find_edge(struct search *s, uint64_t hole, uint64_t bound,
			   uint64_t *edge)
{
	uint64_t most = (hole < bound ? bound - hole : hole - bound) - 1;
	uint64_t in = 0, out = 0;
	enum seen seen = SEEN_NOTHING, nearer;

	while (seen == SEEN_NOTHING && out < most) {
		in = out;
		out = out > most / 2 ? most : out ? 2 * out : 1;
		seen = look(s, step(hole, bound, out));
	}
	while (seen != SEEN_NOTHING && seen != SEEN_STOP && out - in > 1) {
		uint64_t n = in + (out - in) / 2;

		nearer = look(s, step(hole, bound, n));
		if (nearer == SEEN_NOTHING) {
			in = n;
			continue;
		}
		out = n;
		seen = nearer;
	}
	*edge = step(hole, bound, out);
	return seen;
}

/* Goes around a hole between a place that is the same and one that differs;
 * moves both.  False: nothing is left to ask between them. */
static bool go_around(struct search *s, uint64_t hole, uint64_t *same,
		      uint64_t *other, bool *stop)
{
	uint64_t edge = 0;
	enum seen seen = find_edge(s, hole, *same, &edge);

	*stop = seen == SEEN_STOP;
	if (seen == SEEN_OTHER)
		*other = edge;
	if (seen == SEEN_OTHER || *stop)
		return true;
	if (seen == SEEN_SAME)
		*same = edge;
	seen = find_edge(s, hole, *other, &edge);
	*stop = seen == SEEN_STOP;
	if (seen == SEEN_OTHER)
		*other = edge;
	if (seen == SEEN_SAME)
		*same = edge;
	return seen == SEEN_SAME || *stop;
}

/* same is the last place that is so, or the one before all that both have;
 * other differs.  False: told to stop. */
static bool halve(struct search *s, uint64_t same, uint64_t other)
{
	bool stop = false;

	while (!stop && other - same > 1) {
		uint64_t middle = same + (other - same) / 2;
		enum seen seen = look(s, middle);

		if (seen == SEEN_SAME)
			same = middle;
		else if (seen == SEEN_OTHER)
			other = middle;
		else if (seen == SEEN_STOP)
			return false;
		else if (!go_around(s, middle, &same, &other, &stop))
			break;
	}
	return !stop;
}

static enum part_verdict by_length(const struct part_span copies[2])
{
	if (copies[0].last == copies[1].last)
		return PART_EQUAL;
	return copies[0].last > copies[1].last ? PART_AHEAD : PART_BEHIND;
}

/* from is the first place that both may have, to the last. */
static bool search(struct search *s, const struct part_span copies[2],
		   uint64_t from, uint64_t to)
{
	uint64_t top = to;
	enum seen seen = look(s, to);

	if (seen == SEEN_NOTHING)
		seen = find_edge(s, to, from - 1, &top);
	if (seen == SEEN_OTHER) {
		s->out->verdict = PART_DIVERGED;
		return halve(s, from - 1, top);
	}
	if (seen == SEEN_SAME && top == to)
		s->out->verdict = by_length(copies);
	else
		s->out->until = to;
	return seen != SEEN_STOP;
}

bool part_find(const struct part_span copies[2], part_ask *ask, void *arg,
	       struct part *out)
{
	struct search s = { ask, arg, out };
	uint64_t from = 1, to = KITH_SEQUENCE_MAX;
	bool all;

	*out = (struct part){ .verdict = PART_UNKNOWN };
	for (int copy = 0; copy < 2; copy++) {
		if (copies[copy].first > from)
			from = copies[copy].first;
		if (copies[copy].last < to)
			to = copies[copy].last;
	}
	if (from > to)
		return true;
	all = search(&s, copies, from, to);
	/* Only of what is no chain: that they differ there stays true. */
	if (out->verdict == PART_DIVERGED && out->same >= out->until)
		out->same = 0;
	return all;
}
