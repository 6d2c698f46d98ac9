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
 *
 * While the peer is not through what it was sent, as a telephone that slept,
 * that one would come twice in a batch itself.  So each look waits for an echo:
 * a call behind all that was sent, whose answer shows that the peer has read so
 * far, and a pause in which it works.  The first look may have an echo from
 * before; two more are sure.
 */

enum { PROBES_AT_ONCE = 64, LOOKS_BEFORE = 2 };

/* Before an echo is asked for, and behind it. */
static int64_t pause_ms(const struct ebt *e)
{
	return e->stall_ms / 3;
}

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
	r->looks = 0;
	if (r->flags & IN_DOUBTS)
		return;
	if (!p->doubts.count)
		p->doubt_ms = e->now_ms + pause_ms(e);
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
	if (r->flags & IN_SENDS)
		r->looks = 0;
	if (r->looks <= LOOKS_BEFORE)
		queue_doubt(p, n);
	if (r->looks++ < LOOKS_BEFORE)
		return false;
	r->flags |= PROBE;
	ebt_queue_send(e, p, n);
	return true;
}

void ebt_doubts_run(struct ebt *e, struct ebt_peer *p)
{
	uint32_t count, probes = 0, sequence;

	/* Of these the peer said that all came. */
	while (p->doubts.count && !ebt_probe(e, p, p->doubts.head, &sequence))
		pop_doubt(p);
	if (p->echo != ECHO_CAME || e->now_ms < p->doubt_ms)
		return;
	count = p->doubts.count;
	for (; count > 0 && probes < PROBES_AT_ONCE; count--)
		probes += look_at(e, p, pop_doubt(p));
	p->echo = ECHO_NONE;
	p->doubt_ms = e->now_ms + pause_ms(e);
}

bool ebt_echo_is_due(const struct ebt *e, const struct ebt_peer *p)
{
	return p->doubts.count && p->echo == ECHO_NONE &&
	       e->now_ms >= p->doubt_ms;
}

void ebt_echoed(struct ebt *e, struct ebt_peer *p, int64_t now_ms)
{
	ebt_tick(e, now_ms);
	p->echo = ECHO_CAME;
	p->doubt_ms = e->now_ms + pause_ms(e);
	ebt_mark_ready(e, p);
}

int64_t ebt_doubts_due_ms(const struct ebt_peer *p)
{
	bool due = p->echo == ECHO_CAME ||
		   (p->echo == ECHO_NONE && p->doubts.count);

	return due ? p->doubt_ms : EBT_NEVER;
}
