#include "src/daemon/opening.h"

#include "src/daemon/daemon.h"
#include "src/views/follow.h"

/* A slice, on the writer's thread. */
static enum kith_err step(struct store *s, void *task, struct kith_error *e)
{
	struct opening *o = task;

	(void)s;
	return follow_some(o->follow, FOLLOW_SLICE_MS, &o->more, e);
}

static void on_stepped(struct daemon *d, struct intake_task *task,
		       const struct ingest_done *outcome)
{
	struct opening *o = (struct opening *)task;

	o->running = false;
	if (outcome->code)
		return;
	if (o->more && !d->stopping)
		o->running = !intake_run(d, step, &o->task);
	streams_wake_private(d);
	query_sources_wake_private(d);
}

void opening_look(struct daemon *d, struct txn *t)
{
	struct opening *o = &d->opening;

	if (o->running || d->stopping || private_is_current(t))
		return;
	o->task.done = on_stepped;
	o->follow = d->follow;
	o->running = !intake_run(d, step, &o->task);
}
