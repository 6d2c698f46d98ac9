#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"

enum {
	NOTES_BYTES = 1 << 20,
	FULL_MS = 100, /* so much under way on a link, and it is full */
	SPINS_MAX = 1000,
	LIE = 50 /* messages that a liar has more than anybody */
};

struct side {
	struct world_session *session;
	int index, node;
	struct ebt_peer *peer; /* NULL: left, or a liar */
	int64_t arrived_ms;    /* when the last frame to this side arrives */
	bool waits_for_room;   /* a ROOM event is under way */
};

struct world_session {
	struct world_session *next;
	struct world_link *link;
	bool cut;
	struct side sides[2];
};

static void stop(const char *what)
{
	fprintf(stderr, "sim: %s\n", what);
	abort();
}

static void *need(void *p)
{
	if (!p)
		stop("out of memory");
	return p;
}

static void check(enum kith_err err)
{
	if (err)
		stop(kith_strerror(err));
}

/* --- chance, ids ---------------------------------------------------------- */

/* splitmix64 */
uint32_t world_random(struct world *w, uint32_t n)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % n);
}

static struct kith_feed_id feed_id(int n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, n + 1, sizeof(id.b));
	return id;
}

/* --- what a node sends ---------------------------------------------------- */

/* A frame to the other side: after those before it, and after the latency. */
static void deliver(struct world *w, struct side *from,
		    struct event frame, int64_t cost_ms)
{
	struct world_session *s = from->session;
	struct side *to = &s->sides[!from->index];
	int64_t at_ms = w->now_ms + s->link->latency_ms;

	if (at_ms < to->arrived_ms)
		at_ms = to->arrived_ms;
	to->arrived_ms = at_ms + cost_ms;
	frame.at_ms = to->arrived_ms;
	frame.session = s;
	frame.side = to->index;
	events_add(&w->events, frame);
}

static void send_notes(struct world *w, struct side *from,
		       struct kith_slice body)
{
	struct event frame = { .kind = NOTES, .n = body.n };

	frame.bytes = need(malloc(body.n));
	memcpy(frame.bytes, body.p, body.n);
	w->stats.notes++;
	w->stats.note_bytes += body.n;
	if (w->watch_notes)
		w->stats.late_notes++;
	deliver(w, from, frame, 0);
}

static void send_messages(struct world *w, struct side *from,
			  const struct ebt_out *out)
{
	enum world_manner manner = w->nodes[from->node].manner;
	struct event frame = { .kind = MESSAGES,
				     .feed = out->feed.b[0] - 1,
				     .from = out->from,
				     .to = out->to };
	int64_t cost_ms = (int64_t)(out->to - out->from) / 4;

	if (out->to > w->nodes[from->node].limit[frame.feed])
		stop("a fork is spread");
	if (manner == SILENT)
		return;
	frame.forged = manner == FORGER && world_random(w, 4);
	deliver(w, from, frame, cost_ms);
	if (manner == TWICE)
		deliver(w, from, frame, cost_ms);
}

static bool is_full(const struct world *w, const struct side *from)
{
	const struct world_session *s = from->session;

	return s->sides[!from->index].arrived_ms >
	       w->now_ms + s->link->latency_ms + FULL_MS;
}

static void wait_for_room(struct world *w, struct side *from)
{
	if (from->waits_for_room)
		return;
	from->waits_for_room = true;
	events_add(&w->events, (struct event){ .at_ms = w->now_ms + FULL_MS / 2,
					   .kind = ROOM,
					   .session = from->session,
					   .side = from->index });
}

static void serve(struct world *w, struct ebt *core, struct ebt_peer *p)
{
	struct kith_buf body = { .limit = NOTES_BYTES };
	struct side *side = ebt_peer_user(p);
	struct ebt_out out;
	enum ebt_step step;

	while (!is_full(w, side)) {
		step = ebt_next(core, p, w->now_ms, &body, &out);
		if (step == EBT_IDLE)
			break;
		if (step == EBT_NOTES)
			send_notes(w, side, kith_bytes(&body));
		else if (step == EBT_MESSAGES)
			send_messages(w, side, &out);
		else
			deliver(w, side, (struct event){ .kind = CALL }, 0);
	}
	if (is_full(w, side))
		wait_for_room(w, side);
	kith_buf_free(&body);
}

