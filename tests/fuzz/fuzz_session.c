#include <stdlib.h>

#include "feeds/json.h"
#include "src/wire/session.h"
#include "tests/fuzz/replay.h"

enum {
	ROOM = 64 << 20,
	NUMBERS = 128, /* whose ends are counted */
	ENDS_MAX = 200 /* fewer than a session remembers */
};

/* How the test's caller behaves: the first bytes of the input. */
struct manner {
	uint8_t calls, piece, mood;
};

static void open_calls(struct session *s, uint8_t calls)
{
	for (unsigned i = 0; i < calls % 16u; i++) {
		int32_t request = session_call(s, (enum rpc_shape)(i % 4), "a",
					       KITH_SLICE("[]"), NULL);

		session_allow(s, request, 200, i & 4);
	}
}

static void answer_call(struct session *s, const struct session_event *e,
			uint8_t mood)
{
	if (mood & 1)
		session_refuse(s, e->request, e->name);
	else if (mood & 2 && e->shape == RPC_SOURCE)
		session_end(s, e->request);
	else if (e->shape == RPC_ASYNC)
		session_send(s, e->request, MUXRPC_JSON, e->args);
	session_allow(s, e->request, 200, mood & 4);
}

static void answer(struct session *s, enum session_step step,
		   const struct session_event *e, uint8_t mood)
{
	if (step == SESSION_CALL)
		answer_call(s, e, mood);
	else if (step == SESSION_END && !(mood & 8))
		session_end(s, e->request);
	else if (step == SESSION_DATA && mood & 16)
		session_error(s, e->request, "Error", "enough");
	else if (step == SESSION_DATA)
		session_send(s, e->request,
			     e->type == MUXRPC_BINARY ? MUXRPC_BINARY
						      : MUXRPC_STRING,
			     e->body);
}

static enum session_step hear(struct kith_slice in, struct manner m,
			      size_t piece, struct kith_buf *out)
{
	const struct session_config config = {
		.limits = { 300, 400, 20 },
	};
	struct session *s = session_new(&config);
	enum session_step step = SESSION_MORE;
	struct session_event e;

	if (!s)
		abort();
	open_calls(s, m.calls);
	while (in.n && step == SESSION_MORE) {
		struct kith_slice part = { in.p, in.n < piece ? in.n : piece };

		in.p += part.n;
		in.n -= part.n;
		while ((step = session_next(s, &part, &e)) < SESSION_CLOSED &&
		       step != SESSION_MORE)
			answer(s, step, &e, m.mood);
	}
	if (m.mood & 32)
		session_close(s);
	session_output(s, out);
	if (session_queued(s))
		abort();
	session_free(s);
	return step;
}

/* Ends of one number, above zero ours, below zero in answer to theirs. */
static void count_end(int32_t request)
{
	static unsigned ends[2 * NUMBERS + 1], all;

	if (request == 0) {
		memset(ends, 0, sizeof(ends));
		all = 0;
	} else if (request >= -NUMBERS && request <= NUMBERS &&
		   ++all < ENDS_MAX && ++ends[request + NUMBERS] > 1) {
		abort();
	}
}

/* What we send can be read by anyone: whole packets, no empty body, JSON
 * where it says so, no number ended twice. */
static void check_sent(struct kith_slice out)
{
	struct muxrpc_reader *r = muxrpc_reader_new();
	enum muxrpc_step step;
	struct muxrpc_packet p;

	count_end(0);
	while (r && (step = muxrpc_next(r, &out, &p)) != MUXRPC_MORE) {
		if (step == MUXRPC_HEADER) {
			muxrpc_allow(r, ROOM);
			continue;
		}
		if (step == MUXRPC_GOODBYE)
			break;
		if (step == MUXRPC_BAD || !p.body.n)
			abort();
		if (p.type == MUXRPC_JSON && json_check(p.body, NULL, NULL))
			abort();
		if (p.end)
			count_end(p.request);
	}
	if (out.n)
		abort();
	muxrpc_reader_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf whole = { .limit = ROOM }, cut = { .limit = ROOM };
	struct kith_slice in;
	struct manner m;

	if (size < 4)
		return 0;
	m = (struct manner){ data[0], data[1], data[2] };
	in = (struct kith_slice){ data + 3, size - 3 };
	if (hear(in, m, in.n, &whole) !=
		    hear(in, m, (size_t)m.piece + 1, &cut) ||
	    !kith_equal(kith_bytes(&whole), kith_bytes(&cut)))
		abort();
	check_sent(kith_bytes(&whole));
	kith_buf_free(&whole);
	kith_buf_free(&cut);
	return 0;
}
