#include "src/daemon/pace.h"

#include "src/daemon/daemon.h"
#include "src/limits.h"
#include "src/log.h"

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
	       (!TAILQ_EMPTY(&p->ready) && peer_has_room(p));
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

bool peer_serve(struct peer *p, struct txn *t)
{
	int64_t until_ms = daemon_now_ms(p->daemon) + SERVE_MS;
	bool late = false;
	struct request *r;

	if (untaken_bytes(p) >= LIMIT_DEAF_BYTES) {
		if (p->local) /* else its going is logged */
			log_limited(&p->daemon->limits.deaf, LOG_LEVEL_WARN,
				    LOG_PEER, "cut off a local program that "
				    "does not read what it asked for");
		peer_drop(p, "not reading for too long");
		return false;
	}
	peer_flush(p);
	while (!late && (r = TAILQ_FIRST(&p->ready)) && peer_has_room(p)) {
		produce(r, t);
		peer_flush(p);
		late = daemon_now_ms(p->daemon) >= until_ms;
	}
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

/* Local programs may be silent or stop reading for as long as they like, while
 * not too much waits for them: when they go, the socket tells. */
static int64_t open_deadline_ms(struct peer *p)
{
	int64_t at = p->local ? INT64_MAX : silence_deadline_ms(p);

	at = sooner(at, p->requests_due_ms);
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

/* All are looked at only when one of them may be due: a peer may have opened a
 * thousand. */
static void requests_due(struct peer *p, int64_t now_ms)
{
	struct request *r, *next;
	int64_t later_ms = INT64_MAX;

	if (p->requests_due_ms > now_ms)
		return;
	p->requests_due_ms = INT64_MAX;
	for (r = LIST_FIRST(&p->requests); r; r = next) {
		next = LIST_NEXT(r, all);
		if (r->due_ms > now_ms) {
			later_ms = sooner(later_ms, r->due_ms);
			continue;
		}
		r->due_ms = INT64_MAX;
		r->ops->due(r, now_ms);
	}
	p->requests_due_ms = sooner(p->requests_due_ms, later_ms);
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

/* Reads it, unless there is a reason not to. */
static void read_or_not(struct peer *p)
{
	if (p->paused || p->choked || p->blobs.full ||
	    p->blobs.bytes >= LIMIT_BLOB_WAITING_BYTES ||
	    p->blobs.asked >= LIMIT_BLOBS_ASKED)
		conn_pause(p->conn);
	else
		conn_resume(p->conn);
}

bool peer_choke(struct peer *p)
{
	if (p->state == PEER_CLOSED || p->choked ||
	    untaken_bytes(p) < LIMIT_UNTAKEN_BYTES)
		return p->choked;
	p->choked = true;
	read_or_not(p);
	return true;
}

bool peer_unchoke(struct peer *p)
{
	if (p->state == PEER_CLOSED || !p->choked || !peer_has_room(p))
		return false;
	p->choked = false;
	read_or_not(p);
	return true;
}

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

void peer_blobs_asked(struct peer *p, size_t more, size_t less)
{
	p->blobs.asked += more;
	p->blobs.asked -= less;
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
