#include "src/gossip/ebt_private.h"

/*
 * Messages are not acknowledged, and some peers lose them without a word:
 * ssb-db2 drops a whole batch if one message in it comes twice, as it does
 * after a quick reconnection or from two peers at once.  Such a peer waits for
 * ever for what was sent already.  But who gets a message that it has says how
 * far it came, by the note that turns us off (protocol/05 section 6).  So when
 * a feed fell silent and the peer did not say that all arrived, it is sent one
 * again, which it has for certain: its last that we know of.  If we know of
 * none, the first message; who lacked that takes it, so it goes twice.
 */

enum { PROBES_AT_ONCE = 64 };

static void queue_doubt(struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	r->flags |= IN_DOUBTS;
	r->next_doubt = EBT_NONE;
	if (p->doubts.count++)
		p->relations[p->doubts.tail].next_doubt = n;
	else
		p->doubts.head = n;
	p->doubts.tail = n;
}

static uint32_t pop_doubt(struct ebt_peer *p)
{
	uint32_t n = p->doubts.head;

	p->doubts.head = p->relations[n].next_doubt;
	p->doubts.count--;
	p->relations[n].flags &= (uint16_t)~IN_DOUBTS;
	return n;
}

void ebt_doubt(const struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	if (e->stall_ms == EBT_NEVER)
		return;
	r->flags |= FRESH;
	r->flags &= (uint16_t)~PROBED;
	if (r->flags & IN_DOUBTS)
		return;
	if (!p->doubts.count)
		p->doubt_ms = e->now_ms + e->stall_ms;
	queue_doubt(p, n);
}

bool ebt_probe(const struct ebt *e, const struct ebt_peer *p, uint32_t n,
	       uint32_t *sequence)
{
	const struct ebt_relation *r = &p->relations[n];
	const struct ebt_feed *f = &e->feeds[n];

	if (!f->wanted || !(r->flags & SENDING) ||
	    r->flags & (HIDDEN | BARRED) || r->told < 0 ||
	    (uint32_t)r->told >= r->sent)
		return false;
	*sequence = r->told ? (uint32_t)r->told : 1;
	if (*sequence < f->first)
		*sequence = f->first;
	return *sequence <= (uint32_t)r->told + 1 && *sequence <= ebt_shown(f);
}

/* True if a probe is to go now. */
static bool look_at(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];
	uint32_t sequence;

	if (!ebt_probe(e, p, n, &sequence))
		return false;
	if (r->flags & (FRESH | IN_SENDS)) {
		r->flags &= (uint16_t)~FRESH;
		queue_doubt(p, n);
		return false;
	}
	if (!(r->flags & PROBED))
		queue_doubt(p, n);
	r->flags |= PROBE | PROBED;
	ebt_queue_send(e, p, n);
	return true;
}

void ebt_doubts_run(struct ebt *e, struct ebt_peer *p)
{
	uint32_t count = p->doubts.count, probes = 0;

	if (!count || e->now_ms < p->doubt_ms)
		return;
	for (; count > 0 && probes < PROBES_AT_ONCE; count--)
		probes += look_at(e, p, pop_doubt(p));
	p->doubt_ms = e->now_ms + e->stall_ms;
}
