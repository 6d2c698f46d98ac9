#include "src/ingest/forget.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/contacts.h"
#include "tools/keep/commands.h"
#include "tools/keep/sweep.h"
#include "tools/pass/chore.h"
#include "tools/pick/named.h"
#include "tools/pick/select.h"
#include "tools/print/person.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { ARGS_BYTES_MAX = 256 };

/* What is to go, and what there is to say of it. */
struct plan {
	struct forgetting forgetting;
	bool whole, followed;
	char whom[PERSON_BYTES]; /* "Ada @QO9eIjWS" */
	uint64_t messages, bytes; /* that will go, or that went */
};

static bool is_followed(const struct tool *t, struct txn *txn,
			const struct kith_feed_id *feed)
{
	struct contact c = { .from = t->self, .to = *feed };

	return contacts_get(txn, &c) && c.edge == CONTACT_FOLLOW;
}

/* A name alone would not say which feed it was. */
static void call_it(struct look *l, struct plan *p)
{
	struct kith_buf out = { .limit = sizeof(p->whom) - 1 };

	if (name_of_feed(l->txn, &l->viewer, &p->forgetting.feed, &out))
		kith_buf_byte(&out, ' ');
	person_put_short(&out, &p->forgetting.feed);
	snprintf(p->whom, sizeof(p->whom), "%.*s", (int)out.n,
		 (const char *)out.p);
	kith_buf_free(&out);
}

static int look_up(struct tool *t, struct plan *p)
{
	struct look l;
	int code = look_begin(&l, t);

	if (!code) {
		p->followed = is_followed(t, l.txn, &p->forgetting.feed);
		call_it(&l, p);
	}
	look_end(&l);
	return code;
}

/* Counts the messages that will go. */
static int count(struct tool *t, const struct selection *of, struct plan *p)
{
	struct view_message m;
	struct message_row row;
	struct walk w;
	bool failed;

	if (p->whole) {
		p->messages = feed_held(&of->feed);
		p->bytes = of->feed.bytes;
		return EXIT_DONE;
	}
	walk_start(&w, t->store, of, false);
	while (walk_next(&w, &m, &row)) {
		p->messages++;
		p->bytes += row.canon.n;
	}
	failed = w.err;
	walk_end(&w);
	return failed ? tool_fail(EXIT_UNREADABLE, "the store cannot be read")
		      : EXIT_DONE;
}

static int make_plan(struct tool *t, const char *text, struct plan *p)
{
	struct selection of;
	int code = select_for(t, text, &of);

	if (code)
		return code;
	if (of.kind != SELECT_FEED)
		return tool_fail(EXIT_MISUSED, "only feeds can be forgotten, "
				 "or the start of one: @ID or @ID:..40");
	if (of.first > of.feed.first)
		return tool_fail(EXIT_MISUSED, "a feed can only be forgotten "
				 "from its start on: ..%llu",
				 (unsigned long long)of.last);
	p->whole = of.last >= of.feed.last;
	p->forgetting.feed = of.feed.id;
	p->forgetting.self = t->self;
	p->forgetting.until = p->whole ? FORGET_ALL : of.last;
	if (kith_feed_equal(&of.feed.id, &t->self))
		return tool_fail(EXIT_FAILED, "this is your own feed: nothing "
				 "of it is ever forgotten");
	code = look_up(t, p);
	return code ? code : count(t, &of, p);
}

/* --- the work --- */

static void read_reply(void *arg, struct kith_slice reply)
{
	struct plan *p = arg;

	if (!json_uint(json_get(reply, "messages"), &p->messages) ||
	    !json_uint(json_get(reply, "bytes"), &p->bytes))
		p->messages = p->bytes = 0;
}

static enum kith_err step(struct store *s, void *arg, bool *more,
			  struct kith_error *e)
{
	struct plan *p = arg;
	enum kith_err err = forget_some(s, &p->forgetting, more, e);

	p->messages = atomic_load(&p->forgetting.messages);
	p->bytes = atomic_load(&p->forgetting.bytes);
	return err;
}

