/* kith.unfreeze: the user's word that no other place writes our feed. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

/* Belongs to ingest until it is done, even if the caller goes away. */
struct unfreezing {
	struct intake_task task;
	struct request request;
	struct guard_task guard;
	bool done, orphaned;
};

static void unfreeze_closed(struct request *r, struct kith_slice error)
{
	char *embedded = (char *)r - offsetof(struct unfreezing, request);
	struct unfreezing *u = (struct unfreezing *)(void *)embedded;

	(void)error;
	u->orphaned = true;
	if (u->done)
		free(u);
}

static const struct request_ops ops = { .closed = unfreeze_closed };

static enum kith_err run(struct store *s, void *arg, struct kith_error *e)
{
	struct unfreezing *u = arg;

	return guard_run(s, &u->guard, e);
}

static void reply(struct unfreezing *u)
{
	struct kith_buf *out = &u->request.peer->daemon->item;

	kith_buf_reset(out);
	kith_buf_text(out, "{\"state\":");
	json_put_text(out, guard_state_name(u->guard.row.state));
	kith_buf_text(out, u->guard.changed ? ",\"changed\":true}"
					    : ",\"changed\":false}");
	request_reply(&u->request, kith_bytes(out));
}

static void over(struct daemon *d, struct intake_task *task,
		 const struct ingest_done *outcome)
{
	struct unfreezing *u = (struct unfreezing *)task;

	if (!outcome->code)
		d->own.row = u->guard.row;
	u->done = true;
	if (u->orphaned)
		free(u);
	else if (outcome->code)
		request_fail(&u->request, "Error", outcome->error.text);
	else
		reply(u);
}

void method_unfreeze(struct peer *p, const struct session_event *call)
{
	struct daemon *d = p->daemon;
	struct unfreezing *u;
	struct kith_feed_id id;

	if (!args_feed(json_get(args_get(call->args, 0), "feed"), &id) ||
	    !kith_feed_equal(&id, &d->self)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must name this node's own feed as .feed");
		return;
	}
	u = calloc(1, sizeof(*u));
	if (u) {
		u->task.done = over;
		u->guard = (struct guard_task){ .self = id,
						.event = GUARD_WORD };
		request_open(&u->request, &ops, p, call->request);
		if (!intake_run(d, run, &u->task))
			return;
		u->done = true;
		request_fail(&u->request, "Error", "out of memory");
		return;
	}
	call_refuse(p, call, "Error", "out of memory");
}
