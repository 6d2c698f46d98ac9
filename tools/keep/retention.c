/* kith retention. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "tools/keep/commands.h"
#include "tools/keep/sweep.h"
#include "tools/pass/chore.h"
#include "tools/pass/retaining.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

/* What came of it. */
struct outcome {
	struct retaining retaining; /* where this process does it */
	uint64_t feeds, messages, bytes;
};

/* --- the work --- */

static void read_reply(void *arg, struct kith_slice reply)
{
	struct outcome *o = arg;

	if (!json_uint(json_get(reply, "feeds"), &o->feeds) ||
	    !json_uint(json_get(reply, "messages"), &o->messages) ||
	    !json_uint(json_get(reply, "bytes"), &o->bytes))
		o->feeds = o->messages = o->bytes = 0;
}

static enum kith_err step(struct store *s, void *arg, bool *more,
			  struct kith_error *e)
{
	struct outcome *o = arg;
	enum kith_err err = retain_some(s, &o->retaining, more, e);

	o->feeds = atomic_load(&o->retaining.feeds);
	o->messages = atomic_load(&o->retaining.messages);
	o->bytes = atomic_load(&o->retaining.bytes);
	return err;
}

static void progress(const void *arg, uint64_t *done, uint64_t *total)
{
	const struct outcome *o = arg;

	*done = atomic_load(&o->retaining.looked);
	*total = atomic_load(&o->retaining.total);
}

static int carry_out(struct tool *t, const struct network *rule,
		     struct outcome *o, bool dry)
{
	const struct chore chore = {
		.doing = "looked at",
		.things = "feeds",
		.arg = o,
		.method = "kith.retain",
		.args = dry ? KITH_SLICE("[{\"dry\":true}]")
			    : KITH_SLICE("[{}]"),
		.read = read_reply,
		.step = step,
		.progress = progress,
	};
	int code = retaining_start(t, rule, dry, &o->retaining);

	if (!code)
		code = chore_run(t, &chore);
	free(o->retaining.near);
	return code;
}

/* --- what is said --- */

static void print(const struct tool *t, const struct network *rule,
		  const struct outcome *o, bool dry)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	char size[TEXT_SIZE_BYTES];
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_uint(&r, "days", rule->retention_days);
		record_uint(&r, "hops", rule->retention_hops);
		record_uint(&r, "feeds", o->feeds);
		record_uint(&r, "messages", o->messages);
		record_uint(&r, "bytes", o->bytes);
		record_bool(&r, "dry", dry);
		record_end(&r);
		return;
	}
	text_size(o->bytes, size);
	printf("%s of %s%s removed, %s: older than %llu days, at %llu hops "
	       "or more\n", text_count(o->messages, "message", messages),
	       text_count(o->feeds, "feed", feeds),
	       dry ? " would be" : "", size,
	       (unsigned long long)rule->retention_days,
	       (unsigned long long)rule->retention_hops);
}

int command_retention(struct tool *t, int argc, char **argv)
{
	bool dry = tool_option(t, 'n');
	struct outcome o = { 0 };
	struct network rule;
	int code = network_read(t->home, &rule);

	(void)argc;
	(void)argv;
	if (!code && !rule.retention_days) {
		tool_note("no rule: retention.days in %s/config says how many "
			  "days of distant feeds are kept; all is kept now",
			  home_path(t->home));
		return EXIT_DONE;
	}
	if (!code)
		code = carry_out(t, &rule, &o, dry);
	if (!code)
		print(t, &rule, &o, dry);
	if (!code && !dry)
		sweep_index(t);
	return code;
}
