#include "src/client/client_private.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "src/limits.h"

/* More waits before the next piece is taken. */
enum { SINK_UNSENT_BYTES = 256 * 1024 };

static bool is_past(int64_t deadline_ms)
{
	return deadline_ms >= 0 && link_now_ms() >= deadline_ms;
}

/* Bytes came. */
static int64_t stretched(const struct client *c, int64_t deadline_ms)
{
	int64_t later_ms = link_now_ms() + CLIENT_TIMEOUT_MS;

	if (later_ms > c->patient_ms)
		later_ms = c->patient_ms;
	return deadline_ms >= 0 && later_ms > deadline_ms ? later_ms
							   : deadline_ms;
}

/* Takes one step of the session, moving bytes as it needs; EBUSY at the
 * deadline, also if bytes come all the time that come to nothing.  Calls of the
 * remote are refused on the way. */
static enum kith_err step_on(struct client *c, int64_t deadline_ms,
			     enum session_step *step,
			     struct session_event *event, struct kith_error *e)
{
	enum kith_err err;

	for (bool moved = false;;) {
		*step = session_next(c->session, &c->link.pending, event);
		if (*step == SESSION_CALL)
			session_refuse(c->session, event->request, event->name);
		else if (*step != SESSION_MORE)
			return KITH_OK;
		session_output(c->session, &c->link.out);
		if (*step == SESSION_CALL)
			continue;
		if (c->link.ended)
			return kith_fail(e, KITH_EIO, 0,
					 "the remote closed the connection");
		if (moved && is_past(deadline_ms))
			return KITH_EBUSY;
		err = link_move(&c->link, deadline_ms, e);
		if (err)
			return err;
		moved = true;
		deadline_ms = stretched(c, deadline_ms);
	}
}

/* As step_on, but the end of the whole session is an error. */
static enum kith_err next_event(struct client *c, int64_t deadline_ms,
				enum session_step *step,
				struct session_event *event,
				struct kith_error *e)
{
	enum kith_err err = step_on(c, deadline_ms, step, event, e);

	if (!err && *step == SESSION_CLOSED)
		err = kith_fail(e, KITH_EIO, 0,
				"the remote closed the connection");
	if (!err && *step == SESSION_BAD)
		err = kith_fail(e, KITH_EIO, 0, "the remote sent nonsense: %s",
				session_why(c->session));
	return err;
}

/* The next event of a request; what is said of others does not count. */
static enum kith_err event_of(struct client *c, int32_t request,
			      int64_t deadline_ms, enum session_step *step,
			      struct session_event *event,
			      struct kith_error *e)
{
	enum kith_err err = next_event(c, deadline_ms, step, event, e);

	while (!err && event->request != request)
		err = is_past(deadline_ms)
			      ? KITH_EBUSY
			      : next_event(c, deadline_ms, step, event, e);
	return err;
}

static enum kith_err no_answer(struct kith_error *e)
{
	return kith_fail(e, KITH_EIO, 0, "no answer within %d s",
			 CLIENT_TIMEOUT_MS / 1000);
}

/* The text of an error body: {"message":...}, or any JSON as it is. */
static enum kith_err denied(struct client *c,
			    const struct session_event *event,
			    struct kith_error *e)
{
	struct kith_slice body = event->body, message;
	struct kith_buf text = { .limit = KITH_ERROR_TEXT_BYTES * 4 };

	c->error_name = (struct kith_slice){ NULL, 0 };
	if (event->type == MUXRPC_JSON)
		c->error_name = json_plain(json_get(body, "name"));
	message = event->type == MUXRPC_JSON ? json_get(body, "message") : body;
	if (!message.n)
		message = body;
	if (event->type != MUXRPC_JSON || !json_unescape(message, &text)) {
		kith_buf_reset(&text);
		if (message.n > text.limit)
			message.n = text.limit;
		kith_buf_put(&text, message);
	}
	kith_fail(e, KITH_EDENIED, 0, "%.*s", (int)text.n, (char *)text.p);
	kith_buf_free(&text);
	return KITH_EDENIED;
}

