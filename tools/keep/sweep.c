#include "tools/keep/sweep.h"

#include <unistd.h>

#include "src/views/search.h"
#include "tools/text/progress.h"

enum { PATH_BYTES = 4096 };

static bool has_index(const struct tool *t)
{
	char path[PATH_BYTES];

	return !home_file(t->home, "store/search", path, sizeof(path)) &&
	       !access(path, F_OK);
}

static bool kithd_runs(const struct tool *t)
{
	long pid = 0;

	return home_writer(t->home, &pid) && pid != (long)getpid();
}

static enum kith_err sweep(struct tool *t, struct kith_error *e)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES,
				      .sweep = true };
	struct progress progress;
	struct search *s;
	enum kith_err err = search_open(t->home, &s, e);

	if (err)
		return err;
	progress_start(&progress, "read for the index of search", false);
	do {
		err = search_catch_up(s, t->store, &slice, e);
		progress_total(&progress, slice.total);
		progress_at(&progress, slice.done);
	} while (!err && slice.more);
	progress_end(&progress);
	search_close(s);
	return err;
}

void sweep_index(struct tool *t)
{
	struct kith_error e = { 0 };

	if (search_drop_private(t->home, &e))
		tool_note("%s", e.text);
	e = (struct kith_error){ 0 };
	if (!has_index(t) || kithd_runs(t) || tool_open(t, NEEDS_STORE))
		return;
	if (sweep(t, &e))
		tool_note("their words are found no more, but still in the "
			  "index of search: %s", e.text);
}
