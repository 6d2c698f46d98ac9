#include "src/daemon/pace.h"

#include "src/daemon/daemon.h"
#include "src/limits.h"

enum { SERVE_MS = 2 }; /* of one peer in one turn of the loop */

/* --- serving --- */

static size_t untaken_bytes(const struct peer *p)
{
	return session_queued(p->session) + conn_unsent(p->conn);
}

bool peer_has_room(const struct peer *p)
{
	return untaken_bytes(p) < LIMIT_OUTPUT_BYTES;
}

bool peer_has_work(const struct peer *p)
{
	if (p->state != PEER_OPEN && p->state != PEER_PARTING)
		return false;
	return session_queued(p->session) ||
	       ((p->choked || !TAILQ_EMPTY(&p->ready)) && peer_has_room(p));
}

static void produce(struct request *r, struct txn *t)
{
	TAILQ_REMOVE(&r->peer->ready, r, queue);
	r->ready = false;
	switch (r->ops->produce(r, t)) {
	case PRODUCED_SOME:
		request_wake(r); /* behind the others: all get their turn */
		break;
	case PRODUCED_ALL:
		break;
	case PRODUCED_END:
		request_end(r);
		break;
	}
}

/* Reads it, unless there is a reason not to. */
static void read_or_not(struct peer *p)
{
	if (p->paused || p->choked || p->blobs.full ||
	    p->blobs.bytes >= LIMIT_BLOB_WAITING_BYTES)
		conn_pause(p->conn);
	else
		conn_resume(p->conn);
}

static void choke(struct peer *p)
{
	bool choked = p->choked ? !peer_has_room(p) :
				  untaken_bytes(p) >= LIMIT_UNTAKEN_BYTES;

	if (choked == p->choked)
		return;
	p->choked = choked;
	read_or_not(p);
}

bool peer_serve(struct peer *p, struct txn *t)
{
	int64_t until_ms = daemon_now_ms(p->daemon) + SERVE_MS;
	bool late = false;
	struct request *r;

	peer_flush(p);
	while (!late && (r = TAILQ_FIRST(&p->ready)) && peer_has_room(p)) {
		produce(r, t);
		peer_flush(p);
		late = daemon_now_ms(p->daemon) >= until_ms;
	}
	choke(p);
	return late && !TAILQ_EMPTY(&p->ready) && peer_has_room(p);
}

/* --- deadlines --- */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t silence_deadline_ms(struct peer *p)
{
	int64_t out_ms = conn_progress_ms(p->conn);
	int64_t last_ms = out_ms > p->active_ms ? out_ms : p->active_ms;
	int64_t at = last_ms + p->daemon->config.inactivity_ms;

	if (conn_unsent(p->conn))
		at = sooner(at, out_ms + LIMIT_SLOW_READER_MS);
	return at;
}

/* Local programs may be silent or stop reading for as long as they like:
 * when they go, the socket tells. */
static int64_t open_deadline_ms(struct peer *p)
{
	int64_t at = p->local ? INT64_MAX : silence_deadline_ms(p);
	struct request *r;

	LIST_FOREACH(r, &p->requests, all)
		at = sooner(at, r->due_ms);
	return sooner(at, p->ebt_due_ms);
}

int64_t peer_deadline_ms(struct peer *p)
{
	switch (p->state) {
	case PEER_DIALLING:
		return p->since_ms + LIMIT_HANDSHAKE_CLIENT_MS;
	case PEER_SHAKING:
		return p->since_ms + (p->dialled ? LIMIT_HANDSHAKE_CLIENT_MS :
						   LIMIT_HANDSHAKE_SERVER_MS);
	case PEER_OPEN:
		return open_deadline_ms(p);
	case PEER_PARTING:
		return p->since_ms + LIMIT_GOODBYE_MS;
	case PEER_CLOSED:
		break;
	}
	return INT64_MAX;
}

static void requests_due(struct peer *p, int64_t now_ms)
{
	struct request *r, *next;

	for (r = LIST_FIRST(&p->requests); r; r = next) {
		next = LIST_NEXT(r, all);
		if (r->due_ms > now_ms)
			continue;
		r->due_ms = INT64_MAX;
		r->ops->due(r, now_ms);
	}
}

void peer_due(struct peer *p, int64_t now_ms)
{
	if (peer_deadline_ms(p) > now_ms)
		return;
	if (p->state == PEER_PARTING) {
		peer_drop(p, "goodbye");
		return;
	}
	if (p->state != PEER_OPEN) {
		peer_drop(p, "timeout");
		return;
	}
	if (!p->local && silence_deadline_ms(p) <= now_ms) {
		peer_drop(p, "silent or not reading for too long");
		return;
	}
	if (p->ebt_due_ms <= now_ms)
		replicate_overdue(p);
	requests_due(p, now_ms);
}

/* --- back-pressure --- */

void peer_pause(struct peer *p)
{
	if (p->paused || p->state == PEER_CLOSED)
		return;
	p->paused = true;
	read_or_not(p);
}

void peer_blobs_wait(struct peer *p, size_t more, size_t less)
{
	p->blobs.bytes += more;
	p->blobs.bytes -= less;
	if (p->state != PEER_CLOSED)
		read_or_not(p);
}

void peer_blobs_full(struct peer *p, bool full)
{
	p->blobs.full = full;
	if (p->state != PEER_CLOSED)
		read_or_not(p);
}

void peer_resume(struct peer *p)
{
	if (!p->paused || p->state == PEER_CLOSED)
		return;
	p->paused = false;
	read_or_not(p);
}
