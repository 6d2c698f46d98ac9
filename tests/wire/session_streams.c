#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/wire/talk.h"

#define ERROR_BODY "{\"message\":\"oh no\",\"name\":\"Error\",\"stack\":\"\"}"

static void their_async_call_gets_one_reply(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_ASYNC);
	session_send(t->s, 1, MUXRPC_STRING, KITH_SLICE("hello"));
	session_send(t->s, 1, MUXRPC_STRING, KITH_SLICE("again"));
	session_error(t->s, 1, "Error", "late");
	session_end(t->s, 1);
	talk_sent(t, TEXT_REPLY, -1, "hello");
	talk_silent(t);
}

static void their_async_call_gets_an_error(void **state)
{
	struct talk *t = *state;

	talk_open(t, 7, RPC_ASYNC);
	session_end(t->s, 7); /* no stream: nothing to end */
	session_error(t->s, 7, "NotFoundError", "say \"what\"");
	talk_sent(t, FAILURE, -7,
		  "{\"message\":\"say \\\"what\\\"\","
		  "\"name\":\"NotFoundError\",\"stack\":\"\"}");
	talk_silent(t);
}

static void our_async_call_is_answered_once(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_ASYNC);

	assert_int_equal(call, -1);
	session_send(t->s, call, MUXRPC_JSON, KITH_SLICE("1")); /* not ours */
	talk_put(t, TEXT_REPLY, call, "hello");
	talk_put(t, REPLY, call, "2");
	talk_event(t, SESSION_REPLY, call, "hello");
	assert_int_equal(t->event.type, MUXRPC_STRING);
	assert_ptr_equal(t->event.user, t);
	talk_quiet(t);
	talk_silent(t);
}

static void our_async_call_may_fail(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_ASYNC);

	talk_put(t, FAILURE, call, ERROR_BODY);
	talk_event(t, SESSION_ERROR, call, ERROR_BODY);
	talk_put(t, FAILURE, call, ERROR_BODY);
	talk_quiet(t);
	talk_silent(t);
}

/* Even true: an answer with the end flag is always an error. */
static void our_async_call_fails_with_any_value(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_ASYNC);

	talk_put(t, FAILURE, call, "true");
	talk_event(t, SESSION_ERROR, call, "true");
}

static void numbers_of_both_sides_are_independent(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_ASYNC);

	talk_open(t, 1, RPC_ASYNC);
	talk_put(t, REPLY, call, "1");
	talk_event(t, SESSION_REPLY, call, "1");
	session_send(t->s, 1, MUXRPC_JSON, KITH_SLICE("2"));
	talk_sent(t, REPLY, -1, "2");
}

static void their_source_is_fed_and_ended(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_SOURCE);
	session_send(t->s, 1, MUXRPC_JSON, KITH_SLICE("null"));
	session_send(t->s, 1, MUXRPC_BINARY, KITH_SLICE("\x01"));
	session_end(t->s, 1);
	session_end(t->s, 1);
	session_send(t->s, 1, MUXRPC_JSON, KITH_SLICE("3"));
	talk_sent(t, ITEM, -1, "null");
	talk_sent(t, BYTES_ITEM, -1, "\x01");
	talk_sent(t, STOP, -1, "true");
	talk_put(t, STOP, 1, "true");
	talk_quiet(t);
	talk_silent(t);
}

static void their_source_is_stopped_by_them(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_SOURCE);
	session_attach(t->s, 1, t);
	talk_put(t, STOP, 1, "true");
	talk_event(t, SESSION_END, 1, "true");
	assert_ptr_equal(t->event.user, t);
	session_send(t->s, 1, MUXRPC_JSON, KITH_SLICE("3"));
	session_end(t->s, 1);
	talk_sent(t, STOP, -1, "true");
	talk_put(t, STOP, 1, "true");
	talk_quiet(t);
	talk_silent(t);
}

static void our_source_brings_items_and_its_end_is_answered(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	talk_put(t, ITEM, call, "false");
	talk_put(t, ITEM, call, "null");
	talk_put(t, BYTES_ITEM, call, "xyz");
	talk_put(t, TEXT_ITEM, call, "");
	talk_put(t, STOP, call, "true");
	talk_event(t, SESSION_DATA, call, "false");
	talk_event(t, SESSION_DATA, call, "null");
	talk_event(t, SESSION_DATA, call, "xyz");
	assert_int_equal(t->event.type, MUXRPC_BINARY);
	talk_event(t, SESSION_DATA, call, "");
	assert_int_equal(t->event.type, MUXRPC_STRING);
	talk_silent(t);
	talk_event(t, SESSION_END, call, "true");
	talk_sent(t, STOP, -call, "true");
	talk_put(t, ITEM, call, "1");
	talk_put(t, STOP, call, "true");
	talk_quiet(t);
	talk_silent(t);
}

