/*
 * Random histories of private messages: letters_histories [COUNT [SEED]]
 *
 * Messages come in any order that chains, so keys come before and after what
 * they open, and before the message that their group begins with; feeds are
 * forgotten, what was opened is made anew, programs start again; and whenever
 * the opening has caught up, it is what a plain loop opens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/ingest/forget.h"
#include "src/views/rebuild.h"
#include "tests/support/home.h"
#include "tests/views/contents.h"
#include "tests/views/feed_log.h"
#include "tests/views/letters.h"
#include "tests/views/oracle.h"

enum { STEPS = 150 };

struct world {
	struct letters letters;
	struct test_home h;
	struct keys *keys;
	struct follow *follow;
	uint8_t self[KITH_BOX2_KEY_BYTES];
	size_t opened;
};

static struct world w;
static unsigned histories = 12;
static uint64_t seed = 1;

static void forget(const struct author *a, uint64_t last)
{
	feed_forget(w.h.store, a, last, 20);
}

static void make_keys(void)
{
	struct txn *t;

	assert_int_equal(keys_new(w.letters.authors[0].signer, &w.keys),
			 KITH_OK);
	assert_int_equal(store_write(w.h.store, &t), KITH_OK);
	assert_true(keyring_self(t, w.keys, w.self));
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void start(void)
{
	make_keys();
	assert_int_equal(follow_open(w.h.store, &w.follow, NULL), KITH_OK);
	assert_int_equal(follow_private(w.follow, w.keys), KITH_OK);
}

static void stop(void)
{
	follow_close(w.follow);
	keys_free(w.keys);
}

static void start_again(void)
{
	stop();
	test_home_reopen(&w.h);
	start();
}

static void rebuild(void)
{
	struct rebuild r = { .view = &view_private, .follow = w.follow,
			     .slice_ms = 1 };
	bool more;

	assert_int_equal(rebuild_some(w.h.store, &r, &more, NULL), KITH_OK);
}

static void catch_up(void)
{
	bool more = true;

	while (more)
		assert_int_equal(follow_some(w.follow, 5, &more, NULL),
				 KITH_OK);
	assert_views_right(w.h.store);
	w.opened += assert_private_right(w.h.store, w.keys);
}

static void step(void)
{
	uint64_t *random = &w.letters.random;
	struct author *a = &w.letters.authors[draw(random, LETTER_AUTHORS)];
	bool more;

	switch (draw(random, 40)) {
	case 0: forget(a, FORGET_ALL); break;
	case 1: forget(a, draw(random, 20)); break;
	case 2: rebuild(); break;
	case 3: catch_up(); break;
	case 4:
		if (!draw(random, 4))
			start_again();
		break;
	default:
		if (draw(random, 2))
			letter_draw(&w.letters, w.self);
		else if (draw(random, 2))
			feed_receive(w.h.store, a, 1 + draw(random, 8));
		else
			assert_int_equal(follow_some(w.follow, 1, &more, NULL),
					 KITH_OK);
	}
}

/* Whoever was added to a group has its key. */
static void assert_keys_came(void)
{
	struct group_key g;
	struct txn *t;

	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	for (size_t i = 0; i < LETTER_GROUPS; i++) {
		const struct letter_group *l = &w.letters.groups[i];

		assert_int_equal(keyring_get(t, w.keys, &l->key.group, &g),
				 l->ours);
		if (l->ours)
			assert_memory_equal(g.key, l->key.key, sizeof(g.key));
	}
	txn_end(t);
}

static void open_home(void)
{
	test_home_open(&w.h);
	test_home_store(&w.h, 0);
	start();
}

static void close_home(void)
{
	stop();
	test_home_close(&w.h);
}

/* To whom all of this is new: feeds come whole, one after another, so that keys
 * come before what their groups begin with, or behind all. */
static void tell_another(bool back)
{
	open_home();
	for (size_t i = 0; i < LETTER_AUTHORS; i++) {
		feed_receive(w.h.store, &w.letters.authors[
				back ? LETTER_AUTHORS - 1 - i : i],
				UINT64_MAX);
		catch_up();
	}
	assert_keys_came();
	close_home();
}

static void one_history(unsigned number)
{
	memset(&w.letters, 0, sizeof(w.letters));
	letters_init(&w.letters, (seed * 1000003 + number) *
				 UINT64_C(0x9e3779b97f4a7c15));
	open_home();
	for (int i = 0; i < STEPS; i++)
		step();
	catch_up();
	for (size_t i = 0; i < LETTER_AUTHORS; i++) {
		forget(&w.letters.authors[i], FORGET_ALL);
		feed_receive(w.h.store, &w.letters.authors[i],
				UINT64_MAX);
	}
	catch_up();
	assert_keys_came();
	for (size_t i = 0; i < LETTER_AUTHORS; i++)
		forget(&w.letters.authors[i], FORGET_ALL);
	catch_up();
	close_home();
	tell_another(false);
	tell_another(true);
	letters_clear(&w.letters);
}

static void what_is_opened_is_what_a_plain_loop_opens(void **state)
{
	(void)state;
	for (unsigned i = 0; i < histories; i++)
		one_history(i);
	assert_true(w.opened > histories);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_opened_is_what_a_plain_loop_opens),
	};

	if (argc > 1)
		histories = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
