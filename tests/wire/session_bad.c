#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/wire/talk.h"

enum { RESERVED = 0x03, RESERVED_ITEM = 0x0b };

/* A call that is answered by this error, once, and opens nothing. */
static void turned_down(struct talk *t, int flags, int32_t request,
			const char *body, const char *message)
{
	talk_put(t, flags, request, body);
	talk_put(t, flags, request, body);
	talk_put(t, flags | FAILURE, request, "true");
	talk_quiet(t);
	talk_sent_error(t, (flags & ITEM) == ITEM ? STOP : FAILURE, -request,
			message);
	talk_silent(t);
}

static void malformed_calls_are_answered_by_invalid_request(void **state)
{
	static const char *const bodies[] = {
		"",
		"nonsense",
		"{\"name\":[\"a\"],\"args\":[]",
		"5",
		"null",
		"[\"a\"]",
		"{}",
		"{\"args\":[]}",
		"{\"name\":\"\",\"args\":[]}",
		"{\"name\":[],\"args\":[]}",
		"{\"name\":[\"\"],\"args\":[]}",
		"{\"name\":[\"a\",\"\"],\"args\":[]}",
		"{\"name\":[\"a\",5],\"args\":[]}",
		"{\"name\":[[\"a\"]],\"args\":[]}",
		"{\"name\":{\"a\":\"b\"},\"args\":[]}",
		"{\"name\":7,\"args\":[]}",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		turned_down(*state, REPLY, (int32_t)i + 1, bodies[i],
			    "invalid request");
}

static void call_that_is_not_json_is_invalid(void **state)
{
	const char *body = "{\"name\":[\"a\"],\"args\":[]}";

	turned_down(*state, TEXT_REPLY, 1, body, "invalid request");
	turned_down(*state, 0, 2, body, "invalid request");
	turned_down(*state, RESERVED, 3, body, "invalid request");
}

static void args_that_are_no_array_are_shown(void **state)
{
	turned_down(*state, REPLY, 1, "{\"name\": [\"a\"]}",
		    "invalid request, args should be array, was: "
		    "{\\\"name\\\":[\\\"a\\\"]}");
	turned_down(*state, REPLY, 2, "{\"name\":\"a\",\"args\":{\"0\":1}}",
		    "invalid request, args should be array, was: "
		    "{\\\"name\\\":\\\"a\\\",\\\"args\\\":{\\\"0\\\":1}}");
}

static void stream_needs_a_type_that_is_one(void **state)
{
	turned_down(*state, ITEM, 1, "{\"name\":[\"a\"],\"args\":[]}",
		    "unsupported stream type: undefined");
	turned_down(*state, ITEM, 2,
		    "{\"name\":[\"a\"],\"args\":[],\"type\":\"async\"}",
		    "unsupported stream type: async");
	turned_down(*state, ITEM, 3,
		    "{\"name\":[\"a\"],\"args\":[],\"type\":5.0}",
		    "unsupported stream type: 5");
}

static void stream_called_as_async_is_told_so(void **state)
{
	turned_down(*state, REPLY, 1,
		    "{\"name\":[\"a\",\"b\"],\"args\":[],\"type\":\"source\"}",
		    "no async:a,b");
}

static void call_takes_a_bare_name_and_needs_no_type(void **state)
{
	static const char *const bodies[] = {
		"{\"name\":\"manifest\",\"args\":[]}",
		"{\"name\":[\"manifest\"],\"args\":[],\"type\":\"async\"}",
		"{\"args\":[],\"type\":\"sync\",\"name\":[\"mani\\u0066est\"]}",
		" {\"name\" : \"manifest\" , \"args\" : []}\n",
	};
	struct talk *t = *state;

	for (int32_t i = 0; i < 4; i++) {
		talk_put(t, REPLY, i + 1, bodies[i]);
		assert_int_equal(talk_next(t), SESSION_CALL);
		assert_int_equal(t->event.shape, RPC_ASYNC);
		assert_true(kith_equal(t->event.name, KITH_SLICE("manifest")));
		assert_true(kith_equal(t->event.args, KITH_SLICE("[]")));
		session_send(t->s, i + 1, MUXRPC_JSON, KITH_SLICE("{}"));
	}
}

static void white_space_round_a_body_is_left_out(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	talk_put(t, ITEM, call, " {\"a\": 1}\n");
	talk_event(t, SESSION_DATA, call, "{\"a\": 1}");
	talk_put(t, STOP, call, "\ttrue\r\n");
	talk_event(t, SESSION_END, call, "true");
}

/* A stream that carries what cannot be read is ended from both sides. */
static void broken(struct talk *t, int flags, const char *body,
		   const char *message)
{
	int32_t call = talk_call(t, RPC_DUPLEX);
	char text[200];

	snprintf(text, sizeof(text),
		 "{\"message\":\"%s\",\"name\":\"Error\",\"stack\":\"\"}",
		 message);
	talk_put(t, flags, call, body);
	talk_put(t, ITEM, call, "1");
	talk_put(t, STOP, call, "true");
	talk_event(t, SESSION_ERROR, call, text);
	assert_ptr_equal(t->event.user, t);
	talk_quiet(t);
	talk_sent(t, STOP, -call, text);
	talk_silent(t);
}

static void unreadable_item_ends_its_stream_only(void **state)
{
	struct talk *t = *state;
	int32_t other = talk_call(t, RPC_SOURCE);

	broken(t, ITEM, "{\"a\":", "body is not JSON");
	broken(t, ITEM, "\xff", "body is not JSON");
	broken(t, STOP, "tru", "body is not JSON");
	broken(t, RESERVED_ITEM, "1", "unknown type of body");
	talk_put(t, ITEM, other, "1");
	talk_event(t, SESSION_DATA, other, "1");
}

static void unreadable_reply_is_an_error(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_ASYNC);

	talk_put(t, REPLY, call, "{");
	assert_int_equal(talk_next(t), SESSION_ERROR);
	assert_int_equal(t->event.request, call);
	talk_silent(t);
}

