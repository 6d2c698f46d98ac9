/* kith.explain: where a feed stands here and at each peer.  kith.refusals: what
 * was refused, and why. */
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/ebt_stream.h"
#include "src/daemon/methods.h"

enum { EXPLAIN_REFUSALS_MAX = 8 };

static void put_id(struct kith_buf *out, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	if (!id->format) {
		kith_buf_text(out, "null");
		return;
	}
	kith_feed_print(id, text);
	json_put_text(out, text);
}

static void put_bool(struct kith_buf *out, bool yes)
{
	kith_buf_text(out, yes ? "true" : "false");
}

/* --- refusals --- */

void refusal_put(struct kith_buf *out, uint64_t n, const struct refusal *r)
{
	kith_buf_text(out, "{\"n\":");
	kith_buf_uint(out, n);
	kith_buf_text(out, ",\"at\":");
	json_put_number(out, r->at_ms);
	kith_buf_text(out, ",\"feed\":");
	put_id(out, &r->author);
	kith_buf_text(out, ",\"seq\":");
	kith_buf_uint(out, r->sequence);
	kith_buf_text(out, ",\"peer\":");
	put_id(out, &r->peer);
	kith_buf_text(out, ",\"state\":");
	json_put_text(out, ingest_verdict_name(r->verdict));
	kith_buf_text(out, ",\"problem\":");
	json_put_text(out, r->why);
	kith_buf_byte(out, '}');
}

static void put_reasons(struct kith_buf *out, const struct refusals *r)
{
	kith_buf_text(out, ",\"reasons\":[");
	for (size_t i = 0; i < r->reason_count; i++) {
		kith_buf_text(out, i ? ",{\"state\":" : "{\"state\":");
		json_put_text(out, ingest_verdict_name(r->reasons[i].verdict));
		kith_buf_text(out, ",\"problem\":");
		json_put_text(out, r->reasons[i].text);
		kith_buf_text(out, ",\"messages\":");
		kith_buf_uint(out, r->reasons[i].count);
		kith_buf_byte(out, '}');
	}
	kith_buf_text(out, "],\"other\":");
	kith_buf_uint(out, r->other);
}

/* {gt: N}: those behind number N, as far as they are kept. */
void method_refusals(struct peer *p, const struct session_event *call)
{
	const struct refusals *r = &p->daemon->refusals;
	struct kith_buf *out = &p->daemon->item;
	uint64_t after, n;

	if (!json_uint(json_get(args_get(call->args, 0), "gt"), &after))
		after = 0;
	n = refusals_oldest(r);
	if (after >= n)
		n = after < r->count ? after + 1 : r->count + 1;
	kith_buf_reset(out);
	kith_buf_text(out, "{\"count\":");
	kith_buf_uint(out, r->count);
	put_reasons(out, r);
	kith_buf_text(out, ",\"refused\":[");
	for (uint64_t first = n; n <= r->count; n++) {
		kith_buf_text(out, n > first ? "," : "");
		refusal_put(out, n, refusals_get(r, n));
	}
	kith_buf_text(out, "]}");
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

/* --- a feed --- */

/* The last of the feed, newest first. */
static void put_refusals_of(struct kith_buf *out, const struct refusals *r,
			    const struct kith_feed_id *feed)
{
	unsigned put = 0;

	kith_buf_text(out, ",\"refused\":[");
	for (uint64_t n = r->count; n >= refusals_oldest(r) &&
				    put < EXPLAIN_REFUSALS_MAX; n--) {
		const struct refusal *one = refusals_get(r, n);

		if (!kith_feed_equal(&one->author, feed))
			continue;
		kith_buf_text(out, put++ ? "," : "");
		refusal_put(out, n, one);
	}
	kith_buf_byte(out, ']');
}

static void put_peer(struct kith_buf *out, const struct peer *p,
		     const struct kith_feed_id *feed)
{
	const struct graph *g = p->daemon->replicate.graph;
	uint64_t sequence;

	kith_buf_text(out, "{\"peer\":");
	put_id(out, &p->id);
	kith_buf_text(out, ",\"state\":");
	json_put_text(out, peer_state_name(p));
	kith_buf_text(out, ",\"by\":");
	json_put_text(out, p->ebt ? "ebt" : p->fallback ? "history" : "none");
	kith_buf_text(out, ",\"hidden\":");
	put_bool(out, graph_hides(g, feed, &p->id));
	kith_buf_text(out, ",\"refuses\":");
	put_bool(out, p->ebt && ebt_stream_refused(p->ebt, feed));
	if (p->ebt && ebt_stream_told(p->ebt, feed, &sequence)) {
		kith_buf_text(out, ",\"seq\":");
		kith_buf_uint(out, sequence);
	}
	kith_buf_byte(out, '}');
}

static void put_peers(struct kith_buf *out, struct daemon *d,
		      const struct kith_feed_id *feed)
{
	const char *comma = "";
	struct peer *p;

	kith_buf_text(out, ",\"peers\":[");
	LIST_FOREACH(p, &d->peers, all) {
		if (!p->known || p->local)
			continue;
		kith_buf_text(out, comma);
		put_peer(out, p, feed);
		comma = ",";
	}
	kith_buf_byte(out, ']');
}

void method_explain(struct peer *p, const struct session_event *call)
{
	struct kith_buf *out = &p->daemon->item;
	struct daemon *d = p->daemon;
	struct kith_feed_id feed;
	uint64_t limit;

	if (!args_feed(json_get(args_get(call->args, 0), "feed"), &feed)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must have a .feed of type \"feedId\"");
		return;
	}
	limit = ebt_limit_of(d->replicate.ebt, &feed);
	kith_buf_reset(out);
	kith_buf_text(out, "{\"wanted\":");
	put_bool(out, ebt_wants(d->replicate.ebt, &feed));
	kith_buf_text(out, ",\"hops\":");
	kith_buf_int(out, d->config.hops);
	kith_buf_text(out, ",\"sated\":");
	put_bool(out, d->space.sated);
	if (limit != UINT64_MAX) {
		kith_buf_text(out, ",\"limit\":");
		kith_buf_uint(out, limit);
	}
	put_peers(out, d, &feed);
	put_refusals_of(out, &d->refusals, &feed);
	kith_buf_byte(out, '}');
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}
