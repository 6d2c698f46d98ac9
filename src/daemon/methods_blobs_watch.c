/*
 * Streams of blobs: blobs.changes, blobs.ls and blobs.pushed; and
 * kith.blobsCheck, which brings the rows in line with the files.
 * Source: protocol/06 section 2.
 */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/blobs_check.h"
#include "src/daemon/blobs_watch.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/pace.h"

enum watch_kind { WATCH_LS, WATCH_CHANGES, WATCH_PUSHED };

enum { BATCH = 256 /* entries of one turn of a worker */ };

struct blob_watch {
	struct request request;
	LIST_ENTRY(blob_watch) all;
	struct daemon *daemon;
	enum watch_kind kind;
	bool live, old, meta;
	bool running, over; /* over: the peer went */
	size_t n, sent;
	/* The worker's while it runs. */
	struct blob_walk *walk;
	bool end, failed;
	struct blob_entry *batch; /* while there are old ones */
};

static void free_watch(struct blob_watch *w)
{
	if (w->running || !w->over)
		return;
	blob_walk_free(w->walk);
	free(w->batch);
	free(w);
}

/* --- items --- */

void blob_put_meta(struct kith_buf *out, const struct kith_blob_id *id,
		   uint64_t size, int64_t added_us)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_blob_print(id, text);
	kith_buf_text(out, "{\"id\":\"");
	kith_buf_text(out, text);
	kith_buf_text(out, "\",\"size\":");
	kith_buf_uint(out, size);
	kith_buf_text(out, ",\"ts\":");
	kith_buf_int(out, added_us / 1000);
	kith_buf_byte(out, '}');
}

static void send_entry(struct blob_watch *w, const struct blob_entry *e)
{
	struct kith_buf *out = &w->daemon->item;
	char text[KITH_REF_TEXT_BYTES];

	if (w->meta) {
		kith_buf_reset(out);
		blob_put_meta(out, &e->id, e->size, e->added_us);
		request_send_json(&w->request, kith_bytes(out));
		return;
	}
	kith_blob_print(&e->id, text);
	session_send(w->request.peer->session, w->request.number,
		     MUXRPC_STRING, kith_text(text));
}

/* --- what there is --- */

static void read_some(void *arg)
{
	struct blob_watch *w = arg;

	w->n = 0;
	if (!w->walk)
		w->walk = blob_walk_new(w->daemon->sharing.files, NULL);
	if (!w->batch)
		w->batch = calloc(BATCH, sizeof(*w->batch));
	w->failed = !w->walk || !w->batch;
	while (!w->failed && w->n < BATCH &&
	       blob_walk_next(w->walk, &w->batch[w->n]))
		w->n++;
	w->end = w->n < BATCH;
	w->failed |= w->end && w->walk && blob_walk_error(w->walk);
}

static void have_read(void *arg)
{
	struct blob_watch *w = arg;
	struct daemon *d = w->daemon;

	w->running = false;
	if (w->over)
		free_watch(w);
	else if (w->failed)
		request_fail(&w->request, "Error",
			     "the folder of blobs cannot be read");
	else
		request_wake(&w->request);
	sharing_worked(d);
}

static enum produced end_of_old(struct blob_watch *w)
{
	w->old = false;
	if (!w->live)
		return PRODUCED_END;
	request_send_json(&w->request, KITH_SLICE("{\"sync\":true}"));
	return PRODUCED_ALL;
}

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct blob_watch *w = (struct blob_watch *)r;

	(void)t;
	if (w->running || !w->old)
		return PRODUCED_ALL;
	while (w->sent < w->n && !w->batch[w->sent].size)
		w->sent++; /* of no blob, though it is named so */
	if (w->sent < w->n) {
		send_entry(w, &w->batch[w->sent++]);
		return PRODUCED_SOME;
	}
	if (w->end)
		return end_of_old(w);
	w->sent = w->n = 0;
	w->running = !net_work(w->daemon->net, read_some, have_read, w);
	return w->running ? PRODUCED_ALL : PRODUCED_END;
}

/* --- what comes --- */

/* A stingy node shows others only what it pushes; and who does not read misses
 * some. */
