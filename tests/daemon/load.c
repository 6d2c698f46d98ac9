#include "src/daemon/load.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/client.h"
#include "src/client/link.h"
#include "src/daemon/daemon.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { WAIT_MS = 10000, TEXT_BYTES = 256, ACQUAINTANCES = 100 };

/* A peer that has called. */
struct caller {
	struct link link;
	struct shs *shs;
};

/* A daemon that is open, so that it can be called, and does not run yet. */
struct bed {
	struct test_home h;
	struct author self, friend, foe;
	struct daemon *daemon;
	pthread_t thread;
	struct caller callers[2];
};

/* --- bed --- */

/* As if self had said so of an identity. */
static void say(struct bed *b, struct txn *t, const struct kith_feed_id *of,
		const char *what)
{
	char id[KITH_REF_TEXT_BYTES], text[TEXT_BYTES];
	struct message_row row = { .sequence = 1 };
	struct view_message m = { .row = &row, .author = *author_id(&b->self) };

	kith_feed_print(of, id);
	snprintf(text, sizeof(text),
		 "{\"type\":\"contact\",\"contact\":\"%s\",\"%s\":true}", id,
		 what);
	m.content = kith_text(text);
	view_contacts.fold(t, &m, VIEW_ADDED);
}

static void make_home(struct bed *b)
{
	struct kith_feed_id other = { .format = KITH_CLASSIC };
	struct txn *t;

	test_home_open(&b->h);
	test_home_store(&b->h, 0);
	assert_int_equal(home_secret_create(b->h.home, b->self.signer, NULL),
			 KITH_OK);
	assert_int_equal(views_catch_up(b->h.store, NULL), KITH_OK);
	assert_int_equal(store_write(b->h.store, &t), KITH_OK);
	say(b, t, author_id(&b->friend), "following");
	say(b, t, author_id(&b->foe), "blocking");
	for (other.b[0] = 0; other.b[0] < ACQUAINTANCES; other.b[0]++)
		say(b, t, &other, "following");
	assert_int_equal(txn_commit(t), KITH_OK);
	store_close(b->h.store);
	home_close(b->h.home);
	b->h.store = NULL;
}

static int set_up(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));
	struct kith_error e = { 0 };
	struct config config;

	assert_int_equal(kith_init(), KITH_OK);
	log_set_level(LOG_LEVEL_ERROR);
	author_init(&b->self, 1);
	author_init(&b->friend, 2);
	author_init(&b->foe, 3);
	make_home(b);
	config_init(&config);
	assert_int_equal(config_listen(&config, "127.0.0.1:0", &e), KITH_OK);
	if (daemon_open(&config, b->h.path, &b->daemon, &e))
		fail_msg("%s", e.text);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *b = *state;

	daemon_close(b->daemon);
	assert_int_equal(home_open(b->h.path, false, &b->h.home, NULL),
			 KITH_OK);
	test_home_close(&b->h);
	author_clear(&b->self);
	author_clear(&b->friend);
	author_clear(&b->foe);
	free(b);
	return 0;
}

static void *run(void *arg)
{
	return daemon_run(arg, NULL) ? arg : NULL;
}

static void start(struct bed *b)
{
	assert_int_equal(pthread_create(&b->thread, NULL, run, b->daemon), 0);
}

static void stop(struct bed *b)
{
	void *failed;

	kill(getpid(), SIGTERM);
	assert_int_equal(pthread_join(b->thread, &failed), 0);
	assert_null(failed);
}

/* --- callers --- */

