#include "feeds/list.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

void *list_room(void *at, size_t n, size_t *room, size_t bytes)
{
	size_t wanted = *room ? 2 * *room : FIRST_ROOM;
	void *more;

	if (n < *room)
		return at;
	/* Twice what malloc gave is no overflow: it gives no more than half
	 * of SIZE_MAX. */
	more = realloc(at, wanted * bytes);
	if (more)
		*room = wanted;
	return more;
}
