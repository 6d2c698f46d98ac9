/*
 * Between the files of query: how a plan is made.
 *
 * A filter is proven where the lists hold nothing that it refuses; else it is
 * checked on the message.  Only a filter that must hold can be proven.
 */
#ifndef VIEWS_QUERY_PLAN_H
#define VIEWS_QUERY_PLAN_H

#include "src/views/query_private.h"

struct planner {
	struct query_run *run;
	struct txn *txn;
	struct plan *plan;
	struct kith_error *e;
	enum kith_err err;
};

/* query_make.c.  The lists of the whole filter; NULL: none fits, or p->err. */
struct lane *plan_lists(struct planner *p);
/* NULL: p->err. */
struct lane *term_list(struct planner *p, const struct term *t,
		       const struct filter *of);
/* The lists of f, those beside it and all inside are read no more. */
void filter_unprove(struct filter *f);
/* The first in an AND that is of the kind, or a choice of such. */
struct filter *find_choice(struct filter *in, enum filter_kind kind);

#endif
