/*
 * The conversations captured between two npm peers (protocol/vectors,
 * muxrpc.json), with our session in the place of either.  Two differences are
 * ours on purpose: stacks are not sent, and an error that ends a stream is
 * answered by true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/wire/talk.h"
#include "tests/wire/vectors.h"

enum { TYPE_BITS = 0x03, END_BIT = 0x04, STREAM_BIT = 0x08 };

struct frame {
	bool caller;
	int flags;
	int32_t request;
	char body[VECTORS_BYTES_MAX]; /* no example has a zero byte */
	bool end, clean, stream;
};

static void read_frame(const json_t *from, struct frame *f)
{
	const char *body = vectors_text(from, "body");
	uint8_t bytes[VECTORS_BYTES_MAX];

	vectors_hex(from, "header_hex", bytes);
	f->caller = !strcmp(vectors_text(from, "from"), "caller");
	f->flags = bytes[0];
	f->request = (int32_t)kith_be32(bytes + 5);
	f->end = f->flags & END_BIT;
	f->stream = f->flags & STREAM_BIT;
	f->clean = !strcmp(body, "true");
	if (!strncmp(body, "hex:", 4)) {
		size_t n = kith_be32(bytes + 1);
		json_t *hex = json_pack("s", body + 4);

		assert_int_equal(vectors_hex(hex, NULL, bytes), n);
		json_decref(hex);
		memcpy(f->body, bytes, n);
		f->body[n] = 0;
	} else {
		snprintf(f->body, sizeof(f->body), "%s", body);
	}
}

static enum rpc_shape shape_of(const char *type)
{
	for (int shape = RPC_SOURCE; type && shape <= RPC_DUPLEX; shape++)
		if (!strcmp(type, rpc_shape_name((enum rpc_shape)shape)))
			return (enum rpc_shape)shape;
	return RPC_ASYNC;
}

/* Runs one side through every conversation. */
static void each_frame(void (*step)(struct talk *t, const struct frame *f))
{
	json_t *sessions = vectors_load("muxrpc.json", "sessions");

	assert_int_equal(json_array_size(sessions), 18);
	for (size_t i = 0; i < json_array_size(sessions); i++) {
		const json_t *frames = json_object_get(
			json_array_get(sessions, i), "frames");
		struct talk t;
		struct frame f;

		talk_start(&t);
		for (size_t k = 0; k < json_array_size(frames); k++) {
			read_frame(json_array_get(frames, k), &f);
			step(&t, &f);
		}
		talk_stop(&t);
	}
	json_decref(sessions);
}

/* --- we are called --- */

static void hear_caller(struct talk *t, const struct frame *f)
{
	struct session_event last;

	talk_put(t, f->flags, f->request, f->body);
	last = t->event;
	if (talk_next(t) == SESSION_CALL)
		assert_int_equal(t->event.request, 1);
	else
		t->event.shape = last.shape;
	talk_quiet(t);
}

/* Answers by the function for such a message: MORE:A,B MORE. */
static void refuse_as(struct talk *t, const char *message)
{
	const char *at = message + strcspn(message, ":");
	char dotted[200];
	struct kith_slice name;

	snprintf(dotted, sizeof(dotted), "%.*s",
		 (int)strcspn(at + (*at == ':'), " "), at + (*at == ':'));
	for (char *comma = dotted; (comma = strchr(comma, ','));)
		*comma = '.';
	name = kith_text(dotted);
	if (!strncmp(message, "method:", 7))
		session_refuse(t->s, 1, name);
	else if (!strncmp(message, "no ", 3))
		session_absent(t->s, 1, t->event.shape, name);
	else
		session_error(t->s, 1, "Error", message);
}

static void as_callee(struct talk *t, const struct frame *f)
{
	if (f->caller) {
		hear_caller(t, f);
	} else if (!f->end) {
		session_send(t->s, 1, (enum muxrpc_type)(f->flags & TYPE_BITS),
			     kith_text(f->body));
		talk_sent(t, f->flags, f->request, f->body);
	} else if (f->clean) {
		session_end(t->s, 1);
		talk_sent(t, f->flags, f->request, f->body);
	} else {
		json_t *error = json_loads(f->body, 0, NULL);
		const char *message = vectors_text(error, "message");

		refuse_as(t, message);
		talk_sent_error(t, f->flags, f->request, message);
		json_decref(error);
	}
	talk_silent(t);
}

static void called_as_captured_we_answer_as_captured(void **state)
{
	(void)state;
	each_frame(as_callee);
}

/* --- we call --- */

static void open_call(struct talk *t, const struct frame *f)
{
	json_t *body = json_loads(f->body, 0, NULL), *part;
	char *args = json_dumps(json_object_get(body, "args"), JSON_COMPACT);
	const char *type = vectors_text(body, "type");
	char dotted[200] = "", want[VECTORS_BYTES_MAX + 20];
	size_t i;

	json_array_foreach(json_object_get(body, "name"), i, part)
		snprintf(dotted + strlen(dotted),
			 sizeof(dotted) - strlen(dotted), "%s%s", i ? "." : "",
			 json_string_value(part));
	assert_int_equal(session_call(t->s, shape_of(type), dotted,
				      kith_text(args), t),
			 -1);
	snprintf(want, sizeof(want), "%.*s%s",
		 (int)strlen(f->body) - !type, f->body,
		 type ? "" : ",\"type\":\"async\"}");
	talk_sent(t, f->flags, f->request, want);
	free(args);
	json_decref(body);
}

/* Nothing is told of a duplex that we have ended. */
static void hear_callee(struct talk *t, const struct frame *f)
{
	enum session_step items = f->stream ? SESSION_DATA : SESSION_REPLY;
	enum session_step ends = f->clean ? SESSION_END : SESSION_ERROR;
	int32_t request;
	size_t at = 0;
	void *user;

	talk_put(t, f->flags, f->request, f->body);
	if (session_request(t->s, &at, &request, &user)) {
		talk_event(t, f->end ? ends : items, f->request, f->body);
		assert_ptr_equal(t->event.user, t);
	}
	talk_quiet(t);
}

static void as_caller(struct talk *t, const struct frame *f)
{
	if (!f->caller) {
		hear_callee(t, f);
	} else if (strstr(f->body, "\"name\":[")) {
		open_call(t, f);
	} else if (f->end) {
		session_end(t->s, -1);
		talk_sent(t, f->flags, f->request, "true");
	} else {
		session_send(t->s, -1, (enum muxrpc_type)(f->flags & TYPE_BITS),
			     kith_text(f->body));
		talk_sent(t, f->flags, f->request, f->body);
	}
}

static void calling_as_captured_we_hear_what_was_captured(void **state)
{
	(void)state;
	each_frame(as_caller);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(called_as_captured_we_answer_as_captured),
		cmocka_unit_test(calling_as_captured_we_hear_what_was_captured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
