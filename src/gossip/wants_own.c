#include "src/gossip/wants_private.h"

/*
 * Our own wants go in rounds.  In each, the nearest that wait are told first;
 * one that nobody offers gives its place to the next after a while and rests
 * until all others had a turn.
 */

static size_t nearness_of(uint8_t hops)
{
	if (hops == WANTS_HOPS_UNKNOWN)
		return NEARNESS_UNKNOWN;
	return hops < NEARNESS_FARTHER ? hops : NEARNESS_FARTHER;
}

size_t wants_nearness(const struct wants_blob *b)
{
	return b->turn == TURN_NONE ? NEARNESS_CARRIED : nearness_of(b->hops);
}

static struct wants_blob *first_of(const struct chain *head)
{
	return chain_is_alone(head) ?
		       NULL :
		       CHAIN_OWNER(head->next, struct wants_blob, own);
}

static struct wants_blob *last_of(const struct chain *head)
{
	return chain_is_alone(head) ?
		       NULL :
		       CHAIN_OWNER(head->prev, struct wants_blob, own);
}

static struct wants_blob *nearest_waiting(const struct wants *w)
{
	struct wants_blob *b = NULL;

	for (size_t i = 0; i < NEARNESS_OWN && !b; i++)
		b = first_of(&w->waiting[i]);
	return b;
}

/* The last of those in rings that are farther than this; NULL: none is. */
static struct wants_blob *farthest(const struct chain rings[NEARNESS_OWN],
				   size_t than)
{
	struct wants_blob *b = NULL;

	for (size_t i = NEARNESS_OWN; i-- > than + 1 && !b;)
		b = last_of(&rings[i]);
	return b;
}

static void stand(struct wants *w, struct wants_blob *b, enum wants_turn turn)
{
	size_t n = nearness_of(b->hops);

	w->told_count += turn == TURN_TOLD;
	w->told_count -= b->turn == TURN_TOLD;
	b->turn = turn;
	if (turn == TURN_NONE)
		chain_take(&b->own);
	else if (turn == TURN_WAITING)
		chain_move(&w->waiting[n], &b->own);
	else if (turn == TURN_TOLD)
		chain_move(&w->told[n], &b->own);
	else
		chain_move(&w->rested[n], &b->own);
	b->told_ms = w->now_ms;
	wants_tell(w, b);
}

static void begin_round(struct wants *w)
{
	struct wants_blob *b;

	for (size_t i = 0; i < NEARNESS_OWN; i++)
		while ((b = first_of(&w->rested[i])))
			stand(w, b, TURN_WAITING);
}

static void tell_nearest(struct wants *w)
{
	struct wants_blob *b;

	while (w->told_count < WANTS_TOLD_MAX) {
		b = nearest_waiting(w);
		if (!b && w->own_count > w->told_count) {
			begin_round(w);
			b = nearest_waiting(w);
		}
		if (!b)
			return;
		stand(w, b, TURN_TOLD);
	}
}

/* Nearer than one that is told: it takes that place at once. */
static void displace(struct wants *w, const struct wants_blob *b)
{
	struct wants_blob *other;

	if (w->told_count < WANTS_TOLD_MAX || b->turn != TURN_WAITING)
		return;
	other = farthest(w->told, nearness_of(b->hops));
	if (other)
		stand(w, other, TURN_WAITING);
}

/* How long one is told before it rests, or where none waits is told again. */
static int64_t turn_ms(const struct wants *w)
{
	return w->own_count > w->told_count ? WANTS_TURN_MS : WANTS_AGAIN_MS;
}

static void end_turn(struct wants *w, struct wants_blob *b)
{
	bool comes = wants_is_offered(b) || b->fetch;

	if (w->own_count > w->told_count) {
		stand(w, b, comes ? TURN_TOLD : TURN_RESTED);
		return;
	}
	if (!comes)
		b->said = 0;
	stand(w, b, TURN_TOLD);
}

static void end_turns(struct wants *w, const struct chain *told)
{
	int64_t before_ms = w->now_ms - turn_ms(w);
	struct wants_blob *b;

	while ((b = first_of(told)) && b->told_ms <= before_ms)
		end_turn(w, b);
}

void wants_own_run(struct wants *w)
{
	for (size_t i = 0; i < NEARNESS_OWN; i++)
		end_turns(w, &w->told[i]);
	tell_nearest(w);
}

int64_t wants_own_due_ms(const struct wants *w)
{
	int64_t due_ms = WANTS_NEVER;

	for (size_t i = 0; i < NEARNESS_OWN; i++) {
		const struct wants_blob *b = first_of(&w->told[i]);

		if (b && b->told_ms + turn_ms(w) < due_ms)
			due_ms = b->told_ms + turn_ms(w);
	}
	return due_ms;
}

void wants_disown(struct wants *w, struct wants_blob *b)
{
	if (b->turn == TURN_NONE)
		return;
	stand(w, b, TURN_NONE);
	b->hops = WANTS_HOPS_UNKNOWN;
	w->own_count--;
}

static void drop(struct wants *w, struct wants_blob *b)
{
	wants_disown(w, b);
	if (wants_is_wanted(b))
		wants_line_up(w, b);
	else if (!b->pushing)
		wants_let_go(w, b);
}

/* False: all others are as near. */
static bool make_room(struct wants *w, size_t nearness)
{
	struct wants_blob *b;

	if (w->own_count < WANTS_OWN_MAX)
		return true;
	b = farthest(w->rested, nearness);
	if (!b)
		b = farthest(w->waiting, nearness);
	if (!b)
		b = farthest(w->told, nearness);
	if (b)
		drop(w, b);
	return b != NULL;
}

/* It may be nearer than it was. */
static void come_nearer(struct wants *w, struct wants_blob *b, uint8_t hops)
{
	if (hops >= b->hops)
		return;
	b->hops = hops;
	stand(w, b, b->turn);
}

static void keep_partial(struct wants_blob *b, const struct wants_own *own)
{
	if (b->fetch || b->kept || !own->kept)
		return;
	b->kept = own->kept;
	b->kept_size = own->kept_size;
	b->kept_by.format = KITH_FORMAT_NONE;
}

enum kith_err wants_want(struct wants *w, const struct wants_own *own,
			 int64_t now_ms)
{
	struct wants_blob *b = wants_find(w, &own->id);

	w->now_ms = now_ms;
	if (b && b->pushing)
		return KITH_OK; /* it is here */
	if (!b || b->turn == TURN_NONE) {
		if (!make_room(w, nearness_of(own->hops)))
			return KITH_EFULL;
		b = wants_take(w, &own->id);
		if (!b)
			return KITH_ENOMEM;
		b->hops = own->hops;
		w->own_count++;
		stand(w, b, TURN_WAITING);
	}
	come_nearer(w, b, own->hops);
	keep_partial(b, own);
	displace(w, b);
	wants_own_run(w);
	wants_line_up(w, b);
	return KITH_OK;
}

void wants_unwant(struct wants *w, const struct kith_blob_id *id)
{
	struct wants_blob *b = wants_find(w, id);

	if (b && b->turn != TURN_NONE)
		drop(w, b);
	wants_own_run(w);
}
