#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/wire/box.h"
#include "tests/support/alloc.h"
#include "tests/wire/talk.h"

static const struct box_keys here = {
	.send_key = { 1 }, .send_nonce = { 2 },
	.recv_key = { 3 }, .recv_nonce = { 4 },
};
static const struct box_keys there = {
	.send_key = { 3 }, .send_nonce = { 4 },
	.recv_key = { 1 }, .recv_nonce = { 2 },
};

/* Appends what was heard, so that two ways of hearing can be compared. */
static void note(struct kith_buf *log, enum session_step step,
		 const struct session_event *e)
{
	kith_buf_int(log, step);
	kith_buf_byte(log, ' ');
	kith_buf_int(log, e->request);
	kith_buf_byte(log, ' ');
	kith_buf_put(log, e->name);
	kith_buf_put(log, e->args);
	kith_buf_put(log, e->body);
	kith_buf_byte(log, '\n');
}

/* Takes in, notes each event, and answers calls; gives the last step. */
static enum session_step respond(struct session *s, struct kith_slice in,
				 struct kith_buf *log)
{
	struct session_event e;
	enum session_step step;

	while ((step = session_next(s, &in, &e)) != SESSION_MORE) {
		if (step == SESSION_CLOSED || step == SESSION_BAD)
			return step;
		note(log, step, &e);
		if (step == SESSION_CALL && e.shape == RPC_ASYNC)
			session_send(s, e.request, MUXRPC_STRING, e.args);
		if (step == SESSION_DATA)
			session_send(s, e.request, e.type, e.body);
		if (step == SESSION_END)
			session_end(s, e.request);
	}
	assert_int_equal(in.n, 0);
	return step;
}

/* What a remote says: good, bad, long and empty packets, then goodbye. */
static void converse(struct talk *t)
{
	static const uint8_t zeros[TALK_BODY_BYTES];

	talk_put(t, REPLY, 1, "{\"name\":[\"a\",\"b\"],\"args\":[1,2]}");
	talk_put(t, ITEM, 2,
		 "{\"name\":\"c\",\"args\":[],\"type\":\"duplex\"}");
	talk_put(t, ITEM, 2, " {\"x\": null}\n");
	talk_put(t, TEXT_ITEM, 2, "");
	talk_put_bytes(t, BYTES_ITEM, 2,
		       (struct kith_slice){ zeros, sizeof(zeros) });
	talk_put(t, REPLY, 3, "{\"name\":[\"a\"]}");
	talk_put(t, ITEM, 4, "{\"name\":[\"a\"],\"args\":[]}");
	talk_put(t, STOP, 2, "true");
	talk_put(t, ITEM, 2, "late");
	talk_put_bytes(t, 0, 0, (struct kith_slice){ NULL, 0 });
}

struct outcome {
	struct kith_buf log, out;
};

/* Hears all of in, cut at first and then every piece bytes. */
static struct outcome hear(const struct box_keys *keys, struct kith_slice in,
			   size_t first, size_t piece)
{
	const struct session_config config = { .keys = keys,
					       .limits = talk_limits };
	struct session *s = session_new(&config);
	struct outcome o = { { .limit = TALK_ROOM }, { .limit = TALK_ROOM } };
	enum session_step step;

	assert_non_null(s);
	step = respond(s, (struct kith_slice){ in.p, first }, &o.log);
	for (size_t at = first; at < in.n; at += piece) {
		size_t n = in.n - at < piece ? in.n - at : piece;

		if (step != SESSION_CLOSED)
			assert_int_equal(step, SESSION_MORE);
		step = respond(s, (struct kith_slice){ in.p + at, n }, &o.log);
	}
	assert_int_equal(step, SESSION_CLOSED);
	assert_true(session_eof(s));
	session_output(s, &o.out);
	assert_int_equal(session_queued(s), 0);
	session_free(s);
	return o;
}

static void assert_same(struct outcome *got, const struct outcome *want)
{
	assert_true(kith_equal(kith_bytes(&got->log), kith_bytes(&want->log)));
	assert_true(kith_equal(kith_bytes(&got->out), kith_bytes(&want->out)));
	kith_buf_free(&got->log);
	kith_buf_free(&got->out);
}

