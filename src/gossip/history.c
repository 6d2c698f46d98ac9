#include "src/gossip/history.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/gossip/lookup.h"

#define NONE UINT32_MAX

enum state { IDLE, FRESH, RUNNING, AGAIN };

struct wanted {
	struct kith_feed_id id;
	enum state state;
	bool want;
	int64_t due_ms; /* AGAIN */
	uint32_t next;	/* in the queue of its state */
};

struct queue {
	uint32_t head, tail;
};

/* Feeds wait in two queues: those never asked for, and those asked for before.
 * The pause is the same for all, so the second is in the order of due_ms. */
struct history {
	struct kith_feed_id remote;
	struct wanted *feeds;
	uint32_t count;
	size_t room;
	struct lookup index;
	struct queue fresh, again;
	unsigned running; /* but the live one */
};

static uint32_t find(const struct history *h, const struct kith_feed_id *id)
{
	uint32_t hash = lookup_hash(&h->index, id->b, KITH_ID_BYTES);
	uint32_t at = 0, n;

	while ((n = lookup_next(&h->index, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&h->feeds[n].id, id))
			return n;
	return NONE;
}

static enum kith_err add(struct history *h, const struct kith_feed_id *id,
			 uint32_t *number)
{
	struct wanted *feeds;
	enum kith_err err = lookup_reserve(&h->index);

	if (err)
		return err;
	feeds = list_room(h->feeds, h->count, &h->room, sizeof(*feeds));
	if (!feeds)
		return KITH_ENOMEM;
	h->feeds = feeds;
	*number = h->count++;
	h->feeds[*number] = (struct wanted){ .id = *id };
	lookup_put(&h->index, lookup_hash(&h->index, id->b, KITH_ID_BYTES),
		   *number);
	return KITH_OK;
}

static void push(struct history *h, struct queue *q, uint32_t n)
{
	h->feeds[n].next = NONE;
	if (q->head == NONE)
		q->head = n;
	else
		h->feeds[q->tail].next = n;
	q->tail = n;
}

static void pop(struct history *h, struct queue *q)
{
	q->head = h->feeds[q->head].next;
}

/* Those that are not wanted any more leave a queue only at its front. */
static void skip_unwanted(struct history *h, struct queue *q)
{
	while (q->head != NONE && !h->feeds[q->head].want) {
		h->feeds[q->head].state = IDLE;
		pop(h, q);
	}
}

static bool is_live(const struct history *h, uint32_t n)
{
	return kith_feed_equal(&h->feeds[n].id, &h->remote);
}

/* The front of a queue may run now: the live call has a place of its own. */
static bool has_place(const struct history *h, uint32_t n)
{
	return h->running < HISTORY_WINDOW || is_live(h, n);
}

static bool start(struct history *h, struct queue *q, struct history_call *out)
{
	uint32_t n = q->head;

	pop(h, q);
	h->feeds[n].state = RUNNING;
	out->feed = h->feeds[n].id;
	out->live = is_live(h, n);
	if (!out->live)
		h->running++;
	return true;
}

struct history *history_new(const struct kith_feed_id *remote)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->remote = *remote;
	h->fresh.head = h->again.head = NONE;
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	lookup_clear(&h->index);
	free(h->feeds);
	free(h);
}

void history_set_key(struct history *h,
		     const uint8_t key[static HISTORY_KEY_BYTES])
{
	lookup_set_key(&h->index, key);
}

/* The peer's own feed waits for nobody: it is what the peer surely has. */
static void push_first(struct history *h, uint32_t n)
{
	h->feeds[n].next = h->fresh.head;
	if (h->fresh.head == NONE)
		h->fresh.tail = n;
	h->fresh.head = n;
}

enum kith_err history_want(struct history *h, const struct kith_feed_id *feed,
			   bool want)
{
	uint32_t n = find(h, feed);
	enum kith_err err;

	if (n == NONE && !want)
		return KITH_OK;
	if (n == NONE) {
		err = add(h, feed, &n);
		if (err)
			return err;
	}
	h->feeds[n].want = want;
	if (!want || h->feeds[n].state != IDLE)
		return KITH_OK;
	h->feeds[n].state = FRESH;
	if (is_live(h, n))
		push_first(h, n);
	else
		push(h, &h->fresh, n);
	return KITH_OK;
}

bool history_next(struct history *h, int64_t now_ms, struct history_call *out,
		  int64_t *wake_ms)
{
	uint32_t n;

	*wake_ms = INT64_MAX;
	skip_unwanted(h, &h->fresh);
	if (h->fresh.head != NONE && has_place(h, h->fresh.head))
		return start(h, &h->fresh, out);
	skip_unwanted(h, &h->again);
	n = h->again.head;
	if (n == NONE || !has_place(h, n))
		return false;
	if (h->feeds[n].due_ms <= now_ms)
		return start(h, &h->again, out);
	*wake_ms = h->feeds[n].due_ms;
	return false;
}

void history_done(struct history *h, const struct kith_feed_id *feed,
		  int64_t now_ms)
{
	uint32_t n = find(h, feed);

	if (n == NONE || h->feeds[n].state != RUNNING)
		return;
	if (!is_live(h, n))
		h->running--;
	h->feeds[n].state = AGAIN;
	h->feeds[n].due_ms = now_ms + HISTORY_AGAIN_MS;
	push(h, &h->again, n);
}