/* After whatever happened to a node. */
static void pump(struct world *w, int n)
{
	struct world_node *node = &w->nodes[n];
	struct ebt_peer *p = NULL;
	int64_t at_ms;

	if (!node->core)
		return;
	while ((p = ebt_ready(node->core, p)))
		serve(w, node->core, p);
	at_ms = ebt_wake_ms(node->core);
	if (at_ms == INT64_MAX)
		return;
	if (at_ms < w->now_ms)
		at_ms = w->now_ms;
	if (node->wake_ms > w->now_ms && node->wake_ms <= at_ms)
		return;
	node->spins = at_ms == w->now_ms ? node->spins + 1 : 0;
	if (node->spins > SPINS_MAX)
		stop("a core wants to be woken for ever");
	node->wake_ms = at_ms;
	events_add(&w->events, (struct event){ .at_ms = at_ms,
					   .kind = WAKE,
					   .node = n,
					   .life = node->life });
}

/* --- what happens to a node ----------------------------------------------- */

static void hear_notes(struct world *w, struct side *side,
		       const struct event *event)
{
	struct kith_slice body = { event->bytes, event->n };

	check(json_check(body, NULL, NULL));
	check(ebt_notes(w->nodes[side->node].core, side->peer, body,
			w->now_ms));
}

static void hear_message(struct world *w, struct side *side,
			 const struct event *event, uint64_t sequence)
{
	struct world_node *node = &w->nodes[side->node];
	struct kith_feed_id id = feed_id(event->feed);

	switch (ebt_message(node->core, side->peer, &id, sequence, w->now_ms)) {
	case EBT_TAKE:
		if (sequence > node->limit[event->feed])
			stop("more of a forked feed is taken");
		break;
	case EBT_KNOWN: w->stats.repeated++; return;
	case EBT_GAP: w->stats.gaps++; return;
	case EBT_UNWANTED: return;
	}
	if (node->written_ms < w->now_ms)
		node->written_ms = w->now_ms + 1 + world_random(w, 20);
	events_add(&w->events, (struct event){ .at_ms = node->written_ms,
					   .kind = COMMIT,
					   .node = side->node,
					   .life = node->life,
					   .session = event->session,
					   .side = event->side,
					   .feed = event->feed,
					   .from = sequence,
					   .forged = event->forged });
}

static void commit(struct world *w, const struct event *event)
{
	struct world_node *node = &w->nodes[event->node];
	struct ebt_peer *by = event->session->sides[event->side].peer;
	struct kith_feed_id id = feed_id(event->feed);

	if (node->life != event->life || !node->core)
		return;
	if (event->from <= node->log[event->feed])
		return;
	if (event->from > node->log[event->feed] + 1 ||
	    event->from > node->limit[event->feed]) {
		ebt_refused(node->core, by, &id, EBT_LACKING);
	} else if (event->forged) {
		w->stats.forged++;
		ebt_refused(node->core, by, &id, EBT_INVALID);
	} else {
		w->stats.taken++;
		node->log[event->feed] = (uint32_t)event->from;
		w->came_ms[event->node][event->feed] = w->now_ms;
		check(ebt_committed(node->core, &id, event->from));
	}
	pump(w, event->node);
}

/* The clock is saved as the daemon does it, at the end of a session. */
static void leave(struct world *w, struct side *side, bool save)
{
	struct world_node *node = &w->nodes[side->node];
	int other = side->session->sides[!side->index].node;
	struct kith_clock_entry entry;
	size_t at = 0;

	if (!side->peer)
		return;
	if (save) {
		for (int i = 0; i < WORLD_NODES; i++)
			node->saved[other][i] = WORLD_UNKNOWN;
		while (ebt_clock(side->peer, &at, &entry))
			node->saved[other][entry.feed.b[0] - 1] =
				entry.sequence;
	}
	ebt_leave(node->core, side->peer);
	side->peer = NULL;
}

