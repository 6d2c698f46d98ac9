#include "src/client/client.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/client/link.h"
#include "tests/client/server.h"

enum { MANY = 500, WAIT_MS = 60000 };

static const uint8_t app_key[32] = { 1, 2, 3 };
static const uint8_t other_key[32] = { 3, 2, 1 };

/* A server and a client on it; shs: with the handshake. */
struct pair {
	struct server server;
	struct kith_signer *alice, *bob;
	struct client *client;
};

static struct pair *pair_open(bool shs)
{
	static struct pair p;
	struct kith_error e = { 0 };

	assert_int_equal(kith_init(), KITH_OK);
	p = (struct pair){ 0 };
	p.alice = kith_signer_generate();
	p.bob = kith_signer_generate();
	server_start(&p.server, shs ? p.bob : NULL, app_key);
	assert_int_equal(client_open(&p.server.at, p.alice, app_key, &p.client,
				     &e), KITH_OK);
	return &p;
}

static void pair_close(struct pair *p)
{
	client_close(p->client);
	server_stop(&p->server);
	kith_signer_free(p->alice);
	kith_signer_free(p->bob);
}

static void assert_call(struct client *c, const char *name, const char *args,
			const char *want)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	assert_int_equal(client_call(c, name, kith_text(args), &reply, &e),
			 KITH_OK);
	assert_int_equal(reply.n, strlen(want));
	assert_memory_equal(reply.p, want, reply.n);
}

static void call_over_unix_socket(void **state)
{
	struct pair *p = pair_open(false);

	(void)state;
	assert_call(p->client, "echo", "[{\"a\":1}]", "{\"a\":1}");
	assert_call(p->client, "echo", "[2]", "2");
	assert_null(client_remote(p->client));
	pair_close(p);
}

static void call_over_tcp_with_handshake(void **state)
{
	struct pair *p = pair_open(true);

	(void)state;
	assert_call(p->client, "echo", "[\"hello\"]", "\"hello\"");
	assert_memory_equal(client_remote(p->client),
			    kith_signer_id(p->bob)->b, 32);
	pair_close(p);
}

static void seed_in_address_replaces_signer(void **state)
{
	struct pair p = { 0 };

	(void)state;
	assert_int_equal(kith_init(), KITH_OK);
	p.bob = kith_signer_generate();
	server_start(&p.server, p.bob, app_key);
	p.server.at.has_seed = true;
	p.server.at.seed[0] = 9;
	assert_int_equal(client_open(&p.server.at, NULL, app_key, &p.client,
				     NULL), KITH_OK);
	assert_call(p.client, "echo", "[1]", "1");
	pair_close(&p);
}

static void goodbye_lets_the_server_end_well(void **state)
{
	struct pair *p = pair_open(true);

	(void)state;
	assert_call(p->client, "echo", "[1]", "1");
	client_close(p->client);
	assert_true(server_ends_well(&p->server));
	kith_signer_free(p->alice);
	kith_signer_free(p->bob);
}

static void wrong_app_key_is_denied(void **state)
{
	struct kith_error e = { 0 };
	struct pair p = { 0 };

	(void)state;
	assert_int_equal(kith_init(), KITH_OK);
	p.alice = kith_signer_generate();
	p.bob = kith_signer_generate();
	server_start(&p.server, p.bob, other_key);
	assert_int_equal(client_open(&p.server.at, p.alice, app_key, &p.client,
				     &e), KITH_EDENIED);
	assert_int_equal(e.code, KITH_EDENIED);
	pair_close(&p);
}

static void another_key_than_expected_is_denied(void **state)
{
	struct kith_error e = { 0 };
	struct pair p = { 0 };

	(void)state;
	assert_int_equal(kith_init(), KITH_OK);
	p.alice = kith_signer_generate();
	p.bob = kith_signer_generate();
	server_start(&p.server, p.bob, app_key);
	memcpy(p.server.at.key, kith_signer_id(p.alice)->b, 32);
	assert_int_equal(client_open(&p.server.at, p.alice, app_key, &p.client,
				     &e), KITH_EDENIED);
	pair_close(&p);
}

