#include "tests/sim/blob_world_private.h"

#include <assert.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"

enum { SPINS_MAX = 20000, DISK_MS_MAX = 20, SLOW_MS = 4000, SLOW_BYTES = 100 };

/* --- the shell of a node -------------------------------------------------- */

struct kith_blob_id blob_id(int blob)
{
	struct kith_blob_id id;

	memset(id.b, blob + 1, sizeof(id.b));
	return id;
}

static int blob_of(const struct kith_blob_id *id)
{
	return id->b[0] - 1;
}

struct blob_node *blob_node_at(struct blob_world *w,
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
	return blob_dice(w, 3) ? (int64_t)w->sizes[blob]
			       : 1 + (int64_t)blob_dice(w, WANTS_SIZE_MAX);
}

static void send_chunk(struct blob_world *w, struct blob_transfer *t);

void blob_transfer_end(struct blob_world *w, struct blob_node *n,
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
	struct blob_node *n = blob_node_at(w, t->session, t->side);

	wants_received(n->core, t->fetch);
	t->verdict = is_whole(w, &n->files[t->blob], t->blob) ? WANTS_OK
							      : WANTS_LIED;
	blob_event_add(w,
		       (struct blob_event){ .at_ms = w->now_ms +
						     blob_dice(w, DISK_MS_MAX),
					    .kind = FINISHED,
					    .transfer = t });
}

void blob_on_finished(struct blob_world *w, struct blob_transfer *t)
{
	struct blob_node *n = blob_node_at(w, t->session, t->side);

	if (!t->fetch)
		return;
	if (n->full && t->verdict == WANTS_OK) {
		blob_transfer_end(w, n, t, WANTS_FAILED);
		return;
	}
	if (t->verdict == WANTS_OK) {
		assert(is_whole(w, &n->files[t->blob], t->blob));
		n->files[t->blob].here = true;
		w->stats.fetched++;
		w->stats.stored_bytes += w->sizes[t->blob];
	}
	blob_transfer_end(w, n, t, t->verdict);
}

static void begin_transfer(struct blob_world *w, struct blob_node *n,
			   struct wants_fetch *f)
{
	struct blob_transfer *t = blob_take(sizeof(*t));
	struct wants_request r;
	struct blob_file *file;

	wants_request(f, &r);
	assert(r.peer && r.from < r.end);
	t->next = w->transfers;
	w->transfers = t;
	t->fetch = f;
	t->session = wants_peer_user(r.peer);
	t->side = blob_node_at(w, t->session, 1) == n;
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
		blob_transfer_end(w, n, t, WANTS_NO_ROOM);
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
	case WANTS_FETCH: begin_transfer(w, n, todo->fetch); break;
	case WANTS_STOP:
		t = wants_fetch_user(todo->fetch);
		w->stats.stopped++;
		blob_transfer_end(w, n, t, WANTS_CUT);
		break;
	case WANTS_PUSHED:
	case WANTS_IDLE: break;
	}
}

static void say(struct blob_world *w, struct blob_node *n, struct wants_peer *p)
{
	struct blob_session *s = wants_peer_user(p);
	int to = blob_node_at(w, s, 0) == n;
	struct kith_buf body = { .limit = BLOB_ITEM_BYTES_MAX };
	int64_t at_ms = w->now_ms + s->link->latency_ms;

	while (wants_say(n->core, p, &body)) {
		if (at_ms < s->arrives_ms[to])
			at_ms = s->arrives_ms[to];
		s->arrives_ms[to] = at_ms;
		w->stats.items++;
		blob_event_add(w, (struct blob_event){ .at_ms = at_ms,
						       .kind = ITEM,
						       .session = s,
						       .side = to,
						       .bytes = body });
		body = (struct kith_buf){ .limit = BLOB_ITEM_BYTES_MAX };
	}
	kith_buf_free(&body);
}

void blob_node_run(struct blob_world *w, struct blob_node *n)
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
	blob_event_add(w, (struct blob_event){ .at_ms = wake_ms,
					       .kind = WAKE,
					       .node = (int)(n - w->nodes) });
}

/* --- who is asked --------------------------------------------------------- */

/* The bytes of the next chunk as the server's manner has it; end and error are
 * set where it is the last. */
static uint64_t next_bytes(struct blob_world *w, const struct blob_transfer *t,
			   struct blob_event *e)
{
	const struct blob_node *n = blob_node_at(w, t->session, !t->side);
	uint64_t size = w->sizes[t->blob];
	uint64_t left = size > t->from + t->sent ? size - t->from - t->sent : 0;

	if (left > BLOB_CHUNK_BYTES)
		left = BLOB_CHUNK_BYTES;
	switch (n->manner) {
	case BLOB_ENDLESS: return BLOB_CHUNK_BYTES;
	case BLOB_SLOW: left = left < SLOW_BYTES ? left : SLOW_BYTES; break;
	case BLOB_SHORT: left = blob_dice(w, 3) ? left : 0; break;
	case BLOB_CUTTER: e->error = blob_dice(w, 3) == 0; break;
	case BLOB_GOOD:
	case BLOB_LEGACY:
	case BLOB_WHOLE:
	case BLOB_LIAR:
	case BLOB_SILENT:
	case BLOB_REFUSER:
	case BLOB_MANNERS: break;
	}
	e->end = !left || e->error;
	return e->error ? 0 : left;
}

static bool is_refused(const struct blob_world *w,
		       const struct blob_transfer *t, const struct blob_node *n)
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
	const struct blob_node *n = blob_node_at(w, t->session, !t->side);
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
	blob_event_add(w, e);
}

void blob_on_chunk(struct blob_world *w, const struct blob_event *e)
{
	struct blob_transfer *t = e->transfer;
	struct blob_node *n = blob_node_at(w, t->session, t->side);
	struct blob_node *from = blob_node_at(w, t->session, !t->side);
	struct blob_file *file = &n->files[t->blob];

	if (!t->fetch || t->session->down)
		return;
	w->stats.moved_bytes += e->n;
	t->under_way = 0;
	t->bytes += e->n;
	file->partial += e->n;
	file->tainted |=
		from->manner == BLOB_LIAR || from->manner == BLOB_ENDLESS;
	wants_progress(n->core, t->fetch, t->bytes, w->now_ms);
	if (t->from + t->bytes > t->end)
		blob_transfer_end(w, n, t, WANTS_TOO_BIG);
	else if (e->error)
		blob_transfer_end(w, n, t,
				  t->bytes ? WANTS_CUT : WANTS_REFUSED);
	else if (e->end || (t->size && t->from + t->bytes == t->size))
		finish(w, t);
	else
		send_chunk(w, t);
}

/* --- legacy nodes --------------------------------------------------------- */

void blob_answer_has(struct blob_world *w, struct blob_event *e)
{
	const struct blob_node *n = blob_node_at(w, e->session, e->side);
	struct kith_buf answer = { .limit = BLOB_ITEM_BYTES_MAX };
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
	blob_event_add(
		w, (struct blob_event){ .at_ms = w->now_ms +
						 e->session->link->latency_ms,
					.kind = HAS,
					.session = e->session,
					.side = !e->side,
					.bytes = answer,
					.asked = e->bytes });
	e->bytes = (struct kith_buf){ 0 };
}
