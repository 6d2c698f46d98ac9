#include "src/wire/session.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "src/wire/call.h"
#include "src/wire/session_state.h"

/* Of an error object with a fixed text. */
enum { ERROR_BYTES = 256 };

const char *rpc_shape_name(enum rpc_shape shape)
{
	static const char *const names[] = {
		[RPC_ASYNC] = "async",
		[RPC_SOURCE] = "source",
		[RPC_SINK] = "sink",
		[RPC_DUPLEX] = "duplex",
	};

	return names[shape];
}

static void lose(struct session *s, const char *why)
{
	session_close(s);
	s->box_goodbye = s->sealed;
	s->phase = SESSION_LOST;
	s->why = why;
}

/* The remote said goodbye: nothing of it follows, so we say ours at once. */
static void wind_up(struct session *s)
{
	session_close(s);
	s->box_goodbye = s->sealed;
	s->phase = SESSION_FINISHED;
}

/* After a clean end of theirs, does our side go on until the caller ends it? */
static bool outlives_their_end(const struct request *r)
{
	return r->shape == RPC_DUPLEX ||
	       (r->shape == RPC_SINK && r->number > 0);
}

/* Do items flow from the remote to us? */
static bool brings_data(const struct request *r)
{
	return r->shape == RPC_DUPLEX ||
	       r->shape == (r->number > 0 ? RPC_SINK : RPC_SOURCE);
}

static void tell(const struct request *r, enum muxrpc_type type,
		 struct kith_slice body, struct session_event *out)
{
	*out = (struct session_event){
		.request = r->number,
		.user = r->user,
		.shape = r->shape,
		.type = type,
		.body = body,
	};
}

/* Ends both sides of a stream whose packets cannot be read. */
static enum session_step give_up(struct session *s, struct request *r,
				 const char *message,
				 struct session_event *out)
{
	if (!r->we_ended)
		session_break(s, r, message);
	kith_buf_reset(&s->heard);
	call_put_error(&s->heard, "Error", kith_text(message));
	if (s->heard.err)
		kith_buf_reset(&s->heard);
	tell(r, MUXRPC_JSON, kith_bytes(&s->heard), out);
	requests_retire(&s->requests, r);
	return SESSION_ERROR;
}

/* Each side ends exactly once: theirs here, ours here or by the caller. */
static enum session_step take_end(struct session *s, struct request *r,
				  enum muxrpc_type type,
				  struct kith_slice body,
				  struct session_event *out)
{
	bool clean = r->shape != RPC_ASYNC && type == MUXRPC_JSON &&
		     call_is_clean(body);

	tell(r, type, body, out);
	r->they_ended = true;
	if (!r->we_ended && !(clean && outlives_their_end(r))) {
		session_put_end(s, r);
		r->we_ended = true;
	}
	if (r->we_ended)
		requests_retire(&s->requests, r);
	return clean ? SESSION_END : SESSION_ERROR;
}

static enum session_step take_item(struct session *s, struct request *r,
				   enum muxrpc_type type,
				   struct kith_slice body,
				   struct session_event *out)
{
	if (r->shape != RPC_ASYNC && !brings_data(r))
		return SESSION_MORE;
	tell(r, type, body, out);
	if (r->shape != RPC_ASYNC)
		return SESSION_DATA;
	requests_retire(&s->requests, r);
	return SESSION_REPLY;
}

/* A packet of a request that is open. */
static enum session_step take_known(struct session *s, struct request *r,
				    const struct muxrpc_packet *p,
				    struct session_event *out)
{
	struct kith_slice body = p->body;
	bool json = p->type == MUXRPC_JSON && body.n;

	if (r->they_ended || (r->shape == RPC_ASYNC && r->number > 0))
		return SESSION_MORE;
	if (p->type == MUXRPC_RESERVED)
		return give_up(s, r, "unknown type of body", out);
	if (json && (!r->raw || p->end) && json_check(body, &body, NULL))
		return give_up(s, r, "body is not JSON", out);
	return p->end ? take_end(s, r, p->type, body, out)
		      : take_item(s, r, p->type, body, out);
}

/* Answers a call that is not opened, and once: what comes for its number
 * later is late. */
static enum session_step turn_down(struct session *s,
				   const struct muxrpc_packet *p,
				   struct kith_slice message)
{
	struct request *r = requests_add(&s->requests, p->request);

	session_put_error(s, p->request, p->stream, message);
	if (r) {
		r->body_bytes = s->limits.body_bytes;
		requests_retire(&s->requests, r);
	}
	return SESSION_MORE;
}

/* The first packet of a number of theirs. */
static enum session_step take_call(struct session *s,
				   const struct muxrpc_packet *p,
				   struct session_event *out)
{
	struct kith_slice body;
	struct request *r;
	struct call call;

	if (s->requests.theirs >= s->limits.requests)
		return turn_down(s, p, KITH_SLICE("too many requests"));
	if (p->type != MUXRPC_JSON || json_check(p->body, &body, NULL))
		return turn_down(s, p, KITH_SLICE("invalid request"));
	if (!call_read(body, p->stream, &s->heard, &call))
		return turn_down(s, p, kith_bytes(&s->heard));
	r = requests_add(&s->requests, p->request);
	if (!r)
		return turn_down(s, p, KITH_SLICE("too many requests"));
	r->shape = call.shape;
	r->body_bytes = s->limits.body_bytes;
	tell(r, MUXRPC_JSON, body, out);
	out->name = call.name;
	out->args = call.args;
	return SESSION_CALL;
}

