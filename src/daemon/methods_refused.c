/* kith.refused: what is refused, as it is refused. */
#include <stdlib.h>

#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

enum { BATCH = 32 /* items of one turn */ };

struct refusal_watch {
	struct request request;
	LIST_ENTRY(refusal_watch) all;
	uint64_t next; /* number to be told */
	bool live;
};

/* Goes on at the oldest that is kept, and says how many went before. */
static void skip(struct refusal_watch *w, const struct refusals *r)
{
	struct kith_buf *out = &w->request.peer->daemon->item;
	uint64_t oldest = refusals_oldest(r);

	if (w->next >= oldest)
		return;
	kith_buf_reset(out);
	kith_buf_text(out, "{\"missed\":");
	kith_buf_uint(out, oldest - w->next);
	kith_buf_byte(out, '}');
	w->next = oldest;
	request_send_json(&w->request, kith_bytes(out));
}

static enum produced on_produce(struct request *request, struct txn *t)
{
	struct refusal_watch *w = (struct refusal_watch *)request;
	struct daemon *d = request->peer->daemon;
	const struct refusals *r = &d->refusals;

	(void)t;
	skip(w, r);
	for (int i = 0; i < BATCH && w->next <= r->count; i++, w->next++) {
		kith_buf_reset(&d->item);
		refusal_put(&d->item, w->next, refusals_get(r, w->next));
		request_send_json(request, kith_bytes(&d->item));
	}
	if (w->next <= r->count)
		return PRODUCED_SOME;
	return w->live ? PRODUCED_ALL : PRODUCED_END;
}

static void on_closed(struct request *request, struct kith_slice error)
{
	struct refusal_watch *w = (struct refusal_watch *)request;

	(void)error;
	LIST_REMOVE(w, all);
	free(w);
}

static const struct request_ops ops = { .produce = on_produce,
					.closed = on_closed };

/* {live, old}: those that are kept, unless old is false; and those that
 * come. */
void method_refused(struct peer *p, const struct session_event *call)
{
	struct refusal_watch *w = calloc(1, sizeof(*w));
	struct kith_slice options = args_get(call->args, 0);
	struct daemon *d = p->daemon;
	bool old = true;

	if (!w) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	args_bool(options, "live", &w->live);
	args_bool(options, "old", &old);
	w->next = old ? refusals_oldest(&d->refusals) : d->refusals.count + 1;
	LIST_INSERT_HEAD(&d->refusal_watches, w, all);
	request_open(&w->request, &ops, p, call->request);
	request_wake(&w->request);
}

void refusal_watches_wake(struct daemon *d)
{
	struct refusal_watch *w;

	LIST_FOREACH(w, &d->refusal_watches, all)
		request_wake(&w->request);
}
