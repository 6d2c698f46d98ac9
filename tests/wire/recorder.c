#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/wire/box.h"
#include "src/wire/session.h"

enum { ROOM = 1 << 20 };

static const struct session_limits limits = { 1000, 1000, 10 };

/* Two sessions that talk; what the server hears and says is recorded. */
struct bench {
	struct session *client, *server;
	struct recording recording;
	struct recorder recorder;
	struct kith_buf room; /* of the line last read */
	size_t seen;	      /* bytes of lines */
};

static struct box_keys keys_of(bool client)
{
	struct box_keys k;

	memset(k.send_key, client ? 1 : 2, sizeof(k.send_key));
	memset(k.send_nonce, client ? 3 : 4, sizeof(k.send_nonce));
	memset(k.recv_key, client ? 2 : 1, sizeof(k.recv_key));
	memset(k.recv_nonce, client ? 4 : 3, sizeof(k.recv_nonce));
	return k;
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	const struct box_keys ours = keys_of(false), theirs = keys_of(true);
	const struct session_config server = { .keys = &ours,
					       .limits = limits };
	const struct session_config client = { .keys = &theirs,
					       .limits = limits };

	assert_non_null(b);
	b->client = session_new(&client);
	b->server = session_new(&server);
	b->recording.lines.limit = b->room.limit = ROOM;
	b->recording.now_us = 1000;
	recorder_init(&b->recorder, &b->recording, 1, false);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	session_free(b->client);
	session_free(b->server);
	kith_buf_free(&b->recording.lines);
	kith_buf_free(&b->room);
	free(b);
	return 0;
}

/* The next line; borrowed until the next call. */
static struct capture_line next(struct bench *b)
{
	struct kith_slice rest = { b->recording.lines.p + b->seen,
				   b->recording.lines.n - b->seen };
	const uint8_t *end = memchr(rest.p, '\n', rest.n);
	struct capture_line line;
	struct kith_error e = { 0 };

	assert_non_null(end);
	rest.n = (size_t)(end - rest.p);
	b->seen += rest.n + 1;
	if (capture_decode(rest, &b->room, &line, &e))
		fail_msg("%s", e.text);
	return line;
}

static void nothing_more(const struct bench *b)
{
	assert_int_equal(b->seen, b->recording.lines.n);
}

static void is_frame(struct bench *b, bool out, uint64_t bytes)
{
	struct capture_line line = next(b);

	assert_int_equal(line.layer, CAPTURE_BOX);
	assert_int_equal(line.event, CAPTURE_SAID);
	assert_int_equal(line.out, out);
	assert_int_equal(line.bytes, bytes);
}

static void is_packet(struct bench *b, bool out, int32_t request,
		      const char *body)
{
	struct capture_line line = next(b);

	assert_int_equal(line.layer, CAPTURE_RPC);
	assert_int_equal(line.event, CAPTURE_SAID);
	assert_int_equal(line.out, out);
	assert_int_equal(line.request, request);
	assert_int_equal(line.bytes, strlen(body));
	assert_true(kith_equal(line.body, kith_text(body)));
}

static void is_event(struct bench *b, bool out, enum capture_layer layer,
		     enum capture_event event)
{
	struct capture_line line = next(b);

	assert_int_equal(line.layer, layer);
	assert_int_equal(line.event, event);
	assert_int_equal(line.out, out);
}

/* What one says is heard by the other, who answers calls with their args. */
static void carry(struct session *from, struct session *to)
{
	struct kith_buf out = { .limit = ROOM };
	struct session_event event;
	struct kith_slice in;
	enum session_step step;

	session_output(from, &out);
	in = kith_bytes(&out);
	while ((step = session_next(to, &in, &event)) != SESSION_MORE &&
	       step < SESSION_CLOSED)
		if (step == SESSION_CALL)
			session_send(to, event.request, MUXRPC_JSON,
				     event.args);
	kith_buf_free(&out);
}

/* --- sessions --- */

#define CALL "{\"name\":[\"a\"],\"args\":[1],\"type\":\"async\"}"