static void nobody_listening_is_busy(void **state)
{
	struct address a = { .transport = ADDRESS_UNIX, .noauth = true,
			     .host = "/tmp/kith-no-such-socket" };
	struct kith_error e = { 0 };
	struct client *c = NULL;

	(void)state;
	assert_int_equal(client_open(&a, NULL, NULL, &c, &e), KITH_EBUSY);
	assert_non_null(strstr(e.text, "no one listens"));
	a = (struct address){ .transport = ADDRESS_NET, .noauth = true,
			      .host = "127.0.0.1", .port = 1 };
	e = (struct kith_error){ 0 };
	assert_int_equal(client_open(&a, NULL, NULL, &c, &e), KITH_EBUSY);
	assert_null(c);
}

static void path_too_long_for_a_socket_is_an_error(void **state)
{
	struct address a = { .transport = ADDRESS_UNIX, .noauth = true };
	struct client *c;

	(void)state;
	memset(a.host, 'x', sizeof(a.host) - 1);
	assert_int_equal(client_open(&a, NULL, NULL, &c, NULL), KITH_EIO);
}

static void error_answer_is_denied_with_its_name_and_text(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_error e = { 0 };
	struct kith_slice reply;

	(void)state;
	assert_int_equal(client_call(p->client, "fail", KITH_SLICE("[]"),
				     &reply, &e), KITH_EDENIED);
	assert_string_equal(e.text, "no way");
	assert_true(kith_equal(client_error_name(p->client),
			       KITH_SLICE("NoWayError")));
	assert_call(p->client, "echo", "[1]", "1");
	pair_close(p);
}

static void answers_of_many_calls_find_their_callers(void **state)
{
	struct pair *p = pair_open(true);
	uint64_t asked[MANY], got;
	struct kith_slice reply;
	char args[16];
	void *user;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		asked[i] = i;
		snprintf(args, sizeof(args), "[%zu]", i);
		assert_int_equal(client_start(p->client, "echo",
					      kith_text(args), &asked[i],
					      NULL), KITH_OK);
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(client_answer(p->client, &user, &reply, NULL),
				 KITH_OK);
		assert_true(json_uint(reply, &got));
		assert_int_equal(got, *(uint64_t *)user);
		*(uint64_t *)user = UINT64_MAX;
	}
	pair_close(p);
}

static void source_gives_items_then_its_end(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_slice item;
	uint64_t n;

	(void)state;
	assert_int_equal(client_source(p->client, "count", KITH_SLICE("[1000]"),
				       NULL), KITH_OK);
	for (uint64_t i = 1; i <= 1000; i++) {
		assert_int_equal(client_next(p->client, WAIT_MS, &item, NULL),
				 KITH_OK);
		assert_true(json_uint(item, &n));
		assert_int_equal(n, i);
	}
	assert_int_equal(client_next(p->client, WAIT_MS, &item, NULL),
			 KITH_ENOENT);
	assert_int_equal(client_next(p->client, WAIT_MS, &item, NULL),
			 KITH_ENOENT);
	assert_call(p->client, "echo", "[1]", "1");
	pair_close(p);
}

static void source_that_fails_gives_its_text(void **state)
{
	struct pair *p = pair_open(false);
	struct kith_error e = { 0 };
	struct kith_slice item;

	(void)state;
	assert_int_equal(client_source(p->client, "torn", KITH_SLICE("[]"),
				       NULL), KITH_OK);
	assert_int_equal(client_next(p->client, WAIT_MS, &item, NULL),
			 KITH_OK);
	assert_int_equal(client_next(p->client, WAIT_MS, &item, &e),
			 KITH_EDENIED);
	assert_string_equal(e.text, "torn");
	pair_close(p);
}

static void source_without_news_times_out_and_goes_on(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_slice item;

	(void)state;
	assert_int_equal(client_source(p->client, "quiet", KITH_SLICE("[]"),
				       NULL), KITH_OK);
	assert_int_equal(client_next(p->client, 10, &item, NULL), KITH_EBUSY);
	assert_int_equal(client_source(p->client, "count", KITH_SLICE("[1]"),
				       NULL), KITH_OK);
	assert_int_equal(client_next(p->client, WAIT_MS, &item, NULL),
			 KITH_OK);
	pair_close(p);
}

