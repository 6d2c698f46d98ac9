/* kith.markRead: what is here has been read, up to a receive number. */
#include <stdlib.h>

#include "src/daemon/args.h"
#include "src/daemon/chore.h"
#include "src/daemon/methods.h"
#include "src/views/marks.h"

/* What a number of JSON counts exactly. */
#define RX_MAX 9007199254740991.0

struct reading {
	struct chore chore;
	uint64_t upto;
};

static enum kith_err step(struct chore *c, struct store *s, bool *more,
			  struct kith_error *e)
{
	const struct reading *r = (const struct reading *)c;

	(void)more;
	return marks_read(s, r->upto, e);
}

static void progress(const struct chore *c, uint64_t *done, uint64_t *total)
{
	(void)c;
	*done = *total = 0;
}

static void result(const struct chore *c, struct kith_buf *out)
{
	(void)c;
	kith_buf_text(out, "\"read\":true");
}

static const struct chore_kind kind = {
	.step = step,
	.progress = progress,
	.result = result,
};

void method_mark_read(struct peer *p, const struct session_event *call)
{
	struct kith_slice options = args_get(call->args, 0);
	struct reading *r;
	double upto = RX_MAX;

	if (!args_number(options, "upto", &upto) || !(upto >= 0)) {
		call_refuse(p, call, "UsageError",
			    "upto must be a receive number");
		return;
	}
	r = calloc(1, sizeof(*r));
	if (r)
		r->upto = (uint64_t)(upto < RX_MAX ? upto : RX_MAX);
	chore_start(r ? &r->chore : NULL, &kind, p, call);
}
