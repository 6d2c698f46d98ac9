#include "src/daemon/fallback.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "src/daemon/daemon.h"
#include "src/gossip/history.h"

struct fallback {
	struct peer *peer;
	uint32_t tag;
	size_t next;	/* of the wanted feeds, in this round */
	unsigned calls; /* open, without the live one */
	bool live;	/* the peer's own feed is streaming */
};

/* One call. */
struct fetch {
	struct request request;
	struct fallback *fallback;
	struct kith_feed_id feed;
	struct history_order *order;
	bool live;
};

static void fill_window(struct fallback *f);

/* --- one call --- */

/* Items are bare values or wrapped in {key,value,timestamp}. */
static struct kith_slice bare(struct kith_slice item)
{
	struct kith_slice value = json_get(item, "value");

	return json_get(item, "key").n && value.n ? value : item;
}

static void on_data(struct request *r, const struct session_event *event)
{
	struct fetch *f = (struct fetch *)r;
	struct kith_slice value = bare(event->body);
	struct kith_feed_id author;
	uint64_t sequence;

	if (event->type != MUXRPC_JSON ||
	    !msg_peek(value, &author, &sequence) ||
	    !kith_feed_equal(&author, &f->feed))
		return;
	if (history_order_put(f->order, sequence, value)) {
		request_end(r); /* too much out of order: another round */
		return;
	}
	while (history_order_next(f->order, &value))
		if (intake_add(r->peer, f->fallback->tag, value))
			break;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct fetch *fetch = (struct fetch *)r;
	struct fallback *f = fetch->fallback;

	(void)error;
	if (fetch->live)
		f->live = false;
	else
		f->calls--;
	history_order_free(fetch->order);
	free(fetch);
	if (f->peer->state == PEER_OPEN)
		fill_window(f);
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

static enum kith_err call(struct fallback *f, struct fetch *fetch)
{
	struct daemon *d = f->peer->daemon;
	uint64_t next = latest(d, &fetch->feed) + 1;
	struct history_args args = { .id = fetch->feed, .sequence = next,
				     .limit = -1, .live = fetch->live,
				     .old = true, .values = true };

	fetch->order = history_order_new(next);
	if (!fetch->order)
		return KITH_ENOMEM;
	kith_buf_reset(&d->item);
	history_args_encode(&args, &d->item);
	return request_call(&fetch->request, &ops, f->peer, RPC_SOURCE,
			    "createHistoryStream", kith_bytes(&d->item));
}

static void fetch_feed(struct fallback *f, const struct kith_feed_id *feed)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (!fetch)
		return;
	fetch->fallback = f;
	fetch->feed = *feed;
	fetch->live = kith_feed_equal(feed, &f->peer->id);
	if ((fetch->live && f->live) || call(f, fetch)) {
		history_order_free(fetch->order);
		free(fetch);
		return;
	}
	if (fetch->live)
		f->live = true;
	else
		f->calls++;
}

/* --- all of them --- */

static void fill_window(struct fallback *f)
{
	struct replicate *r = &f->peer->daemon->replicate;

	while (f->calls < HISTORY_WINDOW && f->next < r->wanted_count)
		fetch_feed(f, &r->wanted[f->next++]);
	f->peer->ebt_due_ms = daemon_now_ms(f->peer->daemon) +
			      HISTORY_AGAIN_MS;
}

static void on_result(void *user, const struct ingest_result *result)
{
	/* A gap or a bad message: the next round asks again. */
	(void)user;
	(void)result;
}

void fallback_start(struct peer *p)
{
	struct fallback *f = p->fallback ? NULL : calloc(1, sizeof(*f));

	if (!f)
		return;
	f->peer = p;
	f->tag = intake_open(p, on_result, f);
	if (!f->tag) {
		free(f);
		return;
	}
	p->fallback = f;
	fill_window(f);
}

void fallback_again(struct fallback *f)
{
	if (f->next >= f->peer->daemon->replicate.wanted_count)
		f->next = 0;
	fill_window(f);
}

void fallback_want_more(struct daemon *d)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->fallback)
			fallback_again(p->fallback);
}

void fallback_free(struct fallback *f)
{
	if (!f)
		return;
	intake_close(f->peer->daemon, f->tag);
	free(f);
}
