/* ebt.clock: how far we have each feed, as our notes would say it to the one
 * who asks.  Whoever asks may be a stranger, and a clock is long: it is made
 * only when the peer takes more, one after the other.
 * protocol/05 section 12. */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/limits.h"

static void put_clock(const struct replicate *r, const struct peer *p,
		      struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_buf_byte(out, '{');
	for (size_t i = 0; i < r->wanted_count; i++) {
		if (graph_hides(r->graph, &r->wanted[i], &p->id))
			continue;
		if (out->n > 1)
			kith_buf_byte(out, ',');
		kith_feed_print(&r->wanted[i], id);
		json_put_text(out, id);
		kith_buf_byte(out, ':');
		kith_buf_uint(out, ebt_shows(r->ebt, &r->wanted[i]));
	}
	kith_buf_byte(out, '}');
}

/* Replies, which frees r. */
static enum produced produce(struct request *r, struct txn *t)
{
	struct peer *p = r->peer;
	struct kith_buf out = { .limit = LIMIT_EBT_BODY_BYTES };

	(void)t;
	put_clock(&p->daemon->replicate, p, &out);
	if (out.err)
		request_fail(r, "Error", "too many feeds for one answer: "
			     "ebt.replicate tells them");
	else
		request_reply(r, kith_bytes(&out));
	kith_buf_free(&out);
	return PRODUCED_ALL;
}

static void closed(struct request *r, struct kith_slice error)
{
	(void)error;
	free(r);
}

static const struct request_ops ops = { .produce = produce,
					.closed = closed };

void method_ebt_clock(struct peer *p, const struct session_event *call)
{
	struct kith_slice format = json_get(args_get(call->args, 0), "format");
	struct request *r;

	if (format.n && !json_is(format, "classic")) {
		call_refuse(p, call, "Error", "Unknown format");
		return;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	request_open(r, &ops, p, call->request);
	request_wake(r);
}
