/* search.query: protocol/08 section 12.  Asked by a worker, and sent as the
 * program that asked takes it. */
#include <stdatomic.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 10000, TURN_ITEMS = 64 };

struct finding {
	struct request request;
	struct daemon *daemon;
	bool running;	      /* the worker has it */
	atomic_bool orphaned; /* nobody is to be told: the worker gives up */
	struct kith_buf text;
	enum search_sort sort;
	size_t limit;
	/* What was found: */
	uint64_t *found; /* receive numbers */
	size_t count, next;
	enum kith_err err;
	struct kith_error error;
};

static void free_finding(struct finding *f)
{
	kith_buf_free(&f->text);
	free(f->found);
	free(f);
}

/* --- the worker --- */

static void gather(struct finding *f, struct search_hits *hits)
{
	struct search_hit hit;

	while (f->count < f->limit && !f->orphaned && search_next(hits, &hit))
		f->found[f->count++] = hit.row.rx;
	f->err = search_hits_error(hits, &f->error);
}

static void ask(struct finding *f, struct search *s)
{
	struct search_query q = { .text = kith_bytes(&f->text),
				  .sort = f->sort };
	struct search_hits *hits = NULL;
	struct viewer v = { 0 };
	struct txn *t;

	f->count = 0;
	f->error = (struct kith_error){ 0 };
	f->err = store_read(f->daemon->store, &t);
	if (f->err)
		return;
	f->err = viewer_start(&v, t, &f->daemon->self);
	if (!f->err)
		f->err = search_find(s, t, &q, &v, &hits, &f->error);
	if (!f->err)
		gather(f, hits);
	search_hits_end(hits);
	viewer_end(&v);
	txn_end(t);
}

/* What cannot be added to the index is missed in the answer. */
static void catch_up(struct finding *f, struct search *s)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES };
	enum kith_err err;

	do
		err = search_catch_up(s, f->daemon->store, &slice, NULL);
	while (!err && slice.more && !f->orphaned);
}

static void find(void *arg)
{
	struct finding *f = arg;
	struct search *s;

	f->err = search_open(f->daemon->home, &s, &f->error);
	if (f->err)
		return;
	/* Damage shows in reading; then the index is made anew. */
	for (int i = 0; i < 2 && (!i || f->err == KITH_EIO); i++) {
		catch_up(f, s);
		if (!f->orphaned)
			ask(f, s);
	}
	search_close(s);
}

/* --- the loop --- */

static void found(void *arg)
{
	struct finding *f = arg;
	struct daemon *d = f->daemon;

	f->running = false;
	if (f->orphaned) {
		free_finding(f);
		return; /* perhaps the daemon is closing */
	}
	if (f->err == KITH_EFORMAT || f->err == KITH_ETOOBIG)
		request_fail(&f->request, "TypeError", f->error.text);
	else if (f->err)
		request_fail(&f->request, "Error",
			     *f->error.text ? f->error.text
					    : kith_strerror(f->err));
	else
		request_wake(&f->request);
	daemon_settle(d);
}

static enum produced produce(struct request *r, struct txn *t)
{
	struct finding *f = (struct finding *)r;
	struct kith_buf *out = &f->daemon->item;
	struct message_row row;

	if (f->running)
		return PRODUCED_ALL;
	for (int i = 0; i < TURN_ITEMS && f->next < f->count; i++) {
		if (!message_get(t, f->found[f->next++], &row))
			continue;
		kith_buf_reset(out);
		message_item(&row, out);
		request_send_json(r, kith_bytes(out));
	}
	return f->next < f->count ? PRODUCED_SOME : PRODUCED_END;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct finding *f = (struct finding *)r;

	(void)error;
	f->orphaned = true;
	if (!f->running)
		free_finding(f);
}

static const struct request_ops ops = { .produce = produce,
					.closed = on_closed };

/* The query as such, or {query, limit, sort}. */
static bool read_args(struct finding *f, struct kith_slice what,
		      struct kith_error *e)
{
	double limit = LIMIT_DEFAULT;
	struct kith_slice text = what;

	if (json_kind(what) == JSON_KIND_OBJECT) {
		text = json_get(what, "query");
		if (!args_number(what, "limit", &limit))
			kith_fail(e, KITH_EFORMAT, 0, "limit must be a number");
		if (json_is(json_get(what, "sort"), "rank"))
			f->sort = SEARCH_BEST;
	}
	if (!json_unescape(text, &f->text))
		kith_fail(e, KITH_EFORMAT, 0, "query must be a text of at most "
			  "%d bytes", SEARCH_QUERY_BYTES_MAX);
	f->limit = limit >= 0 && limit < LIMIT_MAX ? (size_t)limit : LIMIT_MAX;
	return !e->code;
}

void method_search(struct peer *p, const struct session_event *call)
{
	struct finding *f = calloc(1, sizeof(*f));
	struct kith_error e = { 0 };

	if (f) {
		f->daemon = p->daemon;
		f->text.limit = SEARCH_QUERY_BYTES_MAX;
		if (!read_args(f, args_get(call->args, 0), &e)) {
			call_refuse(p, call, "TypeError", e.text);
			free_finding(f);
			return;
		}
		f->found = calloc(f->limit + 1, sizeof(*f->found));
		f->running = f->found &&
			     !net_work(p->daemon->net, find, found, f);
	}
	if (!f || !f->running) {
		call_refuse(p, call, "Error", "out of memory");
		if (f)
			free_finding(f);
		return;
	}
	request_open(&f->request, &ops, p, call->request);
}
