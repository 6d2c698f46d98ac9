#include "src/daemon/fallback.h"

#include <sodium.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/forks.h"
#include "src/gossip/history.h"

/* Until the next look whether there is room. */
enum { SATED_MS = 60000 };

/* It waits for history_next by p->ebt_due_ms, which ebt does not need. */
struct fallback {
	struct peer *peer;
	uint32_t tag;
	struct history *history;
	LIST_HEAD(fetch_list, fetch) fetches;
};

/* One call. */
struct fetch {
	struct request request;
	LIST_ENTRY(fetch) all;
	struct fallback *fallback; /* NULL: that is over */
	struct kith_feed_id feed;
	uint64_t shown; /* the highest that came */
	struct history_order *order;
};

/* --- one call --- */

static struct fetch *find(struct fallback *f, const struct kith_feed_id *feed)
{
	struct fetch *fetch;

	LIST_FOREACH(fetch, &f->fetches, all)
		if (kith_feed_equal(&fetch->feed, feed))
			return fetch;
	return NULL;
}

static void on_data(struct request *r, const struct session_event *event)
{
	struct fetch *f = (struct fetch *)r;
	struct kith_slice value = args_bare(event->body);
	struct kith_feed_id author;
	uint64_t sequence;

	if (event->type != MUXRPC_JSON ||
	    !msg_peek(value, &author, &sequence) ||
	    !kith_feed_equal(&author, &f->feed))
		return;
	if (f->shown < sequence)
		f->shown = sequence;
	if (history_order_put(f->order, sequence, value)) {
		request_end(r); /* too much out of order: another round */
		return;
	}
	while (history_order_next(f->order, &value))
		if (intake_add(r->peer, f->fallback->tag, value))
			break;
}

/* All that it has of our own feed came by: a clock, as an ebt note is. */
static void tell_own(const struct fetch *f, struct kith_slice error)
{
	struct peer *p = f->request.peer;

	if (!error.n && f->shown && kith_feed_equal(&f->feed, &p->daemon->self))
		own_feed_told(p, f->shown);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct fetch *fetch = (struct fetch *)r;
	struct fallback *f = fetch->fallback;

	if (f) {
		LIST_REMOVE(fetch, all);
		tell_own(fetch, error);
		history_done(f->history, &fetch->feed,
			     daemon_now_ms(r->peer->daemon));
		r->peer->ebt_due_ms = 0; /* there is a place for another */
	}
	history_order_free(fetch->order);
	free(fetch);
}

static const struct request_ops ops = { .data = on_data,
					.closed = on_closed };

static uint64_t latest(struct daemon *d, const struct kith_feed_id *feed)
{
	struct feed_row row = { 0 };
	struct txn *t;

	if (store_read(d->store, &t))
		return 0;
	if (!feed_get(t, feed, &row))
		row.last = 0;
	txn_end(t);
	return row.last;
}

/* Of our own feed also what we hold last: who shows it has all of ours. */
static uint64_t first_to_ask(struct daemon *d, const struct kith_feed_id *feed)
{
	uint64_t last = latest(d, feed);

	return last && kith_feed_equal(feed, &d->self) ? last : last + 1;
}

/* Of a forked feed no more is taken than others agree on. */
static bool is_full(struct daemon *d, const struct kith_feed_id *feed)
{
	uint64_t limit = forks_limit(d, feed);

	return limit != UINT64_MAX && latest(d, feed) >= limit;
}

static enum kith_err call(struct fallback *f, struct fetch *fetch, bool live)
{
	struct daemon *d = f->peer->daemon;
	uint64_t next = first_to_ask(d, &fetch->feed);
	struct history_args args = { .id = fetch->feed, .sequence = next,
				     .limit = -1, .live = live,
				     .old = true, .values = true };

	fetch->order = history_order_new(next);
	if (!fetch->order)
		return KITH_ENOMEM;
	kith_buf_reset(&d->item);
	history_args_encode(&args, &d->item);
	return request_call(&fetch->request, &ops, f->peer, RPC_SOURCE,
			    "createHistoryStream", kith_bytes(&d->item));
}

static enum kith_err start(struct fallback *f, const struct history_call *what)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (!fetch)
		return KITH_ENOMEM;
	fetch->fallback = f;
	fetch->feed = what->feed;
	if (call(f, fetch, what->live)) {
		history_order_free(fetch->order);
		free(fetch);
		return KITH_ENOMEM;
	}
	LIST_INSERT_HEAD(&f->fetches, fetch, all);
	return KITH_OK;
}

/* --- all of them --- */

void fallback_due(struct fallback *f)
{
	struct history_call next;
	int64_t now_ms = daemon_now_ms(f->peer->daemon);

	if (f->peer->daemon->space.sated) {
		f->peer->ebt_due_ms = now_ms + SATED_MS;
		return;
	}
	while (history_next(f->history, now_ms, &next, &f->peer->ebt_due_ms))
		if (is_full(f->peer->daemon, &next.feed) || start(f, &next))
			history_done(f->history, &next.feed, now_ms);
}

/* After a bad message or a gap nothing of the call is of use: the feed is
 * asked for again later. */
static void on_result(void *user, const struct ingest_result *result)
{
	struct fetch *fetch;

	if (intake_holds(result))
		return;
	fetch = find(user, &result->author);
	if (fetch)
		request_end(&fetch->request);
}

static void want(struct fallback *f, const struct kith_feed_id *feed,
		 bool yes)
{
	struct fetch *fetch;

	yes = yes && !is_full(f->peer->daemon, feed);
	fetch = yes ? NULL : find(f, feed);
	if (history_want(f->history, feed, yes))
		log_error(LOG_PEER, "out of memory for a wanted feed");
	if (fetch)
		request_end(&fetch->request);
	f->peer->ebt_due_ms = 0;
}

void fallback_want(struct daemon *d, const struct kith_feed_id *feed,
		   bool yes)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->fallback)
			want(p->fallback, feed, yes);
}

/* --- life --- */

static bool init(struct fallback *f, struct peer *p)
{
	uint8_t key[HISTORY_KEY_BYTES];

	f->peer = p;
	LIST_INIT(&f->fetches);
	f->history = history_new(&p->id);
	f->tag = f->history ? intake_open(p, on_result, f) : 0;
	if (!f->tag) {
		history_free(f->history);
		return false;
	}
	randombytes_buf(key, sizeof(key));
	history_set_key(f->history, key);
	return true;
}

void fallback_start(struct peer *p)
{
	struct fallback *f = p->fallback ? NULL : calloc(1, sizeof(*f));
	struct replicate *r = &p->daemon->replicate;

	if (!f)
		return;
	if (!init(f, p)) {
		free(f);
		return;
	}
	p->fallback = f;
	for (size_t i = 0; i < r->wanted_count; i++)
		want(f, &r->wanted[i], true);
	fallback_due(f);
}

void fallback_stop(struct peer *p)
{
	struct fallback *f = p->fallback;
	struct fetch *fetch;

	if (!f)
		return;
	p->fallback = NULL;
	p->ebt_due_ms = INT64_MAX;
	while ((fetch = LIST_FIRST(&f->fetches))) {
		LIST_REMOVE(fetch, all);
		fetch->fallback = NULL;
		request_end(&fetch->request);
	}
	intake_close(p->daemon, f->tag);
	history_free(f->history);
	free(f);
}
