/* Blobs of a depot: is each what its name says? */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/depot/carry_file.h"
#include "src/depot/scrub_private.h"

/* A sealed name, and what it stands for. */
struct unsealed {
	struct kith_blob_id shown, id;
};

struct names {
	struct unsealed *all;
	size_t n, room;
};

static int by_shown(const void *a, const void *b)
{
	return memcmp(a, b, KITH_ID_BYTES);
}

static enum kith_err add_name(struct names *names, const struct depot_seal *s,
			      const struct kith_blob_id *id)
{
	struct unsealed *grown = list_room(names->all, names->n, &names->room,
					   sizeof(*grown));

	if (!grown)
		return KITH_ENOMEM;
	names->all = grown;
	names->all[names->n].id = *id;
	depot_seal_blob(s, id, &names->all[names->n].shown);
	names->n++;
	return KITH_OK;
}

static enum kith_err name_ours(const struct scrub *s, struct names *names)
{
	struct blob_walk *walk = blob_walk_new(s->blobs, NULL);
	struct blob_entry entry;
	enum kith_err err = walk ? KITH_OK : KITH_ENOMEM;

	while (!err && blob_walk_next(walk, &entry))
		err = add_name(names, s->survey->depot->seal, &entry.id);
	if (walk && !err)
		err = blob_walk_error(walk);
	blob_walk_free(walk);
	return err;
}

static enum kith_err name_wanted(const struct scrub *s, struct names *names)
{
	enum kith_err err = KITH_OK;
	struct kith_blob_id id;
	unsigned distance;
	size_t at;

	for (size_t i = 0; !err && i < s->survey->count; i++)
		for (at = 0; !err && depot_notes_next_want(
				s->survey->writers[i].notes, &at, &id,
				&distance);)
			err = add_name(names, s->survey->depot->seal, &id);
	return err;
}

static enum kith_err name_all(const struct scrub *s, struct names *names)
{
	enum kith_err err = KITH_OK;

	if (!s->survey->depot->seal)
		return KITH_OK;
	if (s->blobs)
		err = name_ours(s, names);
	if (!err)
		err = name_wanted(s, names);
	if (names->n)
		qsort(names->all, names->n, sizeof(*names->all), by_shown);
	return err;
}

static bool unseal(const struct scrub *s, const struct names *names,
		   struct kith_blob_id *id)
{
	const struct unsealed *found;

	if (!s->survey->depot->seal)
		return true;
	found = names->n ? bsearch(id, names->all, names->n,
				   sizeof(*names->all), by_shown) : NULL;
	if (found)
		*id = found->id;
	return found;
}

static enum kith_err remember_bad(struct scrub *s,
				  const struct kith_blob_id *id)
{
	struct kith_blob_id *grown = realloc(s->bad, (s->bad_count + 1) *
						     sizeof(*grown));

	if (!grown)
		return KITH_ENOMEM;
	s->bad = grown;
	s->bad[s->bad_count++] = *id;
	return KITH_OK;
}

static bool tick(void *arg, size_t bytes)
{
	struct scrub *s = arg;

	s->bytes += bytes;
	return !survey_tick(s->survey, bytes, NULL);
}

static enum kith_err check_blob(struct scrub *s, const char *name,
				const struct kith_blob_id *id,
				struct kith_error *e)
{
	struct survey_finding f = { .lost = true };
	struct kith_error why = { 0 };
	enum kith_err err = carry_check(s->survey->depot, id, tick, s, &why);

	s->blobs_read++;
	if (err == KITH_ENOENT)
		return KITH_OK;
	if (err != KITH_EFORMAT && err != KITH_EIO)
		return err ? kith_fail(e, err, 0, "%s", why.text) : KITH_OK;
	snprintf(f.name, sizeof(f.name), "%s", name);
	f.text = why.text;
	scrub_found(s, &f);
	return remember_bad(s, id);
}

static enum kith_err check_shard(struct scrub *s, const struct names *names,
				 const char *shard, struct kith_error *e)
{
	struct folder *folder = s->survey->depot->folder;
	char name[FOLDER_NAME_BYTES];
	struct folder_list list = { 0 };
	struct kith_blob_id id;
	enum kith_err err;
	bool part;

	snprintf(name, sizeof(name), "b/%s", shard);
	err = folder_list(folder, name, &list, e);
	for (size_t i = 0; !err && i < list.count; i++) {
		if (!depot_name_is_blob(shard, list.names[i], &id, &part) ||
		    part)
			continue;
		snprintf(name, sizeof(name), "b/%s/%s", shard, list.names[i]);
		if (unseal(s, names, &id))
			err = check_blob(s, name, &id, e);
		else
			s->blobs_unknown++;
	}
	folder_list_free(&list);
	return err;
}

/* Where nothing can be listed, nobody knows what is there: each is checked when
 * it is taken. */
enum kith_err scrub_check_blobs(struct scrub *s, struct kith_error *e)
{
	struct folder *folder = s->survey->depot->folder;
	struct folder_list list = { 0 };
	struct names names = { 0 };
	enum kith_err err;

	if (!(folder->can & FOLDER_LISTS))
		return KITH_OK;
	err = name_all(s, &names);
	if (err)
		err = kith_fail(e, err, 0, "%s", kith_strerror(err));
	else
		err = folder_list(folder, "b", &list, e);
	for (size_t i = 0; !err && i < list.count; i++)
		if (strlen(list.names[i]) == 2)
			err = check_shard(s, &names, list.names[i], e);
	folder_list_free(&list);
	free(names.all);
	return err;
}
