#include "src/depot/gc.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/depot/gc_private.h"

static enum kith_err no_memory(struct kith_error *e)
{
	kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	return KITH_ENOMEM;
}

enum kith_err gc_ranges(struct gc *g, const struct depot_writer_id *w,
			const struct depot_segment *segment,
			struct depot_ranges *out)
{
	bool whole = false;
	enum kith_err err = KITH_OK;

	if (segment->closed)
		err = survey_index(g->survey, w, segment->number, out, &whole,
				   g->s.e);
	return err || whole ? err
			    : survey_segment(g->survey, w, segment->number,
					     out, g->s.e);
}

void gc_drop(struct gc *g, size_t i)
{
	struct depot_head *h = g->s.head;

	g->gone[g->gone_count++] = h->segments[i].number;
	memmove(&h->segments[i], &h->segments[i + 1],
		(--h->count - i) * sizeof(h->segments[0]));
}

/* --- who still needs what ------------------------------------------------- */

/* It has read all that we have written so far. */
static bool read_us(const struct gc *g, const struct survey_writer *w)
{
	struct depot_writer_id id;
	uint64_t round;
	size_t at = 0;

	while (depot_notes_next_met(w->notes, &at, &id, &round))
		if (!strcmp(id.name, g->s.name.name))
			return round >= g->s.head->round;
	return false;
}

static bool asks_for(const struct survey_writer *w,
		     const struct depot_range *range)
{
	const struct depot_ranges *lacks = depot_notes_lacks(w->notes);
	struct depot_range r;
	size_t at = 0;

	while (depot_ranges_next(lacks, &at, &r))
		if (kith_feed_equal(&r.feed, &range->feed) &&
		    r.first <= range->last && r.last >= range->first)
			return true;
	return false;
}

/* Who has nothing of a feed, and saw what we have of it, does not carry it. */
static bool needs(const struct survey_writer *w, bool has_read,
		  const struct depot_range *range)
{
	uint64_t has = depot_notes_has(w->notes, &range->feed);

	if (asks_for(w, range))
		return true;
	return has < range->last && (has || !has_read);
}

static bool needs_some(const struct gc *g, const struct survey_writer *w,
		       const struct depot_ranges *in)
{
	bool has_read = read_us(g, w);
	struct depot_range range;
	size_t at = 0;

	while (depot_ranges_next(in, &at, &range))
		if (needs(w, has_read, &range))
			return true;
	return false;
}

/* Where nobody else lives, nobody has told anything. */
static bool may_go(struct gc *g, const struct depot_ranges *in)
{
	unsigned others = 0;

	if (g->plan->forget)
		return true;
	for (size_t i = 0; i < g->survey->count; i++) {
		const struct survey_writer *w = &g->survey->writers[i];

		if (w->ours || !w->live)
			continue;
		others++;
		if (needs_some(g, w, in)) {
			g->report->waits = w->id;
			return false;
		}
	}
	return others > 0;
}

/* --- the budget ----------------------------------------------------------- */

static uint64_t bytes_of(const struct depot_head *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < h->count; i++)
		n += h->segments[i].bytes;
	return n;
}

static uint64_t bytes_there(const struct gc *g)
{
	uint64_t n = bytes_of(g->s.head);

	for (size_t i = 0; i < g->survey->count; i++)
		if (&g->survey->writers[i] != g->ours)
			n += bytes_of(g->survey->writers[i].head);
	return n;
}

static enum kith_err consider(struct gc *g, size_t i, bool *went)
{
	struct depot_ranges *in = depot_ranges_new();
	enum kith_err err;

	if (!in)
		return no_memory(g->s.e);
	err = gc_ranges(g, &g->s.name, &g->s.head->segments[i], in);
	*went = !err && may_go(g, in);
	depot_ranges_free(in);
	return err;
}

/* The last one stays: from its number the next is known. */
static enum kith_err go_below(struct gc *g)
{
	struct depot_head *h = g->s.head;
	uint64_t there = bytes_there(g);
	enum kith_err err = KITH_OK;
	size_t i = 0;
	bool went;

