#include "tools/commands.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/local.h"
#include "tools/identity.h"
#include "tools/record.h"

static void print_id(const struct tool *t, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_feed(&r, "feed", id);
		record_end(&r);
		return;
	}
	kith_feed_print(id, text);
	puts(text);
}

static int there_already(struct tool *t, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	return tool_fail(EXIT_FAILED, "%s has the identity %s already; nothing "
			 "was changed.  For another one use another folder: "
			 "`kith --home DIR init`", home_path(t->home), text);
}

static int make_new(struct tool *t)
{
	struct kith_signer *s = kith_signer_generate();
	struct publish_row row = { .state = PUBLISH_OK };
	int code;

	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = identity_make(t, s, &row);
	if (!code)
		print_id(t, kith_signer_id(s));
	kith_signer_free(s);
	return code;
}

static int make_of_words(struct tool *t)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };
	int code = words_read(&s);

	if (!code && !t->home && home_open(t->home_path, true, &t->home, &e))
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (!code)
		code = identity_adopt(t, s, tool_option(t, 'f'));
	if (!code)
		print_id(t, kith_signer_id(s));
	kith_signer_free(s);
	return code;
}

/* The folder is made for a new key at once, for one that is adopted only when
 * it was read. */
int command_init(struct tool *t, int argc, char **argv)
{
	bool words = tool_option(t, 'w');
	struct kith_feed_id there;
	struct kith_error e = { 0 };
	enum kith_err err;

	(void)argc;
	(void)argv;
	err = home_open(t->home_path, !words, &t->home, &e);
	if (!err)
		err = home_identity(t->home, &there, &e);
	if (err == KITH_ENOENT)
		return words ? make_of_words(t) : make_new(t);
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text)
		   : there_already(t, &there);
}

int command_id(struct tool *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	print_id(t, &t->self);
	return EXIT_DONE;
}
