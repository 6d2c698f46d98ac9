#include "src/depot/survey.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "src/depot/session_private.h"

enum { OWN_NAMES_MAX = 100 };

/* --- telling -------------------------------------------------------------- */

void survey_found(const struct survey *l, const struct survey_finding *f)
{
	if (l->tell.finding)
		l->tell.finding(l->tell.arg, f);
}

enum kith_err survey_tick(const struct survey *l, uint64_t bytes,
			struct kith_error *e)
{
	if (!l->tell.tick || l->tell.tick(l->tell.arg, bytes))
		return KITH_OK;
	return kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

static enum kith_err no_memory(struct kith_error *e)
{
	kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	return KITH_ENOMEM;
}

/* --- what files say ------------------------------------------------------- */

/* A file from its start; ENOENT is *out NULL. */
static enum kith_err open_lines(const struct survey *l,
				const struct depot_writer_id *w,
				enum depot_file file, uint32_t number,
				struct depot_reader **out, struct kith_error *e)
{
	struct depot_place start = { .number = number };
	struct kith_error why = { 0 };
	enum kith_err err = depot_reader_new(l->depot, w, file, &start, out,
					     &why);

	if (err == KITH_ENOENT) {
		*out = NULL;
		return KITH_OK;
	}
	return err ? kith_fail(e, err, 0, "%s", why.text) : KITH_OK;
}

enum kith_err survey_index(const struct survey *l,
			   const struct depot_writer_id *w, uint32_t number,
			   struct depot_ranges *out, bool *whole,
			   struct kith_error *e)
{
	enum depot_read what = DEPOT_READ_LINE;
	struct depot_range range;
	struct depot_reader *r;
	struct depot_line line;
	bool hurt = false;
	enum kith_err err = open_lines(l, w, DEPOT_INDEX, number, &r, e);

	*whole = false;
	if (err || !r)
		return err;
	while (!err && what != DEPOT_READ_END) {
		err = depot_reader_next(r, &what, &line, e);
		if (err || what == DEPOT_READ_END)
			break;
		hurt = hurt || what == DEPOT_READ_DAMAGE;
		if (what == DEPOT_READ_DAMAGE)
			continue;
		*whole = line.kind == DEPOT_END;
		if (line.kind == DEPOT_RANGE &&
		    !depot_range_decode(line.json, &range))
			err = depot_ranges_add(out, &range);
	}
	*whole = *whole && !hurt;
	if (!err)
		err = survey_tick(l, depot_reader_bytes(r), e);
	depot_reader_free(r);
	return err;
}

enum kith_err survey_segment(const struct survey *l,
			   const struct depot_writer_id *w, uint32_t number,
			   struct depot_ranges *out, struct kith_error *e)
{
	struct depot_range one = { .first = 0 };
	enum depot_read what = DEPOT_READ_LINE;
	struct depot_reader *r;
	struct depot_line line;
	uint64_t told = 0;
	enum kith_err err = open_lines(l, w, DEPOT_SEGMENT, number, &r, e);

	if (err || !r)
		return err;
	while (!err) {
		err = depot_reader_next(r, &what, &line, e);
		if (err || what == DEPOT_READ_END)
			break;
		if (what == DEPOT_READ_LINE && line.kind == DEPOT_MESSAGE &&
		    msg_peek(line.json, &one.feed, &one.first) &&
		    survey_is_range(&one))
			err = depot_ranges_add(out, &one);
		if (!err)
			err = survey_tick(l, depot_reader_bytes(r) - told, e);
		told = depot_reader_bytes(r);
	}
	depot_reader_free(r);
	return err;
}

static enum kith_err read_notes(const struct survey *l, struct survey_writer *w,
				struct kith_error *e)
{
	enum depot_read what = DEPOT_READ_LINE;
	struct depot_reader *r;
	struct depot_line line;
	enum kith_err err = KITH_OK;

