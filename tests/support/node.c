#include "tests/support/node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/local.h"

void node_start(struct node *n)
{
	struct ingest_config config = {
		.store = n->h.store,
		.signer = n->self.signer,
		.verifiers = 2,
	};

	assert_int_equal(ingest_start(&config, &n->in, NULL), KITH_OK);
}

void node_own_key(struct node *n)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct txn *t;

	assert_int_equal(store_write(n->h.store, &t), KITH_OK);
	publish_put(t, author_id(&n->self), &row);
	assert_int_equal(txn_commit(t), KITH_OK);
}

void node_open(struct node *n, uint64_t map_bytes)
{
	test_home_open(&n->h);
	test_home_store(&n->h, map_bytes);
	author_init(&n->self, NODE_SEED);
	node_own_key(n);
	node_start(n);
}

void node_restart(struct node *n)
{
	ingest_stop(n->in);
	test_home_reopen(&n->h);
	node_start(n);
}

void node_close(struct node *n)
{
	ingest_stop(n->in);
	author_clear(&n->self);
	test_home_close(&n->h);
}

void node_add(struct node *n, struct kith_slice value, uint32_t tag)
{
	assert_int_equal(ingest_add(n->in, value, tag, NODE_SOURCE), KITH_OK);
}

size_t node_collect(struct node *n, enum ingest_verdict verdict)
{
	struct ingest_done done;
	size_t count = 0;

	ingest_wait(n->in);
	while (ingest_done(n->in, &done))
		for (size_t i = 0; i < done.count; i++)
			count += done.results[i].verdict == verdict;
	return count;
}

struct ingest_result node_try(struct node *n, struct kith_slice value)
{
	struct ingest_result result;
	struct ingest_done done;

	node_add(n, value, 42);
	ingest_wait(n->in);
	assert_true(ingest_done(n->in, &done));
	assert_int_equal(done.count, 1);
	result = done.results[0];
	assert_int_equal(result.tag, 42);
	assert_false(ingest_done(n->in, &done));
	return result;
}

struct ingest_done node_publish(struct node *n, const char *content)
{
	struct ingest_done done, none;

	assert_int_equal(ingest_publish(n->in, kith_text(content), n),
			 KITH_OK);
	ingest_wait(n->in);
	assert_true(ingest_done(n->in, &done));
	assert_null(done.results);
	assert_ptr_equal(done.user, n);
	/* Only pointers of done are borrowed, and it has none. */
	assert_false(ingest_done(n->in, &none));
	return done;
}

uint64_t node_stored(struct node *n)
{
	uint64_t count;
	struct txn *t;

	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	count = message_count(t);
	txn_end(t);
	return count;
}