/* However busy the machine is, the first byte is there when it is waited for,
 * and of what is too slow the last one never comes. */
static void ask_for_drops(struct client *c, const char *name)
{
	struct pollfd drop = { .fd = client_socket(c), .events = POLLIN };

	assert_int_equal(client_source(c, name, KITH_SLICE("[]"), NULL),
			 KITH_OK);
	assert_int_equal(poll(&drop, 1, WAIT_MS), 1);
}

static void long_answer_is_waited_for_while_it_comes(void **state)
{
	struct pair *p = pair_open(false);
	struct kith_slice item = { 0 };

	(void)state;
	assert_call(p->client, "echo", "[7]", "7");
	client_patience(p->client, link_now_ms() + WAIT_MS);
	ask_for_drops(p->client, "drip");
	assert_int_equal(client_next(p->client, 1000, &item, NULL), KITH_OK);
	assert_true(kith_equal(item, KITH_SLICE("\"drop by drop\"")));
	client_patience(p->client, 0);
	ask_for_drops(p->client, "drip all but the last");
	assert_int_equal(client_next(p->client, 500, &item, NULL), KITH_EBUSY);
	pair_close(p);
}

/* The next event. */
static enum session_step next_of(struct client *c, struct session_event *event)
{
	enum session_step step = SESSION_MORE;

	assert_int_equal(client_event(c, WAIT_MS, &step, event, NULL), KITH_OK);
	return step;
}

static void a_stream_is_heard_event_by_event(void **state)
{
	struct pair *p = pair_open(true);
	struct session_event event;
	struct kith_error e = { 0 };
	int32_t request = 0;

	(void)state;
	assert_int_equal(client_request(p->client, RPC_SOURCE, "torn",
					KITH_SLICE("[]"), &request, NULL),
			 KITH_OK);
	assert_true(request < 0);
	assert_int_equal(next_of(p->client, &event), SESSION_DATA);
	assert_int_equal(event.request, request);
	assert_true(kith_equal(event.body, KITH_SLICE("1")));
	assert_int_equal(next_of(p->client, &event), SESSION_ERROR);
	assert_int_equal(client_denied(p->client, &event, &e), KITH_EDENIED);
	assert_string_equal(e.text, "torn");
	pair_close(p);
}

static void what_the_remote_asks_is_told_and_refused(void **state)
{
	struct pair *p = pair_open(true);
	struct session_event event;
	int32_t request = 0;

	(void)state;
	assert_int_equal(client_request(p->client, RPC_ASYNC, "ask",
					KITH_SLICE("[]"), &request, NULL),
			 KITH_OK);
	assert_int_equal(next_of(p->client, &event), SESSION_CALL);
	assert_true(event.request > 0);
	assert_true(kith_equal(event.name, KITH_SLICE("whoami")));
	assert_int_equal(next_of(p->client, &event), SESSION_REPLY);
	assert_int_equal(event.request, request);
	pair_close(p);
}

static void no_event_is_busy_and_a_lost_connection_an_error(void **state)
{
	struct pair *p = pair_open(true);
	struct session_event event;
	enum session_step step;
	int32_t request = 0;

	(void)state;
	assert_true(client_socket(p->client) >= 0);
	assert_int_equal(client_request(p->client, RPC_SOURCE, "quiet",
					KITH_SLICE("[]"), &request, NULL),
			 KITH_OK);
	assert_int_equal(client_event(p->client, 0, &step, &event, NULL),
			 KITH_EBUSY);
	assert_int_equal(client_end(p->client, request, NULL), KITH_OK);
	assert_int_equal(client_request(p->client, RPC_ASYNC, "hangup",
					KITH_SLICE("[]"), &request, NULL),
			 KITH_OK);
	while (!client_event(p->client, WAIT_MS, &step, &event, NULL))
		assert_int_not_equal(event.request, request);
	assert_int_equal(client_event(p->client, WAIT_MS, &step, &event, NULL),
			 KITH_EIO);
	pair_close(p);
}

