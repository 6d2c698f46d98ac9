#include "src/daemon/chore.h"

#include <stdlib.h>

#include "src/daemon/daemon.h"

enum { TELL_MS = 250 };

static struct chore *of_task(struct intake_task *task)
{
	char *embedded = (char *)task - offsetof(struct chore, task);

	return (struct chore *)(void *)embedded;
}

/* Whoever leaves last takes it away: the program or the writer. */
static void free_if_over(struct chore *c)
{
	if (c->running || !c->orphaned)
		return;
	LIST_REMOVE(c, all);
	if (c->kind->clear)
		c->kind->clear(c);
	free(c);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct chore *c = (struct chore *)r;

	(void)error;
	c->orphaned = true;
	if (c->running && c->kind->stop)
		c->kind->stop(c);
	free_if_over(c);
}

static void put_member(struct kith_buf *out, const char *text, uint64_t n)
{
	kith_buf_text(out, text);
	kith_buf_uint(out, n);
}

static void on_due(struct request *r, int64_t now_ms)
{
	struct chore *c = (struct chore *)r;
	struct kith_buf *out = &c->daemon->item;
	uint64_t done, total;

	c->kind->progress(c, &done, &total);
	kith_buf_reset(out);
	put_member(out, "{\"done\":", done);
	put_member(out, ",\"total\":", total);
	kith_buf_byte(out, '}');
	request_send_json(r, kith_bytes(out));
	request_due_at(r, now_ms + TELL_MS);
}

static const struct request_ops ops = { .due = on_due, .closed = on_closed };

static void tell_result(struct chore *c)
{
	struct kith_buf *out = &c->daemon->item;

	kith_buf_reset(out);
	kith_buf_byte(out, '{');
	c->kind->result(c, out);
	kith_buf_byte(out, '}');
	request_send_json(&c->request, kith_bytes(out));
	request_end(&c->request);
}

static enum kith_err run_step(struct store *s, void *task,
			      struct kith_error *e)
{
	struct chore *c = of_task(task);

	c->more = false;
	return c->kind->step(c, s, &c->more, e);
}

/* Its steps are over. */
static void finish(struct chore *c)
{
	c->waiting = c->kind->waits && c->kind->waits(c);
	if (!c->waiting)
		tell_result(c);
}

static void begin_step(struct chore *c)
{
	c->running = !intake_run(c->daemon, run_step, &c->task);
	if (!c->running)
		request_fail(&c->request, "Error", "out of memory");
}

static void on_stepped(struct daemon *d, struct intake_task *task,
		       const struct ingest_done *outcome)
{
	struct chore *c = of_task(task);

	c->running = false;
	if (!outcome->code && c->kind->stepped)
		c->kind->stepped(d, c);
	if (c->orphaned)
		free_if_over(c);
	else if (outcome->code)
		request_fail(&c->request, "Error", outcome->error.text);
	else if (c->more)
		begin_step(c);
	else
		finish(c);
}

void chore_start(struct chore *c, const struct chore_kind *kind,
		 struct peer *p, const struct session_event *call)
{
	struct daemon *d = p->daemon;

	if (!c) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	c->kind = kind;
	c->daemon = d;
	c->task.done = on_stepped;
	LIST_INSERT_HEAD(&d->chores, c, all);
	request_open(&c->request, &ops, p, call->request);
	request_due_at(&c->request, daemon_now_ms(d) + TELL_MS);
	begin_step(c);
}

void chores_look(struct daemon *d)
{
	struct chore *c, *next;

	for (c = LIST_FIRST(&d->chores); c; c = next) {
		next = LIST_NEXT(c, all);
		if (c->waiting && !c->orphaned)
			finish(c);
	}
}

void chores_stop(struct daemon *d)
{
	struct chore *c, *next;

	for (c = LIST_FIRST(&d->chores); c; c = next) {
		next = LIST_NEXT(c, all);
		if (!c->orphaned)
			request_fail(&c->request, "Error",
				     "kithd is stopping");
	}
}
