/* kith.compact, kith.forget, kith.remember, kith.retain: room given back. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/chore.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/ingest/forget.h"
#include "src/store/compact.h"

/* --- kith.compact --- */

struct compacting {
	struct chore chore;
	struct compaction compaction;
};

static enum kith_err compact_step(struct chore *c, struct store *s, bool *more,
				  struct kith_error *e)
{
	(void)more;
	return store_compact(s, &((struct compacting *)c)->compaction, e);
}

static void compact_progress(const struct chore *c, uint64_t *done,
			     uint64_t *total)
{
	const struct compacting *w = (const struct compacting *)c;

	*done = atomic_load(&w->compaction.done);
	*total = atomic_load(&w->compaction.total);
}

static void compact_result(const struct chore *c, struct kith_buf *out)
{
	const struct compacting *w = (const struct compacting *)c;

	kith_buf_text(out, "\"before\":");
	kith_buf_uint(out, w->compaction.before);
	kith_buf_text(out, ",\"after\":");
	kith_buf_uint(out, w->compaction.after);
}

static void compact_stop(struct chore *c)
{
	atomic_store(&((struct compacting *)c)->compaction.stop, true);
}

static const struct chore_kind compact_kind = {
	.step = compact_step,
	.progress = compact_progress,
	.result = compact_result,
	.stop = compact_stop,
};

void method_compact(struct peer *p, const struct session_event *call)
{
	struct compacting *w = calloc(1, sizeof(*w));

	chore_start(w ? &w->chore : NULL, &compact_kind, p, call);
}

/* --- kith.forget, kith.remember --- */

struct forgetful {
	struct chore chore;
	struct forgetting forgetting;
};

static enum kith_err forget_step(struct chore *c, struct store *s, bool *more,
				 struct kith_error *e)
{
	return forget_some(s, &((struct forgetful *)c)->forgetting, more, e);
}

static enum kith_err remember_step(struct chore *c, struct store *s, bool *more,
				   struct kith_error *e)
{
	(void)more;
	return forget_undo(s, &((struct forgetful *)c)->forgetting.feed, e);
}

static void forget_progress(const struct chore *c, uint64_t *done,
			    uint64_t *total)
{
	const struct forgetful *w = (const struct forgetful *)c;

	*done = atomic_load(&w->forgetting.messages);
	*total = atomic_load(&w->forgetting.total);
}

static void forget_stepped(struct daemon *d, struct chore *c)
{
	replicate_removed(d, d->intake.shows,
			  &((struct forgetful *)c)->forgetting.feed);
	space_look(d);
}

static void forget_result(const struct chore *c, struct kith_buf *out)
{
	const struct forgetful *w = (const struct forgetful *)c;

	kith_buf_text(out, "\"messages\":");
	kith_buf_uint(out, atomic_load(&w->forgetting.messages));
	kith_buf_text(out, ",\"bytes\":");
	kith_buf_uint(out, atomic_load(&w->forgetting.bytes));
}

static const struct chore_kind forget_kind = {
	.step = forget_step,
	.progress = forget_progress,
	.stepped = forget_stepped,
	.result = forget_result,
};

static const struct chore_kind remember_kind = {
	.step = remember_step,
	.progress = forget_progress,
	.stepped = forget_stepped,
	.result = forget_result,
};

static void start_with_feed(struct peer *p, const struct session_event *call,
			    const struct chore_kind *kind)
{
	struct kith_slice options = args_get(call->args, 0);
	struct forgetful *w;
	struct kith_feed_id id;

	if (!args_feed(json_get(options, "feed"), &id)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must have a .feed of type \"feedId\"");
		return;
	}
	w = calloc(1, sizeof(*w));
	if (w) {
		w->forgetting.feed = id;
		w->forgetting.self = p->daemon->self;
		if (!json_uint(json_get(options, "until"),
			       &w->forgetting.until))
			w->forgetting.until = FORGET_ALL;
	}
	chore_start(w ? &w->chore : NULL, kind, p, call);
}

void method_forget(struct peer *p, const struct session_event *call)
{
	start_with_feed(p, call, &forget_kind);
}

void method_remember(struct peer *p, const struct session_event *call)
{
	start_with_feed(p, call, &remember_kind);
}

/* --- kith.retain --- */

struct retentive {
	struct chore chore;
	struct retaining retaining;
};

static enum kith_err retain_step(struct chore *c, struct store *s, bool *more,
				 struct kith_error *e)
{
	return retain_some(s, &((struct retentive *)c)->retaining, more, e);
}

static void retain_progress(const struct chore *c, uint64_t *done,
			    uint64_t *total)
{
	const struct retentive *w = (const struct retentive *)c;

	*done = atomic_load(&w->retaining.looked);
	*total = atomic_load(&w->retaining.total);
}

static void retain_stepped(struct daemon *d, struct chore *c)
{
	space_stepped(d, &((struct retentive *)c)->retaining);
}

static void retain_result(const struct chore *c, struct kith_buf *out)
{
	const struct retaining *r = &((const struct retentive *)c)->retaining;

	kith_buf_text(out, "\"feeds\":");
	kith_buf_uint(out, atomic_load(&r->feeds));
	kith_buf_text(out, ",\"messages\":");
	kith_buf_uint(out, atomic_load(&r->messages));
	kith_buf_text(out, ",\"bytes\":");
	kith_buf_uint(out, atomic_load(&r->bytes));
}

static void retain_clear(struct chore *c)
{
	free(((struct retentive *)c)->retaining.near);
}

static const struct chore_kind retain_kind = {
	.step = retain_step,
	.progress = retain_progress,
	.stepped = retain_stepped,
	.result = retain_result,
	.clear = retain_clear,
};

void method_retain(struct peer *p, const struct session_event *call)
{
	struct retentive *w;

	if (!p->daemon->config.retention_days) {
		call_refuse(p, call, "Error", "no rule: retention.days is not "
			    "set in the configuration");
		return;
	}
	w = calloc(1, sizeof(*w));
	if (w && space_rule(p->daemon, &w->retaining)) {
		free(w);
		w = NULL;
	}
	if (w)
		args_bool(args_get(call->args, 0), "dry", &w->retaining.dry);
	chore_start(w ? &w->chore : NULL, &retain_kind, p, call);
}
