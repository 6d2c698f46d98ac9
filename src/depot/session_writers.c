/* Who writes in a depot, and what is remembered of each. */
#include <stdio.h>
#include <stdlib.h>

#include "src/depot/folder_url.h"
#include "src/depot/session_private.h"

bool session_writers_add(struct depot_writers *w,
			 const struct depot_writer_id *id)
{
	if (w->count == DEPOT_WRITERS_MAX || !depot_writer_is(id->name))
		return false;
	for (size_t i = 0; i < w->count; i++)
		if (!strcmp(w->ids[i].name, id->name))
			return false;
	w->ids[w->count++] = *id;
	return true;
}

static void add_name(struct depot_writers *w, const char *name)
{
	struct depot_writer_id id;

	if (!depot_writer_is(name))
		return;
	snprintf(id.name, sizeof(id.name), "%s", name);
	(void)session_writers_add(w, &id);
}

static enum kith_err add_listed(const struct depot *d, struct depot_writers *w,
				struct kith_error *e)
{
	struct folder_list list = { 0 };
	enum kith_err err;

	if (!(d->folder->can & FOLDER_LISTS))
		return KITH_OK;
	err = folder_list(d->folder, "w", &list, e);
	for (size_t i = 0; !err && i < list.count; i++)
		add_name(w, list.names[i]);
	folder_list_free(&list);
	return err;
}

/* Those that can be known before anything is read. */
static enum kith_err add_first(const struct depot *d, struct depot_writers *w,
			       struct kith_error *e)
{
	struct depot_writer_id id;

	add_name(w, d->info.first);
	if (folder_url_writer(d->medium->where, &id))
		(void)session_writers_add(w, &id);
	return add_listed(d, w, e);
}

static void add_met(struct depot_writers *w, const struct depot_notes *n)
{
	struct depot_writer_id id;
	uint64_t round;
	size_t at = 0;

	while (depot_notes_next_met(n, &at, &id, &round))
		(void)session_writers_add(w, &id);
}

enum kith_err session_writers(struct session *s)
{
	enum kith_err err = add_first(&s->depot, &s->writers, s->e);

	for (size_t i = 0; !err && i < s->memory->known_count; i++) {
		const struct depot_known *k = s->memory->known[i];

		(void)session_writers_add(&s->writers, &k->id);
		if (k->notes)
			add_met(&s->writers, k->notes);
	}
	return err;
}

/* --- for the tools, without a memory --- */

/* Reads a whole file of notes. */
static enum kith_err read_notes(const struct depot *d,
				const struct depot_writer_id *w,
				uint32_t number, struct depot_notes *n)
{
	const struct depot_place at = { .number = number };
	struct depot_reader *r;
	struct depot_line line;
	enum depot_read what;
	enum kith_err err = depot_reader_new(d, w, DEPOT_NOTES, &at, &r, NULL);

	if (err)
		return err == KITH_ENOMEM ? err : KITH_OK;
	do {
		err = depot_reader_next(r, &what, &line, NULL);
		if (!err && what == DEPOT_READ_LINE &&
		    depot_notes_take(n, &line) == KITH_ENOMEM)
			err = KITH_ENOMEM;
	} while (!err && what != DEPOT_READ_END);
	depot_reader_free(r);
	return err == KITH_ENOMEM ? err : KITH_OK;
}

/* What the heads and notes of those found so far tell of others. */
static enum kith_err follow(const struct depot *d, struct depot_writers *w,
			    struct depot_head *head)
{
	enum kith_err err = KITH_OK;
	struct depot_notes *n;
	int slot;

	for (size_t i = 0; !err && i < w->count; i++) {
		if (depot_head_read(d, &w->ids[i], head, &slot, NULL) ||
		    !head->notes)
			continue;
		n = depot_notes_new();
		err = n ? read_notes(d, &w->ids[i], head->notes, n)
			: KITH_ENOMEM;
		if (!err)
			add_met(w, n);
		depot_notes_free(n);
	}
	return err;
}

