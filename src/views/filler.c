#include "src/views/filler.h"

#include <stdlib.h>

#include "src/views/rows_private.h"

struct filler {
	struct sheaf sheaf;
};

struct filler *filler_new(void)
{
	struct filler *f = calloc(1, sizeof(*f));

	if (f && sheaf_alloc(&f->sheaf))
		return f;
	filler_free(f);
	return NULL;
}

void filler_free(struct filler *f)
{
	if (!f)
		return;
	sheaf_free(&f->sheaf);
	free(f);
}

bool filler_add(struct filler *f, const struct view *view,
		const struct view_message *m)
{
	struct sheaf_mark mark = sheaf_mark(&f->sheaf);
	struct rows r = { .into = &f->sheaf };

	rows_run(&r, view, m);
	if (!f->sheaf.full)
		return true;
	sheaf_back(&f->sheaf, mark);
	return false;
}

bool filler_put(struct filler *f, struct txn *t)
{
	struct sheaf_item rest;

	if (!f->sheaf.run_count)
		(void)sheaf_end_run(&f->sheaf);
	rows_put(t, &f->sheaf, INT64_MAX);
	if (!txn_error(t) && sheaf_first(&f->sheaf, &rest))
		return false;
	sheaf_reset(&f->sheaf);
	return true;
}
