#include "src/daemon/request.h"

#include "src/daemon/peer.h"

static void link_request(struct request *r, const struct request_ops *ops,
			 struct peer *peer, int32_t number)
{
	r->ops = ops;
	r->peer = peer;
	r->number = number;
	r->due_ms = INT64_MAX;
	r->ready = false;
	LIST_INSERT_HEAD(&peer->requests, r, all);
}

void call_refuse(struct peer *p, const struct session_event *call,
		 const char *name, const char *text)
{
	session_error(p->session, call->request, name, text);
}

void request_open(struct request *r, const struct request_ops *ops,
		  struct peer *peer, int32_t number)
{
	link_request(r, ops, peer, number);
	session_attach(peer->session, number, r);
}

enum kith_err request_call(struct request *r, const struct request_ops *ops,
			   struct peer *peer, enum rpc_shape shape,
			   const char *name, struct kith_slice args)
{
	int32_t number = session_call(peer->session, shape, name, args, r);

	if (!number)
		return KITH_ENOMEM;
	link_request(r, ops, peer, number);
	return KITH_OK;
}

void request_wake(struct request *r)
{
	if (r->ready)
		return;
	r->ready = true;
	TAILQ_INSERT_TAIL(&r->peer->ready, r, queue);
}

void request_due_at(struct request *r, int64_t at_ms)
{
	r->due_ms = at_ms;
	if (at_ms < r->peer->requests_due_ms)
		r->peer->requests_due_ms = at_ms;
}

void request_send_json(struct request *r, struct kith_slice json)
{
	session_send(r->peer->session, r->number, MUXRPC_JSON, json);
}

void request_over(struct request *r, struct kith_slice error)
{
	struct peer *p = r->peer;

	LIST_REMOVE(r, all);
	if (r->ready)
		TAILQ_REMOVE(&p->ready, r, queue);
	/* Nothing happens here for a number that is closed already. */
	session_attach(p->session, r->number, NULL);
	r->ops->closed(r, error);
}

void request_reply(struct request *r, struct kith_slice json)
{
	request_send_json(r, json);
	request_over(r, (struct kith_slice){ 0 });
}

void request_end(struct request *r)
{
	session_end(r->peer->session, r->number);
	request_over(r, (struct kith_slice){ 0 });
}

void request_fail(struct request *r, const char *name, const char *text)
{
	session_error(r->peer->session, r->number, name, text);
	request_over(r, (struct kith_slice){ 0 });
}
