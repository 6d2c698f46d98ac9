#include "src/depot/take.h"

#include <stdlib.h>

/* A writer that did something since we looked. */
struct moved {
	struct depot_known *known;
	uint64_t generation, round;
	struct depot_segment *segments;
	size_t count;
	bool damaged;
	bool given_up; /* the rest of it is for another session */
};

struct moves {
	struct moved all[DEPOT_WRITERS_MAX + 1];
	size_t count;
	struct depot_head head; /* that is looked at */
};

static void moves_free(struct moves *m)
{
	for (size_t i = 0; m && i < m->count; i++)
		free(m->all[i].segments);
	free(m);
}

/* The tail of a session that was pulled out lies behind what a head names. */
static bool grew(const struct session *s, const struct depot_known *k,
		 const struct depot_head *h)
{
	const struct depot_segment *last =
		h->count ? &h->segments[h->count - 1] : NULL;
	const struct depot_place *at =
		last ? session_place(k, last->number) : NULL;
	char name[FOLDER_NAME_BYTES];
	uint64_t bytes;

	if (!last || last->closed ||
	    !(s->depot.folder->can & FOLDER_APPENDS))
		return false;
	if (!at)
		return true;
	depot_name_file(name, &k->id, DEPOT_SEGMENT, last->number);
	return folder_size(s->depot.folder, name, &bytes, NULL) ||
	       bytes != at->offset;
}

/* A file that we read is not named any more: its writer removed it, and what
 * was in it.  So what it has is found anew, from its indexes mostly. */
static bool shrank(const struct depot_known *k, const struct depot_head *h)
{
	for (size_t i = 0; i < k->place_count; i++) {
		bool there = false;

		for (size_t j = 0; !there && j < h->count; j++)
			there = h->segments[j].number == k->places[i].number;
		if (!there)
			return true;
	}
	return false;
}

/* More was left lying than could be kept in mind: if more is in reach now, all
 * is to be read. */
static bool forgot(const struct session *s, const struct depot_known *k)
{
	return k->left_count >= DEPOT_LEFT_MAX &&
	       s->graph != s->memory->graph;
}

static enum kith_err add_move(struct moves *m, struct depot_known *k)
{
	const struct depot_head *h = &m->head;
	struct moved *one = &m->all[m->count];

	*one = (struct moved){ k, h->generation, h->round, NULL, h->count,
				false, false };
	one->segments = calloc(h->count + 1, sizeof(*one->segments));
	if (!one->segments)
		return KITH_ENOMEM;
	memcpy(one->segments, h->segments, h->count * sizeof(h->segments[0]));
	m->count++;
	return KITH_OK;
}

static enum kith_err read_head(struct session *s,
			       const struct depot_writer_id *id,
			       struct depot_head *head)
{
	int slot;
	enum kith_err err;

	*head = (struct depot_head){ 0 };
	err = depot_head_read(&s->depot, id, head, &slot, NULL);
	if (err == KITH_ENOENT || err == KITH_EFORMAT) {
		*head = (struct depot_head){ 0 };
		return session_head_mend(&s->depot, id, head, s->e);
	}
	return err ? kith_fail(s->e, err, 0, "cannot read the head of %s",
			       id->name)
		   : KITH_OK;
}

static void meet(struct session *s, const struct depot_notes *n)
{
	struct depot_writer_id id;
	uint64_t round;
	size_t at = 0;

	while (depot_notes_next_met(n, &at, &id, &round))
		(void)session_writers_add(&s->writers, &id);
}

static enum kith_err look_at(struct session *s, struct moves *m,
			     const struct depot_writer_id *id)
{
	struct depot_known *k;
	enum kith_err err = read_head(s, id, &m->head);

	if (err)
		return err == KITH_ENOENT ? KITH_OK : err;
	err = session_known(s, id, &k);
	if (err)
		return err;
	s->report->writers++;
	if (m->head.round > s->round && m->head.round < SESSION_GENERATION_MAX)
		s->round = m->head.round;
	if (m->head.generation && m->head.generation == k->generation &&
	    !grew(s, k, &m->head) && !forgot(s, k))
		return KITH_OK;
	err = session_notes_read(s, k, &m->head);
	if (!err && (shrank(k, &m->head) || forgot(s, k)))
		err = session_forget(k);
	if (!err)
		err = add_move(m, k);
	if (!err)
		meet(s, k->notes);
	return err;
}

/* Ours is read like any other, from where it was known to end: for what was
 * written before a pull. */
static enum kith_err look_at_own(struct session *s, struct moves *m)
{
	if (!s->head->count)
		return KITH_OK;
	m->head = *s->head;
	if (shrank(s->own, s->head)) {
		enum kith_err err = session_forget(s->own);

		if (err)
			return err;
	}
	return add_move(m, s->own);
}

static uint64_t bytes_to_read(const struct moves *m)
{
	const struct depot_place *at;
	uint64_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		for (size_t j = 0; j < m->all[i].count; j++) {
			const struct depot_segment *g = &m->all[i].segments[j];

			at = session_place(m->all[i].known, g->number);
			if (!at || at->offset < g->bytes)
				n += g->bytes - (at ? at->offset : 0);
		}
	return n;
}

static enum kith_err read_segments(struct take *t, const struct moved *m)
{
	enum kith_err err = KITH_OK;

