#include "tools/commands.h"

#include <stdio.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/progress.h"
#include "tools/select.h"
#include "tools/show.h"
#include "tools/text.h"

enum { LINE_BYTES_MAX = 1 << 20 };

static void wrap(struct kith_buf *line, const struct view_message *m)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_msg_print(&m->row->id, id);
	kith_buf_text(line, "{\"key\":");
	json_put_text(line, id);
	kith_buf_text(line, ",\"value\":");
	kith_buf_put(line, m->row->canon);
	kith_buf_text(line, ",\"timestamp\":");
	json_put_number(line, show_received_ms(m));
	kith_buf_byte(line, '}');
}

/* Exact bytes, but for a terminal, which gets them escaped. */
static void print(const struct kith_buf *line, bool terminal)
{
	if (terminal)
		text_print(stdout, kith_bytes(line));
	else
		fwrite(line->p, 1, line->n, stdout);
	putchar('\n');
}

static int export_one(struct tool *t, const struct selection *of,
		      struct progress *p)
{
	bool keys = tool_option(t, 'k'), terminal = isatty(STDOUT_FILENO);
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct message_row row;
	struct view_message m;
	struct walk w;

	walk_start(&w, t->store, of, false);
	while (walk_next(&w, &m, &row) && !ferror(stdout)) {
		kith_buf_reset(&line);
		if (keys)
			wrap(&line, &m);
		else
			kith_buf_put(&line, row.canon);
		print(&line, terminal);
		progress_step(p, row.canon.n);
	}
	walk_end(&w);
	kith_buf_free(&line);
	return w.err ? tool_fail(EXIT_FAILED, "the store cannot be read "
				 "further: %s", kith_strerror(w.err))
		     : EXIT_DONE;
}

int command_export(struct tool *t, int argc, char **argv)
{
	struct selection of = select_all;
	struct progress p;
	int code = EXIT_DONE;

	progress_start(&p, "exported", isatty(STDOUT_FILENO));
	if (!argc)
		code = export_one(t, &of, &p);
	for (int i = 0; i < argc && !code; i++) {
		code = select_in(t->store, argv[i], &of);
		if (!code)
			code = export_one(t, &of, &p);
	}
	progress_end(&p);
	return code;
}
