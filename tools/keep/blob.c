/* kith blob: files that messages refer to. */
#include <stdio.h>

#include "tools/keep/blob.h"
#include "tools/keep/commands.h"
#include "tools/pass/blobs.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/verbs.h"

/* --- add ------------------------------------------------------------------ */

static void print_added(const struct tool *t, const struct blobs_file *f)
{
	char id[KITH_REF_TEXT_BYTES];
	struct record r;

	kith_blob_print(&f->id, id);
	if (!t->json) {
		puts(id);
		return;
	}
	record_begin(&r);
	record_text(&r, "id", id);
	record_uint(&r, "bytes", f->bytes.n);
	record_text(&r, "type", f->media.type);
	if (f->media.width) {
		record_uint(&r, "width", f->media.width);
		record_uint(&r, "height", f->media.height);
	}
	record_end(&r);
}

static int add_one(struct blobs_way *w, const char *path)
{
	struct blobs_file f;
	struct blobs_said said;
	int code = blobs_file_read(w->tool, path, &f);

	if (!code)
		code = blobs_add(w, &f);
	if (!code && tool_option(w->tool, 'p'))
		code = blobs_say(w, &f.id, BLOB_WORD_PIN, &said);
	if (!code)
		print_added(w->tool, &f);
	blobs_file_clear(&f);
	return code;
}

static int add(struct tool *t, int argc, char **argv)
{
	struct blobs_way w;
	int code = blobs_begin(&w, t);

	if (!code && !argc)
		code = add_one(&w, "-");
	for (int i = 0; i < argc && !code; i++)
		code = add_one(&w, argv[i]);
	blobs_end(&w);
	return code;
}

/* --- words ---------------------------------------------------------------- */

/* What a person reads, where it did not do what it says, or not only that. */
static const char *remark(enum blob_word word, const struct blobs_said *said)
{
	switch (word) {
	case BLOB_WORD_WANT:
		return said->here ? "it is here already"
				  : "wanted: kithd fetches it when a peer "
				    "has it";
	case BLOB_WORD_PIN:
		return said->here ? NULL
				  : "pinned, but it is not here: `kith blob "
				    "want` has it fetched";
	default:
		return NULL;
	}
}

static void print_said(const struct tool *t, const struct kith_blob_id *id,
		       enum blob_word word, const struct blobs_said *said)
{
	const char *note = remark(word, said);
	char text[KITH_REF_TEXT_BYTES];
	struct record r;

	if (t->json) {
		kith_blob_print(id, text);
		record_begin(&r);
		record_text(&r, "id", text);
		record_bool(&r, "changed", said->changed);
		record_bool(&r, "here", said->here);
		record_bool(&r, "pinned", said->pinned);
		record_end(&r);
	} else if (note) {
		tool_note("%s", note);
	}
}

static int say_one(struct tool *t, const char *text, enum blob_word word)
{
	struct kith_blob_id id;
	struct blobs_said said;
	struct blobs_way w;
	int code = select_blob(t, text, &id);

	if (code)
		return code;
	code = blobs_begin(&w, t);
	if (!code)
		code = blobs_say(&w, &id, word, &said);
	if (!code)
		print_said(t, &id, word, &said);
	blobs_end(&w);
	return code;
}

static int say_all(struct tool *t, int argc, char **argv, enum blob_word word)
{
	int code = EXIT_DONE;

	for (int i = 0; i < argc && !code; i++)
		code = say_one(t, argv[i], word);
	return code;
}

static int want(struct tool *t, int argc, char **argv)
{
	return say_all(t, argc, argv, tool_option(t, 'u') ? BLOB_WORD_UNWANT
							  : BLOB_WORD_WANT);
}

static int pin(struct tool *t, int argc, char **argv)
{
	return say_all(t, argc, argv, BLOB_WORD_PIN);
}

static int unpin(struct tool *t, int argc, char **argv)
{
	return say_all(t, argc, argv, BLOB_WORD_UNPIN);
}

static int rm(struct tool *t, int argc, char **argv)
{
	return say_all(t, argc, argv, BLOB_WORD_RM);
}

/* --- the verbs of the command --------------------------------------------- */

const struct verb blob_verbs[] = {
	{ "add", "[FILE...]", "p", 0, ANY_NUMBER, add },
	{ "get", "&BLOB", "o", 1, 1, blob_get },
	{ "ls", "", "wmO", 0, 0, blob_ls },
	{ "want", "&BLOB...", "u", 1, ANY_NUMBER, want },
	{ "why", "&BLOB", "", 1, 1, blob_why },
	{ "pin", "&BLOB...", "", 1, ANY_NUMBER, pin },
	{ "unpin", "&BLOB...", "", 1, ANY_NUMBER, unpin },
	{ "rm", "&BLOB...", "", 1, ANY_NUMBER, rm },
	{ "gc", "", "nf", 0, 0, blob_gc },
	{ "space", "", "", 0, 0, blob_space },
	{ 0 },
};

int command_blobs(struct tool *t, int argc, char **argv)
{
	return blob_ls(t, argc, argv);
}

int command_blob(struct tool *t, int argc, char **argv)
{
	if (*argv[0] == '&' && argc == 1)
		return blob_why(t, argc, argv);
	return verbs_run(t, argc, argv);
}
