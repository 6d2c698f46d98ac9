#include <assert.h>

#include "src/gossip/ebt_private.h"

enum {
	GRACE_MS = 250,	  /* a live source is given before a faster one */
	BUSY_FACTOR = 4,  /* more patience with a peer that sends other feeds */
	QUICK_TRIES = 8,  /* askings before they become rarer */
	SLOWEST_SHIFT = 7 /* at most 2^7 times rarer */
};

/* --- the watch: a heap of feeds by due_ms --------------------------------- */

static void put_at(struct ebt *e, uint32_t at, uint32_t n)
{
	e->watch[at] = n;
	e->feeds[n].watch_at = at;
}

static bool earlier(const struct ebt *e, uint32_t a, uint32_t b)
{
	return e->feeds[a].due_ms < e->feeds[b].due_ms;
}

static void sift_up(struct ebt *e, uint32_t at)
{
	uint32_t n = e->watch[at];

	for (; at > 0 && earlier(e, n, e->watch[(at - 1) / 2]);
	     at = (at - 1) / 2)
		put_at(e, at, e->watch[(at - 1) / 2]);
	put_at(e, at, n);
}

static void sift_down(struct ebt *e, uint32_t at)
{
	uint32_t n = e->watch[at], child;

	for (; (child = 2 * at + 1) < e->watch_count; at = child) {
		if (child + 1 < e->watch_count &&
		    earlier(e, e->watch[child + 1], e->watch[child]))
			child++;
		if (!earlier(e, e->watch[child], n))
			break;
		put_at(e, at, e->watch[child]);
	}
	put_at(e, at, n);
}

static void set_due(struct ebt *e, uint32_t n, int64_t due_ms)
{
	struct ebt_feed *f = &e->feeds[n];

	f->due_ms = due_ms;
	if (f->watch_at == EBT_NONE)
		put_at(e, e->watch_count++, n);
	sift_up(e, f->watch_at);
	sift_down(e, f->watch_at);
}

static void unwatch(struct ebt *e, uint32_t n)
{
	uint32_t at = e->feeds[n].watch_at;
	uint32_t last;

	if (at == EBT_NONE)
		return;
	e->feeds[n].watch_at = EBT_NONE;
	last = e->watch[--e->watch_count];
	if (last == n)
		return;
	put_at(e, at, last);
	sift_up(e, at);
	sift_down(e, e->feeds[last].watch_at);
}

int64_t ebt_watch_due_ms(const struct ebt *e)
{
	return e->watch_count ? e->feeds[e->watch[0]].due_ms : EBT_NEVER;
}

/* --- who may be asked ----------------------------------------------------- */

static bool may_ask(const struct ebt_relation *r)
{
	return !(r->flags & (HIDDEN | BARRED | DEAF));
}

bool ebt_is_ahead(const struct ebt *e, const struct ebt_peer *p, uint32_t n)
{
	const struct ebt_relation *r = &p->relations[n];

	return !e->sated && may_ask(r) && r->told > 0 &&
	       !ebt_is_full(&e->feeds[n]) &&
	       (uint32_t)r->told > e->feeds[n].queued;
}

struct ebt_peer *ebt_choose(const struct ebt *e, uint32_t n,
			    const struct ebt_peer *after)
{
	struct ebt_peer *first = after ? after->next : e->peers;
	struct ebt_peer *p = first;

	if (!p)
		return NULL;
	do {
		if (ebt_is_ahead(e, p, n))
			return p;
		p = p->next;
	} while (p != first);
	return NULL;
}

static bool has_stalled(const struct ebt_peer *p, uint32_t n)
{
	return p->relations[n].flags & STALLED;
}

/* How long the feed may be silent before we look elsewhere: longer each time
 * when nobody is left who was not asked in vain. */
