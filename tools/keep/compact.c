#include "tools/keep/commands.h"

#include <stdio.h>

#include "feeds/json.h"
#include "src/store/compact.h"
#include "tools/pass/chore.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

static void read_reply(void *arg, struct kith_slice reply)
{
	struct compaction *c = arg;

	if (!json_uint(json_get(reply, "before"), &c->before) ||
	    !json_uint(json_get(reply, "after"), &c->after))
		c->before = c->after = 0;
}

static enum kith_err step(struct store *s, void *arg, bool *more,
			  struct kith_error *e)
{
	(void)more;
	return store_compact(s, arg, e);
}

static void progress(const void *arg, uint64_t *done, uint64_t *total)
{
	const struct compaction *c = arg;

	*done = atomic_load(&c->done);
	*total = atomic_load(&c->total);
}

static void stop(void *arg)
{
	atomic_store(&((struct compaction *)arg)->stop, true);
}

static void print(const struct tool *t, const struct compaction *c)
{
	char before[TEXT_SIZE_BYTES], after[TEXT_SIZE_BYTES];
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_uint(&r, "before", c->before);
		record_uint(&r, "bytes", c->after);
		record_end(&r);
		return;
	}
	text_size(c->before, before);
	text_size(c->after, after);
	printf("%s before, %s now\n", before, after);
}

int command_compact(struct tool *t, int argc, char **argv)
{
	struct compaction c = { 0 };
	const struct chore chore = {
		.doing = "copied",
		.arg = &c,
		.method = "kith.compact",
		.args = KITH_SLICE("[]"),
		.read = read_reply,
		.step = step,
		.progress = progress,
		.stop = stop,
	};
	int code = chore_run(t, &chore);

	(void)argc;
	(void)argv;
	if (!code)
		print(t, &c);
	return code;
}
