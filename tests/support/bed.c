#include "tests/support/bed.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/store/local.h"

enum { CALM_MS = 400, PAUSE_MS = 5, TEXT_BYTES = 1 << 20, ARGS_BYTES = 256 };

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
	test_home_leave(&b->h);
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

struct address bed_address(const struct bed *b)
{
	struct address a = { .transport = ADDRESS_NET, .has_key = true,
			     .port = net_listener_port(b->daemon->tcp) };

	snprintf(a.host, sizeof(a.host), "127.0.0.1");
	memcpy(a.key, b->daemon->self.b, sizeof(a.key));
	return a;
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

struct kith_slice bed_call(struct bed *b, const char *method,
			   const char *args)
{
	struct kith_error e = { 0 };
	struct kith_slice reply = { 0 };

	if (client_call(b->client, method, kith_text(args), &reply, &e))
		fail_msg("%s%s: %s", method, args, e.text);
	return reply;
}

void bed_refuses(struct bed *b, const char *method, const char *args,
		 const char *why)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	assert_int_equal(client_call(b->client, method, kith_text(args),
				     &reply, &e), KITH_EDENIED);
	if (!strstr(e.text, why))
		fail_msg("%s%s: said \"%s\", not \"%s\"", method, args,
			 e.text, why);
}

struct kith_slice bed_next(struct bed *b)
{
	struct kith_error e = { 0 };
	struct kith_slice item = { 0 };

	if (client_next(b->client, BED_WAIT_MS, &item, &e))
		fail_msg("nothing came: %s", e.text);
	return item;
}

void bed_is_calm(struct bed *b)
{
	struct kith_slice item;

	assert_int_equal(client_next(b->client, CALM_MS, &item, NULL),
			 KITH_EBUSY);
}

/* Whether it stays open cannot be seen before all that is expected came. */
static int patience_ms(const struct kith_buf *got, const char *expected)
{
	struct kith_slice all = kith_text(expected);
	bool open = all.n >= 3 && !strcmp(expected + all.n - 3, "...");

	all.n -= open ? 3 : 0;
	return open && kith_equal(kith_bytes(got), all) ? CALM_MS
							: BED_WAIT_MS;
}

void bed_streams(struct bed *b, const char *name, struct kith_slice args,
		 void (*put)(struct kith_buf *out, struct kith_slice item),
		 const char *expected)
{
	struct kith_buf got = { .limit = TEXT_BYTES };
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err;

	assert_int_equal(client_source(b->client, name, args, &e), KITH_OK);
	while (!(err = client_next(b->client, patience_ms(&got, expected),
				   &item, &e)))
		put(&got, item);
	if (err == KITH_EBUSY)
		kith_buf_text(&got, "...");
	else if (err != KITH_ENOENT)
		kith_buf_text(&got, e.text);
	kith_buf_byte(&got, 0);
	assert_int_equal(got.err, KITH_OK);
	if (strcmp((char *)got.p, expected) != 0)
		fail_msg("%s%.*s:\n%s\nnot\n%s", name, (int)args.n,
			 (const char *)args.p, (char *)got.p, expected);
	kith_buf_free(&got);
}

enum kith_err bed_add(struct client *c, struct kith_slice message,
		      struct kith_error *e)
{
	struct kith_buf args = { .limit = TEXT_BYTES };
	struct kith_slice reply;
	enum kith_err err;

	kith_buf_byte(&args, '[');
	kith_buf_put(&args, message);
	kith_buf_byte(&args, ']');
	err = client_call(c, "add", kith_bytes(&args), &reply, e);
	if (!err)
		assert_true(kith_equal(json_get(reply, "value"), message));
	kith_buf_free(&args);
	return err;
}

void bed_comes_to_stand(struct bed *b, const char *blob, const char *stand)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	char args[ARGS_BYTES];

	snprintf(args, sizeof(args), "[{\"id\":\"%s\"}]", blob);
	for (int ms = 0; ms < BED_WAIT_MS; ms += PAUSE_MS) {
		if (json_is(json_get(bed_call(b, "kith.blobWhy", args),
				     "stand"), stand))
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("%s is not %s", blob, stand);
}

void bed_close(struct bed *b)
{
	stop(b);
	test_home_close(&b->h);
	author_clear(&b->self);
}
