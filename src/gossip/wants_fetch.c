#include "src/gossip/wants_fetch.h"

#include <stdlib.h>

#include "src/gossip/wants_private.h"

enum { SPEED_UNKNOWN = 1 << 20, MS = 1000, AFTER_OWN_FAULT = 1 };

/* --- whom to take --------------------------------------------------------- */

static struct wants_offer *first_in_line(const struct wants_peer *p,
					 size_t below, size_t *nearness)
{
	for (size_t i = 0; i < below; i++) {
		if (chain_is_alone(&p->lines[i]))
			continue;
		*nearness = i;
		return CHAIN_OWNER(p->lines[i].next, struct wants_offer, line);
	}
	return NULL;
}

/* A byte costs p so much, with one fetch more. */
static uint64_t cost(const struct wants_peer *p)
{
	return (uint64_t)(p->active + 1) * SPEED_UNKNOWN * MS / p->speed;
}

/* The nearest blob, from the quickest of those who offer one as near. */
static struct wants_offer *choose(const struct wants *w)
{
	struct wants_offer *best = NULL;
	size_t best_nearness = NEARNESSES, nearness = 0;

	for (struct chain *c = w->peers.next; c != &w->peers; c = c->next) {
		const struct wants_peer *p =
			CHAIN_OWNER(c, struct wants_peer, ring);
		struct wants_offer *o;

		if (p->active >= w->options.peer_fetches)
			continue;
		o = first_in_line(p, best ? best_nearness + 1 : NEARNESSES,
				  &nearness);
		if (!o || (best && nearness == best_nearness &&
			   cost(p) >= cost(best->peer)))
			continue;
		best = o;
		best_nearness = nearness;
	}
	return best;
}

static void set_range(const struct wants *w, struct wants_fetch *f,
		      const struct wants_offer *o)
{
	struct wants_blob *b = o->blob;

	if (!wants_is_resumable(o)) {
		b->kept = 0;
		b->kept_size = 0;
	}
	f->from = b->kept;
	f->size = o->size ? o->size : f->from ? b->kept_size : 0;
	f->end = f->size ? f->size : w->options.size_max - 1;
	f->mixed = f->from && !kith_feed_equal(&b->kept_by, &o->peer->id);
}

struct wants_fetch *wants_fetch_begin(struct wants *w)
{
	struct wants_offer *o;
	struct wants_fetch *f;

	if (w->held || !w->line_count || w->open >= WANTS_OPEN_MAX ||
	    w->fetching >= w->options.fetches)
		return NULL;
	o = choose(w);
	f = o ? calloc(1, sizeof(*f)) : NULL;
	if (!f)
		return NULL;
	f->id = o->blob->id;
	f->blob = o->blob;
	f->peer = o->peer;
	f->peer_id = o->peer->id;
	f->own = o->blob->turn != TURN_NONE;
	f->hops = o->blob->hops;
	f->begun_ms = f->last_ms = f->window_ms = w->now_ms;
	f->look_ms = w->now_ms + WANTS_SLOW_MS;
	set_range(w, f, o);
	o->renewed = false;
	chain_init(&f->stop);
	chain_init(&f->of_all);
	chain_init(&f->of_peer);
	chain_put(&w->fetches, &f->of_all);
	chain_put(&o->peer->fetches, &f->of_peer);
	o->peer->active++;
	w->fetching++;
	w->open++;
	o->blob->fetch = f;
	wants_line_out(w, o->blob);
	return f;
}

void wants_request(const struct wants_fetch *f, struct wants_request *out)
{
	*out = (struct wants_request){ .id = f->id,
				       .peer = f->peer,
				       .from = f->from,
				       .end = f->end,
				       .size = f->size,
				       .hops = f->hops,
				       .own = f->own };
}

/* --- how it goes ---------------------------------------------------------- */

bool wants_is_ending(const struct wants *w, const struct kith_blob_id *id)
{
	for (struct chain *c = w->fetches.next;
	     w->loose && c != &w->fetches; c = c->next) {
		const struct wants_fetch *f =
			CHAIN_OWNER(c, struct wants_fetch, of_all);

		if (!f->blob && !memcmp(f->id.b, id->b, KITH_ID_BYTES))
			return true;
	}
	return false;
}

