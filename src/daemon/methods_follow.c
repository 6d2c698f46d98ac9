/* kith.catchUp, kith.rebuild: views brought up to the log, or made anew. */
#include <stdlib.h>

#include "src/daemon/args.h"
#include "src/daemon/chore.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/views/rebuild.h"

enum { NAME_BYTES = 64 };

struct rebuilding {
	struct chore chore;
	struct rebuild rebuild;
};

static enum kith_err step(struct chore *c, struct store *s, bool *more,
			  struct kith_error *e)
{
	return rebuild_some(s, &((struct rebuilding *)c)->rebuild, more, e);
}

static void progress(const struct chore *c, uint64_t *done, uint64_t *total)
{
	const struct rebuild *r = &((const struct rebuilding *)c)->rebuild;

	*done = atomic_load(&r->done);
	*total = atomic_load(&r->total);
}

static void result(const struct chore *c, struct kith_buf *out)
{
	const struct rebuild *r = &((const struct rebuilding *)c)->rebuild;

	kith_buf_text(out, "\"position\":");
	kith_buf_uint(out, atomic_load(&r->done));
}

static const struct chore_kind kind = {
	.step = step,
	.progress = progress,
	.result = result,
};

static void start(struct peer *p, const struct session_event *call,
		  const struct view *view)
{
	struct rebuilding *w = calloc(1, sizeof(*w));

	if (w) {
		w->rebuild.view = view;
		w->rebuild.follow = p->daemon->follow;
		w->rebuild.slice_ms = FOLLOW_SLICE_MS;
	}
	chore_start(w ? &w->chore : NULL, &kind, p, call);
}

void method_catch_up(struct peer *p, const struct session_event *call)
{
	start(p, call, NULL);
}

void method_rebuild(struct peer *p, const struct session_event *call)
{
	char name[NAME_BYTES];
	const struct view *view = NULL;

	if (args_text(args_get(call->args, 0), name, sizeof(name)))
		view = view_named(kith_text(name));
	if (view)
		start(p, call, view);
	else
		call_refuse(p, call, "UsageError",
			    "Param 0 must be the name of a view");
}
