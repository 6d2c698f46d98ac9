#include <assert.h>

#include "src/wire/call.h"
#include "src/wire/session_state.h"

/* Begins a packet whose body is appended next.  number is as it arrives, so
 * that it leaves with the other sign.  Gives where the packet stands. */
static size_t begin(struct session *s, int32_t number, bool stream, bool end,
		    enum muxrpc_type type)
{
	struct muxrpc_packet p = {
		.type = type,
		.stream = stream,
		.end = end,
		.request = -number,
	};
	size_t at = s->queue.n;

	muxrpc_put_header(&p, &s->queue);
	return at;
}

/* Puts in the length; takes back what did not fit, so that only whole packets
 * are ever sent. */
static void finish(struct session *s, size_t at)
{
	if (s->queue.err) {
		s->queue.n = at;
		return;
	}
	kith_put_be32(s->queue.p + at + 1,
		      (uint32_t)(s->queue.n - at - MUXRPC_HEADER_BYTES));
}

static void put_error(struct session *s, int32_t number, bool stream,
		      const char *name, struct kith_slice message)
{
	size_t at = begin(s, number, stream, true, MUXRPC_JSON);

	call_put_error(&s->queue, name, message);
	finish(s, at);
}

void session_put_error(struct session *s, int32_t number, bool stream,
		       struct kith_slice message)
{
	put_error(s, number, stream, "Error", message);
}

void session_put_end(struct session *s, const struct request *r)
{
	size_t at = begin(s, r->number, true, true, MUXRPC_JSON);

	kith_buf_put(&s->queue, KITH_SLICE("true"));
	finish(s, at);
}

void session_break(struct session *s, const struct request *r,
		   const char *message)
{
	session_put_error(s, r->number, r->shape != RPC_ASYNC,
			  kith_text(message));
}

/* The request if our side may still say something about it. */
static struct request *speaking(const struct session *s, int32_t request)
{
	struct request *r = requests_find(&s->requests, request);

	if (s->phase != SESSION_OPEN || !r || r->past || r->we_ended)
		return NULL;
	return r;
}

int32_t session_call(struct session *s, enum rpc_shape shape, const char *name,
		     struct kith_slice args, void *user)
{
	struct request *r;
	size_t at;

	if (s->phase != SESSION_OPEN || s->last_call == -INT32_MAX)
		return 0;
	r = requests_add(&s->requests, s->last_call - 1);
	if (!r)
		return 0;
	s->last_call--;
	r->shape = shape;
	r->we_ended = shape == RPC_ASYNC;
	r->body_bytes = s->limits.body_bytes;
	r->user = user;
	at = begin(s, r->number, shape != RPC_ASYNC, false, MUXRPC_JSON);
	call_put(&s->queue, shape, name, args);
	finish(s, at);
	return r->number;
}

void session_attach(struct session *s, int32_t request, void *user)
{
	struct request *r = requests_find(&s->requests, request);

	if (r)
		r->user = user;
}

void session_allow(struct session *s, int32_t request, uint32_t max_bytes,
		   bool raw)
{
	struct request *r = requests_find(&s->requests, request);

	if (!r || r->past)
		return;
	r->body_bytes = max_bytes;
	r->raw = raw;
	if (s->late_bytes < max_bytes)
		s->late_bytes = max_bytes;
}

void session_send(struct session *s, int32_t request, enum muxrpc_type type,
		  struct kith_slice body)
{
	struct request *r = speaking(s, request);
	bool stream = r && r->shape != RPC_ASYNC;
	size_t at;

	assert(body.n || type != MUXRPC_JSON);
	if (!r || (stream && type == MUXRPC_BINARY && !body.n))
		return;
	/* JavaScript reads a packet without a body as goodbye. */
	if (!body.n) {
		type = MUXRPC_JSON;
		body = KITH_SLICE("\"\"");
	}
	at = begin(s, request, stream, false, type);
	kith_buf_put(&s->queue, body);
	finish(s, at);
	if (!stream)
		requests_retire(&s->requests, r);
}

