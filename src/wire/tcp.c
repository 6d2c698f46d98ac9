#include "src/wire/tcp.h"

#include <stdlib.h>

/* A segment that came before its turn; its bytes follow it. */
struct tcp_held {
	struct tcp_held *next;
	uint32_t sequence;
	uint32_t cut; /* bytes behind those kept that were not recorded */
	size_t n;
	uint8_t bytes[];
};

/* Sequence numbers wrap: the distance from a to b, which is near. */
static int32_t distance(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

static void free_given(struct tcp *t)
{
	free(t->given);
	t->given = NULL;
}

void tcp_clear(struct tcp *t)
{
	struct tcp_held *h;

	free_given(t);
	while ((h = t->first)) {
		t->first = h->next;
		free(h);
	}
	*t = (struct tcp){ 0 };
}

/* --- what came too early -------------------------------------------------- */

static void hold(struct tcp *t, uint32_t sequence, struct kith_slice s,
		 uint32_t lost)
{
	struct tcp_held **at = &t->first, *h;

	while (*at && distance((*at)->sequence, sequence) >= 0)
		at = &(*at)->next;
	h = malloc(sizeof(*h) + s.n);
	if (!h) {
		t->lost = true; /* a gap will show it */
		return;
	}
	*h = (struct tcp_held){ *at, sequence, lost, s.n };
	if (s.n)
		memcpy(h->bytes, s.p, s.n);
	*at = h;
	t->held++;
	t->held_bytes += s.n;
}

static bool is_full(const struct tcp *t)
{
	return t->held >= TCP_HELD_MAX || t->held_bytes >= TCP_HELD_BYTES_MAX;
}

/* --- in order ------------------------------------------------------------- */

/* Drops from the front what came before; gives what is new.  A segment that
 * lies before the next byte whole is all repeat. */
static struct kith_slice trim(struct tcp *t, uint32_t sequence,
			      struct kith_slice s, uint32_t *lost)
{
	int32_t old = distance(sequence, t->next);
	size_t n = old > 0 ? (size_t)old : 0;

	if (n > s.n) {
		size_t over = n - s.n;

		*lost -= over < *lost ? (uint32_t)over : *lost;
		n = s.n;
	}
	t->repeated += n;
	s.p = n ? s.p + n : s.p;
	s.n -= n;
	return s;
}

static enum tcp_step give(struct tcp *t, struct kith_slice s,
			  struct tcp_out *out)
{
	t->next += (uint32_t)s.n;
	out->bytes = s;
	return TCP_BYTES;
}

static enum tcp_step gap(struct tcp *t, uint32_t missing, struct tcp_out *out)
{
	t->next += missing;
	out->missing = missing;
	return TCP_GAP;
}

/* What follows the bytes that were given and was not recorded with them. */
static enum tcp_step give_cut(struct tcp *t, struct tcp_out *out)
{
	uint32_t missing = t->cut;

	t->cut = 0;
	return gap(t, missing, out);
}

/* Takes the first that waits; it is the next, or old. */
static enum tcp_step give_held(struct tcp *t, struct tcp_out *out)
{
	struct tcp_held *h = t->first;
	struct kith_slice s = { h->bytes, h->n };

	t->first = h->next;
	t->held--;
	t->held_bytes -= h->n;
	t->given = h;
	t->cut = h->cut;
	s = trim(t, h->sequence, s, &t->cut);
	return s.n ? give(t, s, out) : TCP_MORE;
}

static enum tcp_step end(struct tcp *t, struct tcp_out *out)
{
	t->told_end = true;
	out->reset = t->reset;
	return TCP_END;
}

/* --- segments ------------------------------------------------------------- */

static void begin(struct tcp *t, const struct segment *s)
{
	if (s->flags & SEGMENT_SYN) {
		/* A second connection of the same ports is another one. */
		if (!t->begun)
			t->first_byte = t->next = s->sequence + 1;
		t->whole = t->whole || !t->begun;
		t->begun = true;
	} else if (!t->begun && (s->length || s->flags & SEGMENT_FIN)) {
		t->first_byte = t->next = s->sequence;
		t->begun = true;
	}
}

static void note_end(struct tcp *t, const struct segment *s, uint32_t sequence)
{
	if (s->flags & SEGMENT_RST && !t->ended) {
		t->ended = t->reset = true;
		t->end = t->next;
	} else if (s->flags & SEGMENT_FIN && t->begun && !t->ended) {
		t->ended = true;
		t->end = sequence + s->length;
	}
}

void tcp_put(struct tcp *t, const struct segment *s)
{
	uint32_t sequence = s->sequence + !!(s->flags & SEGMENT_SYN);
	uint32_t lost = s->length - (uint32_t)s->bytes.n;
	struct kith_slice bytes = s->bytes;

	begin(t, s);
	note_end(t, s, sequence);
	if (!s->length || !t->begun)
		return;
	if (distance(t->next, sequence) > 0) {
		hold(t, sequence, bytes, lost);
		return;
	}
	t->now = trim(t, sequence, bytes, &lost);
	t->cut = lost;
}

/* Of those that wait: the next, or old ones; over a gap where they must. */
static enum tcp_step next_held(struct tcp *t, bool flush, struct tcp_out *out)
{
	enum tcp_step step = TCP_MORE;
	int32_t ahead;

	while (step == TCP_MORE && t->first) {
		free_given(t);
		ahead = distance(t->next, t->first->sequence);
		if (ahead <= 0)
			step = give_held(t, out);
		else if (flush || is_full(t))
			return gap(t, (uint32_t)ahead, out);
		else
			return TCP_MORE;
		if (step == TCP_MORE && t->cut)
			return give_cut(t, out);
	}
	return step;
}

enum tcp_step tcp_next(struct tcp *t, bool flush, struct tcp_out *out)
{
	struct kith_slice now = t->now;
	enum tcp_step step;

	*out = (struct tcp_out){ 0 };
	t->now = (struct kith_slice){ NULL, 0 };
	if (now.n)
		return give(t, now, out);
	if (t->cut)
		return give_cut(t, out);
	step = next_held(t, flush, out);
	if (step != TCP_MORE || !t->ended || t->told_end)
		return step;
	if (t->reset || flush || distance(t->end, t->next) >= 0)
		return end(t, out);
	return TCP_MORE;
}
