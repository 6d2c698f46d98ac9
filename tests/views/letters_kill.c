/*
 * Killed at any moment: letters_kill [COUNT [SEED]]
 *
 * A child takes private messages in and opens them, forgets feeds and makes all
 * anew, until it is killed; then the store is opened again, the opening catches
 * up, and is what a plain loop opens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/forget.h"
#include "src/views/rebuild.h"
#include "tests/support/home.h"
#include "tests/views/contents.h"
#include "tests/views/feed_log.h"
#include "tests/views/letters.h"
#include "tests/views/oracle.h"

enum { WRITTEN = 400, AT_ONCE = 40, SPREAD_US = 200000 };

static unsigned kills = 12;
static uint64_t seed = 1;

/* The same letters in each life, by a key for ourselves that we chose. */
static void write_all(struct letters *l, const struct keys *k, struct store *s)
{
	uint8_t self[KITH_BOX2_KEY_BYTES];
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	assert_true(keyring_self(t, k, self));
	assert_int_equal(txn_commit(t), KITH_OK);
	for (int i = 0; i < WRITTEN; i++)
		letter_draw(l, self);
}

/* --- the child --- */

static void forget(struct store *s, const struct author *a)
{
	struct forgetting f = { .feed = *author_id(a), .until = 10 };
	struct kith_error e;
	bool more = true;

	while (more)
		if (forget_some(s, &f, &more, &e))
			return;
}

static int live(const char *path, unsigned life)
{
	struct store_options o = { .write = true };
	struct follow *follow;
	struct letters l;
	struct store *s;
	struct home *home;
	struct keys *k;
	uint64_t random = (seed + life) * 7919;
	bool more;

	letters_init(&l, seed);
	if (home_open(path, false, &home, NULL) ||
	    home_lock_writer(home, NULL) ||
	    store_open(home, &o, &s, NULL) || views_start(s, NULL) ||
	    keys_new(l.authors[0].signer, &k) ||
	    follow_open(s, &follow, NULL) || follow_private(follow, k))
		return 1;
	write_all(&l, k, s);
	for (;;) {
		struct author *a = &l.authors[draw(&random, LETTER_AUTHORS)];
		struct rebuild r = { .view = &view_private, .follow = follow,
				     .slice_ms = 1 };

		feed_receive(s, a, AT_ONCE);
		if (!draw(&random, 6))
			forget(s, &l.authors[1 + draw(&random, 3)]);
		if (!draw(&random, 6) && rebuild_some(s, &r, &more, NULL))
			return 1;
		if (follow_some(follow, 1 + (int)draw(&random, 20), &more,
				NULL))
			return 1;
	}
}

/* --- the witness --- */

static void live_and_die(struct test_home *h, unsigned life, uint64_t *random)
{
	char number[16];
	long pid;

	test_home_leave(h);
	snprintf(number, sizeof(number), "%u", life);
	pid = test_spawn((const char *[]){ "live", h->path, number, NULL },
			 NULL);
	test_kill(pid, (long)draw(random, SPREAD_US));
	test_home_return(h);
}

static size_t catch_up(struct store *s, const struct keys *k)
{
	struct follow *follow;
	bool more = true;

	assert_int_equal(follow_open(s, &follow, NULL), KITH_OK);
	assert_int_equal(follow_private(follow, k), KITH_OK);
	while (more)
		assert_int_equal(follow_some(follow, 100, &more, NULL),
				 KITH_OK);
	follow_close(follow);
	assert_views_right(s);
	return assert_private_right(s, k);
}

static void what_is_opened_is_right_after_any_moment(void **state)
{
	uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
	struct test_home h;
	struct letters l;
	struct keys *k;
	size_t opened = 0;
	(void)state;

	letters_init(&l, seed);
	assert_int_equal(keys_new(l.authors[0].signer, &k), KITH_OK);
	test_home_open(&h);
	test_home_store(&h, 0);
	write_all(&l, k, h.store);
	for (unsigned i = 0; i < kills; i++) {
		live_and_die(&h, i, &random);
		/* Half of them die again before they have caught up. */
		if (draw(&random, 2))
			opened += catch_up(h.store, k);
	}
	for (size_t i = 0; i < LETTER_AUTHORS; i++)
		feed_receive(h.store, &l.authors[i], UINT64_MAX);
	opened += catch_up(h.store, k);
	assert_true(opened > 0);
	test_home_close(&h);
	keys_free(k);
	letters_clear(&l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_opened_is_right_after_any_moment),
	};

	if (kith_init())
		return 1;
	if (argc == 4 && !strcmp(argv[1], "live"))
		return live(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	if (argc > 1)
		kills = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