	while (!err && i + 1 < h->count && there > g->plan->budget_bytes) {
		uint64_t bytes = h->segments[i].bytes;

		went = false;
		if (h->segments[i].closed)
			err = consider(g, i, &went);
		if (err)
			break;
		if (!went) {
			g->report->kept += h->segments[i++].closed;
			continue;
		}
		g->report->removed++;
		g->report->removed_bytes += bytes;
		there -= bytes;
		gc_drop(g, i);
	}
	return err;
}

/* --- files ---------------------------------------------------------------- */

static bool names(const struct depot_head *h, enum depot_file file,
		  uint32_t number)
{
	if (file == DEPOT_NOTES) /* the other head may name the one before */
		return number + 1 >= h->notes;
	for (size_t i = 0; i < h->count; i++)
		if (h->segments[i].number == number)
			return true;
	/* What is above was written by a session that did not end. */
	return !h->count || number > h->segments[h->count - 1].number;
}

enum kith_err gc_remove_files(struct gc *g, const struct depot_writer_id *w,
			      const struct depot_head *named, uint64_t *count)
{
	struct folder *f = g->s.depot.folder;
	struct folder_list list = { 0 };
	char name[FOLDER_NAME_BYTES];
	enum depot_file file;
	uint32_t number;
	enum kith_err err;

	if (!(f->can & FOLDER_LISTS))
		return KITH_OK;
	snprintf(name, sizeof(name), "w/%s", w->name);
	err = folder_list(f, name, &list, g->s.e);
	for (size_t i = 0; !err && i < list.count; i++) {
		if (!depot_name_is_file(list.names[i], &file, &number) ||
		    (named && names(named, file, number)))
			continue;
		depot_name_file(name, w, file, number);
		err = folder_remove(f, name, g->s.e);
		*count += !err;
	}
	folder_list_free(&list);
	return err;
}

static enum kith_err remove_gone(struct gc *g)
{
	struct folder *f = g->s.depot.folder;
	char name[FOLDER_NAME_BYTES];
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < g->gone_count; i++) {
		depot_name_file(name, &g->s.name, DEPOT_SEGMENT, g->gone[i]);
		err = folder_remove(f, name, g->s.e);
		depot_name_file(name, &g->s.name, DEPOT_INDEX, g->gone[i]);
		if (!err)
			err = folder_remove(f, name, g->s.e);
	}
	return err ? err : gc_remove_files(g, &g->s.name, g->s.head,
					   &g->report->strays);
}

/* What we remember of ourselves is what is there now. */
static enum kith_err remember(struct gc *g)
{
	struct depot_known *own = g->s.own;
	struct depot_ranges *left = depot_ranges_new();
	const struct depot_head *h = g->s.head;
	enum kith_err err = left ? KITH_OK : no_memory(g->s.e);
	size_t n = 0;

	for (size_t i = 0; !err && i < h->count; i++)
		err = gc_ranges(g, &g->s.name, &h->segments[i], left);
	if (err) {
		depot_ranges_free(left);
		return err;
	}
	depot_ranges_free(own->ranges);
	own->ranges = left;
	for (size_t i = 0; i < own->place_count; i++) {
		bool there = false;

		for (size_t k = 0; !there && k < h->count; k++)
			there = h->segments[k].number == own->places[i].number;
		if (there)
			own->places[n++] = own->places[i];
	}
	own->place_count = n;
	return depot_memory_save(g->s.memory, g->s.e);
}

/* --- all of it ------------------------------------------------------------ */

static enum kith_err write_head(struct gc *g)
{
	enum kith_err err;

	if (!g->gone_count && !g->out.begun)
		return gc_remove_files(g, &g->s.name, g->s.head,
				       &g->report->strays);
	err = leave_begin(&g->out);
	if (!err)
		err = leave_head(&g->out);
	if (!err)
		err = remove_gone(g);
	return err ? err : remember(g);
}

