#include "tools/keep/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/views/rebuild.h"
#include "tools/catch_up.h"
#include "tools/print/record.h"

static void print_one(const struct tool *t, struct txn *txn,
		      const struct view *view)
{
	uint64_t rows = view_rows(txn, view);
	struct view_status s;
	struct record r;

	view_status(txn, view, &s);
	if (!t->json) {
		printf("%-12s %7" PRIu32 " %10" PRIu64 " %10" PRIu64
		       " %8" PRIu64 " %8" PRIu64 "  %s\n", view->name,
		       s.version, rows, s.position, s.behind, s.skipped,
		       s.state);
		return;
	}
	record_begin(&r);
	record_text(&r, "view", view->name);
	record_uint(&r, "version", s.version);
	record_uint(&r, "rows", rows);
	record_uint(&r, "position", s.position);
	record_uint(&r, "behind", s.behind);
	record_uint(&r, "skipped", s.skipped);
	record_text(&r, "state", s.state);
	record_end(&r);
}

static int print_all(struct tool *t)
{
	enum kith_err err;
	struct txn *txn;

	err = store_read(t->store, &txn);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", kith_strerror(err));
	if (!t->json)
		printf("%-12s %7s %10s %10s %8s %8s  %s\n", "view", "version",
		       "rows", "position", "behind", "skipped", "state");
	for (size_t i = 0; views[i]; i++)
		print_one(t, txn, views[i]);
	err = txn_error(txn);
	txn_end(txn);
	return err ? tool_fail(EXIT_UNREADABLE, "the views cannot be read: %s",
			       kith_strerror(err)) : EXIT_DONE;
}

int command_views(struct tool *t, int argc, char **argv)
{
	const char *name = tool_option(t, 'r');
	const struct view *view = name ? view_named(kith_text(name)) : NULL;
	int code = EXIT_DONE;

	(void)argc;
	(void)argv;
	if (name && !view)
		return tool_fail(EXIT_NOT_FOUND, "there is no view \"%s\"; "
				 "`kith views` lists all", name);
	if (view == &view_private)
		code = tool_open(t, NEEDS_KEYS);
	if (view && !code)
		code = catch_up_rebuild(t, view);
	return code ? code : print_all(t);
}