enum kith_err depot_writers_find(const struct depot *d,
				 struct depot_writers *out,
				 struct kith_error *e)
{
	struct depot_writers *w = calloc(1, sizeof(*w));
	struct depot_head *head = calloc(1, sizeof(*head));
	enum kith_err err = KITH_ENOMEM;

	if (w && head)
		err = add_first(d, w, e);
	if (!err)
		err = follow(d, w, head);
	if (!err)
		*out = *w;
	free(head);
	free(w);
	return err;
}

/* --- heads --- */

/* The number of a file of messages, from its name; 0: it is none. */
static uint32_t segment_number(const char *name)
{
	uint32_t n = 0;

	for (size_t i = 0; i < 6; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		n = 10 * n + (uint32_t)(name[i] - '0');
	}
	return strcmp(name + 6, ".seg") ? 0 : n;
}

static int by_number(const void *a, const void *b)
{
	const struct depot_segment *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Files that the head does not name were written after it; but for those below,
 * which were given up by it, and are there only until they are removed. */
static enum kith_err mend_by(const struct depot *d,
			     const struct depot_writer_id *w,
			     const struct folder_list *list,
			     struct depot_head *head, struct kith_error *e)
{
	char name[FOLDER_NAME_BYTES];
	struct depot_segment found = { 0 };
	uint32_t named = head->count ? head->segments[head->count - 1].number
				     : 0;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < list->count; i++) {
		found.number = segment_number(list->names[i]);
		if (found.number <= named ||
		    head->count == DEPOT_SEGMENTS_MAX)
			continue;
		depot_name_file(name, w, DEPOT_SEGMENT, found.number);
		err = folder_size(d->folder, name, &found.bytes, e);
		if (!err)
			head->segments[head->count++] = found;
	}
	qsort(head->segments, head->count, sizeof(head->segments[0]),
	      by_number);
	return err;
}

enum kith_err session_head_mend(const struct depot *d,
				const struct depot_writer_id *w,
				struct depot_head *head, struct kith_error *e)
{
	struct folder_list list = { 0 };
	char name[FOLDER_NAME_BYTES];
	enum kith_err err;

	if (!(d->folder->can & FOLDER_LISTS))
		return head->count ? KITH_OK : KITH_ENOENT;
	snprintf(name, sizeof(name), "w/%s", w->name);
	err = folder_list(d->folder, name, &list, e);
	if (!err)
		err = mend_by(d, w, &list, head, e);
	if (!err && !list.count)
		err = KITH_ENOENT;
	folder_list_free(&list);
	return err;
}

/* --- what is remembered --- */

/* Everything of it is there, if empty. */
static enum kith_err complete(struct depot_known *k)
{
	if (!k->ranges)
		k->ranges = depot_ranges_new();
	if (!k->notes)
		k->notes = depot_notes_new();
	return k->ranges && k->notes ? KITH_OK : KITH_ENOMEM;
}

enum kith_err session_forget(struct depot_known *k)
{
	depot_ranges_free(k->ranges);
	free(k->places);
	free(k->left);
	k->ranges = NULL;
	k->places = NULL;
	k->left = NULL;
	k->place_count = k->left_count = 0;
	return complete(k);
}

enum kith_err session_known(struct session *s, const struct depot_writer_id *id,
			    struct depot_known **out)
{
	struct depot_known *k = depot_memory_writer(s->memory, id);
	enum kith_err err = k ? complete(k) : KITH_ENOMEM;

	if (!err)
		*out = k;
	return err;
}

struct depot_place *session_place(const struct depot_known *k, uint32_t number)
{
	for (size_t i = 0; i < k->place_count; i++)
		if (k->places[i].number == number)
			return &k->places[i];
	return NULL;
}

enum kith_err session_place_put(struct depot_known *k,
				const struct depot_place *at)
{
	struct depot_place *more, *old = session_place(k, at->number);

	if (old) {
		*old = *at;
		return KITH_OK;
	}
	more = realloc(k->places, (k->place_count + 1) * sizeof(*more));
	if (!more)
		return KITH_ENOMEM;
	k->places = more;
	k->places[k->place_count++] = *at;
	return KITH_OK;
}
