/* Lines of segments moved into others: small ones of ours, and those of a writer
 * that is gone. */
#include "feeds/peek.h"
#include "src/depot/gc_private.h"

/* Lines that go, and the messages that need not. */
struct moving {
	struct gc *g;
	const struct depot_writer_id *from;
	struct depot_ranges *there;
	uint64_t messages;
	bool damaged; /* the segment that was read last */
};

/* Messages that are there already are left out; claims and headers are of the
 * old file. */
static enum kith_err move_line(struct moving *m, const struct depot_line *line)
{
	struct depot_range one, lack;
	enum kith_err err;

	if (line->kind == DEPOT_FORK || line->kind == DEPOT_EXTENSION)
		return leave_put(&m->g->out, line->kind, line->json);
	if (line->kind != DEPOT_MESSAGE ||
	    !msg_peek(line->json, &one.feed, &one.first) ||
	    !survey_is_range(&one) ||
	    !depot_ranges_lack(m->there, &one, &lack))
		return KITH_OK;
	err = leave_put(&m->g->out, line->kind, line->json);
	if (!err)
		err = depot_ranges_add(m->there, &one);
	m->messages += !err;
	return err;
}

/* A file that is long enough is ended: no medium holds one of any size. */
static enum kith_err roll(struct leave *out)
{
	uint64_t most = out->s->config->segment_bytes
				? out->s->config->segment_bytes
				: LEAVE_SEGMENT_BYTES;

	return out->writer && depot_writer_bytes(out->writer) +
					      DEPOT_LINE_BYTES_MAX > most
		       ? leave_end(out)
		       : KITH_OK;
}

static enum kith_err move_segment(struct moving *m, uint32_t number)
{
	const struct depot_place start = { .number = number };
	struct session *s = &m->g->s;
	struct depot_reader *r;
	struct depot_line line;
	enum depot_read what;
	enum kith_err err;

	m->damaged = false;
	err = depot_reader_new(&s->depot, m->from, DEPOT_SEGMENT, &start, &r,
			       s->e);
	if (err)
		return err;
	while (!(err = depot_reader_next(r, &what, &line, s->e)) &&
	       what != DEPOT_READ_END) {
		if (what == DEPOT_READ_DAMAGE)
			m->damaged = true;
		else
			err = move_line(m, &line);
		if (!err)
			err = roll(&m->g->out);
		if (err)
			break;
	}
	depot_reader_free(r);
	return err ? err : session_go_on(s, DEPOT_LEAVING, m->messages,
					 m->g->out.spent, 0);
}

/* What was put is synced, read back and named before anything goes. */
static enum kith_err settle(struct gc *g)
{
	enum kith_err err = leave_end(&g->out);

	return !err && g->out.full
		? kith_fail(g->s.e, KITH_EFULL, 0, "there is no room in "
			    "%.80s to write what is to be kept before the "
			    "rest is removed", g->s.depot.medium->where)
		: err;
}

/* --- merging -------------------------------------------------------------- */

static bool is_small(const struct depot_segment *segment)
{
	return segment->closed && segment->bytes < GC_SMALL_BYTES;
}

static size_t count_small(const struct depot_head *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++)
		n += is_small(&h->segments[i]);
	return n;
}

/* Messages of the segments that stay. */
static enum kith_err ranges_of_large(struct moving *m)
{
	const struct depot_head *h = m->g->s.head;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < h->count; i++)
		if (!is_small(&h->segments[i]))
			err = gc_ranges(m->g, m->from, &h->segments[i],
					m->there);
	return err;
}

/* One that is damaged keeps its place: its index tells what was lost.  What
 * could be read of it is there twice then. */
