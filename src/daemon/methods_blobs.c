/*
 * blobs.createWants for a node that wants no blob yet: both sides open the
 * stream to each other, the first item says that it is spoken, and then it
 * stays open.  Source: protocol/06 section 3.
 */
#include <stdlib.h>

#include "src/daemon/methods.h"

static void on_closed(struct request *r, struct kith_slice error)
{
	(void)error;
	free(r);
}

/* What the peer wants or has is read and not needed. */
static const struct request_ops ops = { .closed = on_closed };

void method_create_wants(struct peer *p, const struct session_event *call)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r) {
		session_error(p->session, call->request, "Error",
			      "out of memory");
		return;
	}
	request_open(r, &ops, p, call->request);
	request_send_json(r, KITH_SLICE("{}"));
}

void blobs_opened(struct peer *p)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r && request_call(r, &ops, p, RPC_SOURCE, "blobs.createWants",
			      KITH_SLICE("[]")))
		free(r);
}