/* An event of one side of a session, which may be over. */
static void happen_to(struct world *w, struct side *side,
		      const struct event *event)
{
	bool open = side->peer && !side->session->cut;

	switch (event->kind) {
	case NOTES:
		if (open)
			hear_notes(w, side, event);
		break;
	case MESSAGES:
		for (uint64_t i = event->from; open && i <= event->to; i++)
			hear_message(w, side, event, i);
		break;
	case ROOM:
		side->waits_for_room = false;
		if (open)
			serve(w, w->nodes[side->node].core, side->peer);
		break;
	case CALL:
		if (open)
			deliver(w, side, (struct event){ .kind = ANSWER }, 0);
		break;
	case ANSWER:
		if (open)
			ebt_echoed(w->nodes[side->node].core, side->peer,
				   w->now_ms);
		break;
	case NOTICE: leave(w, side, true); break;
	case COMMIT:
	case WAKE: break;
	}
	pump(w, side->node);
}

static void happen(struct world *w, const struct event *event)
{
	struct world_node *node = &w->nodes[event->node];

	if (event->kind == COMMIT) {
		commit(w, event);
	} else if (event->kind != WAKE) {
		happen_to(w, &event->session->sides[event->side], event);
	} else if (node->life == event->life && node->core) {
		ebt_tick(node->core, w->now_ms);
		pump(w, event->node);
	}
}

void world_run_until(struct world *w, int64_t until_ms)
{
	while (events_next_ms(&w->events) <= until_ms) {
		struct event event = events_pop(&w->events);

		w->now_ms = event.at_ms;
		happen(w, &event);
		free(event.bytes);
	}
	w->now_ms = until_ms;
}

/* --- what the scenario does ----------------------------------------------- */

struct world *world_new(uint64_t seed, int64_t stall_ms)
{
	struct world *w = need(calloc(1, sizeof(*w)));

	w->random = seed;
	w->stall_ms = stall_ms;
	for (int n = 0; n < WORLD_NODES; n++)
		for (int p = 0; p < WORLD_NODES; p++)
			for (int i = 0; i < WORLD_NODES; i++)
				w->nodes[n].saved[p][i] = WORLD_UNKNOWN;
	for (int n = 0; n < WORLD_NODES; n++)
		for (int i = 0; i < WORLD_NODES; i++)
			w->nodes[n].limit[i] = UINT32_MAX;
	return w;
}

void world_free(struct world *w)
{
	for (int n = 0; n < WORLD_NODES; n++)
		world_crash(w, n);
	events_clear(&w->events);
	while (w->sessions) {
		struct world_session *s = w->sessions;

		w->sessions = s->next;
		free(s);
	}
	free(w);
}

void world_start(struct world *w, int n)
{
	struct world_node *node = &w->nodes[n];
	struct kith_feed_id id = feed_id(n);

	if (node->manner == LIAR)
		return;
	node->core = need(ebt_new(&id));
	ebt_set_stall_ms(node->core, w->stall_ms);
	node->wake_ms = 0;
	for (int i = 0; i < WORLD_NODES; i++) {
		id = feed_id(i);
		check(ebt_committed(node->core, &id, node->log[i]));
		check(ebt_limit(node->core, &id, node->limit[i]));
		check(ebt_near(node->core, &id, node->nears[i]));
		check(ebt_want(node->core, &id, node->wants[i]));
	}
}

void world_crash(struct world *w, int n)
{
	struct world_node *node = &w->nodes[n];

	for (struct world_session *s = w->sessions; s; s = s->next)
		for (int i = 0; i < 2; i++)
			if (s->sides[i].node == n && s->sides[i].peer)
				leave(w, &s->sides[i], false);
	for (int i = 0; i < w->link_count; i++)
		if (w->links[i].node[0] == n || w->links[i].node[1] == n)
			world_cut(w, &w->links[i]);
	ebt_free(node->core);
	node->core = NULL;
	node->life++;
}

