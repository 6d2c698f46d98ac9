/* Places put in order; where only the first so many are wanted, in room for
 * twice as many. */
#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/query_private.h"

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

enum kith_err sorted_add(struct sorted *s, const struct place *p)
{
	struct place *more;

	if (s->count == s->capacity && s->count / 2 >= s->keep)
		sort(s);
	if (s->count == QUERY_SORT_MAX)
		return KITH_ETOOBIG;
	more = list_room(s->places, s->count, &s->capacity, sizeof(*more));
	if (!more)
		return KITH_ENOMEM;
	s->places = more;
	s->places[s->count++] = *p;
	return KITH_OK;
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