static void hear_every_way(const struct box_keys *keys, struct kith_slice in)
{
	struct outcome whole = hear(keys, in, in.n, 1), other;

	assert_true(whole.log.n > 0 && whole.out.n > TALK_BODY_BYTES);
	for (size_t at = 0; at < in.n; at++) {
		other = hear(keys, in, at, in.n);
		assert_same(&other, &whole);
	}
	for (size_t piece = 1; piece < 50; piece++) {
		other = hear(keys, in, 0, piece);
		assert_same(&other, &whole);
	}
	kith_buf_free(&whole.log);
	kith_buf_free(&whole.out);
}

static void session_is_the_same_however_its_bytes_are_cut(void **state)
{
	struct talk *t = *state;

	converse(t);
	hear_every_way(NULL, kith_bytes(&t->in));
}

/* Seals what the remote says in frames of so many bytes, then goodbye. */
static struct kith_buf sealed(const struct talk *t, size_t frame)
{
	struct kith_buf out = { .limit = TALK_ROOM };
	struct box_writer w;

	box_writer_init(&w, &there);
	for (size_t at = 0; at < t->in.n; at += frame) {
		size_t n = t->in.n - at < frame ? t->in.n - at : frame;

		box_seal(&w, (struct kith_slice){ t->in.p + at, n }, &out);
	}
	box_goodbye(&w, &out);
	return out;
}

static void sealed_session_is_the_same_however_it_is_cut(void **state)
{
	struct talk *t = *state;
	struct kith_buf in;

	converse(t);
	in = sealed(t, TALK_ROOM);
	hear_every_way(&here, kith_bytes(&in));
	kith_buf_free(&in);
}

static void sealed_session_is_the_same_in_frames_of_any_size(void **state)
{
	struct talk *t = *state;
	struct outcome whole, other;
	struct kith_buf in;

	converse(t);
	in = sealed(t, TALK_ROOM);
	whole = hear(&here, kith_bytes(&in), in.n, 1);
	kith_buf_free(&in);
	for (size_t frame = 1; frame < 100; frame++) {
		in = sealed(t, frame);
		other = hear(&here, kith_bytes(&in), in.n, 1);
		assert_same(&other, &whole);
		kith_buf_free(&in);
	}
	kith_buf_free(&whole.log);
	kith_buf_free(&whole.out);
}

static struct session *sealed_session(const struct box_keys *keys)
{
	const struct session_config config = { .keys = keys,
					       .limits = talk_limits };
	struct session *s = session_new(&config);

	assert_non_null(s);
	return s;
}

static void small_packets_share_a_frame(void **state)
{
	struct session *s = sealed_session(&here);
	struct kith_buf out = { .limit = TALK_ROOM };
	size_t queued;

	(void)state;
	for (int i = 0; i < 20; i++)
		session_call(s, RPC_ASYNC, "a", KITH_SLICE("[]"), NULL);
	queued = session_queued(s);
	assert_true(queued > 20 * MUXRPC_HEADER_BYTES);
	assert_true(queued <= BOX_BODY_BYTES_MAX);
	session_output(s, &out);
	assert_int_equal(out.n, queued + BOX_HEADER_BYTES);
	session_free(s);
	kith_buf_free(&out);
}

static void output_waits_for_room(void **state)
{
	struct session *a = sealed_session(&here), *b = sealed_session(&there);
	struct kith_buf log = { .limit = TALK_ROOM };
	uint8_t args[200];
	size_t pours = 0;

	(void)state;
	memset(args, '1', sizeof(args));
	args[0] = '[';
	args[sizeof(args) - 1] = ']';
	for (int calls = 0; calls < 3; calls++)
		session_call(a, RPC_ASYNC, "a",
			     (struct kith_slice){ args, sizeof(args) }, NULL);
	while (session_queued(a)) {
		struct kith_buf out = { .limit = 100 };

		session_output(a, &out);
		assert_int_equal(out.err, KITH_OK);
		assert_true(out.n > BOX_HEADER_BYTES && out.n <= 100);
		assert_int_equal(respond(b, kith_bytes(&out), &log),
				 SESSION_MORE);
		kith_buf_free(&out);
		pours++;
	}
	assert_true(pours > 8);
	assert_true(log.n > 3 * sizeof(args));
	session_free(a);
	session_free(b);
	kith_buf_free(&log);
}

