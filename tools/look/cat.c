#include "tools/look/cat.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "src/source/texts.h"
#include "src/views/private.h"
#include "src/views/viewer.h"
#include "tools/look/commands.h"
#include "tools/network.h"
#include "tools/pick/select.h"
#include "tools/print/page.h"

struct catting {
	struct tool *tool;
	struct cat cat;
	int letter;
	bool private;
	struct viewer viewer;
	struct network network;
	struct page page;
	uint64_t bad; /* texts of standard input that are no message */
};

static void print(const struct catting *k, struct txn *txn,
		  const struct view_message *m)
{
	struct cat one = k->cat;

	one.txn = txn;
	one.m = m;
	if (k->tool->json)
		cat_record(&one);
	else
		cat_print(&one, k->letter);
}

/* --- of the store --------------------------------------------------------- */

static int cat_selection(struct catting *k, const char *text)
{
	struct message_row row;
	struct view_message m;
	struct selection of;
	int code = tool_open(k->tool, NEEDS_HOME | NEEDS_STORE);
	struct walk w;

	if (!code)
		code = select_for(k->tool, text, &of);
	if (code)
		return code;
	walk_start(&w, k->tool->store, &of, false);
	while (!page_is_left() && walk_next(&w, &m, &row)) {
		if (k->private)
			(void)viewer_message(&k->viewer, w.txn, &row, &m);
		print(k, w.txn, &m);
		viewer_turn(&k->viewer);
	}
	walk_end(&w);
	return w.err ? tool_fail(EXIT_FAILED, "the store cannot be read "
				 "further: %s", kith_strerror(w.err))
		     : EXIT_DONE;
}

/* --- of standard input ---------------------------------------------------- */

/* Puts what is in the box in its place, where our keys open it. */
static void open_box(const struct catting *k, const struct kith_msg *msg,
		     struct view_message *m, struct kith_opened *opened)
{
	const struct kith_boxed boxed = {
		.content = m->content, .author = &msg->author,
		.previous = msg->first ? NULL : &msg->previous,
	};
	struct kith_opener *o = NULL;
	struct txn *txn;

	if (store_read(k->tool->store, &txn))
		return;
	o = keys_opener(k->tool->keys, txn);
	txn_end(txn);
	if (o && kith_open(o, &boxed, KITH_TRY_USUAL, opened) == KITH_OPENED) {
		m->boxed = m->content;
		m->content = kith_plain(opened);
	}
	kith_opener_free(o);
}

static void cat_message(struct catting *k, const struct kith_msg *msg)
{
	const struct message_row row = {
		.format = msg->author.format, .sequence = msg->sequence,
		.id = msg->id, .units = msg->units, .canon = msg->canon,
	};
	struct view_message m = {
		.row = &row, .author = msg->author, .claimed = msg->claimed,
		.content = msg->content,
	};
	struct kith_opened *opened = NULL;

	if (k->private && json_kind(m.content) == JSON_KIND_STRING)
		opened = calloc(1, sizeof(*opened));
	if (opened)
		open_box(k, msg, &m, opened);
	print(k, NULL, &m);
	if (opened)
		kith_opened_clear(opened);
	free(opened);
}

static void cat_text(struct catting *k, struct kith_decoder *d,
		     const struct text *text)
{
	struct kith_error e = { .text = "it is longer than any message" };
	struct kith_slice value = text->json;
	struct kith_msg msg;
	enum kith_err err = KITH_ETOOBIG;

	if (!text->too_long) {
		e = (struct kith_error){ 0 };
		if (!lines_value(text->json, &value, NULL))
			value = text->json;
		err = kith_msg_decode(d, KITH_CLASSIC, value, &msg, &e);
	}
	if (!err) {
		cat_message(k, &msg);
	} else {
		k->bad++;
		tool_note("line %llu is no message: %s",
			  (unsigned long long)text->line,
			  *e.text ? e.text : kith_strerror(err));
	}
	kith_decoder_reset(d);
}

static int cat_input(struct catting *k)
{
	struct kith_decoder *d = kith_decoder_new(k->cat.hmac);
	struct text text;
	struct texts t;
	int code = EXIT_DONE;

	if (!d)
		return tool_fail(EXIT_FAILED, "out of memory");
	if (!texts_open(&t, "-", NULL, NULL)) {
		kith_decoder_free(d);
		return tool_fail(EXIT_UNREADABLE, "standard input cannot be "
				 "read: %s", strerror(errno));
	}
	while (texts_next(&t, &text))
		cat_text(k, d, &text);
	if (texts_failed(&t))
		code = tool_fail(EXIT_UNREADABLE, "standard input cannot be "
				 "read further: %s", texts_failed(&t));
	texts_close(&t);
	kith_decoder_free(d);
	return code || !k->bad ? code : EXIT_FAILED;
}

/* --- the command ---------------------------------------------------------- */

/* The letter of the form that is asked for. */
static int read_form(struct catting *k)
{
	static const char forms[] = "wvcbsiBm";
	const struct option_row *o = k->tool->command->options;

	for (; o->letter; o++) {
		if (!strchr(forms, o->letter) ||
		    !tool_option(k->tool, o->letter))
			continue;
		if (k->letter)
			return tool_fail(EXIT_MISUSED, "cat prints one form at "
					 "a time: --%s or the other", o->name);
		k->letter = o->letter;
	}
	return EXIT_DONE;
}

/* Without one, it is the main network. */
static bool has_home(struct tool *t)
{
	struct kith_error e = { 0 };

	return t->home || !home_open(t->home_path, false, &t->home, &e);
}

static int begin(struct catting *k)
{
	int code = read_form(k);
	bool exact;

	if (code)
		return code;
	k->private = tool_option(k->tool, 'p');
	if (k->private) {
		code = tool_open(k->tool, NEEDS_KEYS | NEEDS_VIEWS);
		if (!code && viewer_sees_private(&k->viewer, k->tool->keys))
			code = tool_fail(EXIT_FAILED, "out of memory");
	}
	if (!code && k->tool->from_text)
		code = tool_open(k->tool, NEEDS_HOME);
	if (!code && has_home(k->tool))
		code = network_read(k->tool->home, &k->network);
	if (code)
		return code;
	exact = k->letter == 'w' || k->letter == 's' || k->letter == 'i';
	code = page_begin(&k->page, k->tool, exact);
	k->cat.terminal = k->page.terminal;
	k->cat.null = tool_option(k->tool, '0');
	k->cat.hmac = k->network.has_key ? k->network.key : NULL;
	return code;
}

int command_cat(struct tool *t, int argc, char **argv)
{
	struct catting k = { .tool = t };
	int code;

	if (!argc && isatty(STDIN_FILENO))
		return tool_fail(EXIT_MISUSED, "usage: kith cat SELECTION...; "
				 "see `kith help cat`");
	code = begin(&k);
	if (!code && !argc)
		code = cat_input(&k);
	for (int i = 0; i < argc && !code; i++)
		code = strcmp(argv[i], "-") ? cat_selection(&k, argv[i])
					    : cat_input(&k);
	viewer_end(&k.viewer);
	return page_end(&k.page, code);
}