void session_end(struct session *s, int32_t request)
{
	struct request *r = speaking(s, request);

	if (!r || r->shape == RPC_ASYNC)
		return;
	session_put_end(s, r);
	r->we_ended = true;
	if (r->they_ended || r->number > 0 || r->shape != RPC_SINK)
		requests_retire(&s->requests, r);
}

static void end_with(struct session *s, int32_t request, const char *name,
		     struct kith_slice message)
{
	struct request *r = speaking(s, request);

	if (!r)
		return;
	put_error(s, request, r->shape != RPC_ASYNC, name, message);
	requests_retire(&s->requests, r);
}

void session_error(struct session *s, int32_t request, const char *name,
		   const char *text)
{
	end_with(s, request, name, kith_text(text));
}

void session_refuse(struct session *s, int32_t request,
		    struct kith_slice dotted_name)
{
	kith_buf_reset(&s->text);
	kith_buf_text(&s->text, "method:");
	call_put_name(&s->text, dotted_name);
	kith_buf_text(&s->text, " is not in list of allowed methods");
	end_with(s, request, "Error", kith_bytes(&s->text));
}

void session_absent(struct session *s, int32_t request, enum rpc_shape shape,
		    struct kith_slice dotted_name)
{
	kith_buf_reset(&s->text);
	kith_buf_text(&s->text, "no ");
	kith_buf_text(&s->text, rpc_shape_name(shape));
	kith_buf_byte(&s->text, ':');
	call_put_name(&s->text, dotted_name);
	end_with(s, request, "Error", kith_bytes(&s->text));
}

void session_close(struct session *s)
{
	struct request *r;
	size_t at = 0;

	if (s->phase != SESSION_OPEN)
		return;
	while ((r = requests_next(&s->requests, &at)))
		if (!r->we_ended)
			session_break(s, r, "unexpected end of parent stream");
	muxrpc_put_goodbye(&s->queue);
	s->phase = SESSION_CLOSING;
}

/* n bytes of the queue have gone: tells of the packets that begin in them. */
static void record_gone(struct session *s, size_t n)
{
	struct muxrpc_packet p;
	const uint8_t *at;

	if (s->sealed)
		recorder_frames(s->recorder, true, n);
	while (s->recorded < n) {
		at = s->queue.p + s->recorded;
		s->recorded += MUXRPC_HEADER_BYTES;
		if (!muxrpc_get_header(at, &p)) {
			recorder_end(s->recorder, true, CAPTURE_RPC,
				     CAPTURE_GOODBYE, NULL);
			continue;
		}
		p.body = (struct kith_slice){ at + MUXRPC_HEADER_BYTES,
					      p.length };
		recorder_packet(s->recorder, true, &p);
		s->recorded += p.length;
	}
	s->recorded -= n;
}

/* Gives how many bytes of the queue went. */
static size_t pour(struct session *s, struct kith_buf *out)
{
	struct kith_slice plain = kith_bytes(&s->queue);

	if (s->sealed)
		return box_seal(&s->box_out, plain, out);
	if (plain.n > out->limit - out->n)
		plain.n = out->limit - out->n;
	kith_buf_put(out, plain);
	return out->err ? 0 : plain.n;
}

void session_output(struct session *s, struct kith_buf *out)
{
	enum kith_err err = s->queue.err;
	size_t gone = s->queue.n ? pour(s, out) : 0;

	if (s->recorder)
		record_gone(s, gone);
	kith_buf_drop(&s->queue, gone);
	if (s->queue.n)
		return;
	if (s->queue.cap > SESSION_QUEUE_BYTES_KEPT) {
		kith_buf_free(&s->queue);
		s->queue.err = err;
	}
	if (s->box_goodbye && out->limit - out->n >= BOX_GOODBYE_BYTES) {
		box_goodbye(&s->box_out, out);
		s->box_goodbye = out->err;
		if (s->recorder && !s->box_goodbye)
			recorder_end(s->recorder, true, CAPTURE_BOX,
				     CAPTURE_GOODBYE, NULL);
	}
}

size_t session_queued(const struct session *s)
{
	return s->queue.n + (s->box_goodbye ? BOX_GOODBYE_BYTES : 0);
}