	w->notes = depot_notes_new();
	if (!w->notes)
		return no_memory(e);
	if (w->head->notes)
		err = open_lines(l, &w->id, DEPOT_NOTES, w->head->notes, &r,
				 e);
	if (err || !w->head->notes || !r)
		return err;
	while (!err && what != DEPOT_READ_END) {
		err = depot_reader_next(r, &what, &line, e);
		if (!err && what == DEPOT_READ_LINE)
			err = depot_notes_take(w->notes, &line);
		/* What is no note is no reason to read no further. */
		if (err == KITH_EFORMAT || err == KITH_ETOOBIG)
			err = KITH_OK;
	}
	w->notes_bytes = depot_reader_bytes(r);
	depot_reader_free(r);
	return err ? err : survey_tick(l, w->notes_bytes, e);
}

enum kith_err survey_ranges(const struct survey *l, struct survey_writer *w,
			  struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	bool whole = false;

	if (w->ranges)
		return KITH_OK;
	w->ranges = depot_ranges_new();
	if (!w->ranges)
		return no_memory(e);
	for (size_t i = 0; !err && i < w->head->count; i++) {
		const struct depot_segment *s = &w->head->segments[i];

		whole = false;
		if (s->closed)
			err = survey_index(l, &w->id, s->number, w->ranges,
					 &whole, e);
		if (!err && !whole)
			err = survey_segment(l, &w->id, s->number, w->ranges, e);
	}
	return err;
}

/* --- writers -------------------------------------------------------------- */

static bool is_ours(const struct depot *d, const struct kith_feed_id *self,
		    const struct depot_writer_id *w)
{
	for (unsigned n = 0; n < OWN_NAMES_MAX; n++) {
		struct depot_writer_id name = depot_writer_of(self, n);

		if (d->seal)
			depot_seal_writer(d->seal, &name, &name);
		if (!strcmp(name.name, w->name))
			return true;
	}
	return false;
}

/* A writer whose files tell nothing is one of which nothing is there. */
static enum kith_err read_head(const struct depot *d, struct survey_writer *w,
			       struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err;

	w->head = calloc(1, sizeof(*w->head));
	if (!w->head)
		return no_memory(e);
	err = depot_head_read(d, &w->id, w->head, &w->slot, &why);
	if (!err)
		return KITH_OK;
	w->slot = -1;
	*w->head = (struct depot_head){ 0 };
	why = (struct kith_error){ 0 };
	if (err == KITH_ENOENT || err == KITH_EFORMAT)
		err = session_head_mend(d, &w->id, w->head, &why);
	return err && err != KITH_ENOENT ? kith_fail(e, err, 0, "%s", why.text)
					 : KITH_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct survey_writer *one = a, *other = b;

	return strcmp(one->id.name, other->id.name);
}

static enum kith_err read_writers(struct survey *l,
				  const struct depot_writers *found,
				  const struct kith_feed_id *self,
				  struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	l->writers = calloc(found->count + 1, sizeof(*l->writers));
	if (!l->writers)
		return no_memory(e);
	for (size_t i = 0; !err && i < found->count; i++) {
		struct survey_writer *w = &l->writers[l->count++];

		w->id = found->ids[i];
		w->ours = is_ours(l->depot, self, &w->id);
		err = read_head(l->depot, w, e);
		if (!err)
			err = read_notes(l, w, e);
		if (err)
			return err;
		if (w->head->round > l->round &&
		    w->head->round < SESSION_GENERATION_MAX)
			l->round = w->head->round;
		for (size_t s = 0; s < w->head->count; s++)
			w->segment_bytes += w->head->segments[s].bytes;
	}
	return err;
}

static void judge_life(struct survey *l)
{
	for (size_t i = 0; i < l->count; i++)
		l->writers[i].live = l->writers[i].head->round <= l->round &&
				     l->round - l->writers[i].head->round <=
					     SESSION_LIVE_ROUNDS;
	if (l->count)
		qsort(l->writers, l->count, sizeof(*l->writers), by_name);
}

enum kith_err survey_new(const struct depot *d, const struct kith_feed_id *self,
		       const struct survey_tell *tell, struct survey **out,
		       struct kith_error *e)
{
	struct depot_writers *found = calloc(1, sizeof(*found));
	struct survey *l = calloc(1, sizeof(*l));
	enum kith_err err = found && l ? KITH_OK : no_memory(e);

	if (!err) {
		l->depot = d;
		l->tell = *tell;
		err = depot_writers_find(d, found, e);
	}
	if (!err)
		err = read_writers(l, found, self, e);
	if (!err) {
		judge_life(l);
		*out = l;
	} else {
		survey_free(l);
	}
	free(found);
	return err;
}

void survey_free(struct survey *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++) {
		free(l->writers[i].head);
		depot_notes_free(l->writers[i].notes);
		depot_ranges_free(l->writers[i].ranges);
	}
	free(l->writers);
	free(l);
}

struct survey_writer *survey_writer(const struct survey *l,
				    const struct depot_writer_id *id)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->writers[i].id.name, id->name))
			return &l->writers[i];
	return NULL;
}

/* --- counts --------------------------------------------------------------- */

bool survey_is_range(struct depot_range *one)
{
	one->last = one->first;
	return one->feed.format != KITH_FORMAT_NONE && one->first &&
	       one->first <= DEPOT_NUMBER_MAX;
}

uint64_t survey_messages(const struct depot_ranges *r)
{
	struct depot_range range;
	uint64_t n = 0;
	size_t at = 0;

	while (r && depot_ranges_next(r, &at, &range))
		n += range.last - range.first + 1;
	return n;
}

uint64_t survey_feeds(const struct depot_ranges *r)
{
	struct depot_range range, before = { .first = 0 };
	uint64_t n = 0;
	size_t at = 0;

	while (r && depot_ranges_next(r, &at, &range)) {
		n += !kith_feed_equal(&range.feed, &before.feed);
		before = range;
	}
	return n;
}

/* --- blobs ---------------------------------------------------------------- */

static enum kith_err count_shard(const struct survey *l, const char *shard,
				 struct survey_blobs *out, struct kith_error *e)
{
	char name[FOLDER_NAME_BYTES];
	struct folder_list list = { 0 };
	struct folder *f = l->depot->folder;
	struct kith_blob_id id;
	uint64_t bytes;
	bool part;
	enum kith_err err;

	snprintf(name, sizeof(name), "b/%s", shard);
	err = folder_list(f, name, &list, e);
	for (size_t i = 0; !err && i < list.count; i++) {
		if (!depot_name_is_blob(shard, list.names[i], &id, &part))
			continue;
		snprintf(name, sizeof(name), "b/%s/%s", shard, list.names[i]);
		if (folder_size(f, name, &bytes, NULL))
			continue;
		out->parts += part;
		out->count += !part;
		out->bytes += bytes;
	}
	folder_list_free(&list);
	return err ? err : survey_tick(l, 0, e);
}

enum kith_err survey_blobs(const struct survey *l, struct survey_blobs *out,
			 struct kith_error *e)
{
	struct folder_list list = { 0 };
	enum kith_err err;

	*out = (struct survey_blobs){ 0 };
	if (!(l->depot->folder->can & FOLDER_LISTS))
		return KITH_EDENIED;
	err = folder_list(l->depot->folder, "b", &list, e);
	for (size_t i = 0; !err && i < list.count; i++)
		if (strlen(list.names[i]) == 2)
			err = count_shard(l, list.names[i], out, e);
	folder_list_free(&list);
	return err;
}
