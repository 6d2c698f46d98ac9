/*
 * Killed at any moment: kill [COUNT [SEED]]
 *
 * A child takes messages in, lets the views follow, forgets feeds and makes
 * views anew, until it is killed; then the store is opened again, the views
 * catch up, and are what the log gives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/ingest/forget.h"
#include "src/ingest/ingest.h"
#include "src/views/rebuild.h"
#include "tests/support/home.h"
#include "tests/views/contents.h"
#include "tests/views/oracle.h"

/* Authors have seeds of one byte. */
enum { AUTHORS_MAX = 250, AT_ONCE = 40, CONTENT_BYTES = 16384,
       SPREAD_US = 250000, LONG_SPREAD_US = 4000000 };

static unsigned kills = 15;
static uint64_t seed = 1;

/* --- the child --- */

struct child {
	uint64_t random;
	unsigned life;
	struct author author; /* of this life */
	struct ingest_config config;
	struct ingest *in;
	struct kith_buf content;
};

static void drain(struct child *c)
{
	struct ingest_done done;

	ingest_wait(c->in);
	while (ingest_done(c->in, &done))
		if (done.task ? done.code != KITH_OK
			      : done.results[0].verdict != INGEST_ADDED)
			_exit(1);
}

static void write_some(struct child *c)
{
	for (int i = 0; i < AT_ONCE; i++) {
		draw_content(&c->random, &c->author, 1, &c->content);
		author_write(&c->author, kith_bytes(&c->content));
		if (ingest_add(c->in, author_message(&c->author,
						     c->author.count), 0, 1))
			_exit(1);
	}
	drain(c);
}

/* What an earlier life brought. */
static enum kith_err forget(struct store *s, void *arg, struct kith_error *e)
{
	struct child *c = arg;
	struct forgetting f = { .until = 1 + draw(&c->random, 400) };
	struct author other;
	bool more = true;
	enum kith_err err = KITH_OK;

	author_init(&other, (uint8_t)(1 + draw(&c->random, c->life)));
	f.feed = *author_id(&other);
	author_clear(&other);
	while (!err && more)
		err = forget_some(s, &f, &more, e);
	return err == KITH_ENOENT ? KITH_OK : err;
}

static enum kith_err rebuild(struct store *s, void *arg, struct kith_error *e)
{
	static const char *const names[] = { "types", "links", "says" };
	struct child *c = arg;
	struct rebuild r = { .follow = c->config.follow, .slice_ms = 1 };
	enum kith_err err;
	bool more;

	r.view = view_named(kith_text(names[draw(&c->random, 3)]));
	err = rebuild_some(s, &r, &more, e);
	for (int i = 0; !err && more && i < 10; i++)
		err = rebuild_some(s, &r, &more, e);
	return err;
}

static int live(const char *path, unsigned life)
{
	struct child c = { .random = (seed + life) * 7919, .life = life,
			   .content.limit = CONTENT_BYTES,
			   .config.verifiers = 1 };
	struct store_options o = { .write = true };
	struct home *home;

	author_init(&c.author, (uint8_t)(1 + life));
	if (home_open(path, false, &home, NULL) ||
	    home_lock_writer(home, NULL) ||
	    store_open(home, &o, &c.config.store, NULL) ||
	    views_start(c.config.store, NULL) ||
	    follow_open(c.config.store, &c.config.follow, NULL) ||
	    ingest_start(&c.config, &c.in, NULL))
		return 1;
	for (;;) {
		write_some(&c);
		if (c.life && !draw(&c.random, 8) &&
		    ingest_run(c.in, forget, &c, NULL))
			return 1;
		if (!draw(&c.random, 4) &&
		    ingest_run(c.in, rebuild, &c, NULL))
			return 1;
		drain(&c);
	}
}

/* --- the witness --- */

static void live_and_die(struct test_home *h, unsigned life, uint64_t *random)
{
	/* On a busy machine none may come as far as to write: those that are
	 * added then live longer. */
	uint32_t spread_us = life < kills ? SPREAD_US : LONG_SPREAD_US;
	char number[16];
	long pid;

	test_home_leave(h);
	snprintf(number, sizeof(number), "%u", life % AUTHORS_MAX);
	pid = test_spawn((const char *[]){ "live", h->path, number, NULL },
			 NULL);
	test_kill(pid, draw(random, spread_us));
	test_home_return(h);
}

static void views_are_right_after_any_moment(void **state)
{
	uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t rows = 0;
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	for (unsigned i = 0; i < kills || !rows; i++) {
		assert_in_range(i, 0, AUTHORS_MAX + kills);
		live_and_die(&h, i, &random);
		/* Half of them die again before they have caught up. */
		if (draw(&random, 2))
			continue;
		assert_int_equal(views_catch_up(h.store, NULL), KITH_OK);
		assert_views_right(h.store);
		rows += count_view_rows(h.store);
	}
	assert_int_equal(views_catch_up(h.store, NULL), KITH_OK);
	assert_views_right(h.store);
	test_home_close(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_are_right_after_any_moment),
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
