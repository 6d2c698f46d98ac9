/* Private messages to people: kith dm. */
#include "feeds/box1.h"
#include "tools/pick/named.h"
#include "tools/say/commands.h"
#include "tools/say/compose.h"
#include "tools/say/draft.h"
#include "tools/say/readers.h"

static int find_readers(struct tool *t, int argc, char **argv,
			struct readers *to, struct kith_buf *below)
{
	struct look look;
	int code = look_begin(&look, t);

	readers_init(to);
	for (int i = 0; i < argc && !code; i++) {
		code = readers_add(to, &look, argv[i]);
		if (code == EXIT_NOT_FOUND && i)
			tool_note("what you write is no argument: it comes "
				  "from a pipe or an editor");
	}
	/* Or what was sent could not be read again. */
	if (!code)
		code = readers_add_feed(to, &t->self);
	if (!code) {
		kith_buf_text(below, "Above is what you write, in Markdown.  "
			      "It will be read by nobody but\n\n");
		readers_list(to, &look, below);
		kith_buf_byte(below, '\0');
	}
	look_end(&look);
	return code;
}

int command_dm(struct tool *t, int argc, char **argv)
{
	struct kith_buf below = { .limit = DRAFT_BYTES_MAX };
	struct readers to;
	struct compose how = { .box = tool_option(t, 'b') ? KITH_BOX2
							  : KITH_BOX1 };
	struct draft d;
	int code = find_readers(t, argc, argv, &to, &below);

	if (!code && how.box == KITH_BOX1 &&
	    to.count > KITH_BOX1_RECIPIENTS_MAX)
		code = tool_fail(EXIT_MISUSED, "at most %d others read what "
				 "every program can open; with --box2 %d",
				 KITH_BOX1_RECIPIENTS_MAX - 1,
				 READERS_MAX - 1);
	if (!code) {
		how.recps = kith_bytes(&to.recps);
		code = draft_begin(&d, 0, NULL,
				   below.err ? "" : (const char *)below.p);
		if (!code)
			code = compose_post(t, draft_text(&d), &how);
		code = draft_end(&d, code);
	}
	readers_free(&to);
	kith_buf_free(&below);
	return code;
}
