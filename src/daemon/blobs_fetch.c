#include "src/daemon/blobs_fetch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/daemon/blobs_keep.h"
#include "src/daemon/blobs_take.h"
#include "src/daemon/daemon.h"
#include "src/depot/keep_row.h"

struct blob_fetch {
	struct request request; /* while calling */
	struct daemon *daemon;
	struct wants_fetch *wants;
	struct wants_request what;
	struct kith_feed_id from_peer;
	struct keep_row held;
	struct blob_taking *taking;
	TAILQ_ENTRY(blob_fetch) all_held;
	bool reserved; /* held counts */
	bool waits;    /* for a sweep, */
	bool swept;    /* which was made for it */
	bool calling; /* the request is open */
	bool told;    /* wants knows the verdict */
	bool stopped; /* by wants */
	enum wants_verdict verdict; /* if it does not come out well */
	bool well;
	uint64_t bytes; /* that came */
};

/* --- the end --- */

/* What is stopped while it is wanted came too slowly. */
static enum blob_why why_of(const struct blob_fetch *f,
			    enum wants_verdict verdict)
{
	if (f->stopped)
		return BLOB_WHY_TIME;
	switch (verdict) {
	case WANTS_REFUSED: return BLOB_WHY_NO_OFFER;
	case WANTS_LIED: return BLOB_WHY_LIED;
	case WANTS_TOO_BIG: return BLOB_WHY_TOO_BIG;
	case WANTS_NO_ROOM:
	case WANTS_FAILED: return BLOB_WHY_NO_ROOM;
	default: return BLOB_WHY_CUT;
	}
}

static void fail(struct blob_fetch *f, enum wants_verdict verdict,
		 uint64_t kept)
{
	struct daemon *d = f->daemon;
	struct blob_row row = { .id = f->what.id, .why = why_of(f, verdict) };

	wants_fetched(d->sharing.wants, f->wants, verdict, kept,
		      daemon_now_ms(d));
	if (f->reserved)
		blobs_let_go(d, &f->held);
	if (kept > f->what.from)
		blobs_part_left(d, kept - f->what.from);
	if (!d->sharing.over && f->what.own)
		blobs_note(d, NOTE_FAILED, &row, NULL);
	free(f);
}

static void succeed(struct blob_fetch *f, uint64_t bytes)
{
	struct daemon *d = f->daemon;
	struct blob_row row = { .id = f->what.id, .size = bytes,
				.added_us = sharing_now_us(),
				.from = f->from_peer,
				.hops = BLOB_HOPS_NONE };

	d->sharing.taken_bytes += bytes;
	wants_fetched(d->sharing.wants, f->wants, WANTS_OK, 0,
		      daemon_now_ms(d));
	if (d->sharing.over) {
		blobs_let_go(d, &f->held);
	} else {
		blobs_note(d, NOTE_CAME, &row, &f->held);
		sharing_came(d, &f->what.id, bytes, true);
	}
	free(f);
}

static void complain(struct blob_fetch *f, const struct blob_taken *taken)
{
	struct daemon *d = f->daemon;
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&f->what.id, id);
	log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_STORE,
		    "a blob could not be kept id=%s: %s", id, taken->why);
	if (taken->err == KITH_EFULL)
		sharing_disk_full(d);
}

/* The file is whole, or closed: nothing of f is under way any more. */
static void on_taken(void *user, const struct blob_taken *taken)
{
	struct blob_fetch *f = user;

	f->taking = NULL;
	if (f->well && !taken->err) {
		succeed(f, taken->bytes);
	} else if (f->well && taken->err == KITH_EFORMAT) {
		fail(f, WANTS_LIED, 0);
	} else if (taken->err == KITH_ENOENT) {
		fail(f, f->verdict, taken->bytes);
	} else {
		complain(f, taken);
		fail(f, WANTS_FAILED, 0);
	}
}

/* Of what was cut, what there is stays to be taken up; so does what another
 * peer may go on with, where this one knows no slices. */
static void let_go(struct blob_fetch *f, enum wants_verdict verdict)
{
	f->verdict = verdict;
	if (verdict == WANTS_CUT || (verdict == WANTS_REFUSED && f->what.from))
		blob_taking_cut(f->taking);
	else
		blob_taking_drop(f->taking);
}

/* --- the call --- */

static void on_closed(struct request *r, struct kith_slice error)
{
	struct blob_fetch *f = (struct blob_fetch *)r;
	bool lost = r->peer->state != PEER_OPEN;

	f->calling = false;
	blob_taking_alone(f->taking);
	if (f->told) {
		; /* it was ended here */
	} else if (!error.n) {
		f->well = true;
		wants_received(f->daemon->sharing.wants, f->wants);
		blob_taking_finish(f->taking);
	} else {
		let_go(f, f->bytes || lost ? WANTS_CUT : WANTS_REFUSED);
	}
}

static void give_up(struct blob_fetch *f, enum wants_verdict verdict)
{
	f->told = true;
	let_go(f, verdict);
	if (f->calling)
		request_end(&f->request);
}

static void on_data(struct request *r, const struct session_event *event)
{
	struct blob_fetch *f = (struct blob_fetch *)r;
	struct daemon *d = f->daemon;

	if (event->type == MUXRPC_JSON) {
		give_up(f, WANTS_LIED);
		return;
	}
	f->bytes += event->body.n;
	if (f->bytes > f->what.end - f->what.from) {
		give_up(f, WANTS_TOO_BIG);
		return;
	}
	wants_progress(d->sharing.wants, f->wants, f->bytes, daemon_now_ms(d));
	if (!blob_taking_put(f->taking, event->body))
		give_up(f, WANTS_FAILED);
}