static void our_source_may_end_in_an_error(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	talk_put(t, STOP, call, ERROR_BODY);
	talk_event(t, SESSION_ERROR, call, ERROR_BODY);
	talk_sent(t, STOP, -call, "true");
	talk_silent(t);
}

static void our_source_is_stopped_early_by_us(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	session_end(t->s, call);
	talk_sent(t, STOP, -call, "true");
	talk_put(t, ITEM, call, "1"); /* was on its way */
	talk_put(t, STOP, call, "true");
	talk_quiet(t);
	talk_silent(t);
}

static void falsy_end_is_no_error(void **state)
{
	static const char *const ends[] = { "true", "false", "null" };
	struct talk *t = *state;

	for (size_t i = 0; i < 3; i++) {
		int32_t call = talk_call(t, RPC_SOURCE);

		talk_put(t, STOP, call, ends[i]);
		talk_event(t, SESSION_END, call, ends[i]);
		talk_sent(t, STOP, -call, "true");
	}
}

static void any_other_end_is_an_error(void **state)
{
	static const char *const ends[] = { "1", "\"true\"", "{}", "" };
	struct talk *t = *state;

	for (size_t i = 0; i < 4; i++) {
		int32_t call = talk_call(t, RPC_SOURCE);

		talk_put(t, STOP, call, ends[i]);
		talk_event(t, SESSION_ERROR, call, ends[i]);
		talk_sent(t, STOP, -call, "true");
	}
}

static void our_sink_is_told_of_its_outcome(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SINK);

	session_send(t->s, call, MUXRPC_BINARY, KITH_SLICE("abc"));
	session_end(t->s, call);
	talk_sent(t, BYTES_ITEM, -call, "abc");
	talk_sent(t, STOP, -call, "true");
	talk_put(t, ITEM, call, "1"); /* a sink brings nothing */
	talk_put(t, STOP, call, ERROR_BODY);
	talk_event(t, SESSION_ERROR, call, ERROR_BODY);
	talk_silent(t);
}

static void our_sink_may_be_ended_by_them_first(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SINK);

	talk_put(t, STOP, call, "true");
	talk_event(t, SESSION_END, call, "true");
	talk_sent(t, STOP, -call, "true");
	session_end(t->s, call);
	talk_silent(t);
}

static void their_sink_is_ended_by_the_caller(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_SINK);
	talk_put(t, BYTES_ITEM, 1, "abc");
	talk_put(t, STOP, 1, "true");
	talk_put(t, STOP, 1, "true");
	talk_event(t, SESSION_DATA, 1, "abc");
	talk_event(t, SESSION_END, 1, "true");
	talk_quiet(t);
	talk_silent(t);
	session_end(t->s, 1);
	talk_sent(t, STOP, -1, "true");
	talk_silent(t);
}

static void duplex_goes_both_ways_and_ends_from_each_side(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_DUPLEX);

	talk_open(t, 4, RPC_DUPLEX);
	for (int32_t n = call; n; n = n == call ? 4 : 0) {
		session_send(t->s, n, MUXRPC_JSON, KITH_SLICE("1"));
		talk_put(t, ITEM, n, "2");
		talk_put(t, STOP, n, "true");
		talk_put(t, ITEM, n, "3");
		talk_event(t, SESSION_DATA, n, "2");
		talk_event(t, SESSION_END, n, "true");
		talk_quiet(t);
		talk_sent(t, ITEM, -n, "1");
		talk_silent(t);
		session_send(t->s, n, MUXRPC_JSON, KITH_SLICE("4"));
		session_end(t->s, n);
		talk_sent(t, ITEM, -n, "4");
		talk_sent(t, STOP, -n, "true");
		talk_silent(t);
	}
}

static void duplex_that_they_broke_is_answered_at_once(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_DUPLEX);
	talk_put(t, STOP, 1, ERROR_BODY);
	talk_event(t, SESSION_ERROR, 1, ERROR_BODY);
	talk_sent(t, STOP, -1, "true");
	session_end(t->s, 1);
	talk_silent(t);
}

static void duplex_that_we_ended_is_heard_of_no_more(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_DUPLEX);
	session_error(t->s, 1, "Error", "reconnected to peer");
	talk_sent_error(t, STOP, -1, "reconnected to peer");
	talk_put(t, ITEM, 1, "{}");
	talk_put(t, STOP, 1, "true");
	talk_put(t, ITEM, 1, "{}");
	talk_quiet(t);
	talk_silent(t);
}

