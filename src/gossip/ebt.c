#include "src/gossip/ebt.h"

#include <stdlib.h>

#include "src/gossip/ebt_private.h"

struct ebt *ebt_new(const struct kith_feed_id *self)
{
	struct ebt *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->self = *self;
	e->stall_ms = EBT_STALL_MS;
	e->now_ms = INT64_MIN / 2; /* no time yet: later than any that comes */
	e->peers_wake_ms = EBT_NEVER;
	e->released_ms = e->now_ms;
	return e;
}

void ebt_free(struct ebt *e)
{
	if (!e)
		return;
	lookup_clear(&e->feed_index);
	free(e->feeds);
	free(e->watch);
	free(e);
}

void ebt_set_key(struct ebt *e, const uint8_t key[static EBT_KEY_BYTES])
{
	lookup_set_key(&e->feed_index, key);
}

void ebt_set_stall_ms(struct ebt *e, int64_t stall_ms)
{
	if (stall_ms < 1)
		stall_ms = 1;
	if (stall_ms > EBT_STALL_MAX && stall_ms != EBT_NEVER)
		stall_ms = EBT_STALL_MAX;
	e->stall_ms = stall_ms;
}

static void forget(struct ebt *e, uint32_t n)
{
	struct ebt_peer *p = e->peers;

	e->feeds[n].wanted = false;
	e->feeds[n].asked = NULL;
	if (!p)
		return;
	do {
		p->relations[n].flags &= (uint16_t)~SENDING;
		ebt_queue_note(e, p, n, true);
		p = p->next;
	} while (p != e->peers);
}

bool ebt_wants(const struct ebt *e, const struct kith_feed_id *feed)
{
	uint32_t n = ebt_feed_find(e, feed);

	return n != EBT_NONE && e->feeds[n].wanted;
}

enum kith_err ebt_want(struct ebt *e, const struct kith_feed_id *feed,
		       bool want)
{
	struct ebt_peer *p = e->peers;
	enum kith_err err;
	uint32_t n;

	if (want == ebt_wants(e, feed))
		return KITH_OK;
	e->time_known = false;
	if (!want) {
		forget(e, ebt_feed_find(e, feed));
		return KITH_OK;
	}
	err = ebt_feed_take(e, feed, &n);
	if (err || e->feeds[n].forgotten)
		return err;
	e->feeds[n].wanted = true;
	if (!p)
		return KITH_OK;
	do {
		/* Both sides may have refused it for want of interest, and
		 * the first to change its mind has to say so. */
		if (p->relations[n].told == TOLD_REFUSED)
			p->relations[n].told = TOLD_UNKNOWN;
		ebt_introduce(e, p, n);
		p = p->next;
	} while (p != e->peers);
	return KITH_OK;
}

/* We have more of a feed: who asked for it gets it, who is behind hears. */
static void tell(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];
	uint32_t shown = ebt_shown(&e->feeds[n]);

	if (r->flags & (HIDDEN | BARRED) || r->sent >= shown)
		return;
	if (r->flags & SENDING) {
		ebt_queue_send(e, p, n);
	} else if (r->told >= 0 && (uint32_t)r->told < shown) {
		r->flags |= FORCED;
		ebt_queue_note(e, p, n, false);
	}
}

enum kith_err ebt_committed(struct ebt *e, const struct kith_feed_id *feed,
			    uint64_t sequence)
{
	struct ebt_peer *p = e->peers;
	struct ebt_feed *f;
	enum kith_err err;
	uint32_t n;

	err = ebt_feed_take(e, feed, &n);
	if (err)
		return err;
	f = &e->feeds[n];
	if (sequence > NOTE_SEQUENCE_MAX)
		sequence = NOTE_SEQUENCE_MAX; /* the rest cannot be told */
	if (sequence <= f->committed)
		return KITH_OK;
	f->committed = (uint32_t)sequence;
	if (f->queued < f->committed)
		f->queued = f->committed;
	if (ebt_is_full(f))
		ebt_ask(e, n, NULL);
	if (!f->wanted || !p)
		return KITH_OK;
	do {
		tell(e, p, n);
		p = p->next;
	} while (p != e->peers);
	return KITH_OK;
}

void ebt_refused(struct ebt *e, struct ebt_peer *by,
		 const struct kith_feed_id *feed, enum ebt_refusal why)
{
	uint32_t n = ebt_feed_find(e, feed);
	struct ebt_peer *next;

	if (n == EBT_NONE)
		return;
	e->time_known = false;
	e->feeds[n].queued = e->feeds[n].committed;
	if (by && (why == EBT_FORKED ||
		   (why == EBT_INVALID &&
		    ++by->relations[n].bad >= EBT_BAD_MAX))) {
		ebt_bar(e, by, n, why == EBT_FORKED);
		return;
	}
	next = ebt_choose(e, n, by);
	if (why == EBT_INVALID && next) {
		/* Another peer may have the right one. */
		next->relations[n].flags |= FORCED;
		ebt_queue_note(e, next, n, true);
		ebt_ask(e, n, next);
	} else if (next) {
		ebt_watch(e, n); /* what we lack now we may still lack */
	}
}

