/* kith.dropProofs: the user's word that a fork is over. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/chore.h"
#include "src/daemon/daemon.h"
#include "src/daemon/forks.h"
#include "src/daemon/methods.h"
#include "src/store/proofs.h"

struct dropping {
	struct chore chore;
	struct kith_feed_id feed;
};

static enum kith_err step(struct chore *c, struct store *s, bool *more,
			  struct kith_error *e)
{
	(void)more;
	return proofs_drop(s, &((struct dropping *)c)->feed, e);
}

static void progress(const struct chore *c, uint64_t *done, uint64_t *total)
{
	(void)c;
	*done = *total = 0;
}

static void stepped(struct daemon *d, struct chore *c)
{
	forks_dropped(d, &((struct dropping *)c)->feed);
}

static void result(const struct chore *c, struct kith_buf *out)
{
	(void)c;
	kith_buf_text(out, "\"dropped\":true");
}

static const struct chore_kind kind = {
	.step = step,
	.progress = progress,
	.stepped = stepped,
	.result = result,
};

void method_drop_proofs(struct peer *p, const struct session_event *call)
{
	struct dropping *w;
	struct kith_feed_id id;

	if (!args_feed(json_get(args_get(call->args, 0), "feed"), &id)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must have a .feed of type \"feedId\"");
		return;
	}
	w = calloc(1, sizeof(*w));
	if (w)
		w->feed = id;
	chore_start(w ? &w->chore : NULL, &kind, p, call);
}
