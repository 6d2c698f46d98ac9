#include "tests/sim/blob_world.h"

#include <stdlib.h>

#include "tests/sim/blob_world_private.h"

/* --- chance and time ------------------------------------------------------ */

void *blob_take(size_t bytes)
{
	void *p = calloc(1, bytes);

	if (!p)
		abort();
	return p;
}

uint32_t blob_dice(struct blob_world *w, uint32_t n)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((w->random >> 33) % n);
}

static bool is_before(const struct blob_event *a, const struct blob_event *b)
{
	return a->at_ms < b->at_ms ||
	       (a->at_ms == b->at_ms && a->order < b->order);
}

void blob_event_add(struct blob_world *w, struct blob_event e)
{
	size_t i = w->event_count++;

	if (w->event_count > w->event_room) {
		w->event_room = w->event_room ? w->event_room * 2 : 64;
		w->events =
			realloc(w->events, w->event_room * sizeof(*w->events));
		if (!w->events)
			abort();
	}
	e.order = w->order++;
	for (; i > 0 && is_before(&e, &w->events[(i - 1) / 2]); i = (i - 1) / 2)
		w->events[i] = w->events[(i - 1) / 2];
	w->events[i] = e;
}

static struct blob_event pop_event(struct blob_world *w)
{
	struct blob_event first = w->events[0];
	struct blob_event last = w->events[--w->event_count];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < w->event_count; i = child) {
		if (child + 1 < w->event_count &&
		    is_before(&w->events[child + 1], &w->events[child]))
			child++;
		if (!is_before(&w->events[child], &last))
			break;
		w->events[i] = w->events[child];
	}
	w->events[i] = last;
	return first;
}
/* --- what happens --------------------------------------------------------- */

static void happen(struct blob_world *w, struct blob_event *e)
{
	struct blob_session *s = e->session;
	struct blob_node *n =
		s ? blob_node_at(w, s, e->side) : &w->nodes[e->node];

	switch (e->kind) {
	case ITEM:
		if (!s || s->down)
			break;
		if (n->manner == BLOB_LEGACY)
			blob_answer_has(w, e);
		else
			wants_item(n->core, s->peers[e->side],
				   kith_bytes(&e->bytes), w->now_ms);
		break;
	case HAS:
		if (s && !s->down)
			wants_has(n->core, s->peers[e->side],
				  kith_bytes(&e->asked), kith_bytes(&e->bytes),
				  w->now_ms);
		break;
	case CHUNK: blob_on_chunk(w, e); break;
	case FINISHED:
		n = blob_node_at(w, e->transfer->session, e->transfer->side);
		blob_on_finished(w, e->transfer);
		break;
	case WAKE: break;
	}
	blob_node_run(w, n);
	kith_buf_free(&e->bytes);
	kith_buf_free(&e->asked);
}

static void pass_time(struct blob_world *w, int64_t to_ms)
{
	if (to_ms == w->now_ms)
		return;
	w->now_ms = to_ms;
	for (int i = 0; i < BLOB_NODES; i++)
		w->nodes[i].spins = 0;
}

void blob_run_until(struct blob_world *w, int64_t until_ms)
{
	while (w->event_count && w->events[0].at_ms <= until_ms) {
		struct blob_event e = pop_event(w);

		pass_time(w, e.at_ms);
		happen(w, &e);
	}
	pass_time(w, until_ms);
}

/* --- what is done to the world -------------------------------------------- */

struct blob_world *blob_world_new(uint64_t seed)
{
	struct blob_world *w = blob_take(sizeof(*w));

	w->random = seed * 2654435761u + 1;
	for (int i = 0; i < BLOB_COUNT; i++) {
		uint32_t most = blob_dice(w, 3) ? 3 * BLOB_CHUNK_BYTES
						: WANTS_SIZE_MAX - 1;

		w->sizes[i] = 1 + blob_dice(w, most);
	}
	return w;
}

void blob_world_free(struct blob_world *w)
{
	for (int i = 0; i < BLOB_NODES; i++)
		blob_crash(w, i);
	while (w->sessions) {
		struct blob_session *s = w->sessions;

		w->sessions = s->next;
		free(s);
	}
	while (w->transfers) {
		struct blob_transfer *t = w->transfers;

		w->transfers = t->next;
		free(t);
	}
	for (size_t i = 0; i < w->event_count; i++) {
		kith_buf_free(&w->events[i].bytes);
		kith_buf_free(&w->events[i].asked);
	}
	free(w->events);
	free(w);
}

static void want_again(struct blob_world *w, struct blob_node *n, int blob)
{
	struct blob_file *file = &n->files[blob];
	struct wants_own own = { .id = blob_id(blob),
				 .hops = (uint8_t)blob_dice(w, 4),
				 .kept = file->partial,
				 .kept_size = file->partial_size };

	if (file->wanted && !file->here && wants_want(n->core, &own, w->now_ms))
		abort();
}

void blob_start(struct blob_world *w, int node)
{
	struct blob_node *n = &w->nodes[node];
	struct wants_options o;

	if (n->core || n->manner == BLOB_LEGACY)
		return;
	wants_defaults(&o);
	n->core = wants_new(&o);
	if (!n->core)
		abort();
	n->wake_ms = 0;
	for (int i = 0; i < BLOB_COUNT; i++)
		want_again(w, n, i);
	wants_hold(n->core, n->full);
	blob_node_run(w, n);
}

/* What was under way on the wire moved, too. */
static void cut_transfer(struct blob_world *w, struct blob_transfer *t)
{
	struct blob_node *n = blob_node_at(w, t->session, t->side);
	uint64_t moved =
		(uint64_t)(w->now_ms - t->began_ms) * t->session->link->speed;

	if (!t->fetch)
		return;
	w->stats.moved_bytes += moved < t->under_way ? moved : t->under_way;
	blob_transfer_end(w, n, t, WANTS_CUT);
}