static void raw_items_are_not_looked_into(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	session_allow(t->s, call, TALK_BODY_BYTES, true);
	talk_put(t, ITEM, call, "{\"a\": ");
	talk_event(t, SESSION_DATA, call, "{\"a\": ");
	talk_put(t, STOP, call, "{");
	assert_int_equal(talk_next(t), SESSION_ERROR);
}

static void what_nobody_asked_for_is_ignored(void **state)
{
	struct talk *t = *state;

	talk_put(t, REPLY, 0, "{\"name\":[\"a\"],\"args\":[]}");
	talk_put(t, REPLY, -5, "1");
	talk_put(t, ITEM, -5, "not JSON");
	talk_put(t, STOP, -5, "true");
	talk_put(t, REPLY, INT32_MIN, "true");
	talk_put(t, STOP, 9, "true");
	talk_put(t, FAILURE, 9, "true");
	talk_quiet(t);
	talk_silent(t);
}

static void end_of_an_unknown_stream_does_not_use_up_its_number(void **state)
{
	struct talk *t = *state;

	talk_put(t, STOP, 9, "true");
	talk_quiet(t);
	talk_open(t, 9, RPC_SOURCE);
}

static void second_request_under_an_open_number_is_data(void **state)
{
	const char *body = "{\"name\":[\"a\"],\"args\":[],\"type\":\"duplex\"}";
	struct talk *t = *state;

	talk_open(t, 1, RPC_DUPLEX);
	talk_put(t, ITEM, 1, body);
	talk_event(t, SESSION_DATA, 1, body);
	talk_open(t, 2, RPC_ASYNC);
	talk_put(t, REPLY, 2, body);
	talk_quiet(t);
	talk_silent(t);
}

static void items_the_wrong_way_are_dropped(void **state)
{
	struct talk *t = *state;
	int32_t sink = talk_call(t, RPC_SINK);

	talk_open(t, 1, RPC_SOURCE);
	talk_put(t, ITEM, 1, "1");
	talk_put(t, ITEM, sink, "1");
	talk_quiet(t);
	talk_silent(t);
}

static void open_requests_of_the_remote_are_counted(void **state)
{
	const char *body = "{\"name\":[\"a\",\"b\"],\"args\":[1]}";
	struct talk *t = *state;

	for (int32_t i = 1; i <= TALK_REQUESTS; i++)
		talk_open(t, i, RPC_SOURCE);
	turned_down(t, REPLY, 4, body, "too many requests");
	turned_down(t, REPLY, 5, body, "too many requests");
	session_end(t->s, 2);
	talk_sent(t, STOP, -2, "true");
	talk_open(t, 6, RPC_ASYNC);
	turned_down(t, REPLY, 7, body, "too many requests");
}

/* Late packets are known for what they are, and only so many are. */
static void numbers_of_the_past_are_known_for_a_while(void **state)
{
	struct talk *t = *state;

	for (int32_t i = 1; i <= 2000; i++) {
		talk_open(t, i, RPC_SOURCE);
		session_end(t->s, i);
		talk_sent(t, STOP, -i, "true");
		talk_put(t, ITEM, i > 256 ? i - 255 : 1, "1");
		talk_quiet(t);
	}
	talk_silent(t);
	talk_open(t, 1, RPC_SOURCE);
}

