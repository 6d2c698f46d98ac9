#include "src/gossip/own.h"

#include <stddef.h>

void own_join(struct own *o, struct own_peer *p)
{
	*p = (struct own_peer){ .joined = true, .prev = p, .next = p };
	if (o->peers) {
		p->next = o->peers;
		p->prev = o->peers->prev;
		p->prev->next = p->next->prev = p;
	}
	o->peers = p;
}

void own_leave(struct own *o, struct own_peer *p)
{
	if (!p->joined)
		return;
	p->joined = false;
	p->prev->next = p->next;
	p->next->prev = p->prev;
	if (o->peers == p)
		o->peers = p->next == p ? NULL : p->next;
}

void own_told(struct own_peer *p, uint64_t sequence, uint64_t tip,
	      int64_t now_ms)
{
	if (sequence > tip && p->told <= tip) {
		p->since_ms = now_ms;
		p->claims++;
	}
	if (!p->heard)
		p->first = sequence;
	p->heard = true;
	p->told = sequence;
}

void own_brought(struct own_peer *p, uint64_t sequence, int64_t now_ms)
{
	if (p->told < sequence)
		p->told = sequence;
	p->since_ms = now_ms;
	p->claims = 0;
}

bool own_is_news(const struct own_peer *p, uint64_t sequence)
{
	return p->heard && sequence > p->first;
}

uint64_t own_claims(const struct own *o, uint64_t tip, int64_t now_ms,
		    int64_t *until_ms)
{
	const struct own_peer *p = o->peers;
	uint64_t highest = 0;

	if (until_ms)
		*until_ms = INT64_MAX;
	if (!p)
		return 0;
	do {
		int64_t end_ms = p->since_ms + OWN_CLAIM_MS;

		if (p->told > tip && now_ms < end_ms &&
		    p->claims <= OWN_CLAIMS_MAX) {
			if (p->told > highest)
				highest = p->told;
			if (until_ms && (*until_ms == INT64_MAX ||
					 *until_ms < end_ms))
				*until_ms = end_ms;
		}
		p = p->next;
	} while (p != o->peers);
	return highest;
}

static bool has(const struct own *o, uint64_t tip)
{
	const struct own_peer *p = o->peers;

	if (!p)
		return false;
	do {
		if (p->heard && p->told == tip)
			return true;
		p = p->next;
	} while (p != o->peers);
	return false;
}

bool own_confirms(const struct own *o, uint64_t tip, int64_t now_ms)
{
	return tip > 0 && has(o, tip) && !own_claims(o, tip, now_ms, NULL);
}