void wants_fetch_stop(struct wants *w, struct wants_fetch *f)
{
	f->blob->fetch = NULL;
	f->blob = NULL;
	w->loose++;
	if (f->stopped)
		return;
	f->stopped = true;
	chain_put(&w->stops, &f->stop);
}

void wants_progress(struct wants *w, struct wants_fetch *f, uint64_t bytes,
		    int64_t now_ms)
{
	w->now_ms = f->last_ms = now_ms;
	f->bytes = bytes;
	if (f->from && bytes && f->peer)
		f->peer->slices = SLICES_SERVED;
}

/* Somebody who was not worse before could go on with the same bytes. */
static bool has_another(const struct wants_fetch *f)
{
	if (!f->blob || f->blob->alone)
		return false;
	for (struct chain *c = f->blob->offers.next; c != &f->blob->offers;
	     c = c->next) {
		const struct wants_offer *o =
			CHAIN_OWNER(c, struct wants_offer, of_blob);

		if (o->peer != f->peer && wants_is_usable(o) && !o->failures &&
		    o->size == f->size && !o->sliced)
			return true;
	}
	return false;
}

/* What it must come on by; near the end only that. */
static uint64_t least_bytes(const struct wants_fetch *f, bool another)
{
	uint64_t least = another ? WANTS_SLOW_BYTES : WANTS_STALL_BYTES;
	uint64_t whole = f->end - f->from;
	uint64_t left = whole > f->window_bytes ? whole - f->window_bytes : 0;

	if (!f->size || left > least)
		return least;
	return left ? left : 1; /* the end is to come as well */
}

/* Others get their turn at a fetch that goes on, but slowly. */
static bool is_stalled(const struct wants *w, struct wants_fetch *f)
{
	bool another = has_another(f);

	if (f->bytes - f->window_bytes >= least_bytes(f, another)) {
		f->window_ms = w->now_ms;
		f->window_bytes = f->bytes;
		return false;
	}
	return w->now_ms - f->window_ms >=
	       (another ? WANTS_SLOW_MS : WANTS_STALL_MS);
}

void wants_stalls_run(struct wants *w)
{
	for (struct chain *c = w->fetches.next; c != &w->fetches; c = c->next) {
		struct wants_fetch *f =
			CHAIN_OWNER(c, struct wants_fetch, of_all);

		if (f->received || f->stopped || w->now_ms < f->look_ms)
			continue;
		f->look_ms = w->now_ms + WANTS_SLOW_MS;
		if (!is_stalled(w, f))
			continue;
		f->stopped = f->stalled = true;
		chain_put(&w->stops, &f->stop);
	}
}

int64_t wants_stalls_due_ms(const struct wants *w)
{
	int64_t due_ms = WANTS_NEVER;

	for (struct chain *c = w->fetches.next; c != &w->fetches; c = c->next) {
		const struct wants_fetch *f =
			CHAIN_OWNER(c, struct wants_fetch, of_all);

		if (!f->received && !f->stopped && f->look_ms < due_ms)
			due_ms = f->look_ms;
	}
	return due_ms;
}

/* --- how it ends ---------------------------------------------------------- */

static void learn_speed(struct wants_peer *p, const struct wants_fetch *f)
{
	uint64_t took_ms = (uint64_t)(f->last_ms - f->begun_ms) + 1;
	uint64_t speed = f->bytes * MS / took_ms;

	p->speed = (3 * p->speed + speed) / 4;
	if (!p->speed)
		p->speed = 1;
}

void wants_received(struct wants *w, struct wants_fetch *f)
{
	if (f->received)
		return;
	f->received = true;
	w->fetching--;
	if (!f->peer)
		return;
	learn_speed(f->peer, f);
	f->peer->active--;
}

/* What the partial file holds now, and of whom. */
static void keep_partial(struct wants_blob *b, const struct wants_fetch *f,
			 enum wants_verdict verdict, uint64_t kept)
{
	if (verdict == WANTS_LIED || verdict == WANTS_TOO_BIG)
		kept = 0;
	if (!f->from) {
		b->kept_by = f->peer_id;
		b->kept_size = f->size;
	} else if (f->mixed && kept != f->from) {
		b->kept_by.format = KITH_FORMAT_NONE;
	}
	b->kept = kept;
	if (!b->kept_size)
		b->kept_size = f->size;
}

