#include "tools/commands.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/views/view.h"
#include "tools/record.h"
#include "tools/show.h"

static void print_id(const struct tool *t, const struct kith_signer *s)
{
	char text[KITH_REF_TEXT_BYTES];
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_feed(&r, "feed", kith_signer_id(s));
		record_end(&r);
		return;
	}
	kith_feed_print(kith_signer_id(s), text);
	puts(text);
}

static int there_already(struct tool *t, const struct kith_signer *s)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(kith_signer_id(s), text);
	return tool_fail(EXIT_FAILED, "%s has the identity %s already; nothing "
			 "was changed.  For another one use another folder: "
			 "`kith --home DIR init`", home_path(t->home), text);
}

/* The store's word that this node made the key: only such a key may publish
 * before any peer has confirmed how far its feed goes. */
static enum kith_err write_row(struct store *s, const struct kith_feed_id *id)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct txn *txn;
	enum kith_err err = store_write(s, &txn);

	if (err)
		return err;
	publish_put(txn, id, &row);
	return txn_commit(txn);
}

/* The row first, then the secret: a crash between them leaves a row for a key
 * that nobody has, and no identity, so that init can simply run again.  The
 * other way round would leave a key that may not publish. */
static enum kith_err make(struct tool *t, const struct kith_signer *s,
			  struct kith_error *e)
{
	struct store_options o = { .write = true };
	struct store *store = NULL;
	enum kith_err err = home_lock_writer(t->home, e);

	if (!err)
		err = store_open(t->home, &o, &store, e);
	if (!err)
		err = views_catch_up(store, e);
	if (!err)
		err = write_row(store, kith_signer_id(s));
	store_close(store);
	return err ? err : home_secret_create(t->home, s, e);
}

static int make_new(struct tool *t)
{
	struct kith_signer *s = kith_signer_generate();
	struct kith_error e = { 0 };
	enum kith_err err;

	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	err = make(t, s, &e);
	if (!err)
		print_id(t, s);
	kith_signer_free(s);
	return err ? tool_fail(EXIT_FAILED, "%s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}

int command_init(struct tool *t, int argc, char **argv)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };
	enum kith_err err;
	int code;

	(void)argc;
	(void)argv;
	err = home_open(t->home_path, true, &t->home, &e);
	if (!err)
		err = home_secret_read(t->home, &s, &e);
	if (err == KITH_ENOENT)
		return make_new(t);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	code = there_already(t, s);
	kith_signer_free(s);
	return code;
}

int command_id(struct tool *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	print_id(t, t->signer);
	return EXIT_DONE;
}