/* Connects and says hello, which waits for the daemon to read it. */
static void dial(struct bed *b, const struct author *by, struct caller *c)
{
	struct address a = { .transport = ADDRESS_NET,
			     .port = net_listener_port(b->daemon->tcp) };
	struct shs_config config = { .self = by->signer,
				     .server = b->daemon->self.b };

	snprintf(a.host, sizeof(a.host), "127.0.0.1");
	memcpy(config.app_key, b->daemon->config.app_key,
	       sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	assert_int_equal(link_dial(&c->link, &a, link_now_ms() + WAIT_MS,
				   NULL), KITH_OK);
	c->shs = shs_new(&config);
	assert_non_null(c->shs);
	assert_int_equal(shs_next(c->shs, &c->link.pending, &c->link.out),
			 SHS_MORE);
	assert_int_equal(link_push(&c->link, NULL), KITH_OK);
}

/* True if the daemon let it in. */
static bool is_welcome(struct caller *c)
{
	int64_t deadline_ms = link_now_ms() + WAIT_MS;
	enum shs_step step = SHS_MORE;

	while (step == SHS_MORE && !c->link.ended) {
		if (link_move(&c->link, deadline_ms, NULL))
			break;
		step = shs_next(c->shs, &c->link.pending, &c->link.out);
	}
	shs_free(c->shs);
	link_clear(&c->link);
	return step == SHS_DONE;
}

static struct client *local(struct bed *b)
{
	struct address a = { .transport = ADDRESS_UNIX, .noauth = true };
	struct kith_error e = { 0 };
	struct client *c;

	snprintf(a.host, sizeof(a.host), "%.200s/socket", b->h.path);
	if (client_open(&a, NULL, NULL, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

/* --- tests --- */

static void nothing_of_others_is_read_before_the_loop_runs(void **state)
{
	struct bed *b = *state;
	size_t at = 0;
	struct kith_feed_id to;
	enum contact_edge edge;

	assert_false(load_over(b->daemon));
	assert_false(graph_edges(b->daemon->replicate.graph,
				 author_id(&b->self), &at, &to, &edge));
}

static void peer_that_dials_before_all_is_loaded_is_served_after(void **state)
{
	struct bed *b = *state;
	struct caller *friend = &b->callers[0];

	dial(b, &b->friend, friend);
	start(b);
	assert_true(is_welcome(friend));
	stop(b);
	assert_true(load_over(b->daemon));
}

static void blocked_peer_that_dials_before_that_is_refused(void **state)
{
	struct bed *b = *state;
	struct caller *friend = &b->callers[0], *foe = &b->callers[1];

	dial(b, &b->foe, foe);
	dial(b, &b->friend, friend);
	start(b);
	assert_false(is_welcome(foe));
	assert_true(is_welcome(friend));
	stop(b);
}

static void call_that_needs_all_reads_the_rest_first(void **state)
{
	struct bed *b = *state;
	struct client *c = local(b);
	struct kith_slice reply, ebt;
	uint64_t feeds;
	void *user;

	assert_int_equal(client_start(c, "status", KITH_SLICE("[]"), b, NULL),
			 KITH_OK);
	start(b);
	assert_int_equal(client_answer(c, &user, &reply, NULL), KITH_OK);
	ebt = json_get(reply, "ebt");
	assert_true(json_uint(json_get(ebt, "feeds"), &feeds));
	/* We, the friend and the acquaintances. */
	assert_int_equal(feeds, 2 + ACQUAINTANCES);
	client_close(c);
	stop(b);
}

static void stop_before_all_is_loaded_is_clean(void **state)
{
	struct bed *b = *state;
	struct caller *friend = &b->callers[0];

	dial(b, &b->friend, friend);
	kill(getpid(), SIGTERM);
	start(b);
	assert_false(is_welcome(friend));
	assert_int_equal(pthread_join(b->thread, NULL), 0);
}

#define BED_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(nothing_of_others_is_read_before_the_loop_runs),
		BED_TEST(peer_that_dials_before_all_is_loaded_is_served_after),
		BED_TEST(blocked_peer_that_dials_before_that_is_refused),
		BED_TEST(call_that_needs_all_reads_the_rest_first),
		BED_TEST(stop_before_all_is_loaded_is_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
