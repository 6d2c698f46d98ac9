#include "src/gossip/ebt_private.h"

enum { REST_MS = 250 }; /* no peer makes us hold and release all the time */

/*
 * Near feeds first.  While a near feed comes that is new to us or far behind,
 * no far feed is begun: peers that were told nothing of it yet are told
 * nothing, those that send it go on.  They hear of it when the near ones are
 * here, or do not come: so the wait costs no note and, at most, a round trip.
 */

bool ebt_is_held(const struct ebt *e, uint32_t n)
{
	return e->holding && !e->feeds[n].near && !e->feeds[n].begun;
}

/* One that is less behind comes whole in its sender's first turn. */
static bool is_worth_it(const struct ebt_feed *f, int32_t told)
{
	return !f->committed ||
	       (told > 0 && (uint32_t)told > f->committed + EBT_BATCH_MAX);
}

/* Until when it comes, if nothing more of it does: it is on its way, or the
 * peer has still to say whether it is.  EBT_FRESH: it does not come. */
static int64_t comes_until_ms(const struct ebt *e, uint32_t n)
{
	const struct ebt_feed *f = &e->feeds[n];
	const struct ebt_peer *p = f->asked;
	int64_t since_ms = e->now_ms;

	if (!f->near || !f->wanted || !p || p->relations[n].flags & STALLED)
		return EBT_FRESH;
	if (!ebt_is_ahead(e, p, n)) {
		if (p->heard_note || f->committed)
			return EBT_FRESH;
		since_ms = p->joined_ms;
	} else if (f->active_ms != EBT_FRESH) {
		since_ms = f->active_ms;
	}
	return since_ms + EBT_NEAR_QUIET_MS;
}

static bool comes(const struct ebt *e, uint32_t n)
{
	return comes_until_ms(e, n) > e->now_ms;
}

/* Those that are asked for in notes that did not go yet. */
static void withdraw(struct ebt *e)
{
	for (uint32_t n = 0; n < e->feed_count; n++)
		if (ebt_is_held(e, n))
			e->feeds[n].asked = NULL;
}

void ebt_near_comes(struct ebt *e, uint32_t n)
{
	const struct ebt_feed *f = &e->feeds[n];

	if (e->holding || (e->time_known && e->now_ms < e->released_ms) ||
	    !comes(e, n) || kith_feed_equal(&f->id, &e->self) ||
	    !is_worth_it(f, f->asked->relations[n].told))
		return;
	e->holding = true;
	e->awaited = n;
	e->held_ms = e->time_known ? e->now_ms : EBT_FRESH;
	withdraw(e);
}

/* Each feed is looked at again only when the one before it is here. */
static bool any_comes(struct ebt *e)
{
	for (uint32_t i = 0; i < e->feed_count; i++) {
		if (comes(e, e->awaited))
			return true;
		e->awaited = (e->awaited + 1) % e->feed_count;
	}
	return false;
}

/* Tells all peers of one that waited, as the begin of a session does. */
static void begin(struct ebt *e, uint32_t n)
{
	struct ebt_peer *p = e->peers;

	e->feeds[n].begun = true;
	if (!p)
		return;
	do {
		if (p->relations[n].flags & FORCED)
			ebt_queue_note(e, p, n, true);
		ebt_introduce(e, p, n);
		p = p->next;
	} while (p != e->peers);
}

static void release(struct ebt *e)
{
	for (uint32_t n = 0; n < e->feed_count; n++)
		if (ebt_is_held(e, n) && e->feeds[n].wanted)
			begin(e, n);
	e->holding = false;
	e->released_ms = e->now_ms + REST_MS;
}

void ebt_near_run(struct ebt *e)
{
	if (!e->holding)
		return;
	if (e->held_ms == EBT_FRESH)
		e->held_ms = e->now_ms;
	if (e->now_ms >= e->held_ms + EBT_NEAR_MOST_MS || !any_comes(e))
		release(e);
}

void ebt_near_anew(struct ebt *e)
{
	e->holding = false;
	for (uint32_t n = 0; n < e->feed_count; n++)
		e->feeds[n].begun = false;
}

int64_t ebt_near_due_ms(struct ebt *e)
{
	int64_t most_ms = e->held_ms + EBT_NEAR_MOST_MS, until_ms;

	if (!e->holding)
		return EBT_NEVER;
	if (e->held_ms == EBT_FRESH || !any_comes(e))
		return EBT_FRESH;
	until_ms = comes_until_ms(e, e->awaited);
	return until_ms < most_ms ? until_ms : most_ms;
}

enum kith_err ebt_near(struct ebt *e, const struct kith_feed_id *feed,
		       bool near)
{
	struct ebt_peer *p = e->peers;
	enum kith_err err;
	uint32_t n;

	err = ebt_feed_take(e, feed, &n);
	if (err || e->feeds[n].near == near)
		return err;
	e->time_known = false;
	e->feeds[n].near = near;
	if (!near || !e->feeds[n].wanted || !p)
		return KITH_OK;
	do {
		ebt_introduce(e, p, n);
		p = p->next;
	} while (p != e->peers);
	return KITH_OK;
}