static enum kith_err merge_small(struct moving *m)
{
	struct depot_head *h = m->g->s.head;
	uint32_t small[DEPOT_SEGMENTS_MAX];
	const size_t count = h->count; /* what is written comes behind */
	size_t n = 0;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < count; i++) {
		if (!is_small(&h->segments[i]))
			continue;
		err = move_segment(m, h->segments[i].number);
		if (!err && !m->damaged)
			small[n++] = h->segments[i].number;
	}
	if (!err)
		err = settle(m->g);
	for (size_t i = 0; !err && i < h->count; i++)
		for (size_t k = 0; k < n; k++)
			if (h->segments[i].number == small[k]) {
				gc_drop(m->g, i--);
				m->g->report->merged++;
				break;
			}
	return err;
}

enum kith_err gc_merge(struct gc *g)
{
	struct moving m = { .g = g, .from = &g->s.name };
	enum kith_err err;

	if (count_small(g->s.head) < GC_SMALL_COUNT)
		return KITH_OK;
	if (g->plan->dry_run) {
		g->report->merged = count_small(g->s.head);
		return KITH_OK;
	}
	m.there = depot_ranges_new();
	err = m.there ? ranges_of_large(&m) : KITH_ENOMEM;
	if (!err)
		err = merge_small(&m);
	depot_ranges_free(m.there);
	return err;
}

/* --- adopting ------------------------------------------------------------- */

static enum kith_err ranges_of_others(struct moving *m)
{
	const struct survey *l = m->g->survey;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < l->count; i++) {
		struct survey_writer *w = &l->writers[i];

		if (!strcmp(w->id.name, m->from->name))
			continue;
		err = survey_ranges(l, w, m->g->s.e);
		if (!err)
			err = depot_ranges_join(m->there, w->ranges);
	}
	return err;
}

static enum kith_err move_all(struct moving *m, const struct depot_head *h)
{
	enum kith_err err = ranges_of_others(m);

	for (size_t i = 0; !err && i < h->count; i++) {
		err = move_segment(m, h->segments[i].number);
		if (err != KITH_ENOENT)
			continue;
		err = KITH_OK; /* one that is missing has nothing to give */
		*m->g->s.e = (struct kith_error){ 0 };
	}
	return err ? err : settle(m->g);
}

static enum kith_err remove_named(struct gc *g,
				  const struct survey_writer *w)
{
	struct folder *f = g->s.depot.folder;
	char name[FOLDER_NAME_BYTES];
	enum kith_err err = KITH_OK;

	for (int slot = 0; !err && slot < 2; slot++) {
		depot_name_head(name, &w->id, slot);
		err = folder_remove(f, name, g->s.e);
	}
	for (size_t i = 0; !err && i < w->head->count; i++) {
		const uint32_t number = w->head->segments[i].number;

		depot_name_file(name, &w->id, DEPOT_SEGMENT, number);
		err = folder_remove(f, name, g->s.e);
		depot_name_file(name, &w->id, DEPOT_INDEX, number);
		if (!err)
			err = folder_remove(f, name, g->s.e);
	}
	if (err || !w->head->notes)
		return err;
	depot_name_file(name, &w->id, DEPOT_NOTES, w->head->notes);
	return folder_remove(f, name, g->s.e);
}

/* Its heads first: what no head names is still read, as of old, but counts no
 * more as somebody's.  Then what else is listed. */
static enum kith_err remove_writer(struct gc *g,
				   const struct survey_writer *w)
{
	uint64_t count = 0;
	enum kith_err err = remove_named(g, w);

	return err ? err : gc_remove_files(g, &w->id, NULL, &count);
}

enum kith_err gc_adopt(struct gc *g, const struct depot_writer_id *w)
{
	struct moving m = { .g = g, .from = w };
	struct survey_writer *row = survey_writer(g->survey, w);
	enum kith_err err;

	m.there = depot_ranges_new();
	err = m.there && row ? move_all(&m, row->head) : KITH_ENOMEM;
	depot_ranges_free(m.there);
	if (!err && g->out.begun)
		err = leave_head(&g->out);
	if (!err)
		err = remove_writer(g, row);
	if (err)
		return err;
	g->report->adopted = m.messages;
	row->head->count = 0;
	return KITH_OK;
}
