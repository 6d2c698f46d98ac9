#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "feeds/ref.h"
#include "src/ingest/guard.h"
#include "src/log.h"
#include "src/store/dump.h"
#include "src/store/generation.h"
#include "src/store/messages.h"
#include "src/store/wall.h"
#include "src/views/view.h"
#include "tools/keep/commands.h"
#include "tools/keep/restore_file.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

struct restore {
	struct tool *tool;
	bool made_home; /* it was not there */
	struct restore_file file;
	uint64_t messages, feeds;
	struct publish_row publish;
};

/* --- the home --- */

static int occupied(const struct restore *r, const char *what)
{
	return tool_fail(EXIT_FAILED, "%s has %s already, and a restore never "
			 "writes over what is there: name another folder, "
			 "`kith --home DIR restore %s`",
			 home_path(r->tool->home), what, r->file.name);
}

static bool has(const struct home *h, const char *name)
{
	char path[PATH_MAX];

	return home_file(h, name, path, sizeof(path)) || !access(path, F_OK);
}

/* Before the file is read: whether there is room for a home at all. */
static int check_home(struct restore *r)
{
	struct kith_feed_id there;
	struct kith_error e = { 0 };
	enum kith_err err = home_open(r->tool->home_path, false,
				      &r->tool->home, &e);

	if (err == KITH_ENOENT) {
		r->made_home = true;
		return EXIT_DONE;
	}
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	err = home_identity(r->tool->home, &there, &e);
	if (!err)
		return occupied(r, "an identity");
	if (err != KITH_ENOENT)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (home_is_unfinished(r->tool->home))
		return EXIT_DONE;
	if (has(r->tool->home, "store/current") ||
	    has(r->tool->home, "store/data.mdb"))
		return occupied(r, "a store");
	return has(r->tool->home, "config") ? occupied(r, "a configuration")
					    : EXIT_DONE;
}

/* What is not there, or not empty, stays as it is. */
static void remove_name(const struct home *h, const char *name,
			int (*how)(const char *path))
{
	char path[PATH_MAX];

	if (!home_file(h, name, path, sizeof(path)))
		how(path);
}

/* Takes away what stands for nothing yet. */
static void undo(struct restore *r)
{
	const struct home *h = r->tool->home;

	if (home_is_unfinished(h))
		return;
	remove_name(h, "store/writer", unlink);
	remove_name(h, "store", rmdir);
	if (r->made_home)
		remove_name(h, "", rmdir);
}

/* Fills a generation that is not the store's before generation_switch. */
static enum kith_err fill_store(struct restore *r, uint64_t *generation,
				struct kith_error *e)
{
	struct fill *fill = NULL;
	enum kith_err err = fill_new(r->tool->home, &fill, e);

	if (!err)
		err = restore_file_fill(&r->file, fill, e);
	if (!err)
		err = fill_finish(fill, generation, e);
	fill_free(fill);
	return err;
}

static void look(struct restore *r, struct txn *t)
{
	struct feed_row feed;
	uint32_t number = 0;

	while (feed_next(t, &number, &feed))
		r->feeds++;
	r->messages = message_count(t);
	publish_get(t, &r->file.self, &r->publish);
}

/* The store's word that it is a copy: the feed may have gone on since. */
static enum kith_err mark_store(struct restore *r, struct kith_error *e)
{
	struct store_options o = { .write = true };
	struct publish_row row = { .state = PUBLISH_UNCONFIRMED,
				   .since_us = wall_us() };
	struct store *store = NULL;
	struct txn *txn;
	enum kith_err err = store_open(r->tool->home, &o, &store, e);

	snprintf(row.reason, sizeof(row.reason),
		 "this home was restored from a backup");
	if (!err)
		err = views_start(store, e);
	if (!err)
		err = guard_put(store, &r->file.self, &row);
	if (!err)
		err = store_read(store, &txn);
	if (!err) {
		look(r, txn);
		txn_end(txn);
	}
	store_close(store);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

/* Once the store is named: the secret comes last, since with it the home is
 * one. */
static enum kith_err finish(struct restore *r, struct kith_error *e)
{
	const struct home *h = r->tool->home;
	enum kith_err err = mark_store(r, e);

