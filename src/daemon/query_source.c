#include "src/daemon/query_source.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/daemon.h"
#include "src/daemon/opened.h"
#include "src/views/private.h"

/* What one turn may send, so that others get theirs. */
enum { TURN_ITEMS = 64 };

static void free_source(struct query_source *s)
{
	query_end(s->run);
	search_asker_clear(&s->search);
	query_free(s->query);
	viewer_end(&s->viewer);
	if (s->kind->clear)
		s->kind->clear(s);
	free(s);
}

void query_source_send(struct query_source *s, struct kith_slice json)
{
	struct kith_slice text = json_plain(json);

	if (!s->limit)
		return;
	if (s->limit > 0)
		s->limit--;
	if (text.n)
		session_send(s->request.peer->session, s->request.number,
			     MUXRPC_STRING, text);
	else
		request_send_json(&s->request, json);
}

void query_source_put_value(struct query_source *s,
			    const struct view_message *m,
			    struct kith_buf *out)
{
	if (s->private && m->boxed.n)
		opened_value(s->daemon, s->txn, m->row, out);
	else
		kith_buf_put(out, m->row->canon);
}

void query_source_put_item(struct query_source *s,
			   const struct view_message *m,
			   struct kith_buf *out)
{
	message_item_begin(m->row, out);
	query_source_put_value(s, m, out);
	message_item_end(m->row, out);
}

static void send_count(struct query_source *s)
{
	struct kith_buf *item = &s->daemon->item;

	kith_buf_reset(item);
	query_item(s->run, QUERY_GROUP, NULL, item);
	query_source_send(s, kith_bytes(item));
}

static enum produced fail(struct query_source *s, const struct kith_error *e)
{
	session_error(s->request.peer->session, s->request.number,
		      e->code == KITH_EFORMAT ? "TypeError" : "Error",
		      e->text);
	return PRODUCED_END;
}

static enum produced end(struct query_source *s)
{
	if (s->kind->finish)
		s->kind->finish(s);
	return s->error.code ? fail(s, &s->error) : PRODUCED_END;
}

/* One step of the answer; SOME: there is more.  left: steps of this turn. */
static enum produced produce_one(struct query_source *s, int *left)
{
	struct message_row row;
	struct view_message m;

	if (!s->limit)
		return PRODUCED_END;
	--*left;
	switch (query_next(s->run, &m, &row)) {
	case QUERY_MESSAGE:
		s->kind->message(s, &m);
		return s->error.code ? fail(s, &s->error) : PRODUCED_SOME;
	case QUERY_GROUP:
		send_count(s);
		return PRODUCED_SOME;
	case QUERY_SYNC:
		if (!s->quiet)
			request_send_json(&s->request,
					  KITH_SLICE("{\"sync\":true}"));
		return PRODUCED_SOME;
	case QUERY_AGAIN:
		*left = 0;
		return PRODUCED_SOME;
	case QUERY_WAIT:
		if (s->private)
			opening_look(s->daemon, s->txn);
		return PRODUCED_ALL;
	case QUERY_END:
		return end(s);
	default:
		return fail(s, query_run_error(s->run));
	}
}

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct query_source *s = (struct query_source *)r;
	enum produced produced = PRODUCED_SOME;
	int left = TURN_ITEMS;

	if (!s->run)
		return PRODUCED_ALL;
	s->txn = t;
	query_resume(s->run, t);
	while (left > 0 && produced == PRODUCED_SOME)
		produced = produce_one(s, &left);
	query_pause(s->run);
	if (s->private)
		viewer_turn(&s->viewer);
	return produced;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct query_source *s = (struct query_source *)r;

	(void)error;
	LIST_REMOVE(s, all);
	s->orphaned = true;
	s->search.over = true;
	if (!s->waiting)
		free_source(s);
}

static const struct request_ops ops = { .produce = on_produce,
					.closed = on_closed };

/* --- beginning --- */

/* Of a worker, if there are words to be looked up. */
static void begin(void *arg)
{
	struct query_source *s = arg;
	struct txn *t;

	s->err = store_read(s->daemon->store, &t);
	if (s->err)
		return;
	s->err = viewer_start(&s->viewer, t, &s->daemon->self);
	if (!s->err && s->private)
		s->err = viewer_sees_private(&s->viewer, s->daemon->keys);
	if (!s->err && query_has_words(s->query))
		s->err = search_asker_catch_up(&s->search, t, &s->error);
	if (!s->err)
		s->err = query_start(s->query, t, &s->viewer, &s->helpers,
				     &s->run, &s->error);
	txn_end(t);
}

static void begun(struct query_source *s)
{
	s->waiting = false;
	if (s->orphaned)
		free_source(s);
	else if (!s->err)
		request_wake(&s->request);
	else
		request_fail(&s->request,
			     s->err == KITH_EFORMAT ? "TypeError" : "Error",
			     *s->error.text ? s->error.text :
					      kith_strerror(s->err));
}

static void looked_up(void *arg)
{
	struct query_source *s = arg;
	struct daemon *d = s->daemon;
	bool orphaned = s->orphaned;

	begun(s);
	if (!orphaned) /* else perhaps the daemon is closing */
		daemon_settle(d);
}

/* A live query would have to wait for the index with each message.  Once the
 * work is given away, what s says of its end is the worker's to write. */
static void look_up(struct query_source *s)
{
	enum kith_err err;

	s->search.home = s->daemon->home;
	s->search.store = s->daemon->store;
	s->search.keys = s->private ? s->daemon->keys : NULL;
	s->helpers = search_helpers(&s->search);
	if (query_is_live(s->query))
		err = kith_fail(&s->error, KITH_EFORMAT, 0,
				"a live query cannot have text: it finds "
				"what is there");
	else
		err = net_work(s->daemon->net, begin, looked_up, s);
	if (!err)
		return;
	s->err = err;
	begun(s);
}

/* Views that stay behind are read as they are: what they lack is missed. */
static void on_caught_up(struct daemon *d, struct caught_up *c,
			 const struct kith_error *e)
{
	char *embedded = (char *)c - offsetof(struct query_source, caught_up);
	struct query_source *s = (struct query_source *)(void *)embedded;

	(void)d;
	(void)e;
	if (!s->orphaned && query_has_words(s->query)) {
		look_up(s);
		return;
	}
	if (!s->orphaned)
		begin(s);
	begun(s);
}

void query_source_start(struct query_source *s,
			const struct query_source_kind *kind,
			struct kith_slice text, struct peer *p,
			const struct session_event *call)
{
	struct kith_error e = { 0 };

	s->kind = kind;
	s->daemon = p->daemon;
	if (query_parse(text, &s->query, &e)) {
		call_refuse(p, call, "TypeError", e.text);
		free_source(s);
		return;
	}
	s->private = s->private && p->local;
	request_open(&s->request, &ops, p, call->request);
	LIST_INSERT_HEAD(&p->daemon->query_sources, s, all);
	s->waiting = true;
	s->caught_up.then = on_caught_up;
	s->caught_up.private = s->private;
	caught_up_wait(p->daemon, &s->caught_up);
}

static void wake(struct daemon *d, bool private_only)
{
	struct query_source *s;

	LIST_FOREACH(s, &d->query_sources, all)
		if (s->run && (s->private || !private_only))
			request_wake(&s->request);
}

void query_sources_wake(struct daemon *d)
{
	wake(d, false);
}

void query_sources_wake_private(struct daemon *d)
{
	wake(d, true);
}
