/* kith export: messages in several forms. */
#include "tools/carry/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/content.h"
#include "src/views/private.h"
#include "src/views/viewer.h"
#include "tools/carry/export_row.h"
#include "tools/pick/select.h"
#include "tools/print/show.h"
#include "tools/stream/target.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 1 << 20 };

enum form { FORM_NDJSON, FORM_KVT, FORM_CANONICAL, FORM_CSV, FORM_SQLITE,
	    FORM_DEPOT, FORMS };

static const char *const form_names[FORMS] = {
	[FORM_NDJSON] = "ndjson", [FORM_KVT] = "kvt",
	[FORM_CANONICAL] = "canonical", [FORM_CSV] = "csv",
	[FORM_SQLITE] = "sqlite", [FORM_DEPOT] = "depot",
};

struct export {
	struct tool *tool;
	enum form form;
	struct target *target; /* NULL: a terminal, which gets it escaped */
	struct export_db *db;  /* FORM_SQLITE */
	struct viewer viewer; /* sees what is private, or nothing more */
	struct kith_buf line, pretty;
	struct progress progress;
};

static void wrap(struct kith_buf *line, const struct view_message *m)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_msg_print(&m->row->id, id);
	kith_buf_text(line, "{\"key\":");
	json_put_text(line, id);
	kith_buf_text(line, ",\"value\":");
	view_message_put(m, NULL, line);
	kith_buf_text(line, ",\"timestamp\":");
	json_put_number(line, show_received_ms(m));
	kith_buf_byte(line, '}');
}

/* The text that is hashed, on one line: \n for its line ends, \\ for \. */
static void put_canonical(struct export *x, const struct message_row *row)
{
	kith_buf_reset(&x->pretty);
	json_pretty(row->canon, &x->pretty);
	for (size_t i = 0; i < x->pretty.n; i++) {
		uint8_t c = x->pretty.p[i];

		if (c == '\n' || c == '\\')
			kith_buf_byte(&x->line, '\\');
		kith_buf_byte(&x->line, c == '\n' ? 'n' : c);
	}
}

static void put_line(struct export *x)
{
	kith_buf_byte(&x->line, '\n');
	if (x->target) {
		target_put(x->target, kith_bytes(&x->line));
		return;
	}
	x->line.n--;
	text_print(stdout, kith_bytes(&x->line));
	putchar('\n');
}

static void put_row(struct export *x, const struct view_message *m)
{
	struct export_row row;

	export_row(m, &x->pretty, &row);
	if (x->form == FORM_CSV) {
		export_csv(&row, &x->line);
		put_line(x);
	} else {
		(void)export_db_put(x->db, &row);
	}
}

static void put(struct export *x, const struct view_message *m,
		const struct message_row *row)
{
	kith_buf_reset(&x->line);
	if (x->form == FORM_CSV || x->form == FORM_SQLITE) {
		put_row(x, m);
		return;
	}
	if (x->form == FORM_CANONICAL)
		put_canonical(x, row);
	else if (x->form == FORM_KVT)
		wrap(&x->line, m);
	else
		view_message_put(m, NULL, &x->line);
	put_line(x);
}

static bool is_in_vain(const struct export *x)
{
	return x->target ? target_failed(x->target) : ferror(stdout) != 0;
}

