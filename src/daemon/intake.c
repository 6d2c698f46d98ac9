#include "src/daemon/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/daemon/daemon.h"
#include "src/daemon/forks.h"
#include "src/daemon/methods.h"
#include "src/daemon/pace.h"
#include "src/daemon/publishing.h"

/* A tag is the slot's number + 1 and above it the slot's generation. */
enum { SLOT_BITS = 16, SLOTS_MAX = (1 << SLOT_BITS) - 1 };

/* --- inlets --- */

static struct intake_slot *free_slot(struct intake *in)
{
	size_t old = in->count, count = old ? old * 2 : 16;
	struct intake_slot *grown;

	for (size_t i = 0; i < old; i++)
		if (!in->slots[i].fn)
			return &in->slots[i];
	if (count > SLOTS_MAX)
		return NULL;
	grown = realloc(in->slots, count * sizeof(*grown));
	if (!grown)
		return NULL;
	memset(grown + old, 0, (count - old) * sizeof(*grown));
	in->slots = grown;
	in->count = count;
	return &grown[old];
}

static uint32_t take_slot(struct intake *in, struct peer *p, intake_fn fn,
			  void *user)
{
	struct intake_slot *slot = free_slot(in);

	if (!slot)
		return 0;
	slot->fn = fn;
	slot->user = user;
	slot->peer = p;
	slot->generation = (slot->generation + 1) & (UINT32_MAX >> SLOT_BITS);
	return slot->generation << SLOT_BITS |
	       (uint32_t)(slot - in->slots + 1);
}

uint32_t intake_open(struct peer *p, intake_fn fn, void *user)
{
	return take_slot(&p->daemon->intake, p, fn, user);
}

uint32_t intake_open_alone(struct daemon *d, intake_fn fn, void *user)
{
	return take_slot(&d->intake, NULL, fn, user);
}

/* NULL: closed meanwhile. */
static struct intake_slot *find(struct intake *in, uint32_t tag)
{
	size_t i = tag & SLOTS_MAX;

	if (i == 0 || i > in->count || !in->slots[i - 1].fn ||
	    in->slots[i - 1].generation != tag >> SLOT_BITS)
		return NULL;
	return &in->slots[i - 1];
}

void intake_close(struct daemon *d, uint32_t tag)
{
	struct intake_slot *slot = find(&d->intake, tag);

	if (slot)
		slot->fn = NULL;
}

void intake_stop(struct daemon *d)
{
	free(d->intake.slots);
	d->intake = (struct intake){ 0 };
}

/* --- in --- */

/* Where the disk takes nothing, local programs are told so at once, whatever
 * waits of others. */
static bool must_wait(const struct peer *p)
{
	struct ingest *in = p->daemon->ingest;
	struct ingest_trouble trouble;

	return ingest_full(in) && !(p->local && ingest_trouble(in, &trouble));
}

enum kith_err intake_add(struct peer *p, uint32_t tag,
			 struct kith_slice value)
{
	struct daemon *d = p->daemon;
	enum kith_err err = ingest_add(d->ingest, value, tag,
				       facts_peer_number(d, p));

	if (must_wait(p))
		peer_pause(p);
	return err;
}

enum kith_err intake_run(struct daemon *d, ingest_fn fn,
			 struct intake_task *task)
{
	return ingest_run(d->ingest, fn, task, task);
}

/* --- out --- */

bool intake_holds(const struct ingest_result *result)
{
	return result->verdict == INGEST_ADDED ||
	       result->verdict == INGEST_KNOWN;
}

const char *intake_why(const struct ingest_result *result)
{
	if (result->verdict == INGEST_GAP)
		return "messages before this one are missing";
	return *result->why ? result->why : kith_strerror(result->code);
}

/* by: NULL if its inlet is closed.  Local programs are told and no more: an
 * import may bring thousands that do not fit. */
