#include "tests/sim/blob_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"

enum {
	SPINS_MAX = 20000,
	ITEM_BYTES_MAX = 1 << 20,
	DISK_MS_MAX = 20,
	SLOW_MS = 4000,
	SLOW_BYTES = 100,
	FETCHES_MAX = WANTS_OPEN_MAX
};

enum event_kind {
	ITEM,	  /* bytes of an item, or arguments of blobs.has, arrive */
	HAS,	  /* the answer to blobs.has arrives */
	CHUNK,	  /* of a transfer, at the one who fetches */
	FINISHED, /* the disk is done with what was fetched */
	WAKE
};

struct blob_event {
	int64_t at_ms;
	uint64_t order;
	enum event_kind kind;
	int node; /* WAKE */
	struct blob_session *session;
	int side; /* that it happens to */
	struct blob_transfer *transfer;
	uint64_t n;	/* CHUNK: bytes */
	bool end, error; /* CHUNK: the stream ended */
	struct kith_buf bytes, asked;
};

struct blob_session {
	struct blob_link *link;
	struct wants_peer *peers[2]; /* as each side has the other */
	int64_t arrives_ms[2];	     /* items to this side stay in order */
	bool down;
	struct blob_session *next;
};

struct blob_transfer {
	struct wants_fetch *fetch; /* NULL: it ended */
	struct blob_session *session;
	int side; /* that fetches */
	int blob;
	uint64_t from, end, size, bytes;
	uint64_t sent;	   /* from the server, in all */
	int64_t began_ms;  /* the chunk under way, */
	uint64_t under_way; /* and its bytes */
	enum wants_verdict verdict;
	struct blob_transfer *next;
};

/* --- chance and time ------------------------------------------------------ */

static void *take(size_t bytes)
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

