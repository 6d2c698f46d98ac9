/* friends: streams of what changes.  protocol/08 section 10. */
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/friends.h"
#include "src/daemon/methods.h"
#include "src/limits.h"

enum watch_kind { WATCH_HOPS, WATCH_FRIENDS, WATCH_EDGES, WATCH_GRAPH };

/* One stream: what it has said, so that it can say what changed. */
struct friend_watch {
	struct request request;
	LIST_ENTRY(friend_watch) all;
	enum watch_kind kind;
	bool live, old, meta, begun;
	int max;
	struct distances said; /* by feed; of HOPS and FRIENDS */
};

static bool was_said(const struct friend_watch *w, const struct distance *d)
{
	const struct distance *was = distances_find(&w->said, &d->feed);

	return was && (w->kind == WATCH_FRIENDS || was->hops == d->hops);
}

/* False: it takes more than an item may have, or memory, and it was said so. */
static bool send(struct request *r, struct kith_buf *out)
{
	enum kith_err err = out->err;

	if (err)
		session_error(r->peer->session, r->number, "Error",
			      err == KITH_ENOMEM ? kith_strerror(err) :
						   "the answer is too large");
	else
		request_send_json(r, kith_bytes(out));
	kith_buf_free(out);
	return !err;
}

static void send_friend(struct friend_watch *w, const struct distance *d)
{
	struct kith_buf *out = &w->request.peer->daemon->item;
	char text[KITH_REF_TEXT_BYTES];

	if (!w->meta) {
		kith_feed_print(&d->feed, text);
		session_send(w->request.peer->session, w->request.number,
			     MUXRPC_STRING, kith_text(text));
		return;
	}
	kith_buf_reset(out);
	kith_buf_text(out, "{\"id\":");
	friends_put_feed(out, &d->feed);
	kith_buf_text(out, ",\"hops\":");
	kith_buf_int(out, d->hops);
	kith_buf_byte(out, '}');
	request_send_json(&w->request, kith_bytes(out));
}

/* Of now, what was not said before: as one item, or one for each feed.  False:
 * not all of it. */
static bool say_new(struct friend_watch *w, const struct distances *now)
{
	struct kith_buf out = { .limit = LIMIT_EBT_BODY_BYTES };
	struct distances news = { 0 };
	bool room = true;

	for (size_t i = 0; room && i < now->n; i++)
		if (!was_said(w, &now->all[i]))
			room = distances_add(&news, &now->all[i].feed,
					     now->all[i].hops);
	for (size_t i = 0; w->kind == WATCH_FRIENDS && i < news.n; i++)
		if (news.all[i].hops >= 0)
			send_friend(w, &news.all[i]);
	if (w->kind == WATCH_HOPS && (news.n || !w->begun)) {
		friends_put_distances(&out, &news);
		if (!room)
			out.err = KITH_ENOMEM;
		room = send(&w->request, &out);
	}
	free(news.all);
	return room;
}

/* Without memory it is said with the next change. */
static bool say_distances(struct friend_watch *w)
{
	struct graph *g = w->request.peer->daemon->replicate.graph;
	struct distances now = { 0 };
	bool told = true;

	if (!friends_measure(&now, g, w->max)) {
		free(now.all);
		return true;
	}
	if (w->begun || w->old)
		told = say_new(w, &now);
	free(w->said.all);
	w->said = now;
	return told;
}

static bool say_all_edges(struct friend_watch *w, struct txn *t)
{
	struct kith_buf out = { .limit = LIMIT_EBT_BODY_BYTES };

	friends_put_edges(&out, t, w->kind == WATCH_GRAPH ? SPELL_NUMBER :
							    SPELL_TRUTH);
	return send(&w->request, &out);
}

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct friend_watch *w = (struct friend_watch *)r;
	bool told = true;

	if (w->kind == WATCH_HOPS || w->kind == WATCH_FRIENDS)
		told = say_distances(w);
	else if (!w->begun && w->old)
		told = say_all_edges(w, t);
	w->begun = true;
	return w->live && told ? PRODUCED_ALL : PRODUCED_END;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct friend_watch *w = (struct friend_watch *)r;

	(void)error;
	LIST_REMOVE(w, all);
	free(w->said.all);
	free(w);
}

static const struct request_ops watch_ops = { .produce = on_produce,
					      .closed = on_closed };

static void watch(struct peer *p, const struct session_event *call,
		  const struct friend_watch *as)
{
	struct kith_slice o = args_get(call->args, 0);
	struct friend_watch *w = malloc(sizeof(*w));

	if (!w) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	*w = *as;
	args_bool(o, "live", &w->live);
	args_bool(o, "old", &w->old);
	args_bool(o, "meta", &w->meta);
	w->max = friends_max(p, o);
	if (w->max < 0)
		w->max = (int)p->daemon->config.hops;
	LIST_INSERT_HEAD(&p->daemon->friend_watches, w, all);
	request_open(&w->request, &watch_ops, p, call->request);
	request_wake(&w->request);
}

void method_hop_stream(struct peer *p, const struct session_event *call)
{
	watch(p, call, &(struct friend_watch){ .kind = WATCH_HOPS,
					       .live = true, .old = true });
}

void method_friend_stream(struct peer *p, const struct session_event *call)
{
	watch(p, call, &(struct friend_watch){ .kind = WATCH_FRIENDS,
					       .old = true });
}

void method_edge_stream(struct peer *p, const struct session_event *call)
{
	watch(p, call, &(struct friend_watch){ .kind = WATCH_EDGES,
					       .live = true, .old = true });
}

void method_graph_stream(struct peer *p, const struct session_event *call)
{
	watch(p, call, &(struct friend_watch){ .kind = WATCH_GRAPH,
					       .live = true });
}

/* One edge: {from,to,value}, or {source:{dest:value}}. */
static void say_edge(struct friend_watch *w, const struct contact *c)
{
	struct kith_buf *out = &w->request.peer->daemon->item;
	bool graph = w->kind == WATCH_GRAPH;

	kith_buf_reset(out);
	kith_buf_text(out, graph ? "{" : "{\"from\":");
	friends_put_feed(out, &c->from);
	kith_buf_text(out, graph ? ":{" : ",\"to\":");
	friends_put_feed(out, &c->to);
	kith_buf_text(out, graph ? ":" : ",\"value\":");
	kith_buf_text(out, friends_spell(c->edge, graph ? SPELL_NUMBER :
							  SPELL_TRUTH));
	kith_buf_text(out, graph ? "}}" : "}");
	request_send_json(&w->request, kith_bytes(out));
}

void friends_said(struct daemon *d, const struct contact *c)
{
	struct friend_watch *w;

	LIST_FOREACH(w, &d->friend_watches, all)
		if (w->begun && w->live && !friends_is_of_itself(c) &&
		    (w->kind == WATCH_EDGES || w->kind == WATCH_GRAPH))
			say_edge(w, c);
}

void friends_moved(struct daemon *d)
{
	struct friend_watch *w;

	LIST_FOREACH(w, &d->friend_watches, all)
		if (w->kind == WATCH_HOPS || w->kind == WATCH_FRIENDS)
			request_wake(&w->request);
}