/* A caller that never looks at session_queued loses its session at 64 MiB. */
static void queue_has_an_end(void **state)
{
	static uint8_t item[1 << 20];
	struct talk *t = *state;
	size_t sent = 0;

	talk_open(t, 1, RPC_SOURCE);
	while (sent < 100 && talk_next(t) == SESSION_MORE) {
		session_send(t->s, 1, MUXRPC_BINARY,
			     (struct kith_slice){ item, sizeof(item) });
		sent++;
	}
	assert_int_equal(sent, 64);
	assert_int_equal(talk_next(t), SESSION_BAD);
	assert_string_equal(session_why(t->s), "too much waits to be sent");
	assert_int_equal(session_queued(t->s),
			 63 * (sizeof(item) + MUXRPC_HEADER_BYTES));
}

/* Moves what one session sends into the other. */
static enum session_step pass(struct session *from, struct session *to)
{
	struct kith_buf out = { .limit = TALK_ROOM };
	struct kith_buf log = { .limit = TALK_ROOM };
	enum session_step step;

	session_output(from, &out);
	step = out.n ? respond(to, kith_bytes(&out), &log) : SESSION_MORE;
	kith_buf_free(&out);
	kith_buf_free(&log);
	return step;
}

static void goodbyes_are_exchanged_and_both_sides_close(void **state)
{
	struct session *a = sealed_session(&here), *b = sealed_session(&there);
	struct kith_slice none = { NULL, 0 };
	struct session_event e;

	(void)state;
	session_call(a, RPC_DUPLEX, "a", KITH_SLICE("[]"), NULL);
	assert_int_equal(pass(a, b), SESSION_MORE);
	session_close(a);
	session_close(a);
	assert_int_equal(session_call(a, RPC_ASYNC, "a", KITH_SLICE("[]"),
				      NULL),
			 0);
	assert_int_equal(session_next(a, &none, &e), SESSION_MORE);
	assert_int_equal(pass(a, b), SESSION_CLOSED);
	assert_int_equal(pass(b, a), SESSION_CLOSED);
	assert_int_equal(session_queued(a), BOX_GOODBYE_BYTES);
	assert_true(session_eof(a));
	assert_true(session_eof(b));
	session_free(a);
	session_free(b);
}

static void goodbye_breaks_what_is_open(void **state)
{
	static const char gone[] = "unexpected end of parent stream";
	struct talk *t = *state;
	int32_t async = talk_call(t, RPC_ASYNC);
	int32_t duplex = talk_call(t, RPC_DUPLEX);
	size_t at = 0, open = 0;
	int32_t request;
	void *user;

	talk_open(t, 1, RPC_ASYNC);
	talk_open(t, 2, RPC_SOURCE);
	session_end(t->s, 2);
	talk_sent(t, STOP, -2, "true");
	talk_put_bytes(t, 0, 0, (struct kith_slice){ NULL, 0 });
	talk_put(t, REPLY, async, "1"); /* behind the goodbye: not read */
	assert_int_equal(talk_next(t), SESSION_CLOSED);
	assert_int_equal(talk_next(t), SESSION_CLOSED);
	while (session_request(t->s, &at, &request, &user))
		open++;
	assert_int_equal(open, 3);
	session_output(t->s, &t->out);
	if (t->out.p[t->seen] == STOP) {
		talk_sent_error(t, STOP, -duplex, gone);
		talk_sent_error(t, FAILURE, -1, gone);
	} else {
		talk_sent_error(t, FAILURE, -1, gone);
		talk_sent_error(t, STOP, -duplex, gone);
	}
	talk_sent_goodbye(t);
	talk_silent(t);
}

