#include "tools/from/from.h"

#include <stdlib.h>

#include "src/source/kind.h"
#include "tools/from/from_fill.h"
#include "tools/from/passing.h"
#include "tools/stream/interrupt.h"

struct from {
	bool in_place, is_new;
	bool findings;
	struct passing folder;
};

int from_check(const struct tool *t)
{
	if (!t->from_text || t->command->needs & READS_SOURCES)
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "--from has no meaning with kith %s: "
			 "it %s", t->command->name,
			 t->command->needs
				 ? "works on a home, not on what is read"
				 : "reads no store");
}

bool from_in_place(const struct from *f)
{
	return f->in_place;
}

bool from_is_new(struct from *f)
{
	bool is_new = f && f->is_new;

	if (f)
		f->is_new = false;
	return is_new;
}

int from_code(const struct from *f, int code)
{
	return f && f->findings && !code ? EXIT_FAILED : code;
}

void from_close(struct from *f)
{
	if (!f)
		return;
	passing_remove(&f->folder);
	free(f);
}

/* --- a store of ours ------------------------------------------------------ */

static int open_in_place(struct tool *t, const char *name)
{
	struct kith_error e = { 0 };

	t->from->in_place = true;
	if (source_store_home(name, &t->home, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	return EXIT_DONE;
}

/* --- any other source ----------------------------------------------------- */

/* The lock of the writer goes with the home that it was taken for. */
static int fill(struct tool *t, struct visit *v)
{
	struct kith_error e = { 0 };
	struct home *writer = NULL;
	int code = EXIT_DONE;

	if (home_open(t->from->folder.path, false, &writer, &e))
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (!code)
		code = from_fill(v, writer);
	home_close(writer);
	if (!code && home_open(t->from->folder.path, false, &t->home, &e))
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	return code;
}

static int open_scratch(struct tool *t)
{
	struct kith_error e = { 0 };
	struct visit v;
	int code;

	if (passing_make(&t->from->folder, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	interrupt_hold();
	code = visit_begin(&v, t, t->from_text, "read");
	if (!code)
		code = fill(t, &v);
	t->from->is_new = !code;
	visit_sum_up(&v);
	t->from->findings = visit_code(&v);
	visit_end(&v);
	if (!code && interrupt_pending())
		code = tool_fail(EXIT_FAILED, "interrupted");
	interrupt_release();
	return code;
}

int from_open(struct tool *t)
{
	const struct source_row *row;
	struct kith_error e = { 0 };
	struct home *own = NULL;
	const char *name;
	int code;

	t->from = calloc(1, sizeof(*t->from));
	if (!t->from)
		return tool_fail(EXIT_FAILED, "out of memory");
	row = source_find(t->from_text, &name, &e);
	if (!row)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (!visit_home(t, &own))
		return EXIT_UNREADABLE;
	code = row == &source_store ? open_in_place(t, name)
				    : open_scratch(t);
	if (!code && own)
		home_lean_on(t->home, own);
	return code;
}
