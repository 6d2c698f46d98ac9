/* kith.markRead: all that is here has been read. */
#include <stdlib.h>

#include "src/daemon/chore.h"
#include "src/daemon/methods.h"
#include "src/views/marks.h"

static enum kith_err step(struct chore *c, struct store *s, bool *more,
			  struct kith_error *e)
{
	(void)c;
	(void)more;
	return marks_read_all(s, e);
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
	chore_start(calloc(1, sizeof(struct chore)), &kind, p, call);
}
