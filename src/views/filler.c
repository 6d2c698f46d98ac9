#include "src/views/filler.h"

#include <stdlib.h>

#include "src/views/rows_private.h"

struct filler {
	struct sheaf sheaf;
	struct row_sum *sum;	   /* of postings, or NULL: they are rows */
	struct held_postings held; /* of the message at hand */
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

void filler_sum(struct filler *f, struct row_sum *sum)
{
	f->sum = sum;
	f->held.sum = sum;
}

bool filler_add(struct filler *f, const struct view *view,
		const struct view_message *m)
{
	struct sheaf_mark mark = sheaf_mark(&f->sheaf);
	struct rows r = { .into = &f->sheaf,
			  .held = f->sum ? &f->held : NULL };

	f->held.count = 0;
	rows_run(&r, view, m);
	if (f->sheaf.full) {
		sheaf_back(&f->sheaf, mark);
		return false;
	}
	for (size_t i = 0; i < f->held.count; i++)
		row_sum_add(f->sum, f->held.hashes[i]);
	return true;
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