	t->known = m->known;
	t->refused = 0;
	for (size_t i = 0; !err && i < m->count &&
			   t->refused < TAKE_REFUSED_MAX; i++)
		err = take_segment(t, &m->segments[i]);
	return err;
}

/* EGAP: its files are not those that we know; then all of them are looked at.
 */
static enum kith_err read_writer(struct take *t, struct moved *m)
{
	struct session *s = t->s;
	uint64_t before = t->seen;
	enum kith_err err;

	t->damaged = false;
	err = read_segments(t, m);
	if (err == KITH_EGAP) {
		s->strange = s->strange || m->known == s->own;
		err = session_forget(m->known);
		if (!err)
			err = read_segments(t, m);
	}
	m->damaged = t->damaged;
	m->given_up = t->refused >= TAKE_REFUSED_MAX;
	if (m->known != s->own && t->seen > before)
		s->moved = true;
	return err == KITH_EGAP ? KITH_EIO : err;
}

static enum kith_err find_moves(struct session *s, struct moves *m)
{
	enum kith_err err;

	err = look_at_own(s, m);
	for (size_t i = 0; !err && i < s->writers.count; i++) {
		if (!strcmp(s->writers.ids[i].name, s->name.name))
			continue;
		err = look_at(s, m, &s->writers.ids[i]);
		if (!err)
			err = session_go_on(s, DEPOT_LOOKING, 0, i,
					    s->writers.count);
	}
	return err;
}

/* What one file lost stands in another that was read. */
static enum kith_err find_again(struct session *s, const struct depot_known *k)
{
	struct depot_range r;
	size_t at = 0;
	enum kith_err err = KITH_OK;

	while (!err && depot_ranges_count(s->lost) &&
	       depot_ranges_next(k->ranges, &at, &r))
		err = depot_ranges_remove(s->lost, &r);
	return err;
}

/* What a writer of damaged files has, and we still lack: where its words of what
 * was in them are damaged too, nobody else tells. */
static enum kith_err suspect_feed(struct session *s,
				  const struct depot_ranges *there,
				  struct depot_range *all)
{
	const struct session_feed *feed;
	struct depot_range piece;
	size_t index;
	enum kith_err err = session_feed_get(s->feeds, &all->feed, &index);

	if (err)
		return err == KITH_ETOOBIG ? KITH_OK : err;
	feed = &s->feeds->all[index];
	all->first = feed->next;
	while (!err && feed->reach && all->first <= all->last &&
	       depot_ranges_lack(there, all, &piece)) {
		err = depot_ranges_add(s->lost, &piece);
		all->first = piece.last + 1;
	}
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

static enum kith_err suspect(struct session *s, const struct depot_known *k)
{
	struct depot_ranges *there = depot_ranges_new();
	struct depot_range all = { .first = 0 };
	size_t at = 0;
	enum kith_err err = there ? KITH_OK : KITH_ENOMEM;

	for (size_t i = 0; !err && i < s->memory->known_count; i++)
		err = depot_ranges_join(there, s->memory->known[i]->ranges);
	while (!err && depot_notes_next(k->notes, &at, &all.feed, &all.last))
		err = suspect_feed(s, there, &all);
	depot_ranges_free(there);
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

static enum kith_err take_moves(struct take *t, struct moves *m)
{
	enum kith_err err = KITH_OK;

	t->total_bytes = bytes_to_read(m);
	for (size_t i = 0; !err && i < m->count; i++)
		err = read_writer(t, &m->all[i]);
	for (size_t i = 0; !err && i < m->count; i++)
		err = find_again(t->s, m->all[i].known);
	if (!err)
		err = take_left(t);
	if (!err)
		err = take_left_count(t);
	for (size_t i = 0; !err && i < m->count; i++)
		if (m->all[i].damaged && m->all[i].known != t->s->own)
			err = suspect(t->s, m->all[i].known);
	for (size_t i = 0; !err && i < m->count; i++) {
		if (!m->all[i].given_up)
			m->all[i].known->generation = m->all[i].generation;
		m->all[i].known->round = m->all[i].round;
	}
	return err;
}

static enum kith_err take_new(struct take *t, struct session *s)
{
	*t = (struct take){ .s = s };
	t->origins = calloc(TAKE_FLIGHT_MAX, sizeof(*t->origins));
	t->unused = calloc(TAKE_FLIGHT_MAX, sizeof(*t->unused));
	if (!t->origins || !t->unused)
		return KITH_ENOMEM;
	for (uint32_t i = 0; i < TAKE_FLIGHT_MAX; i++)
		t->unused[t->unused_count++] = TAKE_FLIGHT_MAX - 1 - i;
	return KITH_OK;
}

static void take_clear(struct take *t)
{
	depot_ranges_free(t->claims);
	free(t->origins);
	free(t->unused);
}

enum kith_err take_all(struct session *s)
{
	struct moves *m = calloc(1, sizeof(*m));
	struct take t;
	enum kith_err settled, err = take_new(&t, s);

	if (!err && !m)
		err = KITH_ENOMEM;
	if (!err)
		err = find_moves(s, m);
	if (!err)
		err = take_moves(&t, m);
	/* What is under way is not given up because the medium went away. */
	settled = t.failed || !t.unused ? KITH_OK : take_settle(&t);
	s->taken = !t.failed;
	moves_free(m);
	take_clear(&t);
	return err ? err : settled;
}