void world_publish(struct world *w, int n)
{
	struct kith_feed_id id = feed_id(n);

	if (!w->nodes[n].core)
		return;
	check(ebt_committed(w->nodes[n].core, &id, ++w->nodes[n].log[n]));
	pump(w, n);
}

void world_want(struct world *w, int n, int feed, bool want)
{
	struct kith_feed_id id = feed_id(feed);

	w->nodes[n].wants[feed] = want;
	if (!w->nodes[n].core)
		return;
	check(ebt_want(w->nodes[n].core, &id, want));
	pump(w, n);
}

void world_fork(struct world *w, int n, int feed, uint32_t sequence)
{
	struct kith_feed_id id = feed_id(feed);

	if (!w->nodes[n].core || w->nodes[n].limit[feed] <= sequence)
		return;
	w->nodes[n].limit[feed] = sequence;
	check(ebt_limit(w->nodes[n].core, &id, sequence));
	pump(w, n);
}

/* Of everything more than there is, and it only listens. */
static void lie(struct world *w, struct side *from)
{
	struct kith_buf body = { .limit = NOTES_BYTES };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id id;

	for (int i = 0; i < WORLD_NODES; i++) {
		id = feed_id(i);
		kith_feed_print(&id, text);
		kith_buf_text(&body, i ? ",\"" : "{\"");
		kith_buf_text(&body, text);
		kith_buf_text(&body, "\":");
		kith_buf_uint(&body, (w->nodes[i].log[i] + LIE) * 2 | 1);
	}
	kith_buf_byte(&body, '}');
	send_notes(w, from, kith_bytes(&body));
	kith_buf_free(&body);
}

static void join(struct world *w, struct side *side, bool called)
{
	struct world_node *node = &w->nodes[side->node];
	int other = side->session->sides[!side->index].node;
	struct kith_clock_entry saved[WORLD_NODES];
	struct kith_feed_id id = feed_id(other);
	size_t n = 0;

	if (node->manner == LIAR) {
		lie(w, side);
		return;
	}
	for (int i = 0; i < WORLD_NODES; i++) {
		if (node->saved[other][i] != WORLD_UNKNOWN)
			saved[n++] = (struct kith_clock_entry){
				feed_id(i), node->saved[other][i]
			};
		node->saved[other][i] = WORLD_UNKNOWN;
	}
	side->peer = need(
		ebt_join(node->core, &id, called, saved, n, w->now_ms));
	ebt_peer_attach(side->peer, side);
	for (int i = 0; i < WORLD_NODES; i++) {
		id = feed_id(i);
		if (w->blocks[i][other])
			check(ebt_hide(node->core, side->peer, &id, true));
	}
}

static bool is_up(const struct world *w, int n)
{
	return w->nodes[n].core || w->nodes[n].manner == LIAR;
}

bool world_connect(struct world *w, struct world_link *link)
{
	struct world_session *s;
	int caller = (int)world_random(w, 2);

	if (!is_up(w, link->node[0]) || !is_up(w, link->node[1]))
		return false;
	/* Who has not noticed yet that the last one ended does so now. */
	for (s = w->sessions; s; s = s->next)
		for (int i = 0; s->link == link && i < 2; i++)
			leave(w, &s->sides[i], true);
	s = need(calloc(1, sizeof(*s)));
	s->next = w->sessions;
	w->sessions = s;
	s->link = link;
	link->session = s;
	for (int i = 0; i < 2; i++)
		s->sides[i] = (struct side){ .session = s,
					     .index = i,
					     .node = link->node[i] };
	for (int i = 0; i < 2; i++)
		join(w, &s->sides[i], i == caller);
	pump(w, link->node[0]);
	pump(w, link->node[1]);
	return true;
}

void world_cut(struct world *w, struct world_link *link)
{
	struct world_session *s = link->session;

	if (!s)
		return;
	link->session = NULL;
	s->cut = true;
	for (int i = 0; i < 2; i++)
		events_add(&w->events, (struct event){
				     .at_ms = w->now_ms + world_random(w, 3000),
				     .kind = NOTICE,
				     .session = s,
				     .side = i });
}
