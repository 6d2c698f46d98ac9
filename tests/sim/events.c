#include "tests/sim/events.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 1024 };

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void grow(struct events *all)
{
	size_t room = all->room ? all->room * 2 : FIRST_CAPACITY;
	struct event *heap = realloc(all->heap, room * sizeof(*heap));

	if (!heap) {
		fprintf(stderr, "sim: out of memory\n");
		abort();
	}
	all->heap = heap;
	all->room = room;
}

void events_add(struct events *all, struct event event)
{
	size_t at = all->count++;

	if (at == all->room)
		grow(all);
	event.order = all->order++;
	for (; at && earlier(&event, &all->heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		all->heap[at] = all->heap[(at - 1) / 2];
	all->heap[at] = event;
}

int64_t events_next_ms(const struct events *all)
{
	return all->count ? all->heap[0].at_ms : INT64_MAX;
}

struct event events_pop(struct events *all)
{
	struct event first = all->heap[0];
	struct event last = all->heap[--all->count];
	size_t at = 0, child;

	all->heap[all->count].bytes = NULL; /* last is its owner now */
	for (; (child = 2 * at + 1) < all->count; at = child) {
		if (child + 1 < all->count &&
		    earlier(&all->heap[child + 1], &all->heap[child]))
			child++;
		if (!earlier(&all->heap[child], &last))
			break;
		all->heap[at] = all->heap[child];
	}
	all->heap[at] = last;
	return first;
}

void events_clear(struct events *all)
{
	while (all->count)
		free(all->heap[--all->count].bytes);
	free(all->heap);
	*all = (struct events){ NULL, 0, 0, 0 };
}