static void only_goodbye_is_heard_after_ours(void **state)
{
	struct talk *t = *state;
	int32_t call = talk_call(t, RPC_SOURCE);

	session_close(t->s);
	talk_sent_error(t, STOP, -call, "unexpected end of parent stream");
	talk_sent_goodbye(t);
	talk_put(t, ITEM, call, "1");
	talk_put(t, STOP, call, "true");
	talk_put(t, REPLY, 1, "{\"name\":[\"a\"],\"args\":[]}");
	talk_quiet(t);
	session_send(t->s, call, MUXRPC_JSON, KITH_SLICE("1"));
	session_end(t->s, call);
	talk_silent(t);
	talk_put_bytes(t, 0, 0, (struct kith_slice){ NULL, 0 });
	assert_int_equal(talk_next(t), SESSION_CLOSED);
	talk_silent(t);
}

static void box_goodbye_alone_ends_the_session_too(void **state)
{
	struct session *s = sealed_session(&here);
	struct kith_buf in = { .limit = TALK_ROOM }, log = { .limit = 1 };
	struct kith_buf out = { .limit = TALK_ROOM };
	struct box_writer w;

	(void)state;
	box_writer_init(&w, &there);
	box_goodbye(&w, &in);
	assert_int_equal(respond(s, kith_bytes(&in), &log), SESSION_CLOSED);
	session_output(s, &out);
	assert_int_equal(out.n, BOX_HEADER_BYTES + MUXRPC_HEADER_BYTES +
					BOX_GOODBYE_BYTES);
	session_free(s);
	kith_buf_free(&in);
	kith_buf_free(&out);
}

static void end_without_goodbye_is_not_clean(void **state)
{
	struct talk *t = *state;

	assert_false(session_eof(t->s));
	assert_false(session_eof(t->s));
	assert_int_equal(talk_next(t), SESSION_BAD);
	assert_string_equal(session_why(t->s), "connection lost");
	talk_silent(t);
}

static void frame_that_does_not_open_ends_the_session(void **state)
{
	struct talk *t = *state;
	struct kith_buf in, log = { .limit = TALK_ROOM };
	struct session *s = sealed_session(&here);

	talk_put(t, REPLY, 1, "{\"name\":[\"a\"],\"args\":[]}");
	in = sealed(t, TALK_ROOM);
	in.p[BOX_HEADER_BYTES] ^= 1;
	assert_int_equal(respond(s, kith_bytes(&in), &log), SESSION_BAD);
	assert_int_equal(log.n, 0);
	assert_string_equal(session_why(s), "a frame does not open");
	assert_false(session_eof(s));
	session_free(s);
	kith_buf_free(&in);
}

/* Whatever fails, the session says so or answers in whole packets. */
static void every_allocation_may_fail(void **state)
{
	const struct session_config config = { .keys = &here,
					       .limits = talk_limits };
	struct talk *t = *state;
	struct kith_buf in;
	size_t runs = 0;
	enum session_step step = SESSION_MORE;

	converse(t);
	in = sealed(t, 7);
	for (size_t n = 1; alloc_fail_at(n); n++, runs++) {
		struct kith_buf log = { .limit = 0 };
		struct kith_buf out = { .limit = TALK_ROOM };
		struct session *s = session_new(&config);

		if (s) {
			session_call(s, RPC_SOURCE, "a", KITH_SLICE("[]"),
				     NULL);
			step = respond(s, kith_bytes(&in), &log);
			assert_true(step == SESSION_CLOSED ||
				    step == SESSION_BAD);
			session_output(s, &out);
		}
		session_free(s);
		kith_buf_free(&out);
	}
	assert_int_equal(step, SESSION_CLOSED);
	assert_true(runs > 6);
	kith_buf_free(&in);
	session_free(NULL);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session_is_the_same_however_its_bytes_are_cut),
		TEST(sealed_session_is_the_same_however_it_is_cut),
		TEST(sealed_session_is_the_same_in_frames_of_any_size),
		TEST(small_packets_share_a_frame),
		TEST(output_waits_for_room),
		TEST(queue_has_an_end),
		TEST(goodbyes_are_exchanged_and_both_sides_close),
		TEST(goodbye_breaks_what_is_open),
		TEST(only_goodbye_is_heard_after_ours),
		TEST(box_goodbye_alone_ends_the_session_too),
		TEST(end_without_goodbye_is_not_clean),
		TEST(frame_that_does_not_open_ends_the_session),
		TEST(every_allocation_may_fail),
	};

	return sodium_init() < 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL);
}
