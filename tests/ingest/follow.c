#include "src/views/follow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "src/ingest/ingest.h"
#include "src/store/keys.h"
#include "src/views/view.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { POSTS = 700, PATIENCE_S = 30 };

struct scene {
	struct test_home h;
	struct author a;
	struct ingest_config config;
	struct ingest *in;
};

static void start(struct scene *s)
{
	s->config.store = s->h.store;
	assert_int_equal(views_start(s->h.store, NULL), KITH_OK);
	assert_int_equal(follow_open(s->h.store, &s->config.follow, NULL),
			 KITH_OK);
	assert_int_equal(ingest_start(&s->config, &s->in, NULL), KITH_OK);
}

static void stop(struct scene *s)
{
	ingest_stop(s->in);
	follow_close(s->config.follow);
}

static void open_scene(struct scene *s)
{
	*s = (struct scene){ .config.verifiers = 1 };
	test_home_open(&s->h);
	test_home_store(&s->h, 0);
	author_init(&s->a, 1);
	start(s);
}

static void close_scene(struct scene *s)
{
	stop(s);
	author_clear(&s->a);
	test_home_close(&s->h);
}

/* Writes messages and has them committed. */
static void take(struct scene *s, size_t n)
{
	struct ingest_done done;
	size_t added = 0;

	for (size_t i = 0; i < n; i++) {
		author_post(&s->a, 1);
		assert_int_equal(ingest_add(s->in,
				author_message(&s->a, s->a.count), 0, 1),
				KITH_OK);
	}
	ingest_wait(s->in);
	while (ingest_done(s->in, &done))
		for (size_t i = 0; i < done.count; i++)
			added += done.results[i].verdict == INGEST_ADDED;
	assert_int_equal(added, n);
}

static struct follow_place place_of(struct scene *s)
{
	struct follow_place place;
	struct txn *t;

	assert_int_equal(store_read(s->h.store, &t), KITH_OK);
	views_place(t, &place);
	txn_end(t);
	return place;
}

static bool comes_up(struct scene *s)
{
	const struct timespec moment = { 0, 5000000 };
	time_t end = time(NULL) + PATIENCE_S;
	struct follow_place place = place_of(s);

	while (place.position < place.end && time(NULL) < end) {
		nanosleep(&moment, NULL);
		place = place_of(s);
	}
	return place.position == place.end;
}

static uint64_t all_postings(struct scene *s)
{
	struct term term = term_all();
	struct postings p;
	struct txn *t;
	uint64_t n = 0;

	assert_int_equal(store_read(s->h.store, &t), KITH_OK);
	postings_open(&p, t, NULL, &term);
	for (bool more = postings_seek(&p, &POSTING_FIRST); more;
	     more = postings_next(&p))
		n++;
	postings_close(&p);
	txn_end(t);
	return n;
}

static void at_rest_the_views_come_up_by_themselves(void **state)
{
	struct scene s;
	(void)state;

	open_scene(&s);
	take(&s, 1);
	assert_true(comes_up(&s));
	assert_int_equal(all_postings(&s), 1);
	take(&s, POSTS);
	assert_true(comes_up(&s));
	assert_int_equal(all_postings(&s), 1 + POSTS);
	close_scene(&s);
}

static void what_was_left_behind_comes_up_after_the_next_start(void **state)
{
	struct scene s;
	(void)state;

	open_scene(&s);
	take(&s, POSTS);
	stop(&s);
	test_home_reopen(&s.h);
	start(&s);
	assert_true(comes_up(&s));
	assert_int_equal(all_postings(&s), POSTS);
	close_scene(&s);
}

static void views_that_cannot_follow_keep_no_message_out(void **state)
{
	struct kith_error e = { 0 };
	struct key key = key_small(1);
	struct scene s;
	struct txn *t;
	bool more;
	(void)state;

	open_scene(&s);
	take(&s, POSTS);
	assert_true(comes_up(&s));
	/* Whose the messages are cannot be found any more. */
	assert_int_equal(store_write(s.h.store, &t), KITH_OK);
	txn_delete(t, TABLE_FEED_NUMBERS, key_slice(&key));
	assert_int_equal(txn_commit(t), KITH_OK);
	take(&s, POSTS);
	ingest_stop(s.in);
	assert_int_equal(follow_some(s.config.follow, FOLLOW_SLICE_MS, &more,
				     &e), KITH_EIO);
	assert_non_null(strstr(e.text, "views"));
	assert_int_equal(place_of(&s).position, POSTS);
	assert_int_equal(ingest_start(&s.config, &s.in, NULL), KITH_OK);
	take(&s, 1);
	close_scene(&s);
}

static void many_pay_sooner_where_there_is_little(void **state)
{
	struct follow_place p = { .end = 255 };
	(void)state;

	assert_false(follow_pays(&p));
	p.end = 256;
	assert_true(follow_pays(&p));
	p = (struct follow_place){ .end = 169999, .gathered = 160000 };
	assert_false(follow_pays(&p));
	p.end++;
	assert_true(follow_pays(&p));
	/* And no more than can be gathered at once. */
	p = (struct follow_place){ .end = 10016384, .gathered = 10000000 };
	assert_true(follow_pays(&p));
}

/* Nothing tells the writer when there is one again. */
static void they_follow_also_where_no_reader_was_to_be_had(void **state)
{
	enum { MORE_THAN_THERE_ARE = 4096 };
	struct txn *held[MORE_THAN_THERE_ARE];
	struct scene s;
	size_t n = 0;
	(void)state;

	open_scene(&s);
	while (n < MORE_THAN_THERE_ARE && !store_read(s.h.store, &held[n]))
		n++;
	assert_in_range(n, 1, MORE_THAN_THERE_ARE - 1);
	take(&s, 1);
	while (n)
		txn_end(held[--n]);
	assert_true(comes_up(&s));
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_rest_the_views_come_up_by_themselves),
		cmocka_unit_test(
			what_was_left_behind_comes_up_after_the_next_start),
		cmocka_unit_test(views_that_cannot_follow_keep_no_message_out),
		cmocka_unit_test(
			they_follow_also_where_no_reader_was_to_be_had),
		cmocka_unit_test(many_pay_sooner_where_there_is_little),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
