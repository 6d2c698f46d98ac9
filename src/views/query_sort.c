/* Places put in order; where only the first so many are wanted, in room for
 * twice as many. */
#include <stdlib.h>

#include "src/views/query_private.h"

enum { FEW = 256 };

static int ascending(const void *a, const void *b)
{
	return place_compare(a, b);
}

static int descending(const void *a, const void *b)
{
	return place_compare(b, a);
}

static void sort(struct sorted *s)
{
	if (s->count)
		qsort(s->places, s->count, sizeof(*s->places),
		      s->descending ? descending : ascending);
	if (s->count > s->keep)
		s->count = s->keep;
}

static enum kith_err grow(struct sorted *s)
{
	size_t more = s->capacity ? 2 * s->capacity : FEW;
	struct place *places;

	if (s->capacity >= QUERY_SORT_MAX)
		return KITH_ETOOBIG;
	places = realloc(s->places, more * sizeof(*places));
	if (!places)
		return KITH_ENOMEM;
	s->places = places;
	s->capacity = more;
	return KITH_OK;
}

enum kith_err sorted_add(struct sorted *s, const struct place *p)
{
	enum kith_err err = KITH_OK;

	if (s->count == s->capacity && s->count / 2 >= s->keep)
		sort(s);
	else if (s->count == s->capacity)
		err = grow(s);
	if (!err)
		s->places[s->count++] = *p;
	return err;
}

void sorted_finish(struct sorted *s)
{
	sort(s);
	s->ready = true;
}

void sorted_clear(struct sorted *s)
{
	free(s->places);
	*s = (struct sorted){ 0 };
}