static void add_event(struct blob_world *w, struct blob_event e)
{
	size_t i = w->event_count++;

	if (w->event_count > w->event_room) {
		w->event_room = w->event_room ? w->event_room * 2 : 64;
		w->events = realloc(w->events,
				    w->event_room * sizeof(*w->events));
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

/* --- the shell of a node -------------------------------------------------- */

static struct kith_blob_id blob_id(int blob)
{
	struct kith_blob_id id;

	memset(id.b, blob + 1, sizeof(id.b));
	return id;
}

static int blob_of(const struct kith_blob_id *id)
{
	return id->b[0] - 1;
}

static struct blob_node *node_at(struct blob_world *w,
				 const struct blob_session *s, int side)
{
	return &w->nodes[s->link->node[side]];
}

static bool is_bad(enum blob_manner m)
{
	return m >= BLOB_LIAR;
}

/* Who is bad says that it has everything, of a size that may be wrong. */
static int64_t look(struct blob_world *w, const struct blob_node *n, int blob)
{
	if (n->files[blob].here)
		return (int64_t)w->sizes[blob];
	if (!is_bad(n->manner))
		return WANTS_ABSENT;
	return blob_dice(w, 3) ? (int64_t)w->sizes[blob] :
				 1 + (int64_t)blob_dice(w, WANTS_SIZE_MAX);
}

static void send_chunk(struct blob_world *w, struct blob_transfer *t);
static void run_node(struct blob_world *w, struct blob_node *n);

static void end_transfer(struct blob_world *w, struct blob_node *n,
			 struct blob_transfer *t, enum wants_verdict verdict)
{
	struct blob_file *file = &n->files[t->blob];
	struct wants_fetch *f = t->fetch;

	t->fetch = NULL;
	w->stats.cut += verdict == WANTS_CUT;
	w->stats.lied += verdict == WANTS_LIED;
	if (verdict == WANTS_LIED || verdict == WANTS_TOO_BIG ||
	    verdict == WANTS_OK)
		file->partial = 0;
	wants_fetched(n->core, f, verdict, file->partial, w->now_ms);
}

static bool is_whole(const struct blob_world *w, const struct blob_file *file,
		     int blob)
{
	return !file->tainted && file->partial == w->sizes[blob];
}

/* All bytes came, as it seems: the hash tells, and the disk takes a while. */
static void finish(struct blob_world *w, struct blob_transfer *t)
{
	struct blob_node *n = node_at(w, t->session, t->side);

	wants_received(n->core, t->fetch);
	t->verdict = is_whole(w, &n->files[t->blob], t->blob) ? WANTS_OK :
								WANTS_LIED;
	add_event(w, (struct blob_event){
			     .at_ms = w->now_ms + blob_dice(w, DISK_MS_MAX),
			     .kind = FINISHED,
			     .transfer = t });
}

static void on_finished(struct blob_world *w, struct blob_transfer *t)
{
	struct blob_node *n = node_at(w, t->session, t->side);

	if (!t->fetch)
		return;
	if (n->full && t->verdict == WANTS_OK) {
		end_transfer(w, n, t, WANTS_FAILED);
		return;
	}
	if (t->verdict == WANTS_OK) {
		assert(is_whole(w, &n->files[t->blob], t->blob));
		n->files[t->blob].here = true;
		w->stats.fetched++;
		w->stats.stored_bytes += w->sizes[t->blob];
	}
	end_transfer(w, n, t, t->verdict);
}

static void begin_transfer(struct blob_world *w, struct blob_node *n,
			   struct wants_fetch *f)
{
	struct blob_transfer *t = take(sizeof(*t));
	struct wants_request r;
	struct blob_file *file;

	wants_request(f, &r);
	assert(r.peer && r.from < r.end);
	t->next = w->transfers;
	w->transfers = t;
	t->fetch = f;
	t->session = wants_peer_user(r.peer);
	t->side = node_at(w, t->session, 1) == n;
	t->blob = blob_of(&r.id);
	t->from = r.from;
	t->end = r.end;
	t->size = r.size;
	wants_fetch_attach(f, t);
	file = &n->files[t->blob];
	assert(!file->here);
	assert(r.from == 0 || r.from == file->partial);
	w->stats.resumed += r.from > 0;
	if (!r.from) {
		file->partial = 0;
		file->tainted = false;
		file->partial_size = r.size;
	}
	if (n->strict)
		end_transfer(w, n, t, WANTS_NO_ROOM);
	else
		send_chunk(w, t);
}

static void do_step(struct blob_world *w, struct blob_node *n,
		    enum wants_step step, struct wants_do *todo)
{
	struct blob_transfer *t;

	switch (step) {
	case WANTS_LOOK:
		wants_looked(n->core, &todo->look,
			     look(w, n, blob_of(&todo->look.id)), w->now_ms);
		break;
	case WANTS_FETCH:
		begin_transfer(w, n, todo->fetch);
		break;
	case WANTS_STOP:
		t = wants_fetch_user(todo->fetch);
		w->stats.stopped++;
		end_transfer(w, n, t, WANTS_CUT);
		break;
	case WANTS_PUSHED:
	case WANTS_IDLE:
		break;
	}
}

static void say(struct blob_world *w, struct blob_node *n,
		struct wants_peer *p)
{
	struct blob_session *s = wants_peer_user(p);
	int to = node_at(w, s, 0) == n;
	struct kith_buf body = { .limit = ITEM_BYTES_MAX };
	int64_t at_ms = w->now_ms + s->link->latency_ms;

	while (wants_say(n->core, p, &body)) {
		if (at_ms < s->arrives_ms[to])
			at_ms = s->arrives_ms[to];
		s->arrives_ms[to] = at_ms;
		w->stats.items++;
		add_event(w, (struct blob_event){ .at_ms = at_ms,
						  .kind = ITEM,
						  .session = s,
						  .side = to,
						  .bytes = body });
		body = (struct kith_buf){ .limit = ITEM_BYTES_MAX };
	}
	kith_buf_free(&body);
}

static void run_node(struct blob_world *w, struct blob_node *n)
{
	struct wants_peer *p = NULL;
	struct wants_do todo;
	enum wants_step step;
	int64_t wake_ms;

	if (!n->core)
		return;
	while ((step = wants_next(n->core, w->now_ms, &todo)) != WANTS_IDLE) {
		do_step(w, n, step, &todo);
		if (++n->spins > SPINS_MAX)
			abort();
	}
	while ((p = wants_ready(n->core, p)))
		say(w, n, p);
	wake_ms = wants_wake_ms(n->core);
	if (wake_ms == INT64_MAX)
		return;
	assert(wake_ms > w->now_ms);
	if (n->wake_ms > w->now_ms && n->wake_ms <= wake_ms)
		return;
	n->wake_ms = wake_ms;
	add_event(w, (struct blob_event){ .at_ms = wake_ms,
					  .kind = WAKE,
					  .node = (int)(n - w->nodes) });
}

/* --- who is asked --------------------------------------------------------- */

/* The bytes of the next chunk as the server's manner has it; end and error are
 * set where it is the last. */
static uint64_t next_bytes(struct blob_world *w, const struct blob_transfer *t,
			   struct blob_event *e)
{
	const struct blob_node *n = node_at(w, t->session, !t->side);
	uint64_t size = w->sizes[t->blob];
	uint64_t left = size > t->from + t->sent ? size - t->from - t->sent : 0;

	if (left > BLOB_CHUNK_BYTES)
		left = BLOB_CHUNK_BYTES;
	switch (n->manner) {
	case BLOB_ENDLESS:
		return BLOB_CHUNK_BYTES;
	case BLOB_SLOW:
		left = left < SLOW_BYTES ? left : SLOW_BYTES;
		break;
	case BLOB_SHORT:
		left = blob_dice(w, 3) ? left : 0;
		break;
	case BLOB_CUTTER:
		e->error = blob_dice(w, 3) == 0;
		break;
	case BLOB_GOOD:
	case BLOB_LEGACY:
	case BLOB_WHOLE:
	case BLOB_LIAR:
	case BLOB_SILENT:
	case BLOB_REFUSER:
	case BLOB_MANNERS:
		break;
	}
	e->end = !left || e->error;
	return e->error ? 0 : left;
}

static bool is_refused(const struct blob_world *w,
		       const struct blob_transfer *t,
		       const struct blob_node *n)
{
	bool slice = t->from > 0;

	(void)w;
	if (n->manner == BLOB_REFUSER)
		return true;
	if (slice && (n->manner == BLOB_WHOLE || n->manner == BLOB_LEGACY))
		return true;
	return !is_bad(n->manner) && !n->files[t->blob].here;
}

static void send_chunk(struct blob_world *w, struct blob_transfer *t)
{
	const struct blob_node *n = node_at(w, t->session, !t->side);
	const struct blob_link *link = t->session->link;
	struct blob_event e = { .kind = CHUNK,
				.session = t->session,
				.side = t->side,
				.transfer = t };

	if (n->manner == BLOB_SILENT)
		return;
	if (!t->sent && is_refused(w, t, n))
		e.end = e.error = true;
	else
		e.n = next_bytes(w, t, &e);
	t->sent += e.n;
	t->under_way = e.n;
	t->began_ms = w->now_ms;
	e.at_ms = w->now_ms + (t->bytes ? 1 : 2 * link->latency_ms) +
		  (int64_t)(e.n / link->speed) +
		  (n->manner == BLOB_SLOW ? SLOW_MS : 0);
	add_event(w, e);
}

static void on_chunk(struct blob_world *w, const struct blob_event *e)
{
	struct blob_transfer *t = e->transfer;
	struct blob_node *n = node_at(w, t->session, t->side);
	struct blob_node *from = node_at(w, t->session, !t->side);
	struct blob_file *file = &n->files[t->blob];

	if (!t->fetch || t->session->down)
		return;
	w->stats.moved_bytes += e->n;
	t->under_way = 0;
	t->bytes += e->n;
	file->partial += e->n;
	file->tainted |= from->manner == BLOB_LIAR ||
			 from->manner == BLOB_ENDLESS;
	wants_progress(n->core, t->fetch, t->bytes, w->now_ms);
	if (t->from + t->bytes > t->end)
		end_transfer(w, n, t, WANTS_TOO_BIG);
	else if (e->error)
		end_transfer(w, n, t, t->bytes ? WANTS_CUT : WANTS_REFUSED);
	else if (e->end || (t->size && t->from + t->bytes == t->size))
		finish(w, t);
	else
		send_chunk(w, t);
}

/* --- legacy nodes --------------------------------------------------------- */

static void answer_has(struct blob_world *w, struct blob_event *e)
{
	const struct blob_node *n = node_at(w, e->session, e->side);
	struct kith_buf answer = { .limit = ITEM_BYTES_MAX };
	struct kith_slice ids, text;
	struct kith_blob_id id;
	size_t at = 0, i = 0;

	if (!json_next_element(kith_bytes(&e->bytes), &at, &ids))
		abort();
	at = 0;
	while (json_next_element(ids, &at, &text)) {
		if (kith_blob_parse(json_plain(text), &id))
			abort();
		kith_buf_text(&answer, i++ ? "," : "[");
		kith_buf_text(&answer,
			      n->files[blob_of(&id)].here ? "true" : "false");
	}
	kith_buf_text(&answer, "]");
	add_event(w, (struct blob_event){
			     .at_ms = w->now_ms + e->session->link->latency_ms,
			     .kind = HAS,
			     .session = e->session,
			     .side = !e->side,
			     .bytes = answer,
			     .asked = e->bytes });
	e->bytes = (struct kith_buf){ 0 };
}

/* --- what happens --------------------------------------------------------- */

static void happen(struct blob_world *w, struct blob_event *e)
{
	struct blob_session *s = e->session;
	struct blob_node *n = s ? node_at(w, s, e->side) : &w->nodes[e->node];

	switch (e->kind) {
	case ITEM:
		if (!s || s->down)
			break;
		if (n->manner == BLOB_LEGACY)
			answer_has(w, e);
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
	case CHUNK:
		on_chunk(w, e);
		break;
	case FINISHED:
		n = node_at(w, e->transfer->session, e->transfer->side);
		on_finished(w, e->transfer);
		break;
	case WAKE:
		break;
	}
	run_node(w, n);
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
	struct blob_world *w = take(sizeof(*w));

	w->random = seed * 2654435761u + 1;
	for (int i = 0; i < BLOB_COUNT; i++) {
		uint32_t most = blob_dice(w, 3) ? 3 * BLOB_CHUNK_BYTES :
						  WANTS_SIZE_MAX - 1;

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
	run_node(w, n);
}

/* What was under way on the wire moved, too. */
static void cut_transfer(struct blob_world *w, struct blob_transfer *t)
{
	struct blob_node *n = node_at(w, t->session, t->side);
	uint64_t moved = (uint64_t)(w->now_ms - t->began_ms) *
			 t->session->link->speed;

	if (!t->fetch)
		return;
	w->stats.moved_bytes += moved < t->under_way ? moved : t->under_way;
	end_transfer(w, n, t, WANTS_CUT);
}

static void leave(struct blob_world *w, struct blob_session *s, int side)
{
	struct blob_node *n = node_at(w, s, side);

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
		run_node(w, node_at(w, s, side));
	}
}

void blob_crash(struct blob_world *w, int node)
{
	struct blob_node *n = &w->nodes[node];

	for (int i = 0; i < w->link_count; i++)
		if (w->links[i].node[0] == node || w->links[i].node[1] == node)
			blob_cut(w, &w->links[i]);
	for (struct blob_transfer *t = w->transfers; t; t = t->next)
		if (t->fetch && node_at(w, t->session, t->side) == n)
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
	struct blob_node *n = node_at(w, s, side);
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	if (n->manner == BLOB_LEGACY)
		return;
	memset(id.b, s->link->node[!side] + 1, sizeof(id.b));
	s->peers[side] = wants_join(n->core, &id, w->now_ms);
	if (!s->peers[side])
		abort();
	wants_peer_attach(s->peers[side], s);
	if (node_at(w, s, !side)->manner == BLOB_LEGACY)
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
	s = take(sizeof(*s));
	s->link = link;
	s->next = w->sessions;
	w->sessions = s;
	link->session = s;
	for (int side = 0; side < 2; side++)
		join(w, s, side);
	for (int side = 0; side < 2; side++)
		run_node(w, node_at(w, s, side));
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
		wants_offer(node_at(w, s, other)->core, s->peers[other], &id,
			    0, w->now_ms);
		run_node(w, node_at(w, s, other));
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
	run_node(w, n);
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
	run_node(w, n);
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
	run_node(w, n);
}

void blob_push(struct blob_world *w, int node, int blob)
{
	struct blob_node *n = &w->nodes[node];
	struct kith_blob_id id = blob_id(blob);

	if (!n->core || !n->files[blob].here)
		return;
	if (wants_push(n->core, &id, w->sizes[blob], w->now_ms))
		abort();
	run_node(w, n);
}

void blob_disk(struct blob_world *w, int node, bool full, bool strict)
{
	struct blob_node *n = &w->nodes[node];

	n->full = full;
	n->strict = strict;
	if (!n->core)
		return;
	wants_hold(n->core, full);
	run_node(w, n);
}