static enum kith_err adopt(struct gc *g)
{
	const struct survey_writer *w = survey_writer(g->survey, g->plan->adopt);
	struct kith_error *e = g->s.e;

	if (!w)
		return kith_fail(e, KITH_ENOENT, 0, "%s writes nothing there",
				 g->plan->adopt->name);
	if (w == g->ours)
		return kith_fail(e, KITH_EDENIED, 0, "that is ourselves");
	if (w->live && !g->plan->forget && !w->ours)
		return kith_fail(e, KITH_EDENIED, 0, "%s was there %llu "
				 "sessions ago and may come again: --forget "
				 "adopts it all the same", w->id.name,
				 (unsigned long long)(g->survey->round -
						      w->head->round));
	return g->plan->dry_run ? KITH_OK : gc_adopt(g, &w->id);
}

static enum kith_err work(struct gc *g)
{
	enum kith_err err = KITH_OK;

	g->report->bytes_before = g->report->bytes_after = bytes_there(g);
	if (g->plan->adopt)
		err = adopt(g);
	if (!err && g->plan->has_budget)
		err = go_below(g);
	if (!err)
		err = gc_merge(g);
	g->report->bytes_after = bytes_there(g);
	if (!err && !g->plan->dry_run)
		err = write_head(g);
	return err;
}

static bool tick(void *arg, uint64_t bytes)
{
	struct gc *g = arg;

	g->s.report->bytes_read += bytes;
	return !session_go_on(&g->s, DEPOT_CHECKING, 0,
			      g->s.report->bytes_read, 0);
}

static enum kith_err prepare(struct gc *g, struct folder *folder)
{
	const struct survey_tell tell = { .tick = tick, .arg = g };
	struct session *s = &g->s;
	enum kith_err err;

	s->counted = session_count(folder, s->report);
	s->head = calloc(1, sizeof(*s->head));
	if (!s->counted || !s->head)
		return no_memory(s->e);
	crc32c_init(&g->out.crc);
	g->out.s = s;
	g->out.room = folder_room(folder);
	err = session_enter(s);
	if (!err)
		err = session_self(s);
	if (!err && s->strange)
		err = kith_fail(s->e, KITH_EDENIED, 0, "%.60s is older than "
				"what was written there last: `kith sync` "
				"first", s->depot.medium->where);
	if (!err)
		err = survey_new(&s->depot, session_id(s),
				 &tell, &g->survey, s->e);
	if (err)
		return err;
	s->round = g->survey->round;
	g->ours = survey_writer(g->survey, &s->name);
	return KITH_OK;
}

static void clear(struct gc *g)
{
	depot_writer_drop(g->out.writer);
	survey_free(g->survey);
	depot_memory_close(g->s.memory);
	depot_leave(&g->s.depot);
	free(g->s.head);
	folder_free(g->s.counted);
	free(g);
}

enum kith_err depot_gc(struct folder *folder, const struct depot_config *config,
		       const struct gc_plan *plan, struct gc_report *out,
		       struct kith_error *e)
{
	struct kith_error own = { 0 };
	struct depot_report report = { 0 };
	struct gc *g = calloc(1, sizeof(*g));
	enum kith_err err;

	*out = (struct gc_report){ 0 };
	if (!g)
		return no_memory(e);
	g->plan = plan;
	g->report = out;
	/* What is no depot is not made one. */
	g->config = *config;
	g->config.import_only = true;
	g->s.config = &g->config;
	g->s.report = &report;
	g->s.e = e ? e : &own;
	err = prepare(g, folder);
	if (!err && !plan->dry_run && !(folder->can & FOLDER_WRITES))
		err = kith_fail(g->s.e, KITH_EDENIED, 0, "%.80s cannot be "
				"written to: nothing can be removed there",
				folder->where);
	if (!err)
		err = work(g);
	clear(g);
	return err;
}
