/* kith.compact: what gives room back. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/chore.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
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
