#include "src/daemon/own_feed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/daemon/daemon.h"

enum {
	AGAIN_MS = 1000, /* a full disk, or a tip that has just moved */
	/* What strangers claim costs us so much of so much time, all of them
	 * together: else any of them could keep us from publishing. */
	STRANGERS_MS = 5000,
	STRANGERS_EVERY_MS = 600000
};

/* News under way to the guard. */
struct question {
	struct intake_task task;
	struct guard_task guard;
};

static enum kith_err ask(struct store *s, void *arg, struct kith_error *e)
{
	struct question *q = arg;

	return guard_run(s, &q->guard, e);
}

static void answered(struct daemon *d, struct intake_task *task,
		     const struct ingest_done *outcome)
{
	struct question *q = (struct question *)task;

	d->own.asking = false;
	if (!q->guard.changed)
		d->own.again_ms = daemon_now_ms(d) + AGAIN_MS;
	if (!outcome->code)
		d->own.row = q->guard.row;
	else
		log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_STORE,
			    "the state of our feed is not written: %s",
			    outcome->error.text);
	free(q);
}

static void tell_guard(struct daemon *d, enum guard_event event,
		       uint64_t sequence)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		return;
	q->task.done = answered;
	q->guard = (struct guard_task){ .self = d->self, .event = event,
					.sequence = sequence };
	d->own.asking = !intake_run(d, ask, &q->task);
	if (!d->own.asking)
		free(q);
}

/* --- what peers say --- */

void own_feed_told(struct peer *p, uint64_t sequence)
{
	struct daemon *d = p->daemon;
	int64_t now_ms = daemon_now_ms(d);

	if (sequence > d->own.tip && d->own.row.state == PUBLISH_OK &&
	    !replicate_wants(d, &p->id)) {
		if (now_ms < d->own.strangers_ms)
			return;
		d->own.strangers_ms = now_ms + STRANGERS_EVERY_MS;
		now_ms -= OWN_CLAIM_MS - STRANGERS_MS;
	}
	own_told(&p->own, sequence, d->own.tip, now_ms);
}

void own_feed_moved(struct daemon *d, uint64_t sequence)
{
	if (d->own.tip < sequence)
		d->own.tip = sequence;
}

void own_feed_reload(struct daemon *d, struct txn *t)
{
	guard_get(t, &d->self, &d->own.row);
}

void own_feed_result(struct daemon *d, struct txn *t, struct peer *by,
		     const struct ingest_result *r)
{
	own_feed_reload(d, t);
	if (!by || by->local || r->verdict != INGEST_ADDED)
		return;
	if (d->own.row.state == PUBLISH_UNCONFIRMED &&
	    own_is_news(&by->own, r->sequence))
		tell_guard(d, GUARD_ALIVE, r->sequence);
	own_brought(&by->own, r->sequence, daemon_now_ms(d));
}

/* --- what follows from it --- */

static bool is_confirmed(const struct own_feed *o, int64_t now_ms)
{
	return o->row.state == PUBLISH_UNCONFIRMED && !o->asking &&
	       o->tip >= o->row.least &&
	       own_confirms(&o->peers, o->tip, now_ms);
}

void own_feed_look(struct daemon *d)
{
	int64_t now_ms = daemon_now_ms(d);

	if (is_confirmed(&d->own, now_ms) && now_ms >= d->own.again_ms) {
		tell_guard(d, GUARD_HAS_ALL, d->own.tip);
		if (!d->own.asking) /* out of memory */
			d->own.again_ms = now_ms + AGAIN_MS;
	}
}

int64_t own_feed_deadline_ms(struct daemon *d)
{
	struct own_feed *o = &d->own;
	int64_t now_ms = daemon_now_ms(d), until_ms = INT64_MAX;

	if (is_confirmed(o, now_ms))
		return o->again_ms;
	if (o->row.state == PUBLISH_UNCONFIRMED)
		own_claims(&o->peers, o->tip, now_ms, &until_ms);
	return until_ms;
}

enum kith_err own_feed_holds(struct daemon *d, struct kith_error *e)
{
	uint64_t claimed = own_claims(&d->own.peers, d->own.tip,
				      daemon_now_ms(d), NULL);

	if (!claimed || d->own.row.state != PUBLISH_OK)
		return KITH_OK;
	return kith_fail(e, KITH_EBUSY, 0,
			 "a peer says that it has message %" PRIu64 " of this "
			 "feed, and %" PRIu64 " are here: wait some seconds "
			 "until it has shown it or not, and try again",
			 claimed, d->own.tip);
}

enum kith_err own_feed_start(struct daemon *d, struct kith_error *e)
{
	struct feed_row feed;
	struct txn *t;
	enum kith_err err = store_read(d->store, &t);

	if (err)
		return kith_fail(e, err, 0, "cannot read the store: %s",
				 kith_strerror(err));
	if (feed_get(t, &d->self, &feed))
		d->own.tip = feed.last;
	own_feed_reload(d, t);
	if (d->own.row.state != PUBLISH_OK)
		log_warn(LOG_MAIN, "publishing state=%s: %s",
			 guard_state_name(d->own.row.state),
			 d->own.row.reason);
	txn_end(t);
	return KITH_OK;
}