static void noise_keeps_nobody_beyond_the_time(void **state)
{
	struct pair *p = pair_open(false);
	struct session_event event;
	enum session_step step;
	int32_t request = 0;

	(void)state;
	assert_int_equal(client_request(p->client, RPC_ASYNC, "noise",
					KITH_SLICE("[]"), &request, NULL),
			 KITH_OK);
	assert_int_equal(client_event(p->client, 20, &step, &event, NULL),
			 KITH_EBUSY);
	assert_false(client_wait_end(p->client, 20));
	pair_close(p);
}

static void items_of_another_stream_keep_nobody_either(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_slice item;
	int32_t request = 0;

	(void)state;
	assert_int_equal(client_request(p->client, RPC_SOURCE, "junk",
					KITH_SLICE("[]"), &request, NULL),
			 KITH_OK);
	assert_int_equal(client_source(p->client, "quiet", KITH_SLICE("[]"),
				       NULL), KITH_OK);
	assert_int_equal(client_next(p->client, 20, &item, NULL), KITH_EBUSY);
	pair_close(p);
}

static void lost_connection_is_an_error(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_error e = { 0 };
	struct kith_slice reply;

	(void)state;
	assert_int_equal(client_call(p->client, "hangup", KITH_SLICE("[]"),
				     &reply, &e), KITH_EIO);
	assert_true(client_wait_end(p->client, 1000));
	pair_close(p);
}

static void what_the_remote_asks_is_refused(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_slice reply;

	(void)state;
	assert_int_equal(client_call(p->client, "ask", KITH_SLICE("[]"),
				     &reply, NULL), KITH_OK);
	assert_true(json_is(json_get(reply, "message"),
			    "method:whoami is not in list of allowed methods"));
	pair_close(p);
}

static void answer_at_the_limit_is_taken_and_over_it_not(void **state)
{
	struct pair *p = pair_open(true);
	struct kith_slice reply;
	char args[32];

	(void)state;
	snprintf(args, sizeof(args), "[%d]", CLIENT_BODY_BYTES_MAX);
	assert_int_equal(client_call(p->client, "big", kith_text(args), &reply,
				     NULL), KITH_OK);
	assert_int_equal(reply.n, CLIENT_BODY_BYTES_MAX);
	snprintf(args, sizeof(args), "[%d]", CLIENT_BODY_BYTES_MAX + 1);
	assert_int_equal(client_call(p->client, "big", kith_text(args), &reply,
				     NULL), KITH_EIO);
	pair_close(p);
}

static void closing_nothing_does_nothing(void **state)
{
	(void)state;
	client_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_over_unix_socket),
		cmocka_unit_test(call_over_tcp_with_handshake),
		cmocka_unit_test(seed_in_address_replaces_signer),
		cmocka_unit_test(goodbye_lets_the_server_end_well),
		cmocka_unit_test(wrong_app_key_is_denied),
		cmocka_unit_test(another_key_than_expected_is_denied),
		cmocka_unit_test(nobody_listening_is_busy),
		cmocka_unit_test(path_too_long_for_a_socket_is_an_error),
		cmocka_unit_test(error_answer_is_denied_with_its_name_and_text),
		cmocka_unit_test(answers_of_many_calls_find_their_callers),
		cmocka_unit_test(source_gives_items_then_its_end),
		cmocka_unit_test(source_that_fails_gives_its_text),
		cmocka_unit_test(source_without_news_times_out_and_goes_on),
		cmocka_unit_test(long_answer_is_waited_for_while_it_comes),
		cmocka_unit_test(a_stream_is_heard_event_by_event),
		cmocka_unit_test(what_the_remote_asks_is_told_and_refused),
		cmocka_unit_test(
			no_event_is_busy_and_a_lost_connection_an_error),
		cmocka_unit_test(noise_keeps_nobody_beyond_the_time),
		cmocka_unit_test(items_of_another_stream_keep_nobody_either),
		cmocka_unit_test(lost_connection_is_an_error),
		cmocka_unit_test(what_the_remote_asks_is_refused),
		cmocka_unit_test(answer_at_the_limit_is_taken_and_over_it_not),
		cmocka_unit_test(closing_nothing_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
