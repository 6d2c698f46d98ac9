#include <stdlib.h>

#include "feeds/list.h"
#include "src/gossip/ebt_private.h"

static struct ebt_other *find(const struct ebt_peer *p,
			      const struct kith_feed_id *id)
{
	uint32_t hash = lookup_hash(&p->other_index, id->b, KITH_ID_BYTES);
	uint32_t at = 0, n;

	while ((n = lookup_next(&p->other_index, hash, &at)) != LOOKUP_NONE)
		if (!memcmp(p->others[n].key, id->b, KITH_ID_BYTES))
			return &p->others[n];
	return NULL;
}

static bool make_room(struct ebt *e, struct ebt_peer *p)
{
	struct ebt_other *others;

	if (p->other_count >= EBT_OTHERS_MAX || e->others >= EBT_OTHERS_ALL_MAX)
		return false;
	others = list_room(p->others, p->other_count, &p->other_room,
			   sizeof(*others));
	if (!others)
		return false;
	p->others = others;
	return lookup_reserve(&p->other_index) == KITH_OK;
}

/* NULL: no room.  A feed that is not remembered is not answered; that costs
 * the peer a note of no use, and nothing else. */
static struct ebt_other *take(struct ebt *e, struct ebt_peer *p,
			      const struct kith_feed_id *id)
{
	struct ebt_other *known = find(p, id);

	if (known)
		return known;
	if (!make_room(e, p))
		return NULL;
	lookup_put(&p->other_index,
		   lookup_hash(&p->other_index, id->b, KITH_ID_BYTES),
		   p->other_count);
	known = &p->others[p->other_count++];
	*known = (struct ebt_other){ .told = TOLD_UNKNOWN };
	memcpy(known->key, id->b, KITH_ID_BYTES);
	e->others++;
	return known;
}

static void queue_answer(struct ebt *e, struct ebt_peer *p, struct ebt_other *o)
{
	uint32_t n = (uint32_t)(o - p->others);

	if (o->in_answers || o->answered)
		return;
	o->in_answers = true;
	o->next = EBT_NONE;
	if (p->answers.count++)
		p->others[p->answers.tail].next = n;
	else
		p->answers.head = n;
	p->answers.tail = n;
	p->urgent = true;
	ebt_mark_ready(e, p);
}

void ebt_other_hear(struct ebt *e, struct ebt_peer *p,
		    const struct kith_feed_id *id, int32_t told, bool answer)
{
	struct ebt_other *o = take(e, p, id);

	if (!o)
		return;
	o->told = told;
	if (told == TOLD_REFUSED)
		o->answered = false;
	else if (answer)
		queue_answer(e, p, o);
}

void ebt_other_move(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_other *o = find(p, &e->feeds[n].id);
	struct ebt_relation *r = &p->relations[n];

	if (!o)
		return;
	r->told = o->told;
	if (o->told > 0 && (uint32_t)o->told > e->feeds[n].best)
		e->feeds[n].best = (uint32_t)o->told;
	r->said = o->answered ? SAID_NO : SAID_NOTHING;
	r->flags |= o->answered ? UNSAVED : 0;
	if (o->in_answers) {
		r->flags |= FORCED;
		ebt_queue_note(e, p, n, true);
	}
	o->moved = true;
}

bool ebt_other_answer(struct ebt *e, struct ebt_peer *p,
		      struct kith_feed_id *id)
{
	while (p->answers.count) {
		struct ebt_other *o = &p->others[p->answers.head];

		p->answers.head = o->next;
		p->answers.count--;
		o->in_answers = false;
		if (o->moved || o->told == TOLD_REFUSED)
			continue;
		o->answered = true;
		id->format = e->self.format;
		memcpy(id->b, o->key, KITH_ID_BYTES);
		return true;
	}
	return false;
}

void ebt_others_clear(struct ebt *e, struct ebt_peer *p)
{
	e->others -= p->other_count;
	lookup_clear(&p->other_index);
	free(p->others);
	p->others = NULL;
	p->other_count = 0;
	p->other_room = 0;
}
