#include "tests/fsck/case.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct victim v;

int case_open(void **state)
{
	(void)state;
	victim_open(&v, POSTS);
	return 0;
}

int case_close(void **state)
{
	(void)state;
	victim_close(&v);
	return 0;
}

struct txn *case_begin(void)
{
	struct txn *t;

	victim_change(&v);
	assert_int_equal(store_write(v.h.store, &t), KITH_OK);
	return t;
}

void case_commit(struct txn *t)
{
	assert_int_equal(txn_commit(t), KITH_OK);
	victim_settle(&v);
}