/* MORE: nothing that the caller need hear of. */
static enum session_step take_packet(struct session *s,
				     const struct muxrpc_packet *p,
				     struct session_event *out)
{
	struct request *r = requests_find(&s->requests, p->request);

	if (s->phase != SESSION_OPEN || p->request == 0 || (r && r->past))
		return SESSION_MORE;
	if (r)
		return take_known(s, r, p, out);
	/* Of ours: forgotten.  An end: of a stream that both forgot. */
	if (p->request < 0 || p->end)
		return SESSION_MORE;
	return take_call(s, p, out);
}

static uint32_t allowed(const struct session *s, const struct muxrpc_packet *p)
{
	const struct request *r = requests_find(&s->requests, p->request);

	if (r)
		return r->body_bytes;
	return p->request > 0 && !p->end ? s->limits.call_bytes
					 : s->late_bytes;
}

static void record_frame(struct session *s, enum box_step step)
{
	if (step == BOX_BODY)
		recorder_frames(s->recorder, false, s->opened.n);
	else if (step == BOX_GOODBYE)
		recorder_end(s->recorder, false, CAPTURE_BOX, CAPTURE_GOODBYE,
			     NULL);
	else if (step == BOX_BAD)
		recorder_end(s->recorder, false, CAPTURE_BOX, CAPTURE_BAD,
			     NULL);
}

/* Opens the next frame; false: its bytes are not all there. */
static bool open_frame(struct session *s, struct kith_slice *in)
{
	enum box_step step = box_next(&s->box_in, in, &s->opened);

	if (s->recorder)
		record_frame(s, step);
	switch (step) {
	case BOX_MORE: return false;
	case BOX_BODY: break;
	case BOX_GOODBYE: wind_up(s); break;
	case BOX_BAD: lose(s, "a frame does not open"); break;
	}
	return true;
}

static void lose_packet(struct session *s)
{
	const char *why = muxrpc_error(s->reader) == KITH_ETOOBIG
				  ? "body over the limit"
				  : "out of memory";

	if (s->recorder)
		recorder_end(s->recorder, false, CAPTURE_RPC, CAPTURE_BAD,
			     why);
	lose(s, why);
}

static void record_packet(struct session *s, enum muxrpc_step step,
			  const struct muxrpc_packet *p)
{
	if (step == MUXRPC_PACKET)
		recorder_packet(s->recorder, false, p);
	else if (step == MUXRPC_GOODBYE)
		recorder_end(s->recorder, false, CAPTURE_RPC, CAPTURE_GOODBYE,
			     NULL);
}

/* One step of the readers; false: more bytes are needed. */
static bool advance(struct session *s, struct kith_slice *in,
		    enum session_step *step, struct session_event *out)
{
	struct muxrpc_packet p;
	enum muxrpc_step got = muxrpc_next(s->reader,
					   s->sealed ? &s->opened : in, &p);

	if (s->recorder)
		record_packet(s, got, &p);
	switch (got) {
	case MUXRPC_MORE: return s->sealed && open_frame(s, in);
	case MUXRPC_HEADER: muxrpc_allow(s->reader, allowed(s, &p)); break;
	case MUXRPC_PACKET: *step = take_packet(s, &p, out); break;
	case MUXRPC_GOODBYE: wind_up(s); break;
	case MUXRPC_BAD: lose_packet(s); break;
	}
	return true;
}

struct session *session_new(const struct session_config *config)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->reader = muxrpc_reader_new();
	if (!s->reader) {
		free(s);
		return NULL;
	}
	s->limits = config->limits;
	s->requests.factor = config->factor;
	s->late_bytes = config->limits.body_bytes;
	s->queue.limit = SESSION_QUEUE_BYTES_MAX;
	/* Texts of errors quote a call, at most; printed anew it may grow. */
	s->heard.limit = 2 * (size_t)s->limits.call_bytes + ERROR_BYTES;
	s->text.limit = s->heard.limit;
	s->sealed = config->keys;
	if (config->keys) {
		box_reader_init(&s->box_in, config->keys);
		box_writer_init(&s->box_out, config->keys);
	}
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	muxrpc_reader_free(s->reader);
	requests_clear(&s->requests);
	kith_buf_free(&s->heard);
	kith_buf_free(&s->text);
	kith_buf_free(&s->queue);
	box_reader_clear(&s->box_in);
	box_writer_clear(&s->box_out);
	free(s);
}

enum session_step session_next(struct session *s, struct kith_slice *in,
			       struct session_event *out)
{
	enum session_step step = SESSION_MORE;

	do {
		if (s->phase <= SESSION_CLOSING && s->queue.err)
			lose(s, s->queue.err == KITH_ETOOBIG
					? "too much waits to be sent"
					: "out of memory");
		if (s->phase == SESSION_FINISHED)
			return SESSION_CLOSED;
		if (s->phase == SESSION_LOST)
			return SESSION_BAD;
	} while (advance(s, in, &step, out) && step == SESSION_MORE);
	return step;
}

bool session_eof(struct session *s)
{
	if (s->phase <= SESSION_CLOSING) {
		s->phase = SESSION_LOST;
		s->why = "connection lost";
	}
	return s->phase == SESSION_FINISHED;
}

void session_record(struct session *s, struct recorder *r)
{
	s->recorder = r;
	s->recorded = s->queue.n;
}

bool session_request(const struct session *s, size_t *at, int32_t *request,
		     void **user)
{
	const struct request *r = requests_next(&s->requests, at);

	if (!r)
		return false;
	*request = r->number;
	*user = r->user;
	return true;
}

const char *session_why(const struct session *s)
{
	return s->why ? s->why : "not lost";
}
