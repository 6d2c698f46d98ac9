#include <stdlib.h>

#include "src/gossip/ebt_private.h"

enum { FIRST_CAPACITY = 64 };

uint32_t ebt_feed_find(const struct ebt *e, const struct kith_feed_id *id)
{
	uint32_t hash = lookup_hash(&e->feed_index, id->b, KITH_ID_BYTES);
	uint32_t at = 0, n;

	while ((n = lookup_next(&e->feed_index, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&e->feeds[n].id, id))
			return n;
	return EBT_NONE;
}

static enum kith_err grow_relations(struct ebt_peer *p, uint32_t from,
				    uint32_t to)
{
	struct ebt_relation *all = realloc(p->relations, to * sizeof(*all));

	if (!all)
		return KITH_ENOMEM;
	for (uint32_t n = from; n < to; n++)
		all[n] = (struct ebt_relation){ .told = TOLD_UNKNOWN };
	p->relations = all;
	return KITH_OK;
}

enum kith_err ebt_relations_new(const struct ebt *e, struct ebt_peer *p)
{
	return grow_relations(p, 0, e->feed_room ? e->feed_room : 1);
}

/* Peers first: what grew too early does no harm. */
static enum kith_err grow_feeds(struct ebt *e)
{
	uint32_t room = e->feed_room ? e->feed_room * 2 : FIRST_CAPACITY;
	struct ebt_peer *p = e->peers;
	struct ebt_feed *feeds;
	uint32_t *watch;

	if (p) {
		do {
			if (grow_relations(p, e->feed_room, room))
				return KITH_ENOMEM;
			p = p->next;
		} while (p != e->peers);
	}
	watch = realloc(e->watch, room * sizeof(*watch));
	if (!watch)
		return KITH_ENOMEM;
	e->watch = watch;
	feeds = realloc(e->feeds, room * sizeof(*feeds));
	if (!feeds)
		return KITH_ENOMEM;
	e->feeds = feeds;
	e->feed_room = room;
	return KITH_OK;
}

enum kith_err ebt_feed_take(struct ebt *e, const struct kith_feed_id *id,
			    uint32_t *number)
{
	uint32_t n = ebt_feed_find(e, id);
	struct ebt_peer *p = e->peers;

	if (n == EBT_NONE) {
		if (lookup_reserve(&e->feed_index))
			return KITH_ENOMEM;
		if (e->feed_count == e->feed_room && grow_feeds(e))
			return KITH_ENOMEM;
		n = e->feed_count++;
		e->feeds[n] = (struct ebt_feed){ .id = *id,
						 .limit = EBT_NO_LIMIT,
						 .watch_at = EBT_NONE };
		lookup_put(&e->feed_index,
			   lookup_hash(&e->feed_index, id->b, KITH_ID_BYTES),
			   n);
		if (p) {
			do {
				ebt_other_move(e, p, n);
				p = p->next;
			} while (p != e->peers);
		}
	}
	*number = n;
	return KITH_OK;
}

void ebt_queue_init(struct ebt_queue *q)
{
	*q = (struct ebt_queue){ EBT_NONE, EBT_NONE, 0 };
}

void ebt_mark_ready(struct ebt *e, struct ebt_peer *p)
{
	p->busy = true;
	if (p->ready)
		return;
	p->ready = true;
	p->ready_next = NULL;
	if (e->ready_last)
		e->ready_last->ready_next = p;
	else
		e->ready_first = p;
	e->ready_last = p;
}

void ebt_queue_note(struct ebt *e, struct ebt_peer *p, uint32_t n, bool urgent)
{
	struct ebt_relation *r = &p->relations[n];

	if (urgent && !p->urgent) {
		p->urgent = true;
		ebt_mark_ready(e, p);
	}
	if (r->flags & IN_NOTES)
		return;
	r->flags |= IN_NOTES;
	r->next_note = EBT_NONE;
	if (p->notes.count++)
		p->relations[p->notes.tail].next_note = n;
	else
		p->notes.head = n;
	p->notes.tail = n;
	ebt_mark_ready(e, p);
}

void ebt_queue_send(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	if (r->flags & IN_SENDS)
		return;
	r->flags |= IN_SENDS;
	r->next_send = EBT_NONE;
	if (p->sends.count++)
		p->relations[p->sends.tail].next_send = n;
	else
		p->sends.head = n;
	p->sends.tail = n;
	ebt_mark_ready(e, p);
}

uint32_t ebt_pop_note(struct ebt_peer *p)
{
	uint32_t n = p->notes.head;

	p->notes.head = p->relations[n].next_note;
	p->notes.count--;
	p->relations[n].flags &= (uint16_t)~IN_NOTES;
	return n;
}

uint32_t ebt_pop_send(struct ebt_peer *p)
{
	uint32_t n = p->sends.head;

	p->sends.head = p->relations[n].next_send;
	p->sends.count--;
	p->relations[n].flags &= (uint16_t)~IN_SENDS;
	return n;
}

enum ebt_said ebt_to_say(const struct ebt *e, const struct ebt_peer *p,
			 uint32_t n)
{
	if (!e->feeds[n].wanted || p->relations[n].flags & (HIDDEN | BARRED))
		return SAID_NO;
	return e->feeds[n].asked == p ? SAID_ON : SAID_OFF;
}
