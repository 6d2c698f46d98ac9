#include "tests/support/bed.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/local.h"

void bed_init(struct bed *b)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct txn *t;

	*b = (struct bed){ .client = NULL };
	assert_int_equal(kith_init(), KITH_OK);
	log_set_level(LOG_LEVEL_ERROR);
	author_init(&b->self, BED_SEED);
	test_home_open(&b->h);
	test_home_store(&b->h, 0);
	assert_int_equal(home_secret_create(b->h.home, b->self.signer, NULL),
			 KITH_OK);
	assert_int_equal(store_write(b->h.store, &t), KITH_OK);
	publish_put(t, author_id(&b->self), &row);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void open_daemon(struct bed *b, const struct config *config)
{
	struct kith_error e = { 0 };
	struct config usual;

	config_init(&usual);
	if (config)
		usual = *config;
	assert_int_equal(config_listen(&usual, "127.0.0.1:0", &e), KITH_OK);
	if (daemon_open(&usual, b->h.path, &b->daemon, &e))
		fail_msg("%s", e.text);
}

void bed_open(struct bed *b, const struct config *config)
{
	store_close(b->h.store);
	home_close(b->h.home);
	b->h.store = NULL;
	open_daemon(b, config);
}

struct client *bed_dial(struct bed *b)
{
	struct address a = { .transport = ADDRESS_UNIX, .noauth = true };
	struct kith_error e = { 0 };
	struct client *c;

	assert_in_range(snprintf(a.host, sizeof(a.host), "%.200s/socket",
				 b->h.path), 1, sizeof(a.host) - 1);
	if (client_open(&a, NULL, NULL, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

static void *run(void *arg)
{
	return daemon_run(arg, NULL) ? arg : NULL;
}

void bed_run(struct bed *b)
{
	assert_int_equal(pthread_create(&b->thread, NULL, run, b->daemon), 0);
	b->running = true;
}

void bed_start(struct bed *b)
{
	bed_run(b);
	b->client = bed_dial(b);
}

void bed_join(struct bed *b)
{
	void *failed;

	assert_int_equal(pthread_join(b->thread, &failed), 0);
	assert_null(failed);
	b->running = false;
}

static void stop(struct bed *b)
{
	client_close(b->client);
	b->client = NULL;
	if (b->running) {
		kill(getpid(), SIGTERM);
		bed_join(b);
	}
	daemon_close(b->daemon);
}

void bed_restart(struct bed *b, const struct config *config)
{
	stop(b);
	open_daemon(b, config);
	bed_start(b);
}

void bed_close(struct bed *b)
{
	stop(b);
	assert_int_equal(home_open(b->h.path, false, &b->h.home, NULL),
			 KITH_OK);
	test_home_close(&b->h);
	author_clear(&b->self);
}
