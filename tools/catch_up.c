#include "tools/catch_up.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/secret_seal.h"
#include "src/client/link.h"
#include "src/store/ask.h"
#include "src/views/rebuild.h"
#include "tools/from/from.h"
#include "tools/network.h"
#include "tools/stream/interrupt.h"
#include "tools/text/progress.h"

/* How long to look for whoever has the lock, and how often; and for how long
 * nothing need be heard of kithd, which may be at a large commit. */
enum { PATIENCE_MS = 10000, TRY_MS = 50, SILENCE_MS = 30000,
       SLICE_MS = FOLLOW_LONG_SLICE_MS };

struct catching {
	struct tool *tool;
	struct rebuild rebuild;
	struct progress progress;
	uint64_t shown;
};

static void show(struct catching *c, uint64_t done, uint64_t total)
{
	if (c->progress.total != total)
		progress_total(&c->progress, total);
	progress_at(&c->progress, done);
	c->progress.messages = done;
	progress_bytes(&c->progress, 0);
}

/* --- by kithd --- */

static enum kith_err ask(struct catching *c, struct client *daemon,
			 struct kith_error *e)
{
	char text[128] = "[]";
	int n = 2;

	if (c->rebuild.view)
		n = snprintf(text, sizeof(text), "[\"%s\"]",
			     c->rebuild.view->name);
	return client_source(daemon,
			     c->rebuild.view ? "kith.rebuild" : "kith.catchUp",
			     (struct kith_slice){ (const uint8_t *)text,
						  (size_t)n }, e);
}

static enum kith_err by_kithd(struct catching *c, struct client *daemon,
			      struct kith_error *e)
{
	enum kith_err err = ask(c, daemon, e);
	struct kith_slice item;
	uint64_t done, total;

	while (!err) {
		err = client_next(daemon, SILENCE_MS, &item, e);
		if (!err && json_uint(json_get(item, "done"), &done) &&
		    json_uint(json_get(item, "total"), &total))
			show(c, done, total);
	}
	if (err == KITH_ENOENT)
		return KITH_OK;
	return kith_fail(e, err, 0, "kithd does not answer");
}

/* --- by this process --- */

static enum kith_err run(struct catching *c, struct store *s,
			 struct kith_error *e)
{
	enum kith_err err = views_start(s, e);
	bool more = true;

	if (!err)
		err = follow_open(s, &c->rebuild.follow, e);
	if (!err && c->tool->keys)
		err = follow_private(c->rebuild.follow, c->tool->keys);
	while (!err && more && !interrupt_pending()) {
		err = rebuild_some(s, &c->rebuild, &more, e);
		show(c, atomic_load(&c->rebuild.done),
		     atomic_load(&c->rebuild.total));
	}
	follow_close(c->rebuild.follow);
	return err;
}

/* A secret that needs no passphrase opens what is private, too, whether it is
 * asked for or not: then nothing waits for it later. */
static enum kith_err take_keys(struct tool *t)
{
	struct kith_buf text;
	bool sealed;

	/* What is private is not opened for a look at something else. */
	if (t->keys || t->from || home_secret_text(t->home, &text, NULL))
		return KITH_OK; /* there may be no identity */
	sealed = kith_secret_is_sealed(kith_bytes(&text));
	ask_clear(&text);
	return sealed || !tool_open(t, NEEDS_KEYS) ? KITH_OK : KITH_EDENIED;
}

static enum kith_err by_us(struct catching *c, struct home *home,
			   struct kith_error *e)
{
	struct store_options o = { .write = true };
	struct store *s = NULL;
	struct network network;
	enum kith_err err;

	if (network_read(home, &network))
		return kith_fail(e, KITH_EFORMAT, 0, "the config file cannot "
				 "be used");
	o.limit_bytes = network.store_limit;
	err = store_open(home, &o, &s, e);
	if (!err)
		err = take_keys(c->tool);
	if (!err)
		err = run(c, s, e);
	store_close(s);
	return err;
}

/* --- either way --- */

/* EBUSY: whoever writes does not listen, or not yet. */
static enum kith_err try(struct catching *c, struct kith_error *e)
{
	const char *path = home_path(c->tool->home);
	struct client *daemon = NULL;
	struct home *home = NULL;
	enum kith_err err = home_open(path, false, &home, e);

	if (!err)
		err = home_lock_writer(home, e);
	if (!err) {
		err = by_us(c, home, e);
	} else if (err == KITH_EBUSY) {
		*e = (struct kith_error){ 0 };
		err = tool_dial(c->tool, &daemon, e);
		if (!err)
			err = by_kithd(c, daemon, e);
		client_close(daemon);
	}
	/* With it goes the lock. */
	if (home)
		home_close(home);
	return err;
}

static enum kith_err bring_up(struct catching *c, struct kith_error *e)
{
	int64_t end_ms = link_now_ms() + PATIENCE_MS;
	enum kith_err err;

	/* A process opens a store once. */
	store_close(c->tool->store);
	c->tool->store = NULL;
	progress_start(&c->progress, "taken into the views", false);
	do {
		*e = (struct kith_error){ 0 };
		err = try(c, e);
	} while (err == KITH_EBUSY && link_now_ms() < end_ms &&
		 !home_wait(c->tool->home, TRY_MS));
	progress_end(&c->progress);
	return err;
}

/* False: there is more to be taken into the views, or of what is private, if
 * that is to be seen. */
static bool look(struct tool *t, struct follow_place *out)
{
	bool current;
	struct txn *txn;

	*out = (struct follow_place){ 0 };
	if (store_read(t->store, &txn))
		return true;
	views_place(txn, out);
	current = out->position >= out->end &&
		  (!t->keys || private_is_current(txn));
	txn_end(txn);
	return current;
}

static void tell(struct tool *t, const struct kith_error *e)
{
	const char *why = e->code ? e->text : "interrupted";
	struct follow_place place;
	uint64_t lacking;

	if (look(t, &place))
		return;
	lacking = place.end - place.position;
	if (place.position >= place.end)
		tool_note("not all that is private is opened yet: %s", why);
	else if (lacking == 1)
		tool_note("the newest message is not in the views yet: %s",
			  why);
	else
		tool_note("the newest %" PRIu64 " messages are not in the "
			  "views yet: %s", lacking, why);
}

int catch_up(struct tool *t)
{
	struct catching c = { .tool = t, .rebuild = { .slice_ms = SLICE_MS } };
	struct kith_error e = { 0 };
	struct follow_place place;
	int code;

	if (look(t, &place))
		return EXIT_DONE;
	if (t->from && from_in_place(t->from)) {
		kith_fail(&e, KITH_EDENIED, 0, "nothing is written where "
			  "--from reads");
		tell(t, &e);
		return EXIT_DONE;
	}
	interrupt_hold();
	(void)bring_up(&c, &e); /* e says it */
	interrupt_release();
	code = tool_open(t, NEEDS_STORE);
	if (!code)
		tell(t, &e);
	return code;
}

int catch_up_rebuild(struct tool *t, const struct view *view)
{
	struct catching c = {
		.tool = t,
		.rebuild = { .view = view, .slice_ms = SLICE_MS },
	};
	struct kith_error e = { 0 };
	enum kith_err err;

	if (t->from)
		return tool_fail(EXIT_MISUSED, "what --from names is only "
				 "read: this would write");
	interrupt_hold();
	err = bring_up(&c, &e);
	if (err)
		return tool_explain(&e, err);
	if (interrupt_pending())
		return tool_fail(EXIT_FAILED, "interrupted: the rest is made "
				 "anew when it is needed, or when kithd runs");
	return tool_open(t, NEEDS_STORE);
}
