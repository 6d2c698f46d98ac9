#include "tools/begin/commands.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/local.h"
#include "tools/begin/identity.h"
#include "tools/from/ssb.h"
#include "tools/print/record.h"

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

/* The key of words, or of another program's file. */
static int read_key(const struct tool *t, struct kith_signer **out)
{
	const char *file = tool_option(t, 's');

	return file ? ssb_secret_read(file, tool_option(t, 'P'), out)
		    : words_read(out);
}

/* What lies beside the file, and what to mind while both programs exist. */
static void explain_origin(const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", file);
	if (ssb_explain(path) || ssb_explain(dirname(path)))
		tool_note("do not let that program publish with this identity "
			  "any more: two places that write with one key fork "
			  "its feed");
}

static int make_of_key(struct tool *t)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };
	int code = read_key(t, &s);

	if (!code && !t->home && home_open(t->home_path, true, &t->home, &e))
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (!code)
		code = identity_adopt(t, s, tool_option(t, 'f'));
	if (!code && !tool_option(t, 'f'))
		tool_note("this identity may have published elsewhere: connect "
			  "to a peer that has its feed, and publish after "
			  "that; `kith status` tells when");
	if (!code)
		print_id(t, kith_signer_id(s));
	if (!code && tool_option(t, 's'))
		explain_origin(tool_option(t, 's'));
	kith_signer_free(s);
	return code;
}

/* A home that is another program's folder stays as it is. */
static int other_folder(const struct tool *t)
{
	return tool_fail(EXIT_FAILED, "nothing was made: take another folder "
			 "as home, as in `kith --home DIR init --secret %s`",
			 home_path(t->home));
}

static int check_options(const struct tool *t)
{
	if (tool_option(t, 'w') && tool_option(t, 's'))
		return tool_fail(EXIT_MISUSED, "--words and --secret name two "
				 "keys: take one");
	if (tool_option(t, 'f') && !tool_option(t, 'w') && !tool_option(t, 's'))
		return tool_fail(EXIT_MISUSED, "--first is for an identity "
				 "that --words or --secret adopts");
	return EXIT_DONE;
}

/* The folder is made for a new key at once, for one that is adopted only when
 * it was read. */
int command_init(struct tool *t, int argc, char **argv)
{
	bool adopt = tool_option(t, 'w') || tool_option(t, 's');
	int code = check_options(t);
	struct kith_feed_id there;
	struct kith_error e = { 0 };
	enum kith_err err;

	(void)argc;
	(void)argv;
	if (code)
		return code;
	err = home_open(t->home_path, !adopt, &t->home, &e);
	if (!err && ssb_explain(home_path(t->home)))
		return other_folder(t);
	if (!err)
		err = home_identity(t->home, &there, &e);
	if (err == KITH_ENOENT && t->home && home_is_unfinished(t->home))
		return tool_fail(EXIT_FAILED, "a restore into %s was not "
				 "finished: run the same `kith restore` again",
				 home_path(t->home));
	if (err == KITH_ENOENT)
		return adopt ? make_of_key(t) : make_new(t);
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