static void blame(struct wants *w, struct wants_offer *o)
{
	struct wants_peer *p = o->peer;

	o->lied = true;
	if (++p->lies >= WANTS_LIES_MAX)
		wants_bar(w, p);
}

/* A slice may be refused because the peer knows no slices, or because it does
 * not have the blob any more: asking for the whole tells. */
static void hear_refusal(struct wants *w, struct wants_offer *o,
			 const struct wants_fetch *f)
{
	struct wants_peer *p = o->peer;

	if (f->from && p->slices != SLICES_SERVED) {
		o->sliced = true;
		p->slices = SLICES_REFUSED;
		return;
	}
	if (o->sliced)
		p->slices = SLICES_UNKNOWN;
	if (!o->renewed)
		wants_offer_free(w, o);
	else
		wants_pause(w, o); /* it came there after our question */
}

/* It broke off, unless that was our wish. */
static void hear_cut(struct wants *w, struct wants_offer *o,
		     const struct wants_fetch *f)
{
	if (f->stopped && !f->stalled)
		return;
	if (f->bytes && !f->stalled)
		o->failures = 0;
	else if (o->failures < PAUSES - 1)
		o->failures++;
	wants_pause(w, o);
}

static void judge(struct wants *w, struct wants_offer *o,
		  const struct wants_fetch *f, enum wants_verdict verdict)
{
	switch (verdict) {
	case WANTS_CUT:
		hear_cut(w, o, f);
		break;
	case WANTS_REFUSED:
		hear_refusal(w, o, f);
		break;
	case WANTS_LIED:
		if (!f->mixed)
			blame(w, o);
		break;
	case WANTS_TOO_BIG:
		blame(w, o);
		break;
	case WANTS_FAILED:
		o->failures = AFTER_OWN_FAULT;
		wants_pause(w, o);
		break;
	case WANTS_OK:
	case WANTS_NO_ROOM:
		break;
	}
}

static void count(struct wants *w, enum wants_verdict verdict)
{
	w->ever.fetched += verdict == WANTS_OK;
	w->ever.cut += verdict == WANTS_CUT;
	w->ever.refused += verdict == WANTS_REFUSED;
	w->ever.lied += verdict == WANTS_LIED;
	w->ever.too_big += verdict == WANTS_TOO_BIG;
}

static void close_fetch(struct wants *w, struct wants_fetch *f)
{
	wants_received(w, f);
	w->open--;
	if (f->blob)
		f->blob->fetch = NULL;
	else
		w->loose--;
	chain_take(&f->of_all);
	chain_take(&f->of_peer);
	chain_take(&f->stop);
}

/* The blob that f is of; or that was let go and is wanted once more. */
static struct wants_blob *blob_of(const struct wants *w,
				  const struct wants_fetch *f)
{
	struct wants_blob *b = f->blob ? f->blob : wants_find(w, &f->id);

	return b && wants_is_wanted(b) ? b : NULL;
}

void wants_fetched(struct wants *w, struct wants_fetch *f,
		   enum wants_verdict verdict, uint64_t kept, int64_t now_ms)
{
	struct wants_blob *b = blob_of(w, f);
	struct wants_offer *o = b && f->peer ? wants_offer_find(b, f->peer) :
					       NULL;

	w->now_ms = now_ms;
	close_fetch(w, f);
	count(w, verdict);
	if (verdict == WANTS_OK) {
		wants_came(w, &f->id, f->from + f->bytes, now_ms);
	} else if (b) {
		keep_partial(b, f, verdict, kept);
		if (verdict == WANTS_LIED && f->mixed)
			b->alone = true;
		if (verdict == WANTS_NO_ROOM)
			chain_move(&w->asides, &b->aside);
		if (o)
			judge(w, o, f, verdict);
		wants_line_up(w, b);
	}
	free(f);
}

void wants_fetch_attach(struct wants_fetch *f, void *user)
{
	f->user = user;
}

void *wants_fetch_user(const struct wants_fetch *f)
{
	return f->user;
}
