#include "src/daemon/blobs_talk.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/daemon.h"
#include "src/daemon/pace.h"

/* One request of either side; or of blobs.changes, or blobs.has. */
struct blob_talk {
	struct request request;
	bool heard_one;	       /* an item came */
	struct kith_buf asked; /* blobs.has */
};

static struct wants *core(const struct request *r)
{
	return r->peer->daemon->sharing.wants;
}

static struct blob_talk *talk_new(void)
{
	struct blob_talk *t = calloc(1, sizeof(*t));

	if (t)
		t->asked.limit = SIZE_MAX;
	return t;
}

static void talk_free(struct blob_talk *t)
{
	kith_buf_free(&t->asked);
	free(t);
}

/* Opens a request of ours; NULL: no memory. */
static struct blob_talk *call(struct peer *p, const struct request_ops *ops,
			      enum rpc_shape shape, const char *name,
			      struct kith_slice args)
{
	struct blob_talk *t = talk_new();

	if (t && request_call(&t->request, ops, p, shape, name, args)) {
		talk_free(t);
		t = NULL;
	}
	return t;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	(void)error;
	talk_free((struct blob_talk *)r);
}

/* --- peers without createWants --- */

static void on_change(struct request *r, const struct session_event *event)
{
	struct kith_slice text = event->body;
	struct kith_blob_id id;

	if (event->type == MUXRPC_JSON)
		text = json_plain(text);
	if (r->peer->blobs.wants && !kith_blob_parse(text, &id))
		wants_offer(core(r), r->peer->blobs.wants, &id, 0,
			    daemon_now_ms(r->peer->daemon));
}

static const struct request_ops changes_ops = { .data = on_change,
						.closed = on_closed };

static void on_answer(struct request *r, const struct session_event *event)
{
	struct blob_talk *t = (struct blob_talk *)r;

	if (r->peer->blobs.wants && event->type == MUXRPC_JSON)
		wants_has(core(r), r->peer->blobs.wants, kith_bytes(&t->asked),
			  event->body, daemon_now_ms(r->peer->daemon));
}

static void on_answered(struct request *r, struct kith_slice error)
{
	(void)error;
	r->peer->blobs.heard = NULL;
	talk_free((struct blob_talk *)r);
}

static const struct request_ops has_ops = { .data = on_answer,
					    .closed = on_answered };

static void begin_legacy(struct peer *p)
{
	wants_is_legacy(p->daemon->sharing.wants, p->blobs.wants);
	p->blobs.legacy = true;
	/* Without memory it is still asked by blobs.has. */
	(void)!call(p, &changes_ops, RPC_SOURCE, "blobs.changes",
		    KITH_SLICE("[]"));
}

/* One question at a time. */
static void ask_legacy(struct peer *p)
{
	struct kith_buf *out = &p->daemon->item;

	kith_buf_reset(out);
	if (p->blobs.heard || !peer_has_room(p) ||
	    !wants_say(p->daemon->sharing.wants, p->blobs.wants, out))
		return;
	p->blobs.heard = call(p, &has_ops, RPC_ASYNC, "blobs.has",
			      kith_bytes(out));
	if (p->blobs.heard)
		kith_buf_put(&p->blobs.heard->asked, kith_bytes(out));
}

/* --- their items --- */

static void on_item(struct request *r, const struct session_event *event)
{
	struct blob_talk *t = (struct blob_talk *)r;
	struct peer *p = r->peer;

	t->heard_one = true;
	if (p->blobs.wants && event->type == MUXRPC_JSON &&
	    !wants_item(core(r), p->blobs.wants, event->body,
			daemon_now_ms(p->daemon)))
		peer_blobs_full(p, wants_is_full(p->blobs.wants));
}

static void on_over(struct request *r, struct kith_slice error)
{
	struct blob_talk *t = (struct blob_talk *)r;
	struct peer *p = r->peer;
	bool lacks_it = error.n && !t->heard_one;

	p->blobs.heard = NULL;
	talk_free(t);
	if (lacks_it && p->state == PEER_OPEN && p->blobs.wants)
		begin_legacy(p);
}

static const struct request_ops heard_ops = { .data = on_item,
					      .closed = on_over };

/* --- ours --- */

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct kith_buf *out = &r->peer->daemon->item;

	(void)t;
	kith_buf_reset(out);
	if (!r->peer->blobs.wants ||
	    !wants_say(core(r), r->peer->blobs.wants, out))
		return PRODUCED_ALL;
	request_send_json(r, kith_bytes(out));
	return PRODUCED_SOME;
}

static void on_untold(struct request *r, struct kith_slice error)
{
	(void)error;
	if (r->peer->blobs.told == (struct blob_talk *)r)
		r->peer->blobs.told = NULL;
	talk_free((struct blob_talk *)r);
}

static const struct request_ops told_ops = { .produce = on_produce,
					     .closed = on_untold };

/* A local program is told of nothing, as a peer that wants nothing. */
void blobs_serve_wants(struct peer *p, const struct session_event *event)
{
	struct blob_talk *t = talk_new();

	if (!t) {
		call_refuse(p, event, "Error", "out of memory");
		return;
	}
	request_open(&t->request, &told_ops, p, event->request);
	if (!p->blobs.wants) {
		request_send_json(&t->request, KITH_SLICE("{}"));
		return;
	}
	if (p->blobs.told)
		request_end(&p->blobs.told->request);
	p->blobs.told = t;
	wants_listens(core(&t->request), p->blobs.wants);
	request_wake(&t->request);
}

void blob_talks_wake(struct daemon *d)
{
	struct wants_peer *w = NULL;
	struct peer *p;

	while ((w = wants_ready(d->sharing.wants, w))) {
		p = wants_peer_user(w);
		if (p->blobs.legacy)
			ask_legacy(p);
		else if (p->blobs.told)
			request_wake(&p->blobs.told->request);
	}
}

/* --- sessions --- */

void blobs_opened(struct peer *p)
{
	struct wants *w = p->daemon->sharing.wants;

	p->blobs.wants = wants_join(w, &p->id, daemon_now_ms(p->daemon));
	if (!p->blobs.wants)
		return;
	wants_peer_attach(p->blobs.wants, p);
	p->blobs.heard = call(p, &heard_ops, RPC_SOURCE, "blobs.createWants",
			      KITH_SLICE("[]"));
}

void blobs_left(struct peer *p)
{
	struct wants_peer *w = p->blobs.wants;

	p->blobs.wants = NULL;
	p->blobs.full = false;
	if (w)
		wants_leave(p->daemon->sharing.wants, w,
			    daemon_now_ms(p->daemon));
}
