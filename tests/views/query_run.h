/*
 * A query under way, on a store of facts.  Failing is a failing test.
 */
#ifndef TESTS_VIEWS_QUERY_RUN_H
#define TESTS_VIEWS_QUERY_RUN_H

#include "src/views/query.h"
#include "tests/views/facts.h"

/* A query of a viewer, and the transaction that it reads in. */
struct run {
	struct facts *facts;
	struct txn *txn;
	struct viewer viewer;
	struct query *query;
	struct query_run *run;
};

/* A query is asked between the two; renew: as another turn would have it. */
void run_begin(struct run *r, struct facts *f);
void run_renew(struct run *r);
void run_end(struct run *r);

/* viewer: an author, or -1 for nobody. */
enum kith_err run_ask(struct run *r, int viewer, struct kith_slice text,
		      struct kith_error *e);

#endif
