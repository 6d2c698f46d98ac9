#include <stdlib.h>

#include "feeds/list.h"
#include "src/gossip/history.h"

struct held {
	uint64_t sequence;
	uint8_t *bytes;
	size_t n;
};

/* What comes in order passes through one buffer that is used again; only what
 * comes early is kept, in a heap by sequence. */
struct history_order {
	uint64_t next;
	struct kith_buf ready; /* the value of next, if full */
	bool full;
	uint8_t *given; /* from the heap, freed at the next call */
	struct held *heap;
	size_t count, room, bytes;
};

static void sift_up(struct held *heap, size_t at)
{
	struct held x = heap[at];

	for (; at > 0 && x.sequence < heap[(at - 1) / 2].sequence;
	     at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = x;
}

static void sift_down(struct held *heap, size_t count, size_t at)
{
	struct held x = heap[at];
	size_t child;

	for (; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count &&
		    heap[child + 1].sequence < heap[child].sequence)
			child++;
		if (x.sequence <= heap[child].sequence)
			break;
		heap[at] = heap[child];
	}
	heap[at] = x;
}

static struct held pop(struct history_order *o)
{
	struct held first = o->heap[0];

	o->bytes -= first.n;
	o->heap[0] = o->heap[--o->count];
	o->heap[o->count].bytes = NULL; /* one owner each */
	if (o->count)
		sift_down(o->heap, o->count, 0);
	return first;
}

static void drop_older(struct history_order *o)
{
	free(o->given);
	o->given = NULL;
	while (o->count && o->heap[0].sequence < o->next)
		free(pop(o).bytes);
}

static enum kith_err hold(struct history_order *o, uint64_t sequence,
			  struct kith_slice value)
{
	struct held x = { .sequence = sequence, .n = value.n }, *heap;

	if (o->count >= HISTORY_HELD_MAX ||
	    value.n > HISTORY_HELD_BYTES_MAX - o->bytes)
		return KITH_ETOOBIG;
	heap = list_room(o->heap, o->count, &o->room, sizeof(*heap));
	if (!heap)
		return KITH_ENOMEM;
	o->heap = heap;
	x.bytes = malloc(value.n + 1); /* a value of no bytes has a place too */
	if (!x.bytes)
		return KITH_ENOMEM;
	if (value.n)
		memcpy(x.bytes, value.p, value.n);
	o->bytes += value.n;
	o->heap[o->count] = x;
	sift_up(o->heap, o->count++);
	return KITH_OK;
}

struct history_order *history_order_new(uint64_t next)
{
	struct history_order *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->next = next ? next : 1;
	o->ready.limit = HISTORY_HELD_BYTES_MAX;
	return o;
}

void history_order_free(struct history_order *o)
{
	if (!o)
		return;
	while (o->count)
		free(o->heap[--o->count].bytes);
	free(o->heap);
	free(o->given);
	kith_buf_free(&o->ready);
	free(o);
}

enum kith_err history_order_put(struct history_order *o, uint64_t sequence,
				struct kith_slice value)
{
	enum kith_err err;

	drop_older(o);
	if (sequence < o->next || (sequence == o->next && o->full))
		return KITH_OK;
	if (sequence > o->next)
		return hold(o, sequence, value);
	kith_buf_reset(&o->ready);
	kith_buf_put(&o->ready, value);
	err = o->ready.err;
	o->full = !err;
	return err;
}

bool history_order_next(struct history_order *o, struct kith_slice *value)
{
	struct held x;

	drop_older(o);
	if (o->full) {
		*value = kith_bytes(&o->ready);
		o->full = false;
		o->next++;
		return true;
	}
	if (!o->count || o->heap[0].sequence != o->next)
		return false;
	x = pop(o);
	*value = (struct kith_slice){ x.bytes, x.n };
	o->given = x.bytes;
	o->next++;
	return true;
}