static int64_t patience_ms(const struct ebt *e, uint32_t n)
{
	const struct ebt_feed *f = &e->feeds[n];
	bool first = f->asked && !has_stalled(f->asked, n);
	uint32_t shift = first || f->tries < QUICK_TRIES ?
				 0 :
				 f->tries - QUICK_TRIES;

	assert(e->stall_ms <= EBT_STALL_MAX);
	if (f->asked && !ebt_is_ahead(e, f->asked, n) && GRACE_MS < e->stall_ms)
		return GRACE_MS;
	return e->stall_ms << (shift < SLOWEST_SHIFT ? shift : SLOWEST_SHIFT);
}

void ebt_watch(struct ebt *e, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];

	if (e->stall_ms == EBT_NEVER)
		return;
	if (f->watch_at == EBT_NONE)
		f->active_ms = e->time_known ? e->now_ms : EBT_FRESH;
	set_due(e, n, f->active_ms == EBT_FRESH ?
			      EBT_FRESH :
			      f->active_ms + patience_ms(e, n));
}

void ebt_ask(struct ebt *e, uint32_t n, struct ebt_peer *p)
{
	struct ebt_feed *f = &e->feeds[n];
	struct ebt_relation *r;

	if (f->asked == p)
		return;
	if (ebt_is_full(f) || e->sated || ebt_is_held(e, n))
		p = NULL;
	if (f->asked == p)
		return;
	if (f->asked)
		ebt_queue_note(e, f->asked, n, true);
	f->asked = p;
	if (!p)
		return;
	r = &p->relations[n];
	if (r->flags & STALLED && !(r->flags & CURED))
		r->flags |= CURING;
	ebt_queue_note(e, p, n, true);
	if (ebt_is_ahead(e, p, n)) {
		unwatch(e, n); /* its time starts now */
		ebt_watch(e, n);
	}
	ebt_near_comes(e, n);
}

void ebt_offered(struct ebt *e, uint32_t n, struct ebt_peer *p)
{
	struct ebt_feed *f = &e->feeds[n];
	int32_t told = f->asked ? f->asked->relations[n].told : TOLD_UNKNOWN;

	if (!ebt_is_ahead(e, p, n))
		return;
	f->tries = 0;
	/* Who is as far as we are is a live source and given a moment; who is
	 * not, or has nothing, has nothing to lose. */
	if (f->asked != p && (told <= 0 || (uint32_t)told < f->queued))
		ebt_ask(e, n, p);
	else
		ebt_watch(e, n);
	ebt_near_comes(e, n);
}

/* Nobody else has it.  Some peers keep silent when they skipped a feed that
 * we lost meanwhile, until it is refused and asked for again (protocol/05
 * section 8). */
static void ask_again(struct ebt *e, uint32_t n)
{
	struct ebt_peer *p = e->feeds[n].asked;
	struct ebt_relation *r = &p->relations[n];

	r->flags |= FORCED | STALLED;
	if (!(r->flags & CURED))
		r->flags |= CURING;
	ebt_queue_note(e, p, n, true);
}

static bool is_busy(const struct ebt *e, const struct ebt_peer *p,
		    int64_t silent_ms)
{
	return e->now_ms - p->heard_ms < e->stall_ms &&
	       silent_ms < e->stall_ms * BUSY_FACTOR;
}

/* All that are ahead, whether or not they were asked in vain, from the newest
 * to the oldest, then anew: who comes, or comes back, delays nobody's turn.
 * NULL: there is only the one that is asked. */
static struct ebt_peer *take_turn(struct ebt *e, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];
	struct ebt_peer *p = e->peers, *newest = NULL;

	do {
		p = p->prev;
		assert(p); /* a ring */
		if (!ebt_is_ahead(e, p, n) || p == f->asked)
			continue;
		if (!newest)
			newest = p;
		if (p->number < f->turn) {
			f->turn = p->number;
			return p;
		}
	} while (p != e->peers);
	if (newest)
		f->turn = newest->number;
	return newest;
}

/* Who was not asked in vain goes first: a crowd that only claims to be ahead
 * is asked once each. */
