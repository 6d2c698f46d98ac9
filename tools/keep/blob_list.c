/* kith blob get and ls: what is here, as it is in the folder. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/wall.h"
#include "src/views/postings.h"
#include "tools/keep/blob.h"
#include "tools/pass/blob_box.h"
#include "tools/pass/blobs.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { PIECE_BYTES = 32 * 1024, ARGS_BYTES = KITH_REF_TEXT_BYTES + 64 };

/* --- get ------------------------------------------------------------------ */

static int absent(const char *text)
{
	return tool_fail(EXIT_NOT_FOUND, "%s is not here: `kith blob why` says "
			 "why, `kith blob want` has it fetched", text);
}

/* From where, and with which key. */
struct reading_blob {
	struct blob_file *file;
	const char *text; /* as it was named */
	bool boxed, whole;
	struct box_reader box;
};

static int write_piece(FILE *to, struct kith_slice bytes)
{
	return fwrite(bytes.p, 1, bytes.n, to) == bytes.n
		       ? EXIT_DONE
		       : tool_fail(EXIT_FAILED, "cannot write: %s",
				   strerror(errno));
}

static int open_piece(struct reading_blob *from, FILE *to,
		      struct kith_slice bytes)
{
	enum box_step step = BOX_BODY;
	struct kith_slice plain;
	int code = EXIT_DONE;

	while (!code && step == BOX_BODY) {
		step = box_next(&from->box, &bytes, &plain);
		if (step == BOX_BODY)
			code = write_piece(to, plain);
	}
	from->whole = step == BOX_GOODBYE;
	if (step == BOX_BAD || (from->whole && bytes.n))
		code = tool_fail(EXIT_UNREADABLE, "the key behind it does not "
				 "open it");
	return code;
}

static int explain(const struct reading_blob *from, enum kith_err err)
{
	if (err == KITH_EFORMAT)
		return tool_fail(EXIT_UNREADABLE, "the file of %s is damaged: "
				 "`kith blob gc --full` has it fetched again",
				 from->text);
	return tool_fail(EXIT_UNREADABLE, "the file of %s cannot be read",
			 from->text);
}

static int copy(struct reading_blob *from, FILE *to)
{
	uint8_t piece[PIECE_BYTES];
	uint64_t at = 0;
	size_t got = 1;
	int code = EXIT_DONE;

	while (!code && got) {
		enum kith_err err = blob_read(from->file, at, piece,
					      sizeof(piece), &got);
		struct kith_slice bytes = { piece, got };

		if (err)
			return explain(from, err);
		if (got)
			code = from->boxed ? open_piece(from, to, bytes)
					   : write_piece(to, bytes);
		at += got;
	}
	if (!code && from->boxed && !from->whole)
		code = tool_fail(EXIT_UNREADABLE, "it is cut: the end of its "
				 "box is missing");
	return code;
}

static int write_file(struct reading_blob *from, const char *path)
{
	FILE *to = fopen(path, "wb");
	struct stat st;
	bool regular;
	int code;

	if (!to)
		return tool_fail(EXIT_FAILED, "cannot write %s: %s", path,
				 strerror(errno));
	/* A device or a pipe is not ours to remove. */
	regular = !fstat(fileno(to), &st) && S_ISREG(st.st_mode);
	code = copy(from, to);
	if (fclose(to) && !code)
		code = tool_fail(EXIT_FAILED, "cannot write %s: %s", path,
				 strerror(errno));
	if (code && regular)
		remove(path);
	return code;
}

static int write_out(const struct tool *t, struct reading_blob *from)
{
	const char *path = tool_option(t, 'o');

	if (path && strcmp(path, "-") != 0)
		return write_file(from, path);
	if (!path && isatty(STDOUT_FILENO))
		return tool_fail(EXIT_MISUSED, "a blob is bytes, not for a "
				 "terminal: name a file with --output, or "
				 "\"-\" if you mean it");
	return copy(from, stdout);
}

