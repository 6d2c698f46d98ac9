#include "src/client/client.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/json.h"
#include "src/client/link.h"
#include "src/limits.h"

/* More waits before the next piece is taken. */
enum { SINK_UNSENT_BYTES = 256 * 1024 };

struct client {
	struct session *session;
	bool has_remote;
	uint8_t remote[KITH_PUBLIC_BYTES];
	int32_t source; /* request of the open source; 0: none */
	int32_t sink;	/* the same */
	struct kith_slice error_name;
	struct link link;
};

/* Runs the handshake over the link; *keys are the caller's to wipe. */
static enum kith_err shake(struct link *l, struct shs *shs,
			   int64_t deadline_ms, struct box_keys *keys,
			   struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	enum shs_step step;

	while ((step = shs_next(shs, &l->pending, &l->out)) == SHS_MORE) {
		if (l->ended)
			return kith_fail(e, KITH_EDENIED, 0,
					 "the peer hung up in the handshake: "
					 "it has another key or app key, or "
					 "does not want us");
		err = link_move(l, deadline_ms, e);
		if (err == KITH_EBUSY)
			err = kith_fail(e, KITH_EIO, 0,
					"no answer in the handshake");
		if (err)
			return err;
	}
	if (step != SHS_DONE)
		return kith_fail(e, KITH_EDENIED, 0, "handshake failed: %s",
				 shs_why(shs));
	shs_keys(shs, keys);
	return KITH_OK;
}

static enum kith_err authenticate(struct client *c, const struct address *a,
				  const struct kith_signer *signer,
				  const uint8_t *app_key,
				  struct box_keys *keys, struct kith_error *e)
{
	struct shs_config config = { .self = signer, .server = a->key };
	struct kith_signer *guest = NULL;
	struct shs *shs = NULL;
	enum kith_err err;

	if (a->has_seed) {
		config.self = guest = kith_signer_from_seed(a->seed);
		if (!guest)
			return KITH_ENOMEM;
	}
	memcpy(config.app_key, app_key, sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	shs = shs_new(&config);
	err = shs ? shake(&c->link, shs,
			  link_now_ms() + LIMIT_HANDSHAKE_CLIENT_MS, keys, e)
		  : KITH_ENOMEM;
	memcpy(c->remote, a->key, sizeof(c->remote));
	c->has_remote = true;
	sodium_memzero(&config, sizeof(config));
	shs_free(shs);
	kith_signer_free(guest);
	return err;
}

static enum kith_err open_session(struct client *c, const struct box_keys *keys)
{
	struct session_config config = {
		.keys = keys,
		.limits = { .call_bytes = LIMIT_CALL_BYTES,
			    .body_bytes = LIMIT_BODY_BYTES,
			    .requests = LIMIT_REQUESTS },
	};

	c->session = session_new(&config);
	return c->session ? KITH_OK : KITH_ENOMEM;
}

static enum kith_err open_all(struct client *c, const struct address *a,
			      const struct kith_signer *signer,
			      const uint8_t *app_key, struct kith_error *e)
{
	struct box_keys keys;
	enum kith_err err;

	err = link_dial(&c->link, a, link_now_ms() + CLIENT_TIMEOUT_MS, e);
	if (err)
		return err;
	if (a->noauth)
		return open_session(c, NULL);
	err = authenticate(c, a, signer, app_key, &keys, e);
	if (!err)
		err = open_session(c, &keys);
	sodium_memzero(&keys, sizeof(keys));
	return err;
}

enum kith_err client_open(const struct address *a,
			  const struct kith_signer *signer,
			  const uint8_t *app_key, struct client **out,
			  struct kith_error *e)
{
	struct client *c = calloc(1, sizeof(*c));
	enum kith_err err;

	if (!c)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = open_all(c, a, signer, app_key, e);
	if (err) {
		session_free(c->session);
		link_clear(&c->link);
		free(c);
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	}
	*out = c;
	return KITH_OK;
}

/* Takes one step of the session, moving bytes as it needs; EBUSY at the
 * deadline.  Calls of the remote are refused on the way. */
static enum kith_err step_on(struct client *c, int64_t deadline_ms,
			     enum session_step *step,
			     struct session_event *event, struct kith_error *e)
{
	enum kith_err err;

	for (;;) {
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
		err = link_move(&c->link, deadline_ms, e);
		if (err)
			return err;
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

/* Waits for the answer to request, or, if that is 0, to any started call. */
static enum kith_err await(struct client *c, int32_t request,
			   struct session_event *event,
			   enum session_step *step, struct kith_error *e)
{
	int64_t deadline = link_now_ms() + CLIENT_TIMEOUT_MS;
	enum kith_err err;

	do {
		err = next_event(c, deadline, step, event, e);
		if (err == KITH_EBUSY)
			return kith_fail(e, KITH_EIO, 0,
					 "no answer within %d s",
					 CLIENT_TIMEOUT_MS / 1000);
		if (err)
			return err;
	} while ((*step != SESSION_REPLY && *step != SESSION_ERROR) ||
		 (request ? event->request != request : !event->user));
	return KITH_OK;
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

static enum kith_err open_stream(struct client *c, enum rpc_shape shape,
				 const char *name, struct kith_slice args,
				 struct kith_error *e)
{
	if (c->source)
		session_end(c->session, c->source);
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
	do {
		err = next_event(c, deadline, &step, &event, e);
		if (err)
			return err;
	} while (event.request != c->source);
	if (step == SESSION_DATA) {
		*item = event.body;
		return KITH_OK;
	}
	session_end(c->session, c->source);
	c->source = 0;
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
	struct session_event event = { 0 };
	enum session_step step;
	enum kith_err err;

	session_end(c->session, c->sink);
	session_output(c->session, &c->link.out);
	do {
		err = next_event(c, link_now_ms() + CLIENT_TIMEOUT_MS, &step,
				 &event, e);
		if (err == KITH_EBUSY)
			return kith_fail(e, KITH_EIO, 0,
					 "no answer within %d s",
					 CLIENT_TIMEOUT_MS / 1000);
		if (err)
			return err;
	} while (event.request != c->sink || step == SESSION_DATA);
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

	for (;;) {
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

bool client_wait_end(struct client *c, int timeout_ms)
{
	int64_t deadline = link_now_ms() + timeout_ms;
	struct session_event event = { 0 };
	enum session_step step;
	enum kith_err err;

	do
		err = step_on(c, deadline, &step, &event, NULL);
	while (!err && step != SESSION_CLOSED && step != SESSION_BAD);
	return err != KITH_EBUSY;
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
