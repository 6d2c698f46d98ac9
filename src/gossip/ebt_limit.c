#include "src/gossip/ebt_private.h"

/* p heard that we have more than we show now. */
static void take_back(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	if (r->noted <= ebt_shown(&e->feeds[n]))
		return;
	r->flags |= FORCED;
	ebt_queue_note(e, p, n, true);
}

enum kith_err ebt_limit(struct ebt *e, const struct kith_feed_id *feed,
			uint64_t sequence)
{
	struct ebt_peer *p = e->peers;
	enum kith_err err;
	uint32_t n;

	if (sequence > NOTE_SEQUENCE_MAX)
		return KITH_OK; /* no peer is told of such places at all */
	err = ebt_feed_take(e, feed, &n);
	if (err || e->feeds[n].limit <= sequence)
		return err;
	e->time_known = false;
	e->feeds[n].limit = (uint32_t)sequence;
	if (ebt_is_full(&e->feeds[n]))
		ebt_ask(e, n, NULL);
	if (!p)
		return KITH_OK;
	do {
		take_back(e, p, n);
		p = p->next;
	} while (p != e->peers);
	return KITH_OK;
}

/* p hears what we have, is sent what it asked for, and asked for what it
 * offered. */
static void show_again(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	if (!e->feeds[n].wanted || r->flags & (HIDDEN | BARRED))
		return;
	if (r->said != SAID_NOTHING)
		r->flags |= FORCED;
	if (r->flags & SENDING)
		ebt_queue_send(e, p, n);
	ebt_introduce(e, p, n);
}

void ebt_unlimit(struct ebt *e, const struct kith_feed_id *feed)
{
	uint32_t n = ebt_feed_find(e, feed);
	struct ebt_peer *p = e->peers;

	if (n == EBT_NONE || !ebt_is_forked(&e->feeds[n]))
		return;
	e->time_known = false;
	e->feeds[n].limit = EBT_NO_LIMIT;
	if (!p)
		return;
	do {
		show_again(e, p, n);
		p = p->next;
	} while (p != e->peers);
}

uint64_t ebt_limit_of(const struct ebt *e, const struct kith_feed_id *feed)
{
	uint32_t n = ebt_feed_find(e, feed);

	return n == EBT_NONE || !ebt_is_forked(&e->feeds[n]) ?
		       UINT64_MAX :
		       e->feeds[n].limit;
}

uint64_t ebt_shows(const struct ebt *e, const struct kith_feed_id *feed)
{
	uint32_t n = ebt_feed_find(e, feed);

	return n == EBT_NONE ? 0 : ebt_shown(&e->feeds[n]);
}
