#include "tools/begin/identity.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/ingest/guard.h"
#include "src/store/wall.h"
#include "src/views/view.h"

/* The row first, then the secret: a crash between them leaves a row for a key
 * that nobody has, and no identity, so that init can simply run again.  The
 * other way round would leave a key that may not publish. */
static enum kith_err make(struct tool *t, const struct kith_signer *s,
			  const struct publish_row *row, struct kith_error *e)
{
	struct store_options o = { .write = true };
	struct store *store = NULL;
	enum kith_err err = home_lock_writer(t->home, e);

	if (!err)
		err = store_open(t->home, &o, &store, e);
	if (!err)
		err = views_start(store, e);
	if (!err)
		err = guard_put(store, kith_signer_id(s), row);
	store_close(store);
	return err ? err : home_secret_create(t->home, s, e);
}

int identity_make(struct tool *t, const struct kith_signer *s,
		  const struct publish_row *row)
{
	struct kith_error e = { 0 };
	enum kith_err err = make(t, s, row, &e);

	return err ? tool_fail(EXIT_FAILED, "%s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}

static int check_first(const struct kith_signer *s, const char *first)
{
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id named;

	if (!kith_feed_parse(kith_text(first), &named) &&
	    kith_feed_equal(&named, kith_signer_id(s)))
		return EXIT_DONE;
	kith_feed_print(kith_signer_id(s), text);
	return tool_fail(EXIT_MISUSED, "--first names \"%s\", but the key is "
			 "that of %s; nothing was changed", first, text);
}

int identity_adopt(struct tool *t, const struct kith_signer *s,
		   const char *first)
{
	struct publish_row row = { .state = PUBLISH_UNCONFIRMED,
				   .since_us = wall_us() };
	int code = first ? check_first(s, first) : EXIT_DONE;

	if (code)
		return code;
	if (first)
		row.state = PUBLISH_OK;
	else
		snprintf(row.reason, sizeof(row.reason),
			 "the key was brought from elsewhere");
	return identity_make(t, s, &row);
}
