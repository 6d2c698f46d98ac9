#include "src/gossip/wants_private.h"

void wants_counts(const struct wants *w, struct wants_counts *out)
{
	*out = w->ever;
	out->own = w->own_count;
	out->told = w->told_count;
	out->carried = w->carried_count;
	out->pushed = w->push_count;
	out->fetching = w->open;
	out->offers = w->offer_count;
}

static enum wants_stand stand_of(const struct wants_blob *b)
{
	if (b->pushing)
		return WANTS_PUSHING;
	if (b->fetch)
		return WANTS_FETCHING;
	if (!chain_is_alone(&b->aside))
		return WANTS_ASIDE;
	if (wants_is_offered(b))
		return WANTS_OFFERED;
	return b->distance ? WANTS_ASKED : WANTS_WAITING;
}

void wants_state(const struct wants *w, const struct kith_blob_id *id,
		 struct wants_state *out)
{
	const struct wants_blob *b = wants_find(w, id);

	*out = (struct wants_state){ .hops = WANTS_HOPS_UNKNOWN };
	if (!b)
		return;
	*out = (struct wants_state){ .stand = stand_of(b),
				     .hops = b->hops,
				     .own = b->turn != TURN_NONE,
				     .distance = b->distance,
				     .kept = b->kept };
	for (struct chain *c = b->offers.next; c != &b->offers; c = c->next)
		out->offers++;
}

bool wants_offer_at(const struct wants *w, const struct kith_blob_id *id,
		    size_t i, struct wants_offer_of *out)
{
	const struct wants_blob *b = wants_find(w, id);
	struct chain *c = b ? b->offers.next : NULL;
	const struct wants_offer *o;

	for (; b && c != &b->offers && i > 0; i--)
		c = c->next;
	if (!b || c == &b->offers)
		return false;
	o = CHAIN_OWNER(c, struct wants_offer, of_blob);
	*out = (struct wants_offer_of){ .peer = o->peer->id,
					.size = o->size,
					.lied = o->lied,
					.failures = o->failures };
	return true;
}