/* What keeps it from being noted is no failure of reading it. */
static void note_use(struct tool *t, struct blobs *b,
		     const struct kith_blob_id *id)
{
	struct blob_task task = { .blobs = b, .id = *id,
				  .word = BLOB_WORD_USED,
				  .now_us = wall_us() };
	struct store_options o = { .write = true };
	char text[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct client *kithd = NULL;
	struct store *s = NULL;
	struct kith_slice reply;
	enum kith_err err;

	/* One environment a process. */
	store_close(t->store);
	t->store = NULL;
	kith_blob_print(id, text);
	snprintf(args, sizeof(args), "[{\"id\":\"%s\",\"word\":\"%s\"}]", text,
		 blob_word_name(task.word));
	err = tool_dial(t, &kithd, NULL);
	if (!err)
		err = client_call(kithd, "kith.blob", kith_text(args), &reply,
				  NULL);
	else if (!home_lock_writer(t->home, NULL) &&
		 !store_open(t->home, &o, &s, NULL))
		err = blob_say(s, &task, NULL);
	(void)err;
	store_close(s);
	client_close(kithd);
}

int blob_get(struct tool *t, int argc, char **argv)
{
	struct reading_blob from = { .text = argv[0] };
	struct kith_error e = { 0 };
	struct kith_blob_id id;
	struct blobs *b;
	enum kith_err err;
	int code = select_blob(t, argv[0], &id);

	(void)argc;
	if (code)
		return code;
	if (blobs_open(t->home, &b, &e))
		return tool_explain(&e, KITH_ENOMEM);
	from.boxed = blob_box_reader(argv[0], &from.box);
	err = blob_open(b, &id, &from.file);
	if (err == KITH_ENOENT)
		code = absent(argv[0]);
	else if (err)
		code = explain(&from, KITH_EIO);
	else
		code = write_out(t, &from);
	blob_close(from.file);
	box_reader_clear(&from.box);
	if (!code)
		note_use(t, b, &id);
	blobs_close(b);
	return code;
}

/* --- ls ------------------------------------------------------------------- */

static const char *state_name(enum blob_state state)
{
	static const char *const names[] = { "known", "here", "wanted",
					     "removed" };

	return names[state];
}

static void record_row(const struct blob_row *row)
{
	char id[KITH_REF_TEXT_BYTES];
	struct record r;

	kith_blob_print(&row->id, id);
	record_begin(&r);
	record_text(&r, "id", id);
	record_text(&r, "state", state_name(row->state));
	if (row->size)
		record_uint(&r, "bytes", row->size);
	if (row->added_us)
		record_number(&r, "added", (double)row->added_us / 1000);
	if (row->hops != BLOB_HOPS_NONE)
		record_uint(&r, "hops", row->hops);
	record_bool(&r, "pinned", row->pinned);
	record_bool(&r, "own", row->own);
	if (row->from.format)
		record_feed(&r, "source", &row->from);
	if (row->state != BLOB_HERE && row->why)
		record_text(&r, "why", blob_why_text(row->why));
	record_end(&r);
}

static void print_row(const struct blob_row *row)
{
	char id[KITH_REF_TEXT_BYTES], size[TEXT_SIZE_BYTES];
	char when[TEXT_TIME_BYTES];

	kith_blob_print(&row->id, id);
	text_size(row->size, size);
	text_time((double)row->added_us / 1000, when);
	printf("%s  %9s  %s%s%s\n", id, row->size ? size : "-", when,
	       row->own ? "  own" : "", row->pinned ? "  pinned" : "");
}

static void print_wanted(const struct blob_row *row)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&row->id, id);
	printf("%s%s%s\n", id, row->why ? "  " : "", blob_why_text(row->why));
}

static void show(const struct tool *t, const struct blob_row *row)
{
	if (t->json)
		record_row(row);
	else if (row->state == BLOB_HERE)
		print_row(row);
	else
		print_wanted(row);
}

/* Those that are wanted, or all that messages refer to and that are not
 * here. */
static int list_absent(struct tool *t, struct txn *txn, bool wanted)
{
	struct blob_rows rows;
	struct blob_row row;

	blob_rows_open(&rows, txn, NULL);
	while (blob_rows_next(&rows, &row))
		if (wanted ? row.state == BLOB_WANTED : row.state != BLOB_HERE)
			show(t, &row);
	blob_rows_close(&rows);
	return txn_error(txn) ? tool_fail(EXIT_UNREADABLE, "the store cannot "
					  "be read")
			      : EXIT_DONE;
}

/* Whether any message refers to it. */
static bool is_referred(struct txn *txn, const struct kith_blob_id *id)
{
	const struct kith_ref of = { .kind = KITH_REF_BLOB, .blob = *id };
	const struct posting first = POSTING_FIRST;
	bool found = false;

	for (int i = 0; !found && i < RELATION_COUNT; i++) {
		struct term term = term_link(&of, (enum relation)i);
		struct postings p;

		postings_open(&p, txn, NULL, &term);
		found = postings_seek(&p, &first);
		postings_close(&p);
	}
	return found;
}

/* What is known of a file, and what the file says itself. */
static void list_file(struct tool *t, struct txn *txn,
		      const struct blob_entry *file)
{
	struct blob_row row;

	if (!file->size)
		return; /* of no blob: `kith blob gc` removes it */
	if (tool_option(t, 'O') && is_referred(txn, &file->id))
		return;
	if (!blob_row_get(txn, &file->id, &row) || row.state != BLOB_HERE)
		row.added_us = file->added_us;
	row.state = BLOB_HERE;
	row.size = file->size;
	show(t, &row);
}

static int list_here(struct tool *t, struct txn *txn)
{
	struct kith_error e = { 0 };
	struct blob_entry file;
	struct blob_walk *w;
	struct blobs *b;
	enum kith_err err = blobs_open(t->home, &b, &e);

	if (err)
		return tool_explain(&e, err);
	w = blob_walk_new(b, NULL);
	while (w && blob_walk_next(w, &file))
		list_file(t, txn, &file);
	err = w ? blob_walk_error(w) : KITH_ENOMEM;
	blob_walk_free(w);
	blobs_close(b);
	return err ? tool_fail(EXIT_UNREADABLE, "the folder of blobs cannot be "
			       "read: %s", kith_strerror(err))
		   : EXIT_DONE;
}

int blob_ls(struct tool *t, int argc, char **argv)
{
	bool wanted = tool_option(t, 'w'), missing = tool_option(t, 'm');
	bool orphans = tool_option(t, 'O');
	struct txn *txn;
	int code;

	(void)argc;
	(void)argv;
	if (wanted + missing + orphans > 1)
		return tool_fail(EXIT_MISUSED, "one of --wanted, --missing and "
				 "--orphans");
	code = tool_open(t, orphans ? NEEDS_HOME | NEEDS_STORE | NEEDS_VIEWS
				    : NEEDS_HOME | NEEDS_STORE);
	if (code)
		return code;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	code = wanted || missing ? list_absent(t, txn, wanted)
				 : list_here(t, txn);
	txn_end(txn);
	return code;
}