static bool may_show(const struct blob_watch *w, const struct kith_blob_id *id)
{
	struct wants_state state;

	if (!w->request.peer->local && !peer_has_room(w->request.peer))
		return false;
	if (w->request.peer->local || !w->daemon->config.stingy)
		return true;
	wants_state(w->daemon->sharing.wants, id, &state);
	return state.stand == WANTS_PUSHING;
}

void blob_watches_came(struct daemon *d, const struct kith_blob_id *id,
		       uint64_t size)
{
	struct blob_entry entry = { .id = *id, .size = size,
				    .added_us = sharing_now_us() };
	struct blob_watch *w;

	LIST_FOREACH(w, &d->sharing.watches, all)
		if (w->kind != WATCH_PUSHED && may_show(w, id))
			send_entry(w, &entry);
}

static void put_copies(struct kith_buf *out, struct daemon *d,
		       const struct kith_blob_id *id)
{
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id peer;
	uint64_t size;

	kith_blob_print(id, text);
	kith_buf_text(out, "{\"key\":\"");
	kith_buf_text(out, text);
	kith_buf_text(out, "\",\"peers\":{");
	for (size_t i = 0; wants_copies(d->sharing.wants, id, i, &peer, &size);
	     i++) {
		kith_feed_print(&peer, text);
		kith_buf_text(out, i ? ",\"" : "\"");
		kith_buf_text(out, text);
		kith_buf_text(out, "\":");
		kith_buf_uint(out, size);
	}
	kith_buf_text(out, "}}");
}

void blob_watches_pushed(struct daemon *d, const struct kith_blob_id *id)
{
	struct blob_watch *w;

	kith_buf_reset(&d->item);
	put_copies(&d->item, d, id);
	LIST_FOREACH(w, &d->sharing.watches, all)
		if (w->kind == WATCH_PUSHED)
			request_send_json(&w->request, kith_bytes(&d->item));
}

/* --- the calls --- */

static void on_closed(struct request *r, struct kith_slice error)
{
	struct blob_watch *w = (struct blob_watch *)r;

	(void)error;
	if (w->live)
		LIST_REMOVE(w, all);
	w->over = true;
	free_watch(w);
}

static const struct request_ops ops = { .produce = on_produce,
					.closed = on_closed };

static void watch(struct peer *p, const struct session_event *call,
		  const struct blob_watch *how)
{
	struct blob_watch *w = malloc(sizeof(*w));

	if (!w) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	*w = *how;
	w->daemon = p->daemon;
	request_open(&w->request, &ops, p, call->request);
	if (w->live)
		LIST_INSERT_HEAD(&p->daemon->sharing.watches, w, all);
	if (w->old)
		request_wake(&w->request);
	else if (!w->live)
		request_end(&w->request);
}

void method_blobs_ls(struct peer *p, const struct session_event *call)
{
	static const char *const longs[] = { "meta", "long", "size" };
	struct kith_slice options = args_get(call->args, 0);
	struct blob_watch w = { .kind = WATCH_LS, .old = true };
	bool set;

	args_bool(options, "live", &w.live);
	args_bool(options, "old", &w.old);
	for (int i = 0; i < 3; i++) {
		set = false;
		args_bool(options, longs[i], &set);
		w.meta |= set;
	}
	watch(p, call, &w);
}

/* Each blob that comes is told to each stream: a remote peer has one, the last
 * that it opened. */
static void end_older(struct peer *p)
{
	struct request *r;

	LIST_FOREACH(r, &p->requests, all)
		if (r->ops == &ops)
			break;
	if (r && !p->local)
		request_end(r);
}

void method_blobs_changes(struct peer *p, const struct session_event *call)
{
	end_older(p);
	watch(p, call, &(struct blob_watch){ .kind = WATCH_CHANGES,
					     .live = true });
}

void method_blobs_pushed(struct peer *p, const struct session_event *call)
{
	watch(p, call, &(struct blob_watch){ .kind = WATCH_PUSHED,
					     .live = true });
}

/* --- kith.blobsCheck --- */