static const struct request_ops ops = { .data = on_data,
					.closed = on_closed };

static void put_args(struct kith_buf *out, const struct blob_fetch *f)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&f->what.id, id);
	kith_buf_reset(out);
	kith_buf_text(out, "[{\"key\":\"");
	kith_buf_text(out, id);
	if (f->what.from) {
		kith_buf_text(out, "\",\"start\":");
		kith_buf_uint(out, f->what.from);
		kith_buf_text(out, ",\"end\":");
		kith_buf_uint(out, f->what.end);
	} else {
		kith_buf_text(out, "\",\"max\":");
		kith_buf_uint(out, (uint64_t)f->daemon->config.blob_max);
	}
	kith_buf_text(out, "}]");
}

/* The peer may have left while the file was opened. */
static void call(void *user, bool ok)
{
	struct blob_fetch *f = user;
	struct daemon *d = f->daemon;
	const char *name = f->what.from ? "blobs.getSlice" : "blobs.get";
	struct peer *p;

	wants_request(f->wants, &f->what);
	p = f->what.peer ? wants_peer_user(f->what.peer) : NULL;
	put_args(&d->item, f);
	if (f->told || !ok || !p || p->state != PEER_OPEN ||
	    request_call(&f->request, &ops, p, RPC_SOURCE, name,
			 kith_bytes(&d->item))) {
		if (!f->told)
			give_up(f, p ? WANTS_FAILED : WANTS_CUT);
		return;
	}
	f->calling = true;
}

/* --- the beginning --- */

static void start(struct blob_fetch *f)
{
	struct daemon *d = f->daemon;
	struct peer *p = f->what.peer ? wants_peer_user(f->what.peer) : NULL;
	struct blob_take how = {
		.daemon = d, .peer = p, .id = &f->what.id,
		.limit = (uint64_t)d->config.blob_max, .resume = true,
		.from = f->what.from, .opened = f->what.from ? call : NULL,
		.done = on_taken,
		.user = f,
	};

	f->taking = p ? blob_taking_new(&how) : NULL;
	if (!f->taking) {
		fail(f, p ? WANTS_FAILED : WANTS_CUT, f->what.from);
		return;
	}
	f->from_peer = p->id;
	if (!f->what.from)
		call(f, true);
}

/* For a sweep: its own, or until it has one.  False: no memory. */
static bool wait(struct blob_fetch *f)
{
	struct daemon *d = f->daemon;
	bool own_sweep = !d->sharing.sweeping;

	f->waits = !f->swept && blob_sweep_start(d, &f->held);
	if (f->waits) {
		f->swept = own_sweep;
		TAILQ_INSERT_TAIL(&d->sharing.held, f, all_held);
	}
	return f->waits;
}

/* Room is held from now on; the farther side of what may come where its size
 * is not known. */
static void ask(struct blob_fetch *f)
{
	struct daemon *d = f->daemon;

	f->waits = false;
	if (!f->what.own && !blobs_fit_for_others(d, &f->held)) {
		fail(f, WANTS_NO_ROOM, f->what.from);
		return;
	}
	switch (keep_ask(&d->sharing.keep, &f->held)) {
	case KEEP_YES:
		blobs_hold(d, &f->held);
		f->reserved = true;
		start(f);
		return;
	case KEEP_SWEEP:
		if (wait(f))
			return;
		break;
	case KEEP_NO:
		break;
	}
	fail(f, WANTS_NO_ROOM, f->what.from);
}

/* What it will count as, which its row says: who asked for it may be nearer
 * than the authors who name it. */
static struct keep_row row_of(struct daemon *d,
			      const struct wants_request *what)
{
	struct blob_row row = { .id = what->id, .hops = BLOB_HOPS_NONE };
	struct keep_row held;
	struct txn *t;

	if (daemon_read(d, &t)) {
		blob_row_get(t, &what->id, &row);
		txn_end(t);
	}
	held = keep_row_of(&row);
	held.size = what->size ? what->size : what->end;
	held.used_ms = sharing_now_us() / 1000;
	return held;
}

void blob_fetch_begin(struct daemon *d, struct wants_fetch *w)
{
	struct blob_fetch *f = calloc(1, sizeof(*f));
	struct wants_request what;

	if (!f) {
		wants_fetched(d->sharing.wants, w, WANTS_FAILED, 0,
			      daemon_now_ms(d));
		return;
	}
	wants_request(w, &what);
	f->daemon = d;
	f->wants = w;
	f->what = what;
	f->held = row_of(d, &what);
	wants_fetch_attach(w, f);
	ask(f);
}

void blob_fetch_stop(struct wants_fetch *w)
{
	struct blob_fetch *f = wants_fetch_user(w);
	struct daemon *d = f->daemon;

	f->stopped = !f->told && !f->well;
	if (f->waits) {
		TAILQ_REMOVE(&d->sharing.held, f, all_held);
		fail(f, WANTS_CUT, f->what.from);
	} else if (!f->told && !f->well) {
		give_up(f, WANTS_CUT);
	}
}

void blob_fetches_go_on(struct daemon *d)
{
	struct blob_fetch_list held = TAILQ_HEAD_INITIALIZER(held);
	struct blob_fetch *f;

	TAILQ_CONCAT(&held, &d->sharing.held, all_held);
	while ((f = TAILQ_FIRST(&held))) {
		TAILQ_REMOVE(&held, f, all_held);
		ask(f);
	}
}

void blob_fetches_end(struct daemon *d)
{
	struct blob_fetch *f;

	while ((f = TAILQ_FIRST(&d->sharing.held)))
		blob_fetch_stop(f->wants);
}
