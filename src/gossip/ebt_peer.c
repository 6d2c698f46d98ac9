#include <stdlib.h>

#include "src/gossip/ebt_private.h"

static void link_peer(struct ebt *e, struct ebt_peer *p)
{
	if (!e->peers) {
		p->prev = p->next = p;
		e->peers = p;
		return;
	}
	p->next = e->peers;
	p->prev = e->peers->prev;
	p->prev->next = p->next->prev = p;
}

static void unlink_peer(struct ebt *e, struct ebt_peer *p)
{
	p->prev->next = p->next;
	p->next->prev = p->prev;
	if (e->peers == p)
		e->peers = p->next == p ? NULL : p->next;
}

static void unlink_ready(struct ebt *e, const struct ebt_peer *p)
{
	struct ebt_peer *before = NULL;

	for (struct ebt_peer *q = e->ready_first; q; q = q->ready_next) {
		if (q != p) {
			before = q;
			continue;
		}
		if (before)
			before->ready_next = p->ready_next;
		else
			e->ready_first = p->ready_next;
		if (e->ready_last == p)
			e->ready_last = before;
		return;
	}
}

static void load_clock(struct ebt *e, struct ebt_peer *p,
		       const struct kith_clock_entry *saved, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t n = ebt_feed_find(e, &saved[i].feed);
		int64_t told = saved[i].sequence;

		if (saved[i].feed.format != e->self.format ||
		    told < KITH_CLOCK_REFUSED || told > NOTE_SEQUENCE_MAX)
			continue;
		if (n == EBT_NONE)
			ebt_other_hear(e, p, &saved[i].feed, (int32_t)told,
				       false);
		else
			p->relations[n].told = (int32_t)told;
	}
}

static void load_barred(const struct ebt *e, struct ebt_peer *p)
{
	uint32_t kept = e->barred_count < EBT_BARRED_KEPT ? e->barred_count :
							    EBT_BARRED_KEPT;

	for (uint32_t i = 0; i < kept; i++)
		if (kith_feed_equal(&e->barred[i].peer, &p->id) &&
		    e->barred[i].until_ms > e->now_ms)
			p->relations[e->barred[i].feed].flags |= BARRED;
}

/* What they refuse and what did not change since last time is left out
 * (protocol/05 section 6, initial notes), unless it was we who refused. */
void ebt_introduce(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];
	struct ebt_relation *r = &p->relations[n];

	if (!f->wanted || r->flags & (HIDDEN | BARRED) ||
	    r->told == TOLD_REFUSED)
		return;
	if (r->told >= 0 && (uint32_t)r->told == ebt_shown(f) &&
	    r->said == SAID_NOTHING)
		return;
	ebt_queue_note(e, p, n, true);
	if (!f->asked)
		ebt_ask(e, n, p);
	else
		ebt_offered(e, n, p);
}

struct ebt_peer *ebt_join(struct ebt *e, const struct kith_feed_id *peer,
			  bool called, const struct kith_clock_entry *saved,
			  size_t saved_count, int64_t now_ms)
{
	struct ebt_peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	ebt_tick(e, now_ms);
	if (ebt_relations_new(e, p)) {
		free(p);
		return NULL;
	}
	p->core = e;
	p->id = *peer;
	p->number = ++e->joined;
	p->called = called;
	p->joined_ms = p->heard_ms = e->now_ms;
	p->noted_ms = e->now_ms - EBT_NOTES_EVERY_MS;
	p->wake_ms = EBT_NEVER;
	memcpy(p->other_index.key, e->feed_index.key, LOOKUP_KEY_BYTES);
	ebt_queue_init(&p->notes);
	ebt_queue_init(&p->sends);
	ebt_queue_init(&p->doubts);
	ebt_queue_init(&p->answers);
	link_peer(e, p);
	load_clock(e, p, saved, saved_count);
	load_barred(e, p);
	for (uint32_t n = 0; n < e->feed_count; n++)
		ebt_introduce(e, p, n);
	ebt_mark_ready(e, p);
	return p;
}