struct checking {
	struct chore chore;
	struct blob_check check;
	struct blob_parts parts;
	/* The quotas are looked at once it is over. */
	bool over;
	uint64_t removed, removed_bytes; /* until then */
};

static enum kith_err check_step(struct chore *c, struct store *s, bool *more,
				struct kith_error *e)
{
	struct checking *k = (struct checking *)c;
	enum kith_err err = blob_check_some(s, &k->check, more, e);

	if (err || *more || k->check.dry)
		return err;
	return blobs_tidy(k->check.blobs, blobs_parts_before_us(),
			  BLOB_PARTS_BYTES_MAX, &k->parts);
}

static void check_progress(const struct chore *c, uint64_t *done,
			   uint64_t *total)
{
	const struct blob_check *check = &((const struct checking *)c)->check;

	*done = atomic_load(&check->done);
	*total = atomic_load(&check->total);
}

static void check_over(struct checking *k)
{
	struct sharing *s = &k->chore.daemon->sharing;

	if (k->over)
		return;
	k->over = true;
	k->removed = s->removed;
	k->removed_bytes = s->removed_bytes;
	blobs_check_ends(k->chore.daemon, &k->check);
}

/* All is counted anew, and what is too much is removed. */
static bool check_waits(struct chore *c)
{
	const struct sharing *s = &c->daemon->sharing;

	check_over((struct checking *)c);
	return s->sweeping || (!s->ready && s->count_ms == INT64_MAX);
}

static void put_count(struct kith_buf *out, const char *name, uint64_t n)
{
	json_put_text(out, name);
	kith_buf_byte(out, ':');
	kith_buf_uint(out, n);
}

static void put_named(struct kith_buf *out, const struct blob_check *check)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_buf_text(out, ",\"named\":[");
	for (size_t i = 0; i < check->named_count; i++) {
		kith_blob_print(&check->named[i].id, id);
		kith_buf_text(out, i ? ",{\"id\":\"" : "{\"id\":\"");
		kith_buf_text(out, id);
		kith_buf_text(out, "\",\"fault\":");
		json_put_text(out, blob_fault_name(check->named[i].fault));
		kith_buf_byte(out, '}');
	}
	kith_buf_byte(out, ']');
}

static void check_result(const struct chore *c, struct kith_buf *out)
{
	const struct blob_check *check = &((const struct checking *)c)->check;
	const struct checking *k = (const struct checking *)c;
	const struct blob_parts *parts = &k->parts;

	put_count(out, "blobs", check->counts.blobs);
	kith_buf_byte(out, ',');
	put_count(out, "bytes", check->counts.bytes);
	for (enum blob_fault i = 0; i < BLOB_FAULTS; i++) {
		kith_buf_byte(out, ',');
		put_count(out, blob_fault_name(i), check->counts.found[i]);
	}
	kith_buf_byte(out, ',');
	put_count(out, "strays", check->counts.strays);
	put_named(out, check);
	kith_buf_byte(out, ',');
	put_count(out, "parts", parts->count);
	kith_buf_byte(out, ',');
	put_count(out, "freed", parts->removed_bytes);
	kith_buf_byte(out, ',');
	put_count(out, "removed", c->daemon->sharing.removed - k->removed);
	kith_buf_byte(out, ',');
	put_count(out, "removedBytes",
		  c->daemon->sharing.removed_bytes - k->removed_bytes);
}

static void check_clear(struct chore *c)
{
	struct blob_check *check = &((struct checking *)c)->check;

	check_over((struct checking *)c);
	blob_check_clear(check);
}

void method_blobs_check(struct peer *p, const struct session_event *call)
{
	static const struct chore_kind kind = {
		.step = check_step, .progress = check_progress,
		.waits = check_waits,
		.result = check_result, .clear = check_clear,
	};
	struct kith_slice options = args_get(call->args, 0);
	struct checking *c = calloc(1, sizeof(*c));

	if (c) {
		c->check.blobs = p->daemon->sharing.files;
		args_bool(options, "full", &c->check.full);
		args_bool(options, "dry", &c->check.dry);
		blobs_check_begins(p->daemon);
	}
	chore_start(c ? &c->chore : NULL, &kind, p, call);
}