static int export_one(struct export *x, const struct selection *of)
{
	struct message_row row;
	struct view_message m;
	struct walk w;

	walk_start(&w, x->tool->store, of, false);
	while (walk_next(&w, &m, &row) && !is_in_vain(x)) {
		if (!viewer_message(&x->viewer, w.txn, &row, &m))
			continue;
		if (m.boxed.n && content_is_key(m.content))
			(void)views_read(w.txn, &row, &m);
		put(x, &m, &row);
		viewer_turn(&x->viewer);
		progress_at(&x->progress, x->progress.messages);
		progress_step(&x->progress, row.canon.n);
	}
	walk_end(&w);
	if (x->line.err || x->pretty.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	return w.err ? tool_fail(EXIT_FAILED, "the store cannot be read "
				 "further: %s", kith_strerror(w.err))
		     : EXIT_DONE;
}

static void count_all(struct export *x)
{
	struct txn *t;

	if (store_read(x->tool->store, &t))
		return;
	progress_total(&x->progress, txn_count(t, TABLE_LOG));
	txn_end(t);
}

static int export_all(struct export *x, int argc, char **argv)
{
	struct selection of = select_all;
	int code = EXIT_DONE;

	if (!argc) {
		count_all(x);
		return export_one(x, &of);
	}
	for (int i = 0; i < argc && !code; i++) {
		code = select_for(x->tool, argv[i], &of);
		if (!code)
			code = export_one(x, &of);
	}
	return code;
}

static int open_target(struct export *x)
{
	const char *name = tool_option(x->tool, 'o');
	bool gz = tool_option(x->tool, 'z'), zstd = tool_option(x->tool, 'Z');
	enum target_packing packing = gz     ? TARGET_GZIP
				      : zstd ? TARGET_ZSTD
					     : target_packing_of(name);
	bool terminal = !name && isatty(STDOUT_FILENO);

	if (terminal && packing != TARGET_PLAIN)
		return tool_fail(EXIT_MISUSED, "packed bytes are nothing for a "
				 "terminal: name a file with -o");
	progress_start(&x->progress, "exported", terminal);
	if (!terminal)
		x->target = (tool_option(x->tool, 'p') ? target_open_secret
						       : target_open)
				    (name, packing);
	if (!terminal && !x->target)
		return tool_fail(EXIT_UNREADABLE, "cannot write %s: %s",
				 name ? name : "the output", strerror(errno));
	if (x->form == FORM_CSV) {
		export_csv_names(&x->line);
		x->line.n--; /* put_line has the end of it */
		put_line(x);
	}
	return EXIT_DONE;
}

static int open_db(struct export *x)
{
	const char *name = tool_option(x->tool, 'o');
	struct kith_error e = { 0 };

	if (!name || !strcmp(name, "-"))
		return tool_fail(EXIT_MISUSED, "a database is a file: name "
				 "it with -o");
	progress_start(&x->progress, "exported", false);
	return export_db_open(name, tool_option(x->tool, 'p'), &x->db, &e)
		       ? tool_fail(EXIT_UNREADABLE, "%s", e.text)
		       : EXIT_DONE;
}

/* What is private stays as it is, unless that is asked for. */
static int open_viewer(struct export *x)
{
	int code = EXIT_DONE;

	if (!tool_option(x->tool, 'p'))
		return EXIT_DONE;
	code = tool_open(x->tool, NEEDS_KEYS | NEEDS_VIEWS);
	if (!code && viewer_sees_private(&x->viewer, x->tool->keys))
		code = tool_fail(EXIT_FAILED, "out of memory");
	return code;
}

/* --- a depot --- */

/* A new one is what `kith sync` makes: what is in reach, and blobs. */
static int export_depot(struct tool *t, int argc)
{
	const char *name = tool_option(t, 'o');
	struct tool sync = { .home_path = t->home_path, .json = t->json };
	char *args[2] = { NULL, NULL };
	int code;

	if (t->from_text)
		return tool_fail(EXIT_MISUSED, "a depot is filled from the "
				 "home's own store, not --from another");
	if (!name || argc)
		return tool_fail(EXIT_MISUSED, "a depot is a folder, named "
				 "with -o; it gets what is in reach, as `kith "
				 "sync` leaves it");
	args[0] = strdup(name);
	if (!args[0])
		return tool_fail(EXIT_FAILED, "out of memory");
	sync.command = command_named("sync");
	sync.chosen[sync.chosen_count].value = "";
	sync.chosen[sync.chosen_count++].letter = 'c';
	code = tool_open(&sync, sync.command->needs);
	if (!code)
		code = command_sync(&sync, 1, args);
	tool_close(&sync);
	free(args[0]);
	return code;
}

/* --- which --- */

static int read_form(const struct tool *t, enum form *out)
{
	const char *name = tool_option(t, 'f');
	bool keys = tool_option(t, 'k'), canonical = tool_option(t, 'c');
	int i = FORM_NDJSON;

	if (keys + canonical + (name != NULL) > 1)
		return tool_fail(EXIT_MISUSED, "one form at a time: --format, "
				 "--keys (kvt) or --canonical");
	while (name && i < FORMS && strcmp(name, form_names[i]) != 0)
		i++;
	if (i == FORMS)
		return tool_fail(EXIT_MISUSED, "--format is ndjson, kvt, "
				 "canonical, csv, sqlite or depot, not "
				 "\"%s\"", name);
	*out = keys ? FORM_KVT : canonical ? FORM_CANONICAL : (enum form)i;
	return EXIT_DONE;
}

static int check_options(const struct tool *t, enum form form)
{
	bool packed = tool_option(t, 'z') || tool_option(t, 'Z');

	if (tool_option(t, 'z') && tool_option(t, 'Z'))
		return tool_fail(EXIT_MISUSED, "either --gz or --zstd");
	if (packed && form >= FORM_SQLITE)
		return tool_fail(EXIT_MISUSED, "neither a database nor a depot "
				 "is packed");
	if (tool_option(t, 'p') && form == FORM_CANONICAL)
		return tool_fail(EXIT_MISUSED, "either --private or "
				 "--canonical: what is signed is the box");
	if (tool_option(t, 'p') && form == FORM_DEPOT)
		return tool_fail(EXIT_MISUSED, "a depot carries messages as "
				 "they are signed: no --private");
	return EXIT_DONE;
}

static int finish(struct export *x, int code)
{
	struct kith_error e = { 0 };

	if (code) {
		target_drop(x->target);
		export_db_drop(x->db);
	} else if (x->db && export_db_finish(x->db, &e)) {
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	} else if (x->target && !target_finish(x->target)) {
		code = tool_fail(EXIT_UNREADABLE, "cannot write the output: %s",
				 strerror(errno));
	}
	return code;
}

static int run(struct export *x, int argc, char **argv)
{
	int code = tool_open(x->tool, NEEDS_STORE);

	if (!code)
		code = open_viewer(x);
	if (!code)
		code = x->form == FORM_SQLITE ? open_db(x) : open_target(x);
	if (!code) {
		code = export_all(x, argc, argv);
		progress_end(&x->progress);
	}
	return finish(x, code);
}

int command_export(struct tool *t, int argc, char **argv)
{
	struct export x = { .tool = t, .line.limit = LINE_BYTES_MAX,
			    .pretty.limit = LINE_BYTES_MAX };
	int code = read_form(t, &x.form);

	if (!code)
		code = check_options(t, x.form);
	if (code)
		return code;
	if (x.form == FORM_DEPOT)
		return export_depot(t, argc);
	code = run(&x, argc, argv);
	viewer_end(&x.viewer);
	kith_buf_free(&x.line);
	kith_buf_free(&x.pretty);
	return code;
}