static void a_session_is_recorded_packet_by_packet(void **state)
{
	struct bench *b = *state;

	session_record(b->server, &b->recorder);
	session_call(b->client, RPC_ASYNC, "a", KITH_SLICE("[1]"), NULL);
	carry(b->client, b->server);
	carry(b->server, b->client);
	is_frame(b, false, strlen(CALL) + MUXRPC_HEADER_BYTES);
	is_packet(b, false, 1, CALL);
	is_frame(b, true, 3 + MUXRPC_HEADER_BYTES);
	is_packet(b, true, -1, "[1]");
	nothing_more(b);
}

static void goodbyes_are_recorded_of_both_sides(void **state)
{
	struct bench *b = *state;

	session_record(b->server, &b->recorder);
	session_close(b->client);
	carry(b->client, b->server);
	carry(b->server, b->client);
	carry(b->client, b->server);
	is_frame(b, false, MUXRPC_HEADER_BYTES);
	is_event(b, false, CAPTURE_RPC, CAPTURE_GOODBYE);
	is_frame(b, true, MUXRPC_HEADER_BYTES);
	is_event(b, true, CAPTURE_RPC, CAPTURE_GOODBYE);
	is_event(b, true, CAPTURE_BOX, CAPTURE_GOODBYE);
	nothing_more(b);
}

static void a_frame_that_does_not_open_is_recorded(void **state)
{
	struct bench *b = *state;
	uint8_t junk[100] = { 0 };
	struct kith_slice in = { junk, sizeof(junk) };
	struct session_event event;

	session_record(b->server, &b->recorder);
	assert_int_equal(session_next(b->server, &in, &event), SESSION_BAD);
	is_event(b, false, CAPTURE_BOX, CAPTURE_BAD);
	nothing_more(b);
}

static void a_body_over_the_limit_is_recorded_as_the_end(void **state)
{
	struct bench *b = *state;
	char args[2000];

	memset(args, '1', sizeof(args));
	args[0] = '[';
	args[sizeof(args) - 1] = ']';
	session_record(b->server, &b->recorder);
	session_call(b->client, RPC_ASYNC, "a",
		     (struct kith_slice){ (const uint8_t *)args, sizeof(args) },
		     NULL);
	carry(b->client, b->server);
	assert_int_equal(next(b).layer, CAPTURE_BOX);
	is_event(b, false, CAPTURE_RPC, CAPTURE_BAD);
	nothing_more(b);
}

/* Packets that go out in pieces, however small, are told of once and in
 * order; one that is partly out when the recording begins is not. */
static void a_recording_may_begin_in_the_middle(void **state)
{
	struct bench *b = *state;
	struct kith_buf piece = { .limit = BOX_HEADER_BYTES + 5 };
	struct capture_line line;
	int packets = 0;

	session_call(b->server, RPC_ASYNC, "first", KITH_SLICE("[]"), NULL);
	session_output(b->server, &piece);
	session_record(b->server, &b->recorder);
	session_call(b->server, RPC_ASYNC, "second", KITH_SLICE("[]"), NULL);
	session_call(b->server, RPC_ASYNC, "third", KITH_SLICE("[]"), NULL);
	while (session_queued(b->server)) {
		kith_buf_reset(&piece);
		session_output(b->server, &piece);
	}
	kith_buf_free(&piece);
	while (b->seen < b->recording.lines.n) {
		line = next(b);
		if (line.layer == CAPTURE_RPC)
			assert_int_equal(line.request, 2 + packets++);
		else
			assert_true(line.bytes <= 5);
	}
	assert_int_equal(packets, 2);
}

static void a_recording_that_ended_records_nothing(void **state)
{
	struct bench *b = *state;

	session_record(b->server, &b->recorder);
	session_record(b->server, NULL);
	session_call(b->client, RPC_ASYNC, "a", KITH_SLICE("[1]"), NULL);
	carry(b->client, b->server);
	carry(b->server, b->client);
	nothing_more(b);
}

static void headers_alone_hold_no_body(void **state)
{
	struct bench *b = *state;
	struct capture_line line;

	b->recording.headers = true;
	session_record(b->server, &b->recorder);
	session_call(b->client, RPC_ASYNC, "a", KITH_SLICE("[1]"), NULL);
	carry(b->client, b->server);
	next(b);
	line = next(b);
	assert_int_equal(line.layer, CAPTURE_RPC);
	assert_int_equal(line.bytes, strlen(CALL));
	assert_false(line.has_body);
}

/* --- the handshake --- */

