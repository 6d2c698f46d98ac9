/*
 * Random histories: histories [COUNT [SEED]]; or the home of a node whose
 * views have caught up: histories home DIR
 *
 * Messages come in any order that chains, views follow in slices, feeds are
 * forgotten in parts and whole, single messages are lost, views are made anew,
 * programs start again; and whenever the views have caught up, they are what
 * the log gives.
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
#include "tests/views/oracle.h"

enum { AUTHORS = 5, STEPS = 60, EACH_MAX = 40, STORE_EVERY = 40,
       CONTENT_BYTES = 16384 };

struct world {
	uint64_t random;
	struct author authors[AUTHORS];
	struct test_home h, other;
	struct follow *follow;
	struct kith_buf content;
};

static struct world w;
static unsigned histories = 120;
static uint64_t seed = 1;

/* --- what happens --- */

static void write_some(void)
{
	struct author *a = &w.authors[draw(&w.random, AUTHORS)];
	uint32_t n = 1 + draw(&w.random, 6);

	for (; n && a->count < EACH_MAX; n--) {
		draw_content(&w.random, w.authors, AUTHORS, &w.content);
		author_write(a, kith_bytes(&w.content));
	}
}

static void forget(struct store *s, const struct author *a, uint64_t last)
{
	feed_forget(s, a, last, 1 + draw(&w.random, 20));
}

/* One message goes from the middle of a feed, as a repair may do it. */
static void lose(struct store *s, const struct author *a)
{
	uint8_t canon[CONTENT_BYTES];
	struct message_place at;
	struct view_message m;
	struct message_row row;
	struct feed_row feed;
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	feed_get(t, author_id(a), &feed);
	if (feed.last &&
	    message_by_sequence(t, feed.number,
				1 + draw(&w.random, (uint32_t)feed.last),
				&row)) {
		at = (struct message_place){ row.rx, row.feed_number,
					     row.sequence, { 0 } };
		memcpy(at.id, row.id.b, sizeof(at.id));
		assert_in_range(row.canon.n, 1, sizeof(canon));
		memcpy(canon, row.canon.p, row.canon.n);
		row.canon.p = canon;
		views_message(&row, &feed, &m);
		views_fold(t, &m, VIEW_GONE);
		message_delete(t, &at);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void follow_slice(void)
{
	bool more;

	assert_int_equal(follow_some(w.follow, 1, &more, NULL), KITH_OK);
}

static void catch_up(struct store *s)
{
	assert_int_equal(views_catch_up(s, NULL), KITH_OK);
	assert_views_right(s);
}

static void rebuild(void)
{
	static const char *const names[] = { "types", "links", "says" };
	struct rebuild r = { .follow = w.follow, .slice_ms = 1 };
	bool more;

	r.view = view_named(kith_text(names[draw(&w.random, 3)]));
	assert_int_equal(rebuild_some(w.h.store, &r, &more, NULL), KITH_OK);
}

static void start_again(void)
{
	follow_close(w.follow);
	test_home_reopen(&w.h);
	assert_int_equal(follow_open(w.h.store, &w.follow, NULL), KITH_OK);
}

static void step(void)
{
	struct author *a = &w.authors[draw(&w.random, AUTHORS)];

	switch (draw(&w.random, 40)) {
	case 0: forget(w.h.store, a, FORGET_ALL); break;
	case 1: forget(w.h.store, a, draw(&w.random, EACH_MAX)); break;
	case 2: rebuild(); break;
	case 3: catch_up(w.h.store); break;
	case 4: lose(w.h.store, a); break;
	case 5:
		if (!draw(&w.random, 8))
			start_again();
		break;
	default:
		if (draw(&w.random, 2))
			write_some();
		else if (draw(&w.random, 3))
			feed_receive(w.h.store, a, 1 + draw(&w.random, 12));
		else
			follow_slice();
	}
}

/* --- the whole --- */

static void open_world(void)
{
	memset(&w, 0, sizeof(w));
	w.content.limit = CONTENT_BYTES;
	test_home_open(&w.h);
	test_home_store(&w.h, 0);
	test_home_open(&w.other);
	test_home_store(&w.other, 0);
	assert_int_equal(follow_open(w.h.store, &w.follow, NULL), KITH_OK);
}

static void close_world(void)
{
	follow_close(w.follow);
	test_home_close(&w.h);
	test_home_close(&w.other);
	kith_buf_free(&w.content);
}

/* All that was written comes in, here and, in another order, elsewhere. */
static void end_of_history(void)
{
	for (size_t i = 0; i < AUTHORS; i++) {
		forget(w.h.store, &w.authors[i], FORGET_ALL);
		feed_receive(w.h.store, &w.authors[i], UINT64_MAX);
	}
	catch_up(w.h.store);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = AUTHORS; i-- > 0;)
			feed_receive(w.other.store, &w.authors[i],
				k ? UINT64_MAX : draw(&w.random, EACH_MAX));
	catch_up(w.other.store);
	assert_views_same(w.h.store, w.other.store);
}

static void forget_everything(struct store *s)
{
	for (size_t i = 0; i < AUTHORS; i++)
		forget(s, &w.authors[i], FORGET_ALL);
	assert_int_equal(count_view_rows(s), 0);
	catch_up(s);
}

static void one_history(unsigned number)
{
	w.random = (seed * 1000003 + number) * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; i < AUTHORS; i++)
		author_init(&w.authors[i], (uint8_t)(1 + i));
	for (int i = 0; i < STEPS; i++)
		step();
	catch_up(w.h.store);
	end_of_history();
	forget_everything(w.h.store);
	forget_everything(w.other.store);
	for (size_t i = 0; i < AUTHORS; i++)
		author_clear(&w.authors[i]);
}

static void views_are_what_the_log_gives(void **state)
{
	(void)state;
	for (unsigned i = 0; i < histories; i++) {
		if (i % STORE_EVERY == 0)
			open_world();
		one_history(i);
		if (i % STORE_EVERY == STORE_EVERY - 1 || i == histories - 1)
			close_world();
	}
}

static const char *home_path_given;

static void views_of_a_home_are_what_its_log_gives(void **state)
{
	struct store_options o = { .write = false };
	struct follow_place place;
	struct home *home;
	struct store *s;
	struct txn *t;
	(void)state;

	assert_int_equal(home_open(home_path_given, false, &home, NULL),
			 KITH_OK);
	assert_int_equal(store_open(home, &o, &s, NULL), KITH_OK);
	assert_int_equal(store_read(s, &t), KITH_OK);
	views_place(t, &place);
	txn_end(t);
	assert_int_equal(place.position, place.end);
	assert_views_right(s);
	print_message("%llu rows\n", (unsigned long long)count_view_rows(s));
	store_close(s);
	home_close(home);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_are_what_the_log_gives),
	};
	const struct CMUnitTest of_home[] = {
		cmocka_unit_test(views_of_a_home_are_what_its_log_gives),
	};

	if (argc == 3 && !strcmp(argv[1], "home")) {
		home_path_given = argv[2];
		return cmocka_run_group_tests(of_home, NULL, NULL);
	}
	if (argc > 1)
		histories = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
