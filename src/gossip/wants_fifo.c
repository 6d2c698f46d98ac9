#include <stdlib.h>

#include "src/gossip/wants_private.h"

enum { FIRST_ROOM = 16 };

static bool grow(struct wants_fifo *f)
{
	uint32_t room = f->room ? f->room * 2 : FIRST_ROOM;
	struct wants_entry *entries = malloc(room * sizeof(*entries));

	if (!entries)
		return false;
	for (uint32_t i = 0; i < f->count; i++)
		entries[i] = f->entries[(f->head + i) & (f->room - 1)];
	free(f->entries);
	f->entries = entries;
	f->head = 0;
	f->room = room;
	return true;
}

bool wants_fifo_put(struct wants_fifo *f, const struct wants_entry *entry)
{
	if (f->count == f->room && !grow(f))
		return false;
	f->entries[(f->head + f->count++) & (f->room - 1)] = *entry;
	return true;
}

bool wants_fifo_get(struct wants_fifo *f, struct wants_entry *out)
{
	if (!f->count)
		return false;
	*out = f->entries[f->head];
	f->head = (f->head + 1) & (f->room - 1);
	if (!--f->count)
		wants_fifo_clear(f); /* a flood leaves no memory behind */
	return true;
}

void wants_fifo_clear(struct wants_fifo *f)
{
	free(f->entries);
	*f = (struct wants_fifo){ 0 };
}