static enum kith_err undo_step(struct store *s, void *arg, bool *more,
			       struct kith_error *e)
{
	(void)more;
	return forget_undo(s, &((struct plan *)arg)->forgetting.feed, e);
}

static void progress(const void *arg, uint64_t *done, uint64_t *total)
{
	const struct plan *p = arg;

	*done = atomic_load(&p->forgetting.messages);
	*total = atomic_load(&p->forgetting.total);
}

static void put_args(const struct plan *p, struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&p->forgetting.feed, id);
	kith_buf_text(out, "[{\"feed\":");
	json_put_text(out, id);
	if (p->forgetting.until != FORGET_ALL) {
		kith_buf_text(out, ",\"until\":");
		kith_buf_uint(out, p->forgetting.until);
	}
	kith_buf_text(out, "}]");
}

static int carry_out(struct tool *t, struct plan *p, bool undo)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	struct chore chore = {
		.doing = "forgotten",
		.things = "messages",
		.arg = p,
		.method = undo ? "kith.remember" : "kith.forget",
		.read = read_reply,
		.step = undo ? undo_step : step,
		.progress = progress,
	};
	int code;

	put_args(p, &args);
	chore.args = kith_bytes(&args);
	code = args.err ? tool_fail(EXIT_FAILED, "out of memory")
			: chore_run(t, &chore);
	kith_buf_free(&args);
	return code;
}

/* --- what is said --- */

static void print_record(const struct plan *p, bool dry)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &p->forgetting.feed);
	record_uint(&r, "messages", p->messages);
	record_uint(&r, "bytes", p->bytes);
	record_bool(&r, "whole", p->whole);
	record_bool(&r, "dry", dry);
	record_end(&r);
}

static void print(const struct tool *t, const struct plan *p, bool dry)
{
	char id[KITH_REF_TEXT_BYTES], size[TEXT_SIZE_BYTES];
	char argument[TOOL_ARGUMENT_BYTES], messages[TEXT_COUNT_BYTES];

	kith_feed_print(&p->forgetting.feed, id);
	text_size(p->bytes, size);
	printf("%s of %s%s forgotten, %s\n",
	       text_count(p->messages, "message", messages), p->whom,
	       dry ? " would be" : "", size);
	if (p->whole && p->followed)
		tool_note("you follow this feed, but it is not fetched again "
			  "until you type `kith%s forget --undo %s`; `kith "
			  "unfollow` or `kith block` says it to others too",
			  tool_home_argument(t, argument), id);
	else if (p->whole)
		tool_note("it is not fetched again until you follow it, or "
			  "type `kith%s forget --undo %s`",
			  tool_home_argument(t, argument), id);
	if (!dry)
		tool_note("the room is used for what comes next; `kith%s "
			  "compact` gives it back to the disk",
			  tool_home_argument(t, argument));
}

static int undo(struct tool *t, const char *text)
{
	struct plan p = { .forgetting.until = FORGET_ALL };
	char id[KITH_REF_TEXT_BYTES];
	int code = select_feed(t, kith_text(text), &p.forgetting.feed, NULL);

	if (!code)
		code = carry_out(t, &p, true);
	if (code)
		return code;
	kith_feed_print(&p.forgetting.feed, id);
	if (t->json)
		print_record(&p, false);
	else
		printf("%s is fetched again if you follow it, or whom you "
		       "follow does\n", id);
	return EXIT_DONE;
}

int command_forget(struct tool *t, int argc, char **argv)
{
	bool dry = tool_option(t, 'n');
	struct plan p = { 0 };
	int code;

	(void)argc;
	if (tool_option(t, 'u'))
		return undo(t, argv[0]);
	code = make_plan(t, argv[0], &p);
	if (!code && !dry)
		code = carry_out(t, &p, false);
	if (code)
		return code;
	if (t->json)
		print_record(&p, dry);
	else
		print(t, &p, dry);
	if (!dry)
		sweep_index(t);
	return EXIT_DONE;
}
