/* The limit on the size of the store: others stop first, then we, and what is
 * removed makes room for both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/forget.h"
#include "src/store/compact.h"
#include "tests/support/node.h"

/* Each message takes two pages, so that a few thousand reach the limit. */
enum { LIMIT = STORE_LIMIT_BYTES_MIN, TEXT = 7500, PART = 500, PARTS_MAX = 30,
       AT_ONCE = 100 };

static char content[TEXT + 64];

static void make_content(void)
{
	size_t n = (size_t)sprintf(content, "{\"type\":\"post\",\"text\":\"");

	memset(content + n, 'x', TEXT);
	memcpy(content + n + TEXT, "\"}", sizeof("\"}"));
}

static void open_limited(struct node *n)
{
	struct store_options o = { .write = true, .limit_bytes = LIMIT };

	test_home_open(&n->h);
	test_home_store(&n->h, 0);
	author_init(&n->self, NODE_SEED);
	node_own_key(n);
	store_close(n->h.store);
	assert_int_equal(store_open(n->h.home, &o, &n->h.store, NULL),
			 KITH_OK);
	node_start(n);
}

static enum store_room room(struct node *n)
{
	enum store_room left;
	struct txn *t;

	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	left = txn_room(t);
	txn_end(t);
	return left;
}

/* Another author's feed, until nothing more is taken. */
static size_t fill(struct node *n, struct author *a)
{
	size_t taken = 0;

	for (int i = 0; i < PARTS_MAX && room(n) >= STORE_ROOM_ALL; i++) {
		for (int k = 0; k < PART; k++)
			author_write(a, kith_text(content));
		for (uint64_t s = taken + 1; s <= a->count; s++)
			node_add(n, author_message(a, s), 0);
		taken += node_collect(n, INGEST_ADDED);
	}
	return taken;
}

/* Publishes some at once, which a few commits take; how many went through. */
static size_t publish(struct node *n)
{
	struct ingest_done done;
	size_t count = 0;

	for (int i = 0; i < AT_ONCE; i++)
		assert_int_equal(ingest_publish(n->in, kith_text(content), n),
				 KITH_OK);
	ingest_wait(n->in);
	while (ingest_done(n->in, &done)) {
		assert_true(!done.code || done.code == KITH_EFULL);
		count += !done.code;
	}
	return count;
}

static void forget(struct node *n, const struct author *a)
{
	struct forgetting f = { .feed = *author_id(a), .until = FORGET_ALL };
	bool more = true;

	while (more)
		assert_int_equal(forget_some(n->h.store, &f, &more, NULL),
				 KITH_OK);
}

static void limit_stops_others_first_and_is_never_passed(void **state)
{
	struct ingest_result r;
	struct compaction c = { 0 };
	struct author a, b;
	struct node n;
	size_t taken, own = 0;
	(void)state;

	make_content();
	open_limited(&n);
	author_init(&a, 1);
	author_init(&b, 2);
	assert_int_equal(room(&n), STORE_ROOM_AMPLE);
	taken = fill(&n, &a);
	assert_true(room(&n) < STORE_ROOM_ALL);
	assert_true(taken > PART);
	assert_true(store_bytes(n.h.store) <= LIMIT);
	author_post(&b, 1);
	r = node_try(&n, author_message(&b, 1));
	assert_int_equal(r.verdict, INGEST_FAILED);
	assert_int_equal(r.code, KITH_EFULL);
	assert_non_null(strstr(r.why, "limit"));

	/* We go on for a while, and are told why when that ends. */
	while (room(&n) == STORE_ROOM_OWN && own < LIMIT / TEXT)
		own += publish(&n);
	assert_true(own > 100);
	assert_int_equal(room(&n), STORE_ROOM_NONE);
	assert_int_equal(node_publish(&n, content).code, KITH_EFULL);
	assert_true(store_bytes(n.h.store) <= LIMIT);

	/* Removing always can, and makes room for all. */
	forget(&n, &a);
	assert_int_equal(room(&n), STORE_ROOM_AMPLE);
	assert_true(store_bytes(n.h.store) <= LIMIT);
	assert_int_equal(node_publish(&n, content).code, KITH_OK);
	assert_int_equal(node_try(&n, author_message(&b, 1)).verdict,
			 INGEST_ADDED);
	assert_int_equal(node_stored(&n), own + 2);

	/* The limit is there after a compaction too. */
	ingest_wait(n.in);
	assert_int_equal(store_compact(n.h.store, &c, NULL), KITH_OK);
	assert_true(c.after < c.before);
	author_clear(&a);
	author_init(&a, 3);
	fill(&n, &a);
	assert_true(store_bytes(n.h.store) <= LIMIT);
	assert_true(room(&n) < STORE_ROOM_ALL);
	author_clear(&a);
	author_clear(&b);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limit_stops_others_first_and_is_never_passed),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
