#include "src/gossip/wants_private.h"

enum { WHOLE = 1000, ALLOWANCE_MAX = WANTS_CARRIED_PEER_MAX * WHOLE };

static struct wants_blob *oldest_of_all(const struct chain *head)
{
	return chain_is_alone(head) ?
		       NULL :
		       CHAIN_OWNER(head->next, struct wants_blob, age);
}

static struct wants_blob *oldest_of_peer(const struct wants_peer *p)
{
	return CHAIN_OWNER(p->carried.next, struct wants_blob, carry);
}

static void stand_by_age(struct wants *w, struct wants_blob *b)
{
	chain_move(b->carrier ? &w->carried : &w->orphans, &b->age);
	b->carried_ms = w->now_ms;
}

static void set_carrier(struct wants *w, struct wants_blob *b,
			struct wants_peer *p)
{
	b->carrier = p;
	chain_move(&p->carried, &b->carry);
	p->carried_count++;
	stand_by_age(w, b);
}

void wants_uncarry(struct wants *w, struct wants_blob *b)
{
	if (!b->carried)
		return;
	b->carried = 0;
	if (b->carrier)
		b->carrier->carried_count--;
	b->carrier = NULL;
	chain_take(&b->carry);
	chain_take(&b->age);
	w->carried_count--;
	wants_tell(w, b);
}

static void drop(struct wants *w, struct wants_blob *b)
{
	wants_uncarry(w, b);
	if (!wants_is_wanted(b) && !b->pushing)
		wants_let_go(w, b);
}

/* Drops b if it was carried for long enough. */
static bool gives_way(struct wants *w, struct wants_blob *b, int64_t least_ms)
{
	if (!b || b->carried_ms > w->now_ms - least_ms)
		return false;
	drop(w, b);
	return true;
}

/* A new one takes the place of an old one where all are taken; those whose
 * peers left go first. */
static bool has_place(struct wants *w, const struct wants_peer *p)
{
	if (p->carried_count >= WANTS_CARRIED_PEER_MAX &&
	    !gives_way(w, oldest_of_peer(p), CARRY_LEAST_MS))
		return false;
	return w->carried_count < WANTS_CARRIED_MAX ||
	       gives_way(w, oldest_of_all(&w->orphans), 0) ||
	       gives_way(w, oldest_of_all(&w->carried), CARRY_LEAST_MS);
}

static bool is_allowed(const struct wants *w, struct wants_peer *p)
{
	int64_t passed_ms = w->now_ms - p->allowed_ms;

	p->allowed_ms = w->now_ms;
	if (passed_ms > ALLOWANCE_MAX / WANTS_CARRIED_RATE)
		passed_ms = ALLOWANCE_MAX / WANTS_CARRIED_RATE;
	p->allowance += passed_ms * WANTS_CARRIED_RATE;
	if (p->allowance > ALLOWANCE_MAX)
		p->allowance = ALLOWANCE_MAX;
	if (p->allowance < WHOLE)
		return false;
	p->allowance -= WHOLE;
	return true;
}

static void begin(struct wants *w, struct wants_peer *p,
		  const struct kith_blob_id *id, uint32_t distance)
{
	struct wants_blob *b = NULL;

	if (is_allowed(w, p) && has_place(w, p))
		b = wants_take(w, id);
	if (!b) {
		w->ever.dropped++;
		return;
	}
	b->carried = distance;
	set_carrier(w, b, p);
	w->carried_count++;
	wants_tell(w, b);
	wants_line_up(w, b);
}

/* Asked for again: it stays longer, and may be nearer to who wants it. */
static void go_on(struct wants *w, struct wants_peer *p, struct wants_blob *b,
		  uint32_t distance)
{
	if (!b->carrier && p->carried_count < WANTS_CARRIED_PEER_MAX)
		set_carrier(w, b, p);
	else
		stand_by_age(w, b);
	if (b->carrier == p)
		chain_move(&p->carried, &b->carry);
	if (distance < b->carried)
		b->carried = distance;
	wants_tell(w, b);
}

void wants_carry(struct wants *w, struct wants_peer *p,
		 const struct kith_blob_id *id, int64_t distance)
{
	struct wants_blob *b = wants_find(w, id);

	if (w->options.stingy || distance < 1 ||
	    distance + 1 > (int64_t)w->options.sympathy)
		return;
	if (b && b->pushing)
		return; /* it is here */
	if (b && b->carried)
		go_on(w, p, b, (uint32_t)distance + 1);
	else
		begin(w, p, id, (uint32_t)distance + 1);
}

void wants_carrier_left(struct wants *w, struct wants_peer *p)
{
	while (!chain_is_alone(&p->carried)) {
		struct wants_blob *b = oldest_of_peer(p);

		chain_take(&b->carry);
		b->carrier = NULL;
		stand_by_age(w, b);
	}
	p->carried_count = 0;
}

/* Peers say what they want once a connection, so it stays while that lasts. */
void wants_carry_run(struct wants *w)
{
	while (gives_way(w, oldest_of_all(&w->orphans), WANTS_CARRY_MS))
		;
}

int64_t wants_carry_due_ms(const struct wants *w)
{
	const struct wants_blob *b = oldest_of_all(&w->orphans);

	return b ? b->carried_ms + WANTS_CARRY_MS : WANTS_NEVER;
}
