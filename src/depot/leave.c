#include "src/depot/leave.h"

#include <stdlib.h>

#include "feeds/list.h"

/* What lies there, and what of that is lost. */
struct depot_state {
	struct depot_ranges *there, *lost;
};

/* By what was read, and by anybody's word. */
static enum kith_err find_lost(const struct session *s,
			       struct depot_ranges *lost)
{
	const struct depot_memory *m = s->memory;
	enum kith_err err = depot_ranges_join(lost, s->lost);

	for (size_t i = 0; !err && i < m->known_count; i++)
		if (m->known[i]->notes)
			err = depot_ranges_join(lost, depot_notes_lacks(
							m->known[i]->notes));
	return err;
}

/* What was said to be lost is in nobody's ranges, unless it was written again:
 * session_notes.c sees to that. */
static enum kith_err find_there(const struct session *s,
				struct depot_ranges *there)
{
	const struct depot_memory *m = s->memory;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < m->known_count; i++)
		if (m->known[i]->ranges)
			err = depot_ranges_join(there, m->known[i]->ranges);
	return err;
}

static enum kith_err look_there(const struct session *s,
				struct depot_state *out)
{
	enum kith_err err = KITH_ENOMEM;

	out->there = depot_ranges_new();
	out->lost = depot_ranges_new();
	if (out->there && out->lost)
		err = find_lost(s, out->lost);
	if (!err)
		err = find_there(s, out->there);
	/* More is written again than must be. */
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

static bool lives(const struct session *s, const struct depot_known *k)
{
	return k != s->own && k->generation &&
	       k->round + SESSION_LIVE_ROUNDS >= s->round;
}

/* How many others there are whose word counts, how many of them lack messages
 * of the feed up to last, and what all of them have. */
struct others {
	unsigned count, lacking;
	uint64_t have;
};

static struct others ask_others(const struct session *s,
				const struct kith_feed_id *feed, uint64_t last)
{
	struct others o = { .have = UINT64_MAX };
	uint64_t has;

	for (size_t i = 0; i < s->memory->known_count; i++) {
		const struct depot_known *k = s->memory->known[i];

		if (!lives(s, k))
			continue;
		has = depot_notes_has(k->notes, feed);
		o.count++;
		o.lacking += has < last;
		if (has < o.have)
			o.have = has;
	}
	return o;
}

static enum kith_err add_piece(struct leave *l, const struct feed_row *row,
			       const struct depot_range *range,
			       unsigned wanted)
{
	uint64_t held = row->last - row->first + 1;
	uint64_t count = range->last - range->first + 1;
	struct leave_piece *more = list_room(l->pieces, l->count,
					     &l->piece_room, sizeof(*more));

	if (!more)
		return KITH_ENOMEM;
	l->pieces = more;
	l->pieces[l->count++] = (struct leave_piece){
		.feed = row->id,
		.number = row->number,
		.next = range->first,
		.last = range->last,
		.bytes = row->bytes / held * count + LEAVE_LINE_BYTES * count,
		.wanted = wanted,
		.ours = kith_feed_equal(&row->id,
					session_id(l->s)),
	};
	l->messages += count;
	l->bytes += l->pieces[l->count - 1].bytes;
	return KITH_OK;
}

/* Of these messages, which others have, what was lost there is to be written
 * again all the same: they may have it no more when somebody comes. */
static enum kith_err find_lost_of(struct leave *l, const struct feed_row *row,
				  const struct depot_state *d, uint64_t last)
{
	struct depot_range all = { row->id, row->first, last }, kept, gone;
	enum kith_err err = KITH_OK;

	while (!err && all.first <= all.last) {
		gone = all;
		if (depot_ranges_lack(d->lost, &all, &kept)) {
			gone.last = kept.first - 1;
			all.first = kept.last + 1;
		} else {
			all.first = all.last + 1;
		}
		while (!err && gone.first <= gone.last &&
		       depot_ranges_lack(d->there, &gone, &kept)) {
			err = add_piece(l, row, &kept, 1);
			gone.first = kept.last + 1;
		}
	}
	return err;
}

/* What is not readable there, but for what all others have already: they told
 * so, and it may have been removed for that. */
static enum kith_err find_of(struct leave *l, const struct feed_row *row,
			     const struct depot_state *d)
{
	struct depot_range all = { row->id, row->first, row->last }, piece;
	struct others o = ask_others(l->s, &row->id, row->last);
	enum kith_err err = KITH_OK;

	if (o.count && !o.lacking)
		return find_lost_of(l, row, d, row->last);
	if (o.count && o.have >= all.first) {
		err = find_lost_of(l, row, d, o.have);
		all.first = o.have + 1;
	}
	while (!err && all.first <= all.last &&
	       depot_ranges_lack(d->there, &all, &piece)) {
		err = add_piece(l, row, &piece, o.lacking);
		all.first = piece.last + 1;
	}
	return err;
}

static enum kith_err find_all(struct leave *l, const struct depot_state *d)
{
	struct graph *g = l->s->config->graph;
	struct feed_row row;
	struct txn *t;
	uint32_t number = 0;
	int hops;
	enum kith_err err = store_read(l->s->config->store, &t);

	if (err)
		return err;
	while (!err && feed_next(t, &number, &row)) {
		hops = graph_hops(g, &row.id);
		if (row.last && hops >= 0 && hops <= l->s->config->hops &&
		    row.id.format == KITH_CLASSIC)
			err = find_of(l, &row, d);
	}
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

enum kith_err leave_find(struct leave *l)
{
	struct depot_state d = { NULL, NULL };
	enum kith_err err = look_there(l->s, &d);

	if (!err)
		err = find_all(l, &d);
	depot_ranges_free(d.there);
	depot_ranges_free(d.lost);
	return err;
}

static int by_want(const void *a, const void *b)
{
	const struct leave_piece *x = a, *y = b;

	if (x->ours != y->ours)
		return x->ours ? -1 : 1;
	if (x->wanted != y->wanted)
		return x->wanted > y->wanted ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->next > y->next) - (x->next < y->next);
}

void leave_order(struct leave *l)
{
	if (l->count)
		qsort(l->pieces, l->count, sizeof(*l->pieces), by_want);
}