static void leave(struct blob_world *w, struct blob_session *s, int side)
{
	struct blob_node *n = blob_node_at(w, s, side);

	if (s->peers[side])
		wants_leave(n->core, s->peers[side], w->now_ms);
	s->peers[side] = NULL;
}

/* A fetch may end before its peer is gone, or afterwards. */
void blob_cut(struct blob_world *w, struct blob_link *link)
{
	struct blob_session *s = link->session;
	bool leaves_first = blob_dice(w, 2);

	if (!s)
		return;
	link->session = NULL;
	s->down = true;
	for (int side = 0; side < 2 && leaves_first; side++)
		leave(w, s, side);
	for (struct blob_transfer *t = w->transfers; t; t = t->next)
		if (t->session == s)
			cut_transfer(w, t);
	for (int side = 0; side < 2; side++) {
		leave(w, s, side);
		blob_node_run(w, blob_node_at(w, s, side));
	}
}

void blob_crash(struct blob_world *w, int node)
{
	struct blob_node *n = &w->nodes[node];

	for (int i = 0; i < w->link_count; i++)
		if (w->links[i].node[0] == node || w->links[i].node[1] == node)
			blob_cut(w, &w->links[i]);
	for (struct blob_transfer *t = w->transfers; t; t = t->next)
		if (t->fetch && blob_node_at(w, t->session, t->side) == n)
			cut_transfer(w, t); /* FINISHED had not come */
	wants_free(n->core);
	n->core = NULL;
	for (int i = 0; i < BLOB_COUNT; i++)
		if (n->files[i].partial && blob_dice(w, 2))
			n->files[i].partial =
				blob_dice(w, (uint32_t)n->files[i].partial);
}

static void join(struct blob_world *w, struct blob_session *s, int side)
{
	struct blob_node *n = blob_node_at(w, s, side);
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	if (n->manner == BLOB_LEGACY)
		return;
	memset(id.b, s->link->node[!side] + 1, sizeof(id.b));
	s->peers[side] = wants_join(n->core, &id, w->now_ms);
	if (!s->peers[side])
		abort();
	wants_peer_attach(s->peers[side], s);
	if (blob_node_at(w, s, !side)->manner == BLOB_LEGACY)
		wants_is_legacy(n->core, s->peers[side]);
	else
		wants_listens(n->core, s->peers[side]);
}

static bool is_up(const struct blob_node *n)
{
	return n->core || n->manner == BLOB_LEGACY;
}

void blob_connect(struct blob_world *w, struct blob_link *link)
{
	struct blob_session *s;

	if (link->session || !is_up(&w->nodes[link->node[0]]) ||
	    !is_up(&w->nodes[link->node[1]]))
		return;
	s = blob_take(sizeof(*s));
	s->link = link;
	s->next = w->sessions;
	w->sessions = s;
	link->session = s;
	for (int side = 0; side < 2; side++)
		join(w, s, side);
	for (int side = 0; side < 2; side++)
		blob_node_run(w, blob_node_at(w, s, side));
}

/* A legacy node says so with blobs.changes. */
static void tell_changes(struct blob_world *w, int node, int blob)
{
	struct kith_blob_id id = blob_id(blob);

	for (int i = 0; i < w->link_count; i++) {
		struct blob_session *s = w->links[i].session;
		int other = w->links[i].node[0] == node;

		if (!s || w->links[i].node[!other] != node || !s->peers[other])
			continue;
		wants_offer(blob_node_at(w, s, other)->core, s->peers[other],
			    &id, 0, w->now_ms);
		blob_node_run(w, blob_node_at(w, s, other));
	}
}

void blob_add(struct blob_world *w, int node, int blob)
{
	struct blob_node *n = &w->nodes[node];
	struct kith_blob_id id = blob_id(blob);

	if (n->files[blob].here)
		return;
	n->files[blob].here = true;
	if (n->manner == BLOB_LEGACY)
		tell_changes(w, node, blob);
	if (n->core)
		wants_came(n->core, &id, w->sizes[blob], w->now_ms);
	blob_node_run(w, n);
	n->files[blob].partial = 0;
}

void blob_remove(struct blob_world *w, int node, int blob)
{
	struct blob_node *n = &w->nodes[node];
	struct kith_blob_id id = blob_id(blob);

	n->files[blob].here = false;
	if (!n->core)
		return;
	wants_gone(n->core, &id);
	want_again(w, n, blob);
	blob_node_run(w, n);
}

void blob_want(struct blob_world *w, int node, int blob, bool want)
{
	struct blob_node *n = &w->nodes[node];
	struct kith_blob_id id = blob_id(blob);

	n->files[blob].wanted = want;
	if (!n->core)
		return;
	if (want)
		want_again(w, n, blob);
	else
		wants_unwant(n->core, &id);
	blob_node_run(w, n);
}

void blob_push(struct blob_world *w, int node, int blob)
{
	struct blob_node *n = &w->nodes[node];
	struct kith_blob_id id = blob_id(blob);

	if (!n->core || !n->files[blob].here)
		return;
	if (wants_push(n->core, &id, w->sizes[blob], w->now_ms))
		abort();
	blob_node_run(w, n);
}

void blob_disk(struct blob_world *w, int node, bool full, bool strict)
{
	struct blob_node *n = &w->nodes[node];

	n->full = full;
	n->strict = strict;
	if (!n->core)
		return;
	wants_hold(n->core, full);
	blob_node_run(w, n);
}