static struct ebt_peer *choose_fresh(const struct ebt *e, uint32_t n)
{
	struct ebt_peer *first = ebt_choose(e, n, e->feeds[n].asked);
	struct ebt_peer *p = first;

	assert(first);
	while (has_stalled(p, n)) {
		p = ebt_choose(e, n, p);
		if (p == first)
			break;
	}
	return p;
}

/* One after the other: a crowd that came back would always be fresh. */
static struct ebt_peer *choose_next(struct ebt *e, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];
	struct ebt_peer *p = f->turn_next ? take_turn(e, n) : NULL;

	f->turn_next = !f->turn_next;
	return p ? p : choose_fresh(e, n);
}

/* The feed was silent for as long as we are patient. */
static void ask_next(struct ebt *e, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];
	struct ebt_peer *next;

	if (f->asked && ebt_is_ahead(e, f->asked, n))
		f->asked->relations[n].flags |= STALLED;
	next = choose_next(e, n);
	f->tries++;
	f->active_ms = e->now_ms;
	if (next == f->asked)
		ask_again(e, n);
	else
		ebt_ask(e, n, next);
	set_due(e, n, e->now_ms + patience_ms(e, n));
}

static void look_at(struct ebt *e, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];
	int64_t silent;

	if (!f->wanted || ebt_is_held(e, n) || !ebt_choose(e, n, NULL)) {
		unwatch(e, n);
		return;
	}
	if (f->active_ms == EBT_FRESH)
		f->active_ms = e->now_ms;
	silent = e->now_ms - f->active_ms;
	if (f->asked && silent < patience_ms(e, n))
		set_due(e, n, f->active_ms + patience_ms(e, n));
	else if (f->asked && ebt_is_ahead(e, f->asked, n) &&
		 is_busy(e, f->asked, silent))
		set_due(e, n, e->now_ms + e->stall_ms);
	else
		ask_next(e, n);
}

void ebt_watch_run(struct ebt *e)
{
	while (e->watch_count && e->feeds[e->watch[0]].due_ms <= e->now_ms)
		look_at(e, e->watch[0]);
}

/* --- who may not be asked any more ---------------------------------------- */

static void remember_fork(struct ebt *e, const struct ebt_peer *p, uint32_t n)
{
	e->barred[e->barred_count++ % EBT_BARRED_KEPT] = (struct ebt_barred){
		p->id, n, e->now_ms + EBT_BARRED_MS
	};
}

/* Our own feed still goes to everybody: what others made of it must not cut
 * it off. */
void ebt_bar(struct ebt *e, struct ebt_peer *p, uint32_t n, bool fork)
{
	bool own = kith_feed_equal(&e->feeds[n].id, &e->self);

	if (fork && !own)
		remember_fork(e, p, n);
	p->relations[n].flags |= own ? DEAF : BARRED;
	if (e->feeds[n].asked == p)
		ebt_ask(e, n, ebt_choose(e, n, p));
	ebt_queue_note(e, p, n, true);
}

/* --- room ----------------------------------------------------------------- */

/* Asks p for the feed again, as a session's first notes would. */
static void ask_anew(struct ebt *e, uint32_t n, struct ebt_peer *p)
{
	const struct ebt_feed *f = &e->feeds[n];

	if (!f->wanted || p->relations[n].told == TOLD_REFUSED ||
	    !may_ask(&p->relations[n]))
		return;
	if (f->asked)
		ebt_offered(e, n, p);
	else
		ebt_ask(e, n, p);
}

void ebt_sate(struct ebt *e, bool sated)
{
	struct ebt_peer *p = e->peers;

	if (e->sated == sated)
		return;
	e->sated = sated;
	e->time_known = false;
	for (uint32_t n = 0; sated && n < e->feed_count; n++)
		ebt_ask(e, n, NULL);
	if (sated || !p)
		return;
	do {
		for (uint32_t n = 0; n < e->feed_count; n++)
			ask_anew(e, n, p);
		p = p->next;
	} while (p != e->peers);
}