static enum kith_err open_request(struct client *c, enum rpc_shape shape,
				  const char *name, struct kith_slice args,
				  void *user, int32_t *request,
				  struct kith_error *e)
{
	*request = session_call(c->session, shape, name, args, user);
	if (!*request)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	session_allow(c->session, *request, CLIENT_BODY_BYTES_MAX, false);
	session_output(c->session, &c->link.out);
	return link_push(&c->link, e);
}

enum kith_err client_start(struct client *c, const char *name,
			   struct kith_slice args, void *user,
			   struct kith_error *e)
{
	int32_t request;

	return open_request(c, RPC_ASYNC, name, args, user, &request, e);
}

static bool is_answer(enum session_step step)
{
	return step == SESSION_REPLY || step == SESSION_ERROR;
}

/* Waits for the answer to request, or, if that is 0, to any started call. */
static enum kith_err await(struct client *c, int32_t request,
			   struct session_event *event,
			   enum session_step *step, struct kith_error *e)
{
	int64_t deadline = link_now_ms() + CLIENT_TIMEOUT_MS;
	enum kith_err err;

	do {
		err = next_event(c, deadline, step, event, e);
		if (!err && is_answer(*step) &&
		    (request ? event->request == request : event->user != NULL))
			return KITH_OK;
	} while (!err && !is_past(deadline));
	return err && err != KITH_EBUSY ? err : no_answer(e);
}

static enum kith_err read_answer(struct client *c,
				 const struct session_event *event,
				 enum session_step step,
				 struct kith_slice *reply, struct kith_error *e)
{
	if (step == SESSION_ERROR)
		return denied(c, event, e);
	*reply = event->body;
	return KITH_OK;
}

enum kith_err client_answer(struct client *c, void **user,
			    struct kith_slice *reply, struct kith_error *e)
{
	struct session_event event = { 0 };
	enum session_step step;
	enum kith_err err = await(c, 0, &event, &step, e);

	if (err)
		return err;
	*user = event.user;
	return read_answer(c, &event, step, reply, e);
}

enum kith_err client_call(struct client *c, const char *name,
			  struct kith_slice args, struct kith_slice *reply,
			  struct kith_error *e)
{
	struct session_event event = { 0 };
	enum session_step step;
	int32_t request;
	enum kith_err err = open_request(c, RPC_ASYNC, name, args, NULL,
					 &request, e);

	if (!err)
		err = await(c, request, &event, &step, e);
	return err ? err : read_answer(c, &event, step, reply, e);
}

void client_source_end(struct client *c)
{
	if (c->source)
		session_end(c->session, c->source);
	c->source = 0;
}

static enum kith_err open_stream(struct client *c, enum rpc_shape shape,
				 const char *name, struct kith_slice args,
				 struct kith_error *e)
{
	client_source_end(c);
	return open_request(c, shape, name, args, NULL, &c->source, e);
}

enum kith_err client_source(struct client *c, const char *name,
			    struct kith_slice args, struct kith_error *e)
{
	return open_stream(c, RPC_SOURCE, name, args, e);
}

enum kith_err client_duplex(struct client *c, const char *name,
			    struct kith_slice args, struct kith_error *e)
{
	return open_stream(c, RPC_DUPLEX, name, args, e);
}

enum kith_err client_next(struct client *c, int timeout_ms,
			  struct kith_slice *item, struct kith_error *e)
{
	int64_t deadline = timeout_ms < 0 ? -1 : link_now_ms() + timeout_ms;
	struct session_event event = { 0 };
	enum session_step step;
	enum kith_err err;

	if (!c->source)
		return KITH_ENOENT;
	err = event_of(c, c->source, deadline, &step, &event, e);
	if (err)
		return err;
	if (step == SESSION_DATA) {
		*item = event.body;
		return KITH_OK;
	}
	client_source_end(c);
	return step == SESSION_ERROR ? denied(c, &event, e) : KITH_ENOENT;
}

enum kith_err client_sink(struct client *c, const char *name,
			  struct kith_slice args, struct kith_error *e)
{
	return open_request(c, RPC_SINK, name, args, NULL, &c->sink, e);
}

enum kith_err client_put(struct client *c, struct kith_slice bytes,
			 struct kith_error *e)
{
	session_send(c->session, c->sink, MUXRPC_BINARY, bytes);
	session_output(c->session, &c->link.out);
	return link_drain(&c->link, SINK_UNSENT_BYTES,
			  link_now_ms() + CLIENT_TIMEOUT_MS, e);
}

