/* kith feed: what the user says of the own feed, in words. */
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/ingest/guard.h"
#include "tools/keep/commands.h"
#include "tools/print/record.h"

enum { ARGS_BYTES = KITH_REF_TEXT_BYTES + 16 };

/* What was said by naming the feed. */
static const char *words_for(const char *state, bool changed)
{
	if (!changed)
		return "Nothing is to be said: this feed may be published to";
	if (strcmp(state, "ok") == 0)
		return "You have said: nobody else writes with this key any "
		       "more, and all that it ever wrote is here";
	return "You have said: the other place does not write with this key "
	       "any more, and never will again";
}

static void print(const struct tool *t, const char *state, bool changed)
{
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_feed(&r, "feed", &t->self);
		record_text(&r, "state", state);
		record_bool(&r, "changed", changed);
		record_end(&r);
		return;
	}
	printf("%s.\n", words_for(state, changed));
	if (strcmp(state, "ok") != 0)
		puts("What it wrote is fetched from peers first; publishing "
		     "goes on when one of them shows that nothing is "
		     "missing.");
}

static int unfreeze_here(struct tool *t)
{
	struct guard_task task = { .self = t->self, .event = GUARD_WORD };
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };
	enum kith_err err = store_open(t->home, &o, &t->store, &e);

	if (!err)
		err = guard_run(t->store, &task, &e);
	if (err)
		return tool_explain(&e, err);
	print(t, guard_state_name(task.row.state), task.changed);
	return EXIT_DONE;
}

static int unfreeze_there(struct tool *t)
{
	char id[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct kith_slice reply, changed;
	struct kith_error e = { 0 };
	enum kith_err err;
	const char *state;

	kith_feed_print(&t->self, id);
	snprintf(args, sizeof(args), "[{\"feed\":\"%s\"}]", id);
	err = client_call(t->daemon, "kith.unfreeze", kith_text(args), &reply,
			  &e);
	if (err)
		return tool_explain(&e, err);
	state = guard_state_name(json_is(json_get(reply, "state"), "ok")
					 ? PUBLISH_OK
					 : PUBLISH_UNCONFIRMED);
	changed = json_get(reply, "changed");
	print(t, state, kith_equal(changed, KITH_SLICE("true")));
	return EXIT_DONE;
}

static int unfreeze(struct tool *t)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_lock_writer(t->home, &e);

	if (!err)
		return unfreeze_here(t);
	if (err != KITH_EBUSY)
		return tool_explain(&e, err);
	if (tool_dial(t, &t->daemon, NULL))
		return tool_explain(&e, err);
	return unfreeze_there(t);
}

static int name_whole(const struct tool *t, const char *given)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&t->self, id);
	return tool_fail(EXIT_MISUSED, "\"%s\" does not name this home's feed "
			 "whole; if you mean it, say %s", given, id);
}

static int unfreeze_named(struct tool *t, int argc, char **argv)
{
	struct kith_feed_id named;

	(void)argc;
	if (kith_feed_parse(kith_text(argv[0]), &named) ||
	    !kith_feed_equal(&named, &t->self))
		return name_whole(t, argv[0]);
	return unfreeze(t);
}

const struct verb feed_verbs[] = {
	{ "unfreeze", "FEED", NULL, 1, 1, unfreeze_named },
	{ 0 },
};