	if (!err && r->file.config.n)
		err = home_write(h, "config", kith_bytes(&r->file.config), e);
	if (!err)
		err = home_secret_install(h, kith_bytes(&r->file.secret), e);
	if (!err)
		remove_name(h, HOME_UNFINISHED, unlink);
	return err;
}

static int make_home(struct restore *r)
{
	static const char text[] =
		"A restore into this folder was not finished.  Run the same "
		"kith restore again.\n";
	struct tool *t = r->tool;
	struct kith_error e = { 0 };
	uint64_t generation;
	enum kith_err err = KITH_OK;

	if (!t->home)
		err = home_open(t->home_path, true, &t->home, &e);
	if (!err)
		err = home_lock_writer(t->home, &e);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	err = fill_store(r, &generation, &e);
	if (!err)
		err = home_write(t->home, HOME_UNFINISHED, kith_text(text), &e);
	if (err) {
		undo(r);
		return restore_file_unusable(&r->file, &e);
	}
	err = generation_switch(t->home, generation, &e);
	if (!err)
		err = finish(r, &e);
	return err ? tool_fail(EXIT_UNREADABLE, "%s: %s; run the same `kith "
			       "restore` again", home_path(t->home), e.text)
		   : EXIT_DONE;
}

/* --- the command --- */

static void advise(const struct restore *r)
{
	char argument[TOOL_ARGUMENT_BYTES];

	tool_home_argument(r->tool, argument);
	if (r->publish.state == PUBLISH_FROZEN) {
		tool_note("publishing is frozen, as it was: %s",
			  r->publish.reason);
		return;
	}
	tool_note("it may not publish yet, because the feed may have gone on "
		  "since: start `kithd%s` and connect to a peer that has it; "
		  "what is missing comes, and the peer confirms that it is "
		  "all.  `kith%s status` tells when", argument, argument);
	tool_note("if the home that this is a backup of still runs somewhere, "
		  "stop it for good: two places that publish with one key "
		  "fork its feed");
}

static void report(const struct restore *of)
{
	char id[KITH_REF_TEXT_BYTES], made[TEXT_TIME_BYTES];
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	struct record r;

	if (of->tool->json) {
		record_begin(&r);
		record_text(&r, "home", home_path(of->tool->home));
		record_feed(&r, "feed", &of->file.self);
		record_uint(&r, "seq", of->publish.least);
		record_uint(&r, "messages", of->messages);
		record_uint(&r, "feeds", of->feeds);
		record_int(&r, "made", of->file.made_us / 1000);
		record_end(&r);
	} else {
		kith_feed_print(&of->file.self, id);
		text_time((double)of->file.made_us / 1000, made);
		printf("%s: restored %s up to its message %llu, in all %s of "
		       "%s, as of %s\n",
		       home_path(of->tool->home), id,
		       (unsigned long long)of->publish.least,
		       text_count(of->messages, "message", messages),
		       text_count(of->feeds, "feed", feeds), made);
	}
	advise(of);
}

int command_restore(struct tool *t, int argc, char **argv)
{
	struct restore r = { .tool = t, .file = { .name = argv[0], .fd = -1 } };
	int code;

	(void)argc;
	/* The store would warn that it is a copy, as if nobody knew. */
	log_set_level(LOG_LEVEL_ERROR);
	code = restore_file_open(&r.file, argv[0], tool_option(t, 'P'));
	if (!code)
		code = check_home(&r);
	if (!code)
		code = restore_file_verify(&r.file);
	if (!code)
		code = make_home(&r);
	restore_file_close(&r.file);
	if (!code)
		report(&r);
	return code;
}