static void methods_are_refused_in_the_words_of_javascript(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_ASYNC);
	session_refuse(t->s, 1, t->event.name);
	talk_sent_error(t, FAILURE, -1,
			"method:a,b is not in list of allowed methods");
	talk_open(t, 2, RPC_DUPLEX);
	session_refuse(t->s, 2, t->event.name);
	talk_sent_error(t, STOP, -2,
			"method:a,b is not in list of allowed methods");
	talk_open(t, 3, RPC_SOURCE);
	session_absent(t->s, 3, RPC_SOURCE, t->event.name);
	talk_sent_error(t, STOP, -3, "no source:a,b");
	talk_silent(t);
}

static void empty_values_are_never_sent_as_empty_bodies(void **state)
{
	struct talk *t = *state;

	talk_open(t, 1, RPC_SOURCE);
	session_send(t->s, 1, MUXRPC_STRING, KITH_SLICE(""));
	talk_sent(t, ITEM, -1, "\"\"");
	session_send(t->s, 1, MUXRPC_BINARY, KITH_SLICE(""));
	talk_silent(t);
	talk_open(t, 2, RPC_ASYNC);
	session_send(t->s, 2, MUXRPC_BINARY, KITH_SLICE(""));
	talk_sent(t, REPLY, -2, "\"\"");
}

static void open_requests_can_be_walked(void **state)
{
	struct talk *t = *state;
	int32_t request, seen = 0;
	void *user;

	talk_open(t, 1, RPC_SOURCE);
	talk_open(t, 2, RPC_SOURCE);
	talk_call(t, RPC_DUPLEX);
	session_attach(t->s, 2, &seen);
	session_end(t->s, 1);
	for (size_t at = 0; session_request(t->s, &at, &request, &user);) {
		assert_ptr_equal(user,
				 request == 2 ? (void *)&seen : (void *)t);
		seen += request;
	}
	assert_int_equal(seen, 2 - 1);
}

enum { MANY = 1000 };

/* Opens MANY sources under given numbers, hangs each on its own place in
 * users, ends every third, and has them stop the others. */
static void keep_many(const int32_t numbers[static MANY])
{
	const struct session_config config = {
		.limits = { TALK_CALL_BYTES, TALK_BODY_BYTES, MANY }
	};
	static uint8_t users[MANY];
	struct talk t;

	talk_start(&t);
	session_free(t.s);
	t.s = session_new(&config);
	for (size_t i = 0; i < MANY; i++) {
		talk_open(&t, numbers[i], RPC_SOURCE);
		session_attach(t.s, numbers[i], users + i);
	}
	for (size_t i = 0; i < MANY; i += 3)
		session_end(t.s, numbers[i]);
	for (size_t i = MANY; i--;)
		talk_put(&t, STOP, numbers[i], "true");
	for (size_t i = MANY; i--;) {
		if (i % 3 == 0)
			continue;
		talk_event(&t, SESSION_END, numbers[i], "true");
		assert_ptr_equal(t.event.user, users + i);
	}
	talk_quiet(&t);
	talk_stop(&t);
}

static void a_thousand_requests_are_kept_apart(void **state)
{
	int32_t numbers[MANY];

	(void)state;
	for (int32_t i = 0; i < MANY; i++)
		numbers[i] = INT32_MAX - i;
	keep_many(numbers);
}

/* Numbers that a remote may choose so that all hash to the same place: the
 * inverse of the multiplier gives products from 1 on. */
static void numbers_that_collide_are_kept_apart(void **state)
{
	uint32_t number = 0;
	int32_t numbers[MANY];

	(void)state;
	for (size_t i = 0; i < MANY;) {
		number += 340573321;
		if (number <= INT32_MAX)
			numbers[i++] = (int32_t)number;
	}
	keep_many(numbers);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(their_async_call_gets_one_reply),
		TEST(their_async_call_gets_an_error),
		TEST(our_async_call_is_answered_once),
		TEST(our_async_call_may_fail),
		TEST(our_async_call_fails_with_any_value),
		TEST(numbers_of_both_sides_are_independent),
		TEST(their_source_is_fed_and_ended),
		TEST(their_source_is_stopped_by_them),
		TEST(our_source_brings_items_and_its_end_is_answered),
		TEST(our_source_may_end_in_an_error),
		TEST(our_source_is_stopped_early_by_us),
		TEST(falsy_end_is_no_error),
		TEST(any_other_end_is_an_error),
		TEST(our_sink_is_told_of_its_outcome),
		TEST(our_sink_may_be_ended_by_them_first),
		TEST(their_sink_is_ended_by_the_caller),
		TEST(duplex_goes_both_ways_and_ends_from_each_side),
		TEST(duplex_that_they_broke_is_answered_at_once),
		TEST(duplex_that_we_ended_is_heard_of_no_more),
		TEST(methods_are_refused_in_the_words_of_javascript),
		TEST(empty_values_are_never_sent_as_empty_bodies),
		TEST(open_requests_can_be_walked),
		cmocka_unit_test(a_thousand_requests_are_kept_apart),
		cmocka_unit_test(numbers_that_collide_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