/* The next messages come in order; what came out of order is asked for again,
 * once. */
static void ask_for_gap(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	if (e->feeds[n].asked == p && !(r->flags & GAP_ASKED)) {
		r->flags |= GAP_ASKED | FORCED;
		ebt_queue_note(e, p, n, true);
	}
	ebt_offered(e, n, p);
}

/* Nothing is left to get from p, and what it sends we have: it becomes one
 * that only tells us when it gets ahead. */
static void stop_repeats(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	const struct ebt_feed *f = &e->feeds[n];

	if (f->asked == p && (uint32_t)p->relations[n].told <= f->queued)
		ebt_ask(e, n, ebt_choose(e, n, p));
}

enum ebt_verdict ebt_message(struct ebt *e, struct ebt_peer *p,
			     const struct kith_feed_id *feed,
			     uint64_t sequence, int64_t now_ms)
{
	uint32_t n = ebt_feed_find(e, feed);
	struct ebt_relation *r;
	struct ebt_feed *f;

	ebt_tick(e, now_ms);
	p->heard_ms = e->now_ms;
	if (n == EBT_NONE || sequence == 0 || sequence > NOTE_SEQUENCE_MAX)
		return EBT_UNWANTED;
	r = &p->relations[n];
	f = &e->feeds[n];
	if (ebt_to_say(e, p, n) == SAID_NO || r->flags & DEAF ||
	    (r->said != SAID_ON && r->said != SAID_OFF))
		return EBT_UNWANTED;
	if (r->told < (int32_t)sequence)
		r->told = (int32_t)sequence;
	if (r->sent < sequence)
		r->sent = (uint32_t)sequence;
	/* What is under way may prove wrong, and this the right one: some
	 * peers send both in a row. */
	if (sequence > f->committed && sequence <= f->queued && f->asked == p)
		return EBT_TAKE;
	if (sequence <= f->queued) {
		stop_repeats(e, p, n);
		return EBT_KNOWN;
	}
	if (sequence > f->limit)
		return EBT_UNWANTED;
	if (sequence > (uint64_t)f->queued + 1) {
		ask_for_gap(e, p, n);
		return EBT_GAP;
	}
	f->queued = (uint32_t)sequence;
	f->active_ms = e->now_ms;
	f->tries = 0;
	r->flags &= (uint16_t)~STALLED;
	if (f->best < f->queued)
		f->best = f->queued;
	/* It has no more: those who have are waited for no longer. */
	if (f->watch_at != EBT_NONE && r->told == (int32_t)sequence)
		ebt_watch(e, n);
	if (ebt_is_full(f))
		ebt_ask(e, n, NULL);
	return EBT_TAKE;
}

int64_t ebt_wake_ms(struct ebt *e)
{
	int64_t at_ms = ebt_watch_due_ms(e);
	int64_t near_ms = ebt_near_due_ms(e);

	if (e->peers_wake_ms < at_ms)
		at_ms = e->peers_wake_ms;
	if (near_ms < at_ms)
		at_ms = near_ms;
	return at_ms > e->now_ms ? at_ms : e->now_ms;
}

/* Those whose time has come; and when the next one's comes. */
static void wake_peers(struct ebt *e)
{
	struct ebt_peer *p = e->peers;
	int64_t next_ms = EBT_NEVER;

	if (e->peers_wake_ms > e->now_ms)
		return;
	if (p) {
		do {
			if (p->wake_ms <= e->now_ms) {
				p->wake_ms = EBT_NEVER;
				ebt_mark_ready(e, p);
			} else if (p->wake_ms < next_ms) {
				next_ms = p->wake_ms;
			}
			p = p->next;
		} while (p != e->peers);
	}
	e->peers_wake_ms = next_ms;
}

void ebt_tick(struct ebt *e, int64_t now_ms)
{
	if (now_ms > e->now_ms)
		e->now_ms = now_ms;
	e->time_known = true;
	wake_peers(e);
	ebt_near_run(e);
	ebt_watch_run(e);
}

static void count_feed(struct ebt_share *s, const struct ebt_feed *f)
{
	uint32_t best = f->best < f->limit ? f->best : f->limit;

	s->feeds++;
	if (best <= f->committed)
		return;
	s->behind++;
	s->messages += best - f->committed;
}

void ebt_progress(const struct ebt *e, struct ebt_progress *out)
{
	*out = (struct ebt_progress){ .all = { 0 } };
	for (uint32_t n = 0; n < e->feed_count; n++) {
		const struct ebt_feed *f = &e->feeds[n];

		if (!f->wanted)
			continue;
		count_feed(&out->all, f);
		if (f->near)
			count_feed(&out->near, f);
	}
}
