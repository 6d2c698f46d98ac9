/*
 * The rows of many messages at once, put into a store that need not hold the
 * messages: as a check of the views needs it.  One thread.
 */
#ifndef VIEWS_FILLER_H
#define VIEWS_FILLER_H

#include "src/views/row_sum.h"
#include "src/views/view.h"

struct filler;

/* Gives; filler_free.  NULL: no memory. */
struct filler *filler_new(void);
void filler_free(struct filler *f);

/* From now on postings do not become rows, but go into sum, which the filler
 * keeps a view of. */
void filler_sum(struct filler *f, struct row_sum *sum);

/* Adds the rows that view, which follows the log, has of m.  False: there is
 * no room; put first. */
bool filler_add(struct filler *f, const struct view *view,
		const struct view_message *m);

/* Puts what was added into t.  False: t is large, commit it and put the rest
 * into another.  Errors stay in t. */
bool filler_put(struct filler *f, struct txn *t);

#endif