/* What it brought may be lost with it, and somebody else is to be asked. */
static void release_feed(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_feed *f = &e->feeds[n];
	int32_t told = p->relations[n].told;

	if (f->queued > f->committed && told > 0 && (uint32_t)told >= f->queued)
		f->queued = f->committed;
	if (f->asked != p)
		return;
	f->asked = NULL; /* p is told nothing more */
	ebt_ask(e, n, ebt_choose(e, n, p));
}

void ebt_leave(struct ebt *e, struct ebt_peer *p)
{
	e->time_known = false;
	for (uint32_t n = 0; n < e->feed_count; n++)
		p->relations[n].flags |= HIDDEN; /* is not chosen */
	for (uint32_t n = 0; n < e->feed_count; n++)
		release_feed(e, p, n);
	unlink_peer(e, p);
	unlink_ready(e, p);
	if (!e->peers)
		ebt_near_anew(e);
	ebt_others_clear(e, p);
	free(p->relations);
	free(p);
}

/* What a peer says of feeds that we refuse is no answer to a wish of ours, and
 * the note that takes a refusal back may be lost with the connection: what is
 * remembered of them could keep a wish from ever being told. */
bool ebt_clock(const struct ebt_peer *p, size_t *at,
	       struct kith_clock_entry *out)
{
	const struct ebt *e = p->core;

	for (; *at < e->feed_count; (*at)++) {
		uint32_t n = (uint32_t)*at;
		int32_t told = p->relations[n].told;

		if (told == TOLD_UNKNOWN || p->relations[n].flags & UNSAVED ||
		    ebt_to_say(e, p, n) == SAID_NO)
			continue;
		*out = (struct kith_clock_entry){ e->feeds[n].id, told };
		(*at)++;
		return true;
	}
	return false;
}

bool ebt_told(const struct ebt_peer *p, const struct kith_feed_id *feed,
	      uint64_t *sequence)
{
	uint32_t n = ebt_feed_find(p->core, feed);

	if (n == EBT_NONE || p->relations[n].told < 0)
		return false;
	*sequence = (uint32_t)p->relations[n].told;
	return true;
}

bool ebt_refuses(const struct ebt_peer *p, const struct kith_feed_id *feed)
{
	uint32_t n = ebt_feed_find(p->core, feed);

	return n != EBT_NONE && p->relations[n].told == TOLD_REFUSED;
}

static void hide(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	p->relations[n].flags |= HIDDEN;
	if (e->feeds[n].asked == p)
		ebt_ask(e, n, ebt_choose(e, n, p));
	if (p->relations[n].said != SAID_NOTHING)
		ebt_queue_note(e, p, n, true);
}

enum kith_err ebt_hide(struct ebt *e, struct ebt_peer *p,
		       const struct kith_feed_id *feed, bool hidden)
{
	uint32_t n = ebt_feed_find(e, feed);
	enum kith_err err = KITH_OK;

	e->time_known = false;
	if (n == EBT_NONE && hidden)
		err = ebt_feed_take(e, feed, &n);
	if (err || n == EBT_NONE)
		return err;
	if (hidden) {
		hide(e, p, n);
	} else if (p->relations[n].flags & HIDDEN) {
		p->relations[n].flags &= (uint16_t)~HIDDEN;
		ebt_introduce(e, p, n);
	}
	return KITH_OK;
}

struct ebt_peer *ebt_ready(struct ebt *e, struct ebt_peer *after)
{
	struct ebt_peer *p = after ? after->ready_next : e->ready_first;

	if (after && !after->busy) {
		unlink_ready(e, after);
		after->ready = false;
	}
	while (p && !p->busy) {
		struct ebt_peer *next = p->ready_next;

		unlink_ready(e, p);
		p->ready = false;
		p = next;
	}
	return p;
}

void ebt_peer_attach(struct ebt_peer *p, void *user)
{
	p->user = user;
}

void *ebt_peer_user(const struct ebt_peer *p)
{
	return p->user;
}