static void log_refusal(struct daemon *d, const struct peer *by,
			const struct ingest_result *r)
{
	char feed[KITH_REF_TEXT_BYTES] = "unknown";
	char peer[PEER_TEXT_BYTES] = "gone";

	if (by && by->local)
		return;
	if (r->author.format)
		kith_feed_print(&r->author, feed);
	if (by)
		peer_print(by, peer);
	log_limited(&d->limits.refusals, LOG_LEVEL_WARN, LOG_INGEST,
		    "refused message feed=%s sequence=%" PRIu64
		    " peer=%s verdict=%s: %s",
		    feed, r->sequence, peer, ingest_verdict_name(r->verdict),
		    intake_why(r));
}

/* Remembered whoever brought it; logged unless its owner tells of refusals. */
static void refused(struct daemon *d, const struct intake_slot *slot,
		    const struct ingest_result *r)
{
	const struct peer *by = slot ? slot->peer : NULL;
	struct refusal one = { .at_ms = daemon_wall_ms(),
			       .author = r->author,
			       .sequence = r->sequence,
			       .verdict = r->verdict };

	if (by && !by->local)
		one.peer = by->id;
	snprintf(one.why, sizeof(one.why), "%s", intake_why(r));
	refusals_note(&d->refusals, &one);
	refusal_watches_wake(d);
	if (!slot || by)
		log_refusal(d, by, r);
}

static void committed(struct daemon *d, struct txn *t,
		      const struct kith_feed_id *author, uint64_t sequence,
		      uint64_t rx)
{
	replicate_committed(d, t, author, sequence, rx);
	streams_wake(d, author);
}

static void take_result(struct daemon *d, struct txn *t,
			const struct ingest_result *r)
{
	struct intake_slot *slot = find(&d->intake, r->tag);

	if (r->forked || r->verdict == INGEST_FORK || r->verdict == INGEST_OWN)
		forks_found(d, t, r, slot ? slot->peer : NULL);
	slot = find(&d->intake, r->tag); /* it may have moved */
	if (r->verdict == INGEST_ADDED)
		committed(d, t, &r->author, r->sequence, r->rx);
	else if (!intake_holds(r))
		refused(d, slot, r);
	if (kith_feed_equal(&r->author, &d->self))
		own_feed_result(d, t, slot ? slot->peer : NULL, r);
	if (slot)
		slot->fn(slot->user, r);
	else if (!intake_holds(r))
		replicate_refused(d, NULL, r);
}

static void take_done(struct daemon *d, struct txn *t,
		      const struct ingest_done *done)
{
	struct intake_task *task = done->task ? done->user : NULL;

	if (task) {
		task->done(d, task, done);
		return;
	}
	for (size_t i = 0; i < done->count; i++)
		take_result(d, t, &done->results[i]);
	if (done->results)
		return;
	if (!done->code)
		committed(d, t, &d->self, done->sequence, done->rx);
	publishing_done(t, done);
}

static void read_on(struct daemon *d)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->paused && !must_wait(p))
			peer_resume(p);
}

static bool has_done(struct daemon *d)
{
	struct intake *in = &d->intake;

	if (!in->taken)
		in->taken = ingest_done(d->ingest, &in->done);
	return in->taken;
}

void intake_drain(struct daemon *d)
{
	struct txn *t;
	bool news = false;

	while (has_done(d)) {
		/* Begun after that was taken, so it sees its commit; without
		 * it the timer tries again. */
		if (!daemon_read(d, &t))
			return;
		d->intake.taken = false;
		d->intake.shows = t;
		take_done(d, t, &d->intake.done);
		d->intake.shows = NULL;
		txn_end(t);
		news = true;
	}
	if (!load_over(d))
		return; /* those were tasks: nothing else was handed in yet */
	if (news) {
		searching_look(d);
		blob_refs_look(d);
	}
	replicate_follow_graph(d);
	space_look(d);
	read_on(d);
}
