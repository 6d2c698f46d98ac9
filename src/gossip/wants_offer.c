#include <stdlib.h>

#include "src/gossip/wants_private.h"

/* After the first, second, ... failure in a row. */
static const int64_t pause_ms[PAUSES] = { 1000, 10000, 60000, 300000 };

struct wants_offer *wants_offer_find(const struct wants_blob *b,
				     const struct wants_peer *p)
{
	for (struct chain *c = b->offers.next; c != &b->offers; c = c->next) {
		struct wants_offer *o =
			CHAIN_OWNER(c, struct wants_offer, of_blob);

		if (o->peer == p)
			return o;
	}
	return NULL;
}

static void line_leave(struct wants *w, struct wants_offer *o)
{
	if (chain_is_alone(&o->line))
		return;
	w->line_count -= !o->pauses;
	chain_take(&o->line);
	o->pauses = false;
}

void wants_offer_free(struct wants *w, struct wants_offer *o)
{
	line_leave(w, o);
	chain_take(&o->of_blob);
	chain_take(&o->of_peer);
	o->peer->offer_count--;
	w->offer_count--;
	free(o);
}

bool wants_is_usable(const struct wants_offer *o)
{
	return !o->lied;
}

bool wants_is_resumable(const struct wants_offer *o)
{
	const struct wants_blob *b = o->blob;

	if (!b->kept || o->peer->slices == SLICES_REFUSED || o->sliced)
		return false;
	if (b->alone && !kith_feed_equal(&b->kept_by, &o->peer->id))
		return false;
	if (o->size && b->kept_size && o->size != b->kept_size)
		return false;
	return !o->size || b->kept < o->size;
}

bool wants_is_offered(const struct wants_blob *b)
{
	for (struct chain *c = b->offers.next; c != &b->offers; c = c->next)
		if (wants_is_usable(CHAIN_OWNER(c, struct wants_offer,
						of_blob)))
			return true;
	return false;
}

static bool may_line_up(const struct wants_offer *o)
{
	return wants_is_usable(o) && !o->pauses;
}

/* Somebody who did not fail can send the rest alone. */
static bool some_resumable(const struct wants_blob *b)
{
	for (struct chain *c = b->offers.next; c != &b->offers; c = c->next) {
		const struct wants_offer *o =
			CHAIN_OWNER(c, struct wants_offer, of_blob);

		if (may_line_up(o) && !o->failures && wants_is_resumable(o))
			return true;
	}
	return false;
}

void wants_line_out(struct wants *w, struct wants_blob *b)
{
	for (struct chain *c = b->offers.next; c != &b->offers; c = c->next) {
		struct wants_offer *o =
			CHAIN_OWNER(c, struct wants_offer, of_blob);

		if (!o->pauses)
			line_leave(w, o);
	}
}

void wants_line_up(struct wants *w, struct wants_blob *b)
{
	bool resume;

	wants_line_out(w, b);
	if (b->fetch || !chain_is_alone(&b->aside) || !wants_is_wanted(b) ||
	    wants_is_ending(w, &b->id))
		return;
	resume = some_resumable(b);
	for (struct chain *c = b->offers.next; c != &b->offers; c = c->next) {
		struct wants_offer *o =
			CHAIN_OWNER(c, struct wants_offer, of_blob);

		if (!may_line_up(o) || (resume && !wants_is_resumable(o)))
			continue;
		chain_put(&o->peer->lines[wants_nearness(b)], &o->line);
		w->line_count++;
	}
}

void wants_pause(struct wants *w, struct wants_offer *o)
{
	line_leave(w, o);
	o->pauses = true;
	o->due_ms = w->now_ms + pause_ms[o->failures];
	chain_put(&w->pauses[o->failures], &o->line);
}

/* Each kind of pause is as long as all of it: who came first is due first. */
static struct wants_offer *first_of(const struct chain *pause)
{
	return chain_is_alone(pause) ?
		       NULL :
		       CHAIN_OWNER(pause->next, struct wants_offer, line);
}

void wants_pauses_run(struct wants *w)
{
	for (size_t i = 0; i < PAUSES; i++) {
		struct wants_offer *o;

		while ((o = first_of(&w->pauses[i])) &&
		       o->due_ms <= w->now_ms) {
			line_leave(w, o);
			wants_line_up(w, o->blob);
		}
	}
}

int64_t wants_pauses_due_ms(const struct wants *w)
{
	int64_t due_ms = WANTS_NEVER;

	for (size_t i = 0; i < PAUSES; i++) {
		const struct wants_offer *o = first_of(&w->pauses[i]);

		if (o && o->due_ms < due_ms)
			due_ms = o->due_ms;
	}
	return due_ms;
}

void wants_bar(struct wants *w, struct wants_peer *p)
{
	struct chain *next;

	p->barred = true;
	for (struct chain *c = p->offers.next; c != &p->offers; c = next) {
		struct wants_offer *o =
			CHAIN_OWNER(c, struct wants_offer, of_peer);
		struct wants_blob *b = o->blob;

		next = c->next;
		wants_offer_free(w, o);
		wants_line_up(w, b);
	}
}

static bool may_offer(const struct wants *w, const struct wants_peer *p)
{
	return p->offer_count < OFFERS_LEAST ||
	       (p->offer_count < WANTS_OFFERS_MAX &&
		w->offer_count < WANTS_OFFERS_ALL_MAX);
}

static struct wants_offer *add(struct wants *w, struct wants_blob *b,
			       struct wants_peer *p)
{
	struct wants_offer *o =
		may_offer(w, p) ? calloc(1, sizeof(*o)) : NULL;

	if (!o) {
		w->ever.dropped++;
		return NULL;
	}
	o->blob = b;
	o->peer = p;
	chain_init(&o->line);
	chain_init(&o->of_blob);
	chain_init(&o->of_peer);
	chain_put(&b->offers, &o->of_blob);
	chain_put(&p->offers, &o->of_peer);
	p->offer_count++;
	w->offer_count++;
	return o;
}

void wants_offer(struct wants *w, struct wants_peer *p,
		 const struct kith_blob_id *id, uint64_t size, int64_t now_ms)
{
	struct wants_blob *b = wants_find(w, id);
	struct wants_offer *o;

	w->now_ms = now_ms;
	if (b && b->pushing)
		wants_copy_seen(w, b, p, size);
	if (!b || !wants_is_wanted(b) || p->barred ||
	    size >= w->options.size_max)
		return;
	o = wants_offer_find(b, p);
	if (!o)
		o = add(w, b, p);
	if (!o || o->lied)
		return;
	if (size)
		o->size = size;
	o->renewed = true;
	wants_line_up(w, b);
}
