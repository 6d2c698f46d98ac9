#include "tests/wire/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

const struct session_limits talk_limits = {
	.call_bytes = TALK_CALL_BYTES,
	.body_bytes = TALK_BODY_BYTES,
	.requests = TALK_REQUESTS,
};

void talk_start(struct talk *t)
{
	const struct session_config config = { .limits = talk_limits };

	*t = (struct talk){
		.s = session_new(&config),
		.in = { .limit = TALK_ROOM },
		.out = { .limit = TALK_ROOM },
	};
	assert_non_null(t->s);
}

void talk_stop(struct talk *t)
{
	session_free(t->s);
	kith_buf_free(&t->in);
	kith_buf_free(&t->out);
}

int talk_setup(void **state)
{
	static struct talk t;

	talk_start(&t);
	*state = &t;
	return 0;
}

int talk_teardown(void **state)
{
	talk_stop(*state);
	return 0;
}

void talk_put_bytes(struct talk *t, int flags, int32_t request,
		    struct kith_slice body)
{
	uint8_t header[MUXRPC_HEADER_BYTES] = { (uint8_t)flags };

	kith_put_be32(header + 1, (uint32_t)body.n);
	kith_put_be32(header + 5, (uint32_t)request);
	kith_buf_put(&t->in, (struct kith_slice){ header, sizeof(header) });
	kith_buf_put(&t->in, body);
	assert_int_equal(t->in.err, KITH_OK);
}

void talk_put(struct talk *t, int flags, int32_t request, const char *body)
{
	talk_put_bytes(t, flags, request, kith_text(body));
}

enum session_step talk_next(struct talk *t)
{
	struct kith_slice in = kith_bytes(&t->in);
	enum session_step step;

	if (t->fed) {
		in.p += t->fed;
		in.n -= t->fed;
	}
	step = session_next(t->s, &in, &t->event);
	t->fed = t->in.n - in.n;
	return step;
}

void talk_event(struct talk *t, enum session_step step, int32_t request,
		const char *body)
{
	assert_int_equal(talk_next(t), step);
	assert_int_equal(t->event.request, request);
	assert_int_equal(t->event.body.n, strlen(body));
	if (*body)
		assert_memory_equal(t->event.body.p, body, strlen(body));
}

void talk_quiet(struct talk *t)
{
	assert_int_equal(talk_next(t), SESSION_MORE);
	assert_int_equal(t->fed, t->in.n);
}

void talk_sent(struct talk *t, int flags, int32_t request, const char *body)
{
	size_t n = strlen(body);
	const uint8_t *p;

	session_output(t->s, &t->out);
	assert_true(t->out.n - t->seen >= MUXRPC_HEADER_BYTES + n);
	p = t->out.p + t->seen;
	assert_int_equal(p[0], flags);
	assert_int_equal((int32_t)kith_be32(p + 5), request);
	assert_int_equal(kith_be32(p + 1), n);
	if (n)
		assert_memory_equal(p + MUXRPC_HEADER_BYTES, body, n);
	t->seen += MUXRPC_HEADER_BYTES + n;
}

void talk_sent_error(struct talk *t, int flags, int32_t request,
		     const char *message)
{
	char body[4096];

	snprintf(body, sizeof(body),
		 "{\"message\":\"%s\",\"name\":\"Error\",\"stack\":\"\"}",
		 message);
	talk_sent(t, flags, request, body);
}

void talk_sent_goodbye(struct talk *t)
{
	talk_sent(t, 0, 0, "");
}

void talk_silent(struct talk *t)
{
	session_output(t->s, &t->out);
	assert_int_equal(t->out.n, t->seen);
	assert_int_equal(session_queued(t->s), 0);
}

void talk_open(struct talk *t, int32_t request, enum rpc_shape shape)
{
	char body[80];

	snprintf(body, sizeof(body),
		 "{\"name\":[\"a\",\"b\"],\"args\":[1],\"type\":\"%s\"}",
		 rpc_shape_name(shape));
	talk_put(t, shape == RPC_ASYNC ? REPLY : ITEM, request, body);
	talk_event(t, SESSION_CALL, request, body);
	assert_int_equal(t->event.shape, shape);
	assert_true(kith_equal(t->event.name, KITH_SLICE("a.b")));
	assert_true(kith_equal(t->event.args, KITH_SLICE("[1]")));
	assert_null(t->event.user);
}

int32_t talk_call(struct talk *t, enum rpc_shape shape)
{
	int32_t request = session_call(t->s, shape, "a.b", KITH_SLICE("[]"),
				       t);
	char body[80];

	snprintf(body, sizeof(body),
		 "{\"name\":[\"a\",\"b\"],\"args\":[],\"type\":\"%s\"}",
		 rpc_shape_name(shape));
	talk_sent(t, shape == RPC_ASYNC ? REPLY : ITEM, -request, body);
	return request;
}
