#include "src/gossip/wants.h"

#include <assert.h>
#include <stdlib.h>

#include "src/gossip/wants_private.h"

void wants_defaults(struct wants_options *o)
{
	*o = (struct wants_options){ .size_max = WANTS_SIZE_MAX,
				     .sympathy = WANTS_SYMPATHY,
				     .pushy = WANTS_PUSHY,
				     .peer_fetches = WANTS_PEER_FETCHES,
				     .fetches = WANTS_FETCHES };
}

static void init_chains(struct wants *w)
{
	for (size_t i = 0; i < NEARNESS_OWN; i++) {
		chain_init(&w->waiting[i]);
		chain_init(&w->told[i]);
		chain_init(&w->rested[i]);
	}
	for (size_t i = 0; i < PAUSES; i++)
		chain_init(&w->pauses[i]);
	chain_init(&w->carried);
	chain_init(&w->orphans);
	chain_init(&w->pushing);
	chain_init(&w->pushed);
	chain_init(&w->peers);
	chain_init(&w->asking);
	chain_init(&w->fetches);
	chain_init(&w->stops);
	chain_init(&w->asides);
}

static uint32_t between(uint32_t n, uint32_t least, uint32_t most)
{
	return n < least ? least : n > most ? most : n;
}

struct wants *wants_new(const struct wants_options *o)
{
	struct wants *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->options = *o;
	w->options.sympathy = between(o->sympathy, 0, DISTANCE_MAX);
	w->options.pushy = between(o->pushy, 1, DISTANCE_MAX);
	w->options.fetches = between(o->fetches, 1, WANTS_OPEN_MAX);
	w->options.peer_fetches =
		between(o->peer_fetches, 1, w->options.fetches);
	if (w->options.size_max < 2)
		w->options.size_max = 2;
	w->number = 1;
	w->now_ms = INT64_MIN / 2; /* no time yet: before any that comes */
	lookup_set_key(&w->hasher, o->key);
	init_chains(w);
	return w;
}

static void clear_blob(struct wants *w, struct wants_blob *b)
{
	wants_disown(w, b);
	wants_uncarry(w, b);
	wants_unpush(w, b);
	wants_let_go(w, b);
}

void wants_free(struct wants *w)
{
	if (!w)
		return;
	assert(chain_is_alone(&w->peers) && chain_is_alone(&w->fetches));
	for (uint32_t i = 0; i < w->bucket_count; i++)
		while (w->buckets[i])
			clear_blob(w, w->buckets[i]);
	free(w->buckets);
	free(w->news);
	free(w);
}

void wants_came(struct wants *w, const struct kith_blob_id *id, uint64_t size,
		int64_t now_ms)
{
	struct wants_blob *b = wants_find(w, id);

	w->now_ms = now_ms;
	if (b && !b->pushing) {
		wants_disown(w, b);
		wants_uncarry(w, b);
		wants_let_go(w, b);
	}
	wants_tell_came(w, id, size);
	wants_own_run(w);
}

void wants_hold(struct wants *w, bool hold)
{
	w->held = hold;
	while (!hold && !chain_is_alone(&w->asides)) {
		struct wants_blob *b = CHAIN_OWNER(w->asides.next,
						   struct wants_blob, aside);

		chain_take(&b->aside);
		wants_line_up(w, b);
	}
}

/* The caller has seen who has copies of it. */
static void end_push(struct wants *w)
{
	struct wants_blob *b = w->pushed_now;

	if (!b)
		return;
	wants_unpush(w, b);
	wants_let_go(w, b);
}

static bool next_stop(struct wants *w, struct wants_fetch **out)
{
	if (chain_is_alone(&w->stops))
		return false;
	*out = CHAIN_OWNER(w->stops.next, struct wants_fetch, stop);
	chain_take(&(*out)->stop);
	return true;
}

static bool next_pushed(struct wants *w, struct kith_blob_id *id)
{
	if (chain_is_alone(&w->pushed))
		return false;
	w->pushed_now = CHAIN_OWNER(w->pushed.next, struct wants_blob, push);
	*id = w->pushed_now->id;
	return true;
}

enum wants_step wants_next(struct wants *w, int64_t now_ms,
			   struct wants_do *out)
{
	w->now_ms = now_ms;
	end_push(w);
	wants_pauses_run(w);
	wants_stalls_run(w);
	wants_carry_run(w);
	wants_own_run(w);
	if (next_stop(w, &out->fetch))
		return WANTS_STOP;
	out->fetch = wants_fetch_begin(w);
	if (out->fetch)
		return WANTS_FETCH;
	if (next_pushed(w, &out->look.id))
		return WANTS_PUSHED;
	return wants_next_look(w, &out->look) ? WANTS_LOOK : WANTS_IDLE;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t wants_wake_ms(const struct wants *w)
{
	return earlier(earlier(wants_pauses_due_ms(w), wants_stalls_due_ms(w)),
		       earlier(wants_carry_due_ms(w), wants_own_due_ms(w)));
}
