/* What we say of ourselves, and the head that names all of it. */
#include "src/depot/leave.h"

/* A file of notes is begun anew when it has more than twice what it says. */
enum { NOTES_SLACK_BYTES = 16384, NOTES_BYTES_MAX = 256 << 20 };

/* --- the words --- */

static enum kith_err say_haves(struct session *s, struct depot_notes *n)
{
	struct feed_row row;
	struct txn *t;
	uint32_t number = 0;
	int hops;
	enum kith_err err = store_read(s->config->store, &t);

	if (err)
		return err;
	while (!err && feed_next(t, &number, &row)) {
		hops = graph_hops(s->config->graph, &row.id);
		if (row.last && hops >= 0 && hops <= s->config->hops)
			err = depot_notes_set(n, &row.id, row.last);
	}
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

static enum kith_err say_wants(const struct session *s, struct depot_notes *n)
{
	struct kith_blob_id blob;
	unsigned distance;
	size_t at = 0;
	enum kith_err err = KITH_OK;

	while (!err && depot_notes_next_want(s->own->notes, &at, &blob,
					     &distance))
		err = depot_notes_want(n, &blob, distance);
	return err;
}

/* Lost, and not readable anywhere in the depot. */
static enum kith_err say_lacks(const struct session *s, struct depot_notes *n)
{
	struct depot_ranges *lacks = depot_notes_lacks(n);
	struct depot_range r;
	size_t at;
	enum kith_err err;