enum kith_err client_sink_end(struct client *c, struct kith_error *e)
{
	int64_t deadline = link_now_ms() + CLIENT_TIMEOUT_MS;
	struct session_event event = { 0 };
	enum session_step step;
	enum kith_err err;

	session_end(c->session, c->sink);
	session_output(c->session, &c->link.out);
	do
		err = event_of(c, c->sink, deadline, &step, &event, e);
	while (!err && step == SESSION_DATA && !is_past(deadline));
	if (err == KITH_EBUSY || (!err && step == SESSION_DATA))
		return no_answer(e);
	if (err)
		return err;
	c->sink = 0;
	return step == SESSION_ERROR ? denied(c, &event, e) : KITH_OK;
}

enum kith_err client_request(struct client *c, enum rpc_shape shape,
			     const char *name, struct kith_slice args,
			     int32_t *request, struct kith_error *e)
{
	return open_request(c, shape, name, args, NULL, request, e);
}

/* What came is taken first: waiting for more is waiting for the remote. */
enum kith_err client_event(struct client *c, int timeout_ms,
			   enum session_step *step,
			   struct session_event *event, struct kith_error *e)
{
	int64_t deadline = timeout_ms < 0 ? -1 : link_now_ms() + timeout_ms;
	enum kith_err err;

	for (bool moved = false;; moved = true) {
		*step = session_next(c->session, &c->link.pending, event);
		if (*step == SESSION_CALL)
			session_refuse(c->session, event->request,
				       event->name);
		session_output(c->session, &c->link.out);
		if (*step == SESSION_BAD)
			return kith_fail(e, KITH_EIO, 0,
					 "the remote sent nonsense: %s",
					 session_why(c->session));
		if (*step == SESSION_CLOSED || (*step == SESSION_MORE &&
						c->link.ended))
			return kith_fail(e, KITH_EIO, 0, "the remote closed "
					 "the connection");
		if (*step != SESSION_MORE)
			return link_push(&c->link, e);
		if (moved && is_past(deadline))
			return KITH_EBUSY;
		err = link_move(&c->link, deadline, e);
		if (err)
			return err;
	}
}

/* Waits while the remote takes nothing of much. */
static enum kith_err drain(struct client *c, struct kith_error *e)
{
	session_output(c->session, &c->link.out);
	return link_drain(&c->link, SINK_UNSENT_BYTES,
			  link_now_ms() + CLIENT_TIMEOUT_MS, e);
}

enum kith_err client_send(struct client *c, int32_t request,
			  enum muxrpc_type type, struct kith_slice body,
			  struct kith_error *e)
{
	session_send(c->session, request, type, body);
	return drain(c, e);
}

enum kith_err client_end(struct client *c, int32_t request,
			 struct kith_error *e)
{
	session_end(c->session, request);
	return drain(c, e);
}

int client_socket(const struct client *c)
{
	return c->link.fd;
}

enum kith_err client_denied(struct client *c,
			    const struct session_event *event,
			    struct kith_error *e)
{
	return denied(c, event, e);
}

void client_patience(struct client *c, int64_t until_ms)
{
	c->patient_ms = until_ms;
}

bool client_wait_end(struct client *c, int timeout_ms)
{
	int64_t deadline = link_now_ms() + timeout_ms;
	struct session_event event = { 0 };
	enum session_step step;
	enum kith_err err;

	do
		err = step_on(c, deadline, &step, &event, NULL);
	while (!err && step != SESSION_CLOSED && step != SESSION_BAD &&
	       !is_past(deadline));
	return err != KITH_EBUSY &&
	       (err || step == SESSION_CLOSED || step == SESSION_BAD);
}

struct kith_slice client_error_name(const struct client *c)
{
	return c->error_name;
}

const uint8_t *client_remote(const struct client *c)
{
	return c->has_remote ? c->remote : NULL;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	session_close(c->session);
	session_output(c->session, &c->link.out);
	client_wait_end(c, LIMIT_GOODBYE_MS);
	session_free(c->session);
	link_clear(&c->link);
	free(c);
}