static void is_message(struct bench *b, bool out, unsigned message, size_t n)
{
	struct capture_line line = next(b);

	assert_int_equal(line.layer, CAPTURE_SHS);
	assert_int_equal(line.event, CAPTURE_SAID);
	assert_int_equal(line.out, out);
	assert_int_equal(line.message, message);
	assert_int_equal(line.bytes, n);
	assert_int_equal(line.body.n, n);
}

static void say(struct bench *b, bool out, size_t n, uint8_t first)
{
	uint8_t bytes[200];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(first + i);
	recorder_shake(&b->recorder, out, (struct kith_slice){ bytes, n });
}

static void a_handshake_in_pieces_is_recorded_by_messages(void **state)
{
	struct bench *b = *state;
	const struct box_keys keys = keys_of(false);
	struct capture_keys line;

	say(b, false, 30, 0);
	nothing_more(b);
	assert_false(recorder_keys(&b->recorder, &keys, &line));
	say(b, false, 34, 30);
	is_message(b, false, 1, 64);
	say(b, true, 64, 100);
	is_message(b, true, 2, 64);
	say(b, false, 112, 0);
	is_message(b, false, 3, 112);
	say(b, true, 80, 0);
	is_message(b, true, 4, 80);
	nothing_more(b);
	assert_true(recorder_keys(&b->recorder, &keys, &line));
	assert_int_equal(line.client[0], 32);
	assert_int_equal(line.server[0], 132);
	assert_memory_equal(line.to_client_key, keys.send_key, 32);
}

static void a_handshake_that_breaks_off_leaves_what_there_was(void **state)
{
	struct bench *b = *state;
	struct capture_line line;

	say(b, false, 64, 0);
	say(b, true, 64, 0);
	say(b, false, 10, 0);
	recorder_fail(&b->recorder, false, "it hung up");
	recorder_close(&b->recorder, false, "it hung up", 12);
	is_message(b, false, 1, 64);
	is_message(b, true, 2, 64);
	is_message(b, false, 3, 10);
	is_event(b, false, CAPTURE_SHS, CAPTURE_FAIL);
	line = next(b);
	assert_int_equal(line.event, CAPTURE_CLOSE);
	assert_int_equal(line.bytes, 12);
	assert_true(kith_equal(line.why, KITH_SLICE("it hung up")));
	nothing_more(b);
}

/* --- room --- */

static void lines_without_room_are_counted_and_told(void **state)
{
	struct bench *b = *state;
	struct capture_line line;

	b->recording.lines.limit = 150;
	for (int i = 0; i < 10; i++)
		recorder_frames(&b->recorder, false, 7);
	assert_true(b->recording.lost > 0);
	while (b->seen < b->recording.lines.n)
		is_frame(b, false, 7);
	kith_buf_reset(&b->recording.lines);
	b->seen = 0;
	recorder_frames(&b->recorder, false, 8);
	line = next(b);
	assert_int_equal(line.layer, CAPTURE_FILE);
	assert_int_equal(line.event, CAPTURE_LOST);
	assert_int_equal(line.bytes, b->recording.all_lost);
	is_frame(b, false, 8);
	assert_int_equal(b->recording.lost, 0);
}

static void lines_are_cut_off_whole(void **state)
{
	struct bench *b = *state;
	size_t n;

	recorder_frames(&b->recorder, false, 7);
	n = b->recording.lines.n;
	recorder_frames(&b->recorder, false, 7);
	recording_cut(&b->recording, 2 * n);
	assert_int_equal(b->recording.lines.n, 2 * n);
	recording_cut(&b->recording, 2 * n - 1);
	assert_int_equal(b->recording.lines.n, n);
	recording_cut(&b->recording, n - 1);
	assert_int_equal(b->recording.lines.n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_session_is_recorded_packet_by_packet),
		TEST(goodbyes_are_recorded_of_both_sides),
		TEST(a_frame_that_does_not_open_is_recorded),
		TEST(a_body_over_the_limit_is_recorded_as_the_end),
		TEST(a_recording_may_begin_in_the_middle),
		TEST(a_recording_that_ended_records_nothing),
		TEST(headers_alone_hold_no_body),
		TEST(a_handshake_in_pieces_is_recorded_by_messages),
		TEST(a_handshake_that_breaks_off_leaves_what_there_was),
		TEST(lines_without_room_are_counted_and_told),
		TEST(lines_are_cut_off_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