	err = depot_ranges_join(lacks, depot_notes_lacks(s->own->notes));
	if (!err)
		err = depot_ranges_join(lacks, s->lost);
	for (size_t i = 0; !err && i < s->memory->known_count; i++) {
		const struct depot_ranges *there = s->memory->known[i]->ranges;

		at = 0;
		while (!err && there && depot_ranges_next(there, &at, &r))
			err = depot_ranges_remove(lacks, &r);
	}
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

/* Those met before: that they did something is only told along with other
 * news, lest two nodes tell each other of nothing else for ever. */
static enum kith_err say_met(const struct session *s, struct depot_notes *n,
			     bool news)
{
	struct depot_writer_id id;
	uint64_t round;
	size_t at = 0;
	enum kith_err err = KITH_OK;

	while (!err && depot_notes_next_met(s->own->notes, &at, &id, &round))
		err = depot_notes_met(n, &id, round);
	for (size_t i = 0; !err && news && i < s->memory->known_count; i++) {
		const struct depot_known *k = s->memory->known[i];

		if (k != s->own && k->generation)
			err = depot_notes_met(n, &k->id, k->round);
	}
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

enum kith_err leave_words(struct session *s, struct depot_notes **out)
{
	struct depot_notes *n = depot_notes_new();
	enum kith_err err = n ? say_haves(s, n) : KITH_ENOMEM;

	if (!err)
		err = say_wants(s, n);
	if (!err)
		err = say_met(s, n, false);
	if (err)
		depot_notes_free(n);
	else
		*out = n;
	return err;
}

/* --- the file --- */

static enum kith_err put_lines(struct leave *l, struct depot_writer *w,
			       struct kith_slice text)
{
	struct depot_lines *lines = depot_lines_new(0);
	struct depot_line line;
	enum kith_err err = lines ? KITH_OK : KITH_ENOMEM;

	while (!err && depot_lines_next(lines, &text, &line) == DEPOT_LINE)
		err = depot_writer_put(w, line.kind, line.json, l->s->e);
	depot_lines_free(lines);
	return err;
}

/* Does our file of notes end where we know it to? */
static bool goes_on(const struct session *s)
{
	struct depot_reader *r = NULL;
	const struct depot_place *at = &s->own->notes_at;

	if (!at->offset || s->strange || at->number != s->head->notes ||
	    !(s->depot.folder->can & FOLDER_APPENDS))
		return false;
	if (depot_reader_new(&s->depot, &s->name, DEPOT_NOTES, at, &r, NULL))
		return false;
	depot_reader_free(r);
	return true;
}

static enum kith_err write_notes(struct leave *l, struct kith_slice text,
				 const struct depot_place *at)
{
	struct session *s = l->s;
	struct leave_check c = { .file = DEPOT_NOTES,
				 .number = at->number,
				 .start = at->offset };
	struct depot_writer *w = NULL;
	uint64_t bytes = 0;
	enum kith_err err;

	err = depot_writer_new(&s->depot, &s->name, DEPOT_NOTES, at->number,
			       at->offset, &w, s->e);
	if (err)
		return err;
	err = put_lines(l, w, text);
	c.sum = depot_writer_sum(w);
	if (err) {
		depot_writer_drop(w);
		return err;
	}
	err = depot_writer_finish(w, &bytes, s->e);
	if (!err)
		err = leave_check(l, &c);
	if (err)
		return err;
	s->head->notes = at->number;
	s->head->notes_bytes = bytes;
	s->own->notes_at = c.end;
	return KITH_OK;
}

/* The one before the last is named by the other slot still. */
static void remove_old(struct session *s)
{
	char name[FOLDER_NAME_BYTES];

	if (s->head->notes < 3)
		return;
	depot_name_file(name, &s->name, DEPOT_NOTES, s->head->notes - 2);
	if (folder_remove(s->depot.folder, name, NULL))
		return; /* it costs room, no more */
}

static enum kith_err write_words(struct leave *l, struct depot_notes *words,
				 const struct kith_buf *news)
{
	struct session *s = l->s;
	struct kith_buf all = { .limit = NOTES_BYTES_MAX };
	struct depot_place at = s->own->notes_at;
	size_t count;
	enum kith_err err = depot_notes_turn(NULL, words, &all, &count);

	if (err || all.err) {
		kith_buf_free(&all);
		return err ? err : all.err;
	}
	if (goes_on(s) &&
	    at.offset + news->n <= 2 * all.n + NOTES_SLACK_BYTES) {
		err = write_notes(l, kith_bytes(news), &at);
	} else {
		if (at.number < s->head->notes)
			at.number = s->head->notes;
		at = (struct depot_place){ .number = at.number + 1 };
		err = write_notes(l, kith_bytes(&all), &at);
		if (!err)
			remove_old(s);
	}
	kith_buf_free(&all);
	if (!err) {
		depot_notes_free(s->own->notes);
		s->own->notes = words;
	}
	return err;
}

static void count_lacks(struct session *s, struct depot_notes *words)
{
	struct depot_range r;
	size_t at = 0;

	s->report->lacking = 0;
	while (depot_ranges_next(depot_notes_lacks(words), &at, &r))
		s->report->lacking += r.last - r.first + 1;
}

/* Are our words there as we remember them? */
static bool said(const struct session *s)
{
	const struct depot_place *at = &s->own->notes_at;
	struct depot_reader *r = NULL;

	if (!s->lags)
		return true;
	if (!at->offset || at->number != s->head->notes ||
	    depot_reader_new(&s->depot, &s->name, DEPOT_NOTES, at, &r, NULL))
		return false;
	depot_reader_free(r);
	s->head->notes_bytes = at->offset;
	return true;
}

enum kith_err leave_say(struct leave *l, struct depot_notes *words)
{
	struct session *s = l->s;
	struct kith_buf news = { .limit = NOTES_BYTES_MAX };
	bool again = !said(s);
	size_t count = 0;
	enum kith_err err = say_lacks(s, words);

	if (!err)
		err = depot_notes_turn(s->own->notes, words, &news, &count);
	count_lacks(s, words);
	if (!err && (count || l->begun || s->moved || again)) {
		kith_buf_reset(&news);
		err = say_met(s, words, true);
		if (!err)
			err = depot_notes_turn(s->own->notes, words, &news,
					       &count);
		if (!err && (count || again)) {
			err = leave_begin(l);
			if (!err)
				err = write_words(l, words, &news);
		}
	}
	kith_buf_free(&news);
	return err;
}

/* --- the head --- */

enum kith_err leave_head(struct leave *l)
{
	struct session *s = l->s;
	struct depot_memory *m = s->memory;
	const struct depot_place *last = leave_last(l);
	enum kith_err err = leave_close_others(l, last ? last->number : 0);

	if (err)
		return err;
	s->head->generation = (m->written > s->head->generation
				       ? m->written
				       : s->head->generation + 1);
	s->head->round = s->round + 1;
	m->written = s->head->generation;
	s->own->generation = s->head->generation;
	s->own->round = s->head->round;
	err = depot_memory_save(m, s->e);
	if (!err)
		err = depot_head_write(&s->depot, &s->name, s->head, s->slot,
				       s->e);
	if (!err)
		s->slot = s->slot == 0 ? 1 : 0;
	return err;
}
