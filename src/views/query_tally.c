/* Counts by name, in a table that is searched by hash. */
#include <stdlib.h>

#include "src/views/query_private.h"

enum { FEW = 64, NAME_BYTES_MAX = 512 };

static size_t hash(struct kith_slice name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ name.p[i]) * 16777619u;
	return h;
}

/* Where a name is, or would go. */
static struct group *find(const struct tally *t, struct kith_slice name)
{
	size_t i = hash(name) & (t->capacity - 1);

	while (t->groups[i].count &&
	       !kith_equal(kith_bytes(&t->groups[i].name), name))
		i = (i + 1) & (t->capacity - 1);
	return &t->groups[i];
}

static enum kith_err grow(struct tally *t)
{
	struct tally more = { .capacity = t->capacity ? 2 * t->capacity : FEW };

	if (t->count >= QUERY_GROUPS_MAX)
		return KITH_ETOOBIG;
	if (t->count < t->capacity / 2)
		return KITH_OK;
	more.groups = calloc(more.capacity, sizeof(*more.groups));
	if (!more.groups)
		return KITH_ENOMEM;
	for (size_t i = 0; i < t->capacity; i++)
		if (t->groups[i].count)
			*find(&more, kith_bytes(&t->groups[i].name)) =
				t->groups[i];
	free(t->groups);
	t->groups = more.groups;
	t->capacity = more.capacity;
	return KITH_OK;
}

enum kith_err tally_add(struct tally *t, struct kith_slice name)
{
	struct group *g = t->capacity ? find(t, name) : NULL;
	enum kith_err err;

	if (g && g->count) {
		g->count++;
		return KITH_OK;
	}
	err = grow(t);
	if (err)
		return err;
	g = find(t, name);
	g->name.limit = NAME_BYTES_MAX;
	kith_buf_put(&g->name, name);
	if (g->name.err)
		return g->name.err;
	g->count = 1;
	t->count++;
	return KITH_OK;
}

/* Most first, then by name; the empty places last. */
static int compare(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int order;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	order = n ? memcmp(a->name.p, b->name.p, n) : 0;
	return order ? order : (a->name.n > b->name.n) -
			       (a->name.n < b->name.n);
}

void tally_sort(struct tally *t)
{
	if (t->count)
		qsort(t->groups, t->capacity, sizeof(*t->groups), compare);
}

void tally_clear(struct tally *t)
{
	for (size_t i = 0; i < t->capacity; i++)
		kith_buf_free(&t->groups[i].name);
	free(t->groups);
	*t = (struct tally){ 0 };
}
