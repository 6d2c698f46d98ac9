#include "tests/views/query_run.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void run_begin(struct run *r, struct facts *f)
{
	*r = (struct run){ .facts = f };
	assert_int_equal(store_read(f->home.store, &r->txn), KITH_OK);
}

void run_renew(struct run *r)
{
	query_pause(r->run);
	txn_end(r->txn);
	assert_int_equal(store_read(r->facts->home.store, &r->txn), KITH_OK);
	query_resume(r->run, r->txn);
}

enum kith_err run_ask(struct run *r, int viewer, struct kith_slice text,
		      struct kith_error *e)
{
	enum kith_err err;
	const struct kith_feed_id *whose =
		viewer < 0 ? NULL : &r->facts->authors[viewer];

	assert_int_equal(viewer_start(&r->viewer, r->txn, whose), KITH_OK);
	err = query_parse(text, &r->query, e);
	if (!err)
		err = query_start(r->query, r->txn, &r->viewer, NULL, &r->run,
				  e);
	if (!err)
		query_resume(r->run, r->txn);
	return err;
}

void run_end(struct run *r)
{
	query_end(r->run);
	query_free(r->query);
	viewer_end(&r->viewer);
	txn_end(r->txn);
}
