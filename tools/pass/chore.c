#include "tools/pass/chore.h"

#include <poll.h>

#include "feeds/json.h"
#include "tools/pass/writer.h"
#include "tools/stream/interrupt.h"
#include "tools/text/progress.h"

enum { LOOK_MS = 50 };

struct run {
	const struct chore *chore;
	struct progress progress;
	uint64_t shown; /* done, when progress was last told */
	bool more, stopped;
};

static void show(struct run *r, uint64_t done, uint64_t total)
{
	if (r->progress.total != total)
		progress_total(&r->progress, total);
	progress_at(&r->progress, done);
	if (done <= r->shown)
		return;
	if (r->chore->things)
		r->progress.messages = done;
	progress_bytes(&r->progress,
		       r->chore->things ? 0 : done - r->shown);
	r->shown = done;
}

/* --- by kithd --- */

static bool is_progress(struct kith_slice item, uint64_t *done,
			uint64_t *total)
{
	return json_uint(json_get(item, "done"), done) &&
	       json_uint(json_get(item, "total"), total);
}

static int run_there(struct run *r, struct client *c)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	uint64_t done, total;
	enum kith_err err = client_source(c, r->chore->method, r->chore->args,
					  &e);

	while (!err && !interrupt_pending()) {
		err = client_next(c, LOOK_MS, &item, &e);
		if (!err && is_progress(item, &done, &total))
			show(r, done, total);
		else if (!err)
			r->chore->read(r->chore->arg, item);
		else if (err == KITH_EBUSY)
			err = KITH_OK; /* nothing new yet */
	}
	if (err == KITH_ENOENT)
		return EXIT_DONE;
	/* kithd gives it up when we are gone. */
	return tool_fail(EXIT_FAILED, "%s",
			 !err ? "interrupted"
			      : *e.text ? e.text : kith_strerror(err));
}

/* --- by this process --- */

static enum kith_err step(struct store *s, void *run, struct kith_error *e)
{
	struct run *r = run;

	r->more = false;
	return r->chore->step(s, r->chore->arg, &r->more, e);
}

/* Beside the writer's thread. */
static void watch(void *run)
{
	struct run *r = run;
	uint64_t done, total;

	poll(NULL, 0, LOOK_MS);
	r->chore->progress(r->chore->arg, &done, &total);
	show(r, done, total);
	if (r->stopped || !interrupt_pending())
		return;
	r->stopped = true;
	if (r->chore->stop)
		r->chore->stop(r->chore->arg);
}

static int run_here(struct run *r, struct writer *w)
{
	int code;

	do {
		code = writer_task(w, step, r, watch);
	} while (!code && r->more && !r->stopped);
	if (!code && r->more)
		return tool_fail(EXIT_FAILED, "interrupted");
	return code;
}

int chore_run(struct tool *t, const struct chore *c)
{
	struct run r = { .chore = c };
	struct writer *w;
	int code;

	interrupt_hold();
	code = writer_open(t, &w);
	if (code)
		return code;
	progress_start(&r.progress, c->doing, false);
	if (c->things)
		r.progress.things = c->things;
	code = writer_daemon(w) ? run_there(&r, writer_daemon(w))
				: run_here(&r, w);
	progress_end(&r.progress);
	writer_close(w);
	return code;
}
