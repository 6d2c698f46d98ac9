#include "tools/commands.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/private.h"
#include "src/views/viewer.h"
#include "tools/progress.h"
#include "tools/select.h"
#include "tools/show.h"
#include "tools/target.h"
#include "tools/text.h"

enum { LINE_BYTES_MAX = 1 << 20 };

struct export {
	struct tool *tool;
	struct target *target; /* NULL: a terminal, which gets it escaped */
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

/* A key that opens a whole group is handed out by inviting alone. */
static bool is_to_stay(const struct view_message *m)
{
	return json_is(json_get(m->content, "type"), "group/add-member");
}

static void put(struct export *x, const struct view_message *m,
		const struct message_row *row)
{
	kith_buf_reset(&x->line);
	if (tool_option(x->tool, 'c'))
		put_canonical(x, row);
	else if (tool_option(x->tool, 'k'))
		wrap(&x->line, m);
	else
		view_message_put(m, NULL, &x->line);
	kith_buf_byte(&x->line, '\n');
	if (x->target) {
		target_put(x->target, kith_bytes(&x->line));
		return;
	}
	x->line.n--;
	text_print(stdout, kith_bytes(&x->line));
	putchar('\n');
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
		if (m.boxed.n && is_to_stay(&m))
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
		code = select_in(x->tool->store, argv[i], &of);
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

	if (gz && zstd)
		return tool_fail(EXIT_MISUSED, "either --gz or --zstd");
	if (tool_option(x->tool, 'k') && tool_option(x->tool, 'c'))
		return tool_fail(EXIT_MISUSED, "either --keys or --canonical");
	if (terminal && packing != TARGET_PLAIN)
		return tool_fail(EXIT_MISUSED, "packed bytes are nothing for a "
				 "terminal: name a file with -o");
	progress_start(&x->progress, "exported", terminal);
	if (!terminal)
		x->target = target_open(name, packing);
	if (!terminal && !x->target)
		return tool_fail(EXIT_UNREADABLE, "cannot write %s: %s",
				 name ? name : "the output", strerror(errno));
	return EXIT_DONE;
}

/* What is private stays as it is, unless that is asked for. */
static int open_viewer(struct export *x)
{
	int code = EXIT_DONE;

	if (!tool_option(x->tool, 'p'))
		return EXIT_DONE;
	if (tool_option(x->tool, 'c'))
		return tool_fail(EXIT_MISUSED, "either --private or "
				 "--canonical: what is signed is the box");
	code = tool_open(x->tool, NEEDS_KEYS | NEEDS_VIEWS);
	if (!code && viewer_sees_private(&x->viewer, x->tool->keys))
		code = tool_fail(EXIT_FAILED, "out of memory");
	return code;
}

int command_export(struct tool *t, int argc, char **argv)
{
	struct export x = { .tool = t, .line.limit = LINE_BYTES_MAX,
			    .pretty.limit = LINE_BYTES_MAX };
	int code = open_viewer(&x);

	if (!code)
		code = open_target(&x);
	if (code) {
		viewer_end(&x.viewer);
		return code;
	}
	code = export_all(&x, argc, argv);
	progress_end(&x.progress);
	if (code)
		target_drop(x.target);
	else if (x.target && !target_finish(x.target))
		code = tool_fail(EXIT_UNREADABLE, "cannot write the output: %s",
				 strerror(errno));
	viewer_end(&x.viewer);
	kith_buf_free(&x.line);
	kith_buf_free(&x.pretty);
	return code;
}
