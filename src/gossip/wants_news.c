#include <stdlib.h>

#include "src/gossip/wants_private.h"

enum { FIRST_ROOM = 64 };

/* A want counts while it is the last word on its blob. */
static bool is_current(const struct wants *w, const struct wants_news *n)
{
	const struct wants_blob *b;

	if (n->value > 0)
		return true;
	b = wants_find(w, &n->id);
	return b && b->said == n->number;
}

/* The first arrival that a peer may not have heard of. */
static uint64_t oldest_unheard(const struct wants *w)
{
	uint64_t oldest = w->number;

	for (struct chain *c = w->peers.next; c != &w->peers; c = c->next) {
		const struct wants_peer *p =
			CHAIN_OWNER(c, struct wants_peer, ring);
		uint64_t at = p->cursor > p->joined ? p->cursor : p->joined;

		if (at < oldest)
			oldest = at;
	}
	return oldest;
}

/* Peers that join are told all wants, so these stay; arrivals until everybody
 * heard of them, or until there are too many. */
static void forget_old(struct wants *w)
{
	uint64_t unheard = oldest_unheard(w);
	uint32_t arrivals = 0, kept = w->news_count;

	for (uint32_t i = w->news_count; i-- > 0;) {
		const struct wants_news *n = &w->news[i];
		bool arrival = n->value > 0;

		if (!is_current(w, n) ||
		    (arrival && (n->number < unheard ||
				 arrivals == WANTS_NEWS_MAX)))
			continue;
		arrivals += arrival;
		w->news[--kept] = *n;
	}
	w->news_count -= kept;
	memmove(w->news, w->news + kept, w->news_count * sizeof(*w->news));
}

/* Half is free afterwards, so that the cost of forgetting is spread. */
static bool make_room(struct wants *w)
{
	uint32_t room = w->news_room ? w->news_room * 2 : FIRST_ROOM;
	struct wants_news *news;

	if (w->news_count < w->news_room)
		return true;
	if (w->news_count)
		forget_old(w);
	if (w->news_room && w->news_count <= w->news_room / 2)
		return true;
	news = realloc(w->news, room * sizeof(*news));
	if (news) {
		w->news = news;
		w->news_room = room;
	}
	return w->news_count < w->news_room;
}

/* 0: there is no memory, and nobody is told. */
static uint64_t append(struct wants *w, const struct kith_blob_id *id,
		       int64_t value)
{
	if (!make_room(w))
		return 0;
	w->news[w->news_count++] = (struct wants_news){
		.number = w->number, .id = *id, .value = value
	};
	return w->number++;
}

void wants_tell(struct wants *w, struct wants_blob *b)
{
	uint32_t distance = b->turn == TURN_TOLD || b->pushing ? 1 : b->carried;

	if (distance == b->distance && (b->said || !distance))
		return;
	b->distance = distance;
	b->said = 0;
	if (distance)
		b->said = append(w, &b->id, -(int64_t)distance);
}

void wants_tell_came(struct wants *w, const struct kith_blob_id *id,
		     uint64_t size)
{
	if (size > 0 && !w->options.stingy)
		append(w, id, (int64_t)size);
}

/* The place of the first of this number or later. */
static uint32_t place_of(const struct wants *w, uint64_t number)
{
	uint32_t low = 0, high = w->news_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (w->news[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool wants_hear(struct wants *w, struct wants_peer *p, struct wants_news *out)
{
	if (p->cursor == w->number)
		return false;
	for (uint32_t i = place_of(w, p->cursor); i < w->news_count; i++) {
		const struct wants_news *n = &w->news[i];

		if (n->value > 0 && (p->legacy || n->number < p->joined))
			continue;
		if (!is_current(w, n))
			continue;
		*out = *n;
		p->cursor = n->number + 1;
		return true;
	}
	p->cursor = w->number;
	return false;
}