static char *repeat(char *text, char c, size_t n)
{
	memset(text, c, n);
	text[n] = 0;
	return text;
}

/* A number of n digits, under a number and limit of its own. */
static enum session_step send_long(struct talk *t, int flags, int32_t request,
				   size_t n)
{
	char text[1024];

	talk_put(t, flags, request, repeat(text, '1', n));
	return talk_next(t);
}

static void lost(struct talk *t, const char *why)
{
	assert_int_equal(talk_next(t), SESSION_BAD);
	assert_string_equal(session_why(t->s), why);
	assert_int_equal(session_call(t->s, RPC_ASYNC, "a", KITH_SLICE("[]"),
				      NULL),
			 0);
}

static void body_over_the_limit_ends_the_session(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	assert_int_equal(send_long(t, ITEM, call, TALK_BODY_BYTES - 1),
			 SESSION_DATA);
	assert_int_equal(send_long(t, ITEM, call, TALK_BODY_BYTES),
			 SESSION_DATA);
	assert_int_equal(send_long(t, ITEM, call, TALK_BODY_BYTES + 1),
			 SESSION_BAD);
	lost(t, "body over the limit");
	talk_sent_error(t, STOP, -call, "unexpected end of parent stream");
	talk_sent_goodbye(t);
	talk_silent(t);
}

static void call_over_the_limit_ends_the_session(void **state)
{
	char text[1024], body[1200];
	struct talk *t = *state;
	size_t rest = strlen("{\"name\":[\"a\"],\"args\":[\"\"]}");

	for (int32_t i = 0; i < 2; i++) {
		repeat(text, 'x', TALK_CALL_BYTES - rest + (size_t)i);
		snprintf(body, sizeof(body),
			 "{\"name\":[\"a\"],\"args\":[\"%s\"]}", text);
		talk_put(t, REPLY, i + 1, body);
		assert_int_equal(talk_next(t), i ? SESSION_BAD : SESSION_CALL);
	}
	lost(t, "body over the limit");
}

static void longer_bodies_may_be_allowed_to_one_request(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);
	int32_t other = talk_call(t, RPC_SOURCE);

	session_allow(t->s, call, 600, false);
	assert_int_equal(send_long(t, ITEM, call, 600), SESSION_DATA);
	assert_int_equal(send_long(t, ITEM, other, 600), SESSION_BAD);
}

/* They were on their way when we stopped to listen. */
static void late_bodies_may_be_as_long_as_they_were(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_DUPLEX);

	session_allow(t->s, call, 600, false);
	talk_open(t, 1, RPC_DUPLEX);
	session_allow(t->s, 1, 600, false);
	session_end(t->s, call);
	session_end(t->s, 1);
	assert_int_equal(send_long(t, ITEM, call, 600), SESSION_MORE);
	assert_int_equal(send_long(t, ITEM, 1, 600), SESSION_MORE);
	assert_int_equal(send_long(t, ITEM, call, 601), SESSION_BAD);
}

static void deep_json_is_not_read(void **state)
{
	char text[1024];
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	talk_put(t, ITEM, call, repeat(text, '[', TALK_BODY_BYTES));
	assert_int_equal(talk_next(t), SESSION_ERROR);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(malformed_calls_are_answered_by_invalid_request),
		TEST(call_that_is_not_json_is_invalid),
		TEST(args_that_are_no_array_are_shown),
		TEST(stream_needs_a_type_that_is_one),
		TEST(stream_called_as_async_is_told_so),
		TEST(call_takes_a_bare_name_and_needs_no_type),
		TEST(white_space_round_a_body_is_left_out),
		TEST(unreadable_item_ends_its_stream_only),
		TEST(unreadable_reply_is_an_error),
		TEST(raw_items_are_not_looked_into),
		TEST(what_nobody_asked_for_is_ignored),
		TEST(end_of_an_unknown_stream_does_not_use_up_its_number),
		TEST(second_request_under_an_open_number_is_data),
		TEST(items_the_wrong_way_are_dropped),
		TEST(open_requests_of_the_remote_are_counted),
		TEST(numbers_of_the_past_are_known_for_a_while),
		TEST(body_over_the_limit_ends_the_session),
		TEST(call_over_the_limit_ends_the_session),
		TEST(longer_bodies_may_be_allowed_to_one_request),
		TEST(late_bodies_may_be_as_long_as_they_were),
		TEST(deep_json_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
