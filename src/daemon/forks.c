#include "src/daemon/forks.h"

#include <stdlib.h>

#include "feeds/peek.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/fallback.h"
#include "src/gossip/history.h"
#include "src/store/proofs.h"

/* --- limits --------------------------------------------------------------- */

/* The feed forks at that place. */
static enum kith_err limit(struct daemon *d, const struct kith_feed_id *feed,
			   uint64_t pair)
{
	return ebt_limit(d->replicate.ebt, feed, pair - 1);
}

enum kith_err forks_load(struct daemon *d, struct txn *t)
{
	struct proof_row row = { 0 };
	enum kith_err err = KITH_OK;

	while (!err && proof_next(t, &row))
		if (row.count == 2)
			err = limit(d, &row.feed, row.sequence);
	return err ? err : txn_error(t);
}

uint64_t forks_limit(const struct daemon *d, const struct kith_feed_id *feed)
{
	return ebt_limit_of(d->replicate.ebt, feed);
}

void forks_dropped(struct daemon *d, const struct kith_feed_id *feed)
{
	ebt_unlimit(d->replicate.ebt, feed);
	fallback_want(d, feed, replicate_wants(d, feed));
}

/* --- comparing ------------------------------------------------------------ */

bool forks_differ(struct daemon *d, struct rate *compared,
		  const struct kith_feed_id *author, uint64_t sequence,
		  struct kith_slice value)
{
	struct message_row row;
	struct feed_row feed;
	struct txn *t;
	bool differ;

	if (!rate_allows(compared, daemon_now_ms(d), FORKS_COMPARE_MS,
			 FORKS_COMPARE_BURST) ||
	    store_read(d->store, &t))
		return false;
	differ = feed_get(t, author, &feed) &&
		 message_by_sequence(t, feed.number, sequence, &row) &&
		 !kith_equal(row.canon, value);
	txn_end(t);
	return differ;
}

/* --- asking for the other half -------------------------------------------- */

/* One message that a peer is asked for.  Below low its branch is ours, at high
 * it is not: the next is asked for between them. */
struct inquiry {
	struct request request;
	struct kith_feed_id feed;
	uint64_t low, high, at;
	uint32_t tag;	/* of the inlet */
	unsigned items; /* that came and were others */
	bool waiting;	/* the message came, and ingest looks at it */
};

static void ask(struct peer *p, const struct kith_feed_id *feed, uint64_t low,
		uint64_t high, uint64_t at);

static void on_closed(struct request *r, struct kith_slice error)
{
	struct inquiry *q = (struct inquiry *)r;

	(void)error;
	intake_close(r->peer->daemon, q->tag);
	free(q);
}

/* Streams of some peers are not in the order of the feed. */
static void on_data(struct request *r, const struct session_event *event)
{
	struct inquiry *q = (struct inquiry *)r;
	struct kith_slice value = args_bare(event->body);
	struct kith_feed_id author;
	uint64_t sequence;

	if (q->waiting)
		return;
	if (event->type == MUXRPC_JSON &&
	    msg_peek(value, &author, &sequence) && sequence == q->at &&
	    kith_feed_equal(&author, &q->feed))
		q->waiting = !intake_add(r->peer, q->tag, value);
	if (!q->waiting && ++q->items == FORKS_INQUIRY_ITEMS_MAX)
		request_end(r);
}

static void on_ended(struct request *r)
{
	if (!((struct inquiry *)r)->waiting)
		request_end(r);
}

static void on_due(struct request *r, int64_t now_ms)
{
	(void)now_ms;
	request_end(r);
}

static const struct request_ops ops = { .data = on_data,
					.due = on_due,
					.ended = on_ended,
					.closed = on_closed };

/* Same or other: the half where the branches part is left. */
static void on_result(void *user, const struct ingest_result *result)
{
	struct inquiry *q = user;
	struct peer *p = q->request.peer;
	struct kith_feed_id feed = q->feed;
	uint64_t low = q->low, high = q->high;
	bool same = result->verdict == INGEST_KNOWN;
	bool other = result->verdict == INGEST_FORK ||
		     result->verdict == INGEST_OWN;

	if (same)
		low = q->at;
	if (other)
		high = q->at;
	request_end(&q->request);
	if ((same || other) && high - low > 1)
		ask(p, &feed, low, high, low + (high - low) / 2);
}

static enum kith_err call(struct inquiry *q, struct peer *p)
{
	struct daemon *d = p->daemon;
	struct history_args args = { .id = q->feed, .sequence = q->at,
				     .limit = -1, .old = true,
				     .values = true };

	kith_buf_reset(&d->item);
	history_args_encode(&args, &d->item);
	return request_call(&q->request, &ops, p, RPC_SOURCE,
			    "createHistoryStream", kith_bytes(&d->item));
}

static void ask(struct peer *p, const struct kith_feed_id *feed, uint64_t low,
		uint64_t high, uint64_t at)
{
	struct inquiry *q = calloc(1, sizeof(*q));

	if (!q)
		return;
	q->feed = *feed;
	q->low = low;
	q->high = high;
	q->at = at;
	q->tag = intake_open(p, on_result, q);
	if (!q->tag || call(q, p)) {
		intake_close(p->daemon, q->tag);
		free(q);
		return;
	}
	request_due_at(&q->request,
		       daemon_now_ms(p->daemon) + FORKS_INQUIRY_WAIT_MS);
}

/* Whether one more may be asked for about this feed. */
static bool may_ask(const struct peer *p, const struct kith_feed_id *feed)
{
	const struct request *r;
	unsigned count = 0;

	if (p->local || p->state != PEER_OPEN)
		return false;
	LIST_FOREACH(r, &p->requests, all) {
		if (r->ops != &ops)
			continue;
		count++;
		if (kith_feed_equal(&((const struct inquiry *)r)->feed, feed))
			return false;
	}
	return count < FORKS_INQUIRIES_MAX;
}

/* What by has at and above `other` is not what we have, or would not follow
 * it: the message before is the first to compare. */
static void inquire(struct peer *by, struct txn *t,
		    const struct ingest_result *result)
{
	uint64_t other = result->sequence;
	struct feed_row feed;

	if (!feed_get(t, &result->author, &feed))
		return;
	if (other > feed.last)
		other = feed.last + 1;
	if (other > 1 && may_ask(by, &result->author))
		ask(by, &result->author, 0, other, other - 1);
}

void forks_found(struct daemon *d, struct txn *t,
		 const struct ingest_result *result, struct peer *by)
{
	uint64_t pair = proof_places(t, &result->author).pair;

	if (pair) {
		if (limit(d, &result->author, pair))
			log_error(LOG_PEER, "out of memory for a forked feed");
		fallback_want(d, &result->author,
			      replicate_wants(d, &result->author));
	}
	if (by && !result->forked)
		inquire(by, t, result);
}
