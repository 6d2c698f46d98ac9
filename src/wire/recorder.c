#include "src/wire/recorder.h"

#include "src/wire/box.h"

/* Messages of the handshake, bytes. */
static const size_t message_bytes[] = { 64, 64, 112, 80 };

enum { MESSAGES_PER_SIDE = 2 };

/* --- the recording --- */

/* Appends the line, or nothing. */
static bool put(struct recording *to, const struct capture_line *line)
{
	bool whole;

	capture_encode(line, &to->lines);
	whole = !to->lines.err;
	to->lines.err = KITH_OK;
	return whole;
}

static void lose(struct recording *to)
{
	to->lost++;
	to->all_lost++;
}

void recording_put(struct recording *to, const struct capture_line *line)
{
	const struct capture_line lost = {
		.t_us = to->now_us,
		.layer = CAPTURE_FILE,
		.event = CAPTURE_LOST,
		.bytes = to->lost,
	};

	if (to->lost && put(to, &lost))
		to->lost = 0;
	if (to->lost || !put(to, line))
		lose(to);
}

void recording_cut(struct recording *to, size_t bytes)
{
	struct kith_buf *lines = &to->lines;

	if (lines->n <= bytes)
		return;
	lines->n = bytes;
	while (lines->n && lines->p[lines->n - 1] != '\n')
		lines->n--;
}

void recording_join(struct recording *to, struct recording *from)
{
	kith_buf_put(&to->lines, kith_bytes(&from->lines));
	if (to->lines.err)
		lose(to);
	to->lines.err = KITH_OK;
	kith_buf_free(&from->lines);
}

void recorder_init(struct recorder *r, struct recording *to, uint32_t conn,
		   bool dialled)
{
	*r = (struct recorder){ .to = to, .conn = conn, .dialled = dialled };
}

static struct capture_line begin(const struct recorder *r, bool out,
				 enum capture_layer layer)
{
	return (struct capture_line){
		.t_us = r->to->now_us,
		.layer = layer,
		.conn = r->conn,
		.out = out,
	};
}

static void put_event(struct recorder *r, bool out, enum capture_layer layer,
		      enum capture_event event, const char *why)
{
	struct capture_line line = begin(r, out, layer);

	line.event = event;
	if (why)
		line.why = kith_text(why);
	recording_put(r->to, &line);
}

static void set_body(struct capture_line *line, const struct recorder *r,
		     struct kith_slice body)
{
	line->bytes = body.n;
	line->has_body = !r->to->headers;
	line->body = body;
}

/* --- the handshake --- */

/* The message that a side is at, from 1; the client says the odd ones. */
static unsigned message_of(const struct recorder *r, bool out)
{
	return 2 * r->sides[out].messages + (out == r->dialled ? 1 : 2);
}

static void put_message(struct recorder *r, bool out)
{
	struct recorder_side *s = &r->sides[out];
	struct capture_line line = begin(r, out, CAPTURE_SHS);

	line.message = message_of(r, out);
	set_body(&line, r, (struct kith_slice){ s->b, s->n });
	line.has_body = true; /* that of a handshake says nothing */
	recording_put(r->to, &line);
	if (s->messages == 0)
		memcpy(s->ephemeral, s->b + sizeof(s->ephemeral),
		       sizeof(s->ephemeral));
	s->n = 0;
}

/* A message that was not whole when the handshake ended. */
static void put_rest(struct recorder *r, bool out)
{
	if (r->sides[out].n)
		put_message(r, out);
}

void recorder_shake(struct recorder *r, bool out, struct kith_slice bytes)
{
	struct recorder_side *s = &r->sides[out];
	size_t size, n;

	while (bytes.n && s->messages < MESSAGES_PER_SIDE) {
		size = message_bytes[message_of(r, out) - 1];
		n = size - s->n < bytes.n ? size - s->n : bytes.n;
		memcpy(s->b + s->n, bytes.p, n);
		s->n += n;
		bytes.p += n;
		bytes.n -= n;
		if (s->n < size)
			return;
		put_message(r, out);
		s->messages++;
	}
}

void recorder_done(struct recorder *r, const struct kith_feed_id *id)
{
	struct capture_line line = begin(r, false, CAPTURE_SHS);

	line.event = CAPTURE_DONE;
	line.has_id = true;
	line.id = *id;
	recording_put(r->to, &line);
}

void recorder_fail(struct recorder *r, bool out, const char *why)
{
	put_rest(r, false);
	put_rest(r, true);
	put_event(r, out, CAPTURE_SHS, CAPTURE_FAIL, why);
}

bool recorder_keys(const struct recorder *r, const struct box_keys *keys,
		   struct capture_keys *out)
{
	const struct recorder_side *client = &r->sides[r->dialled];
	const struct recorder_side *server = &r->sides[!r->dialled];

	if (!client->messages || !server->messages)
		return false;
	memcpy(out->client, client->ephemeral, sizeof(out->client));
	memcpy(out->server, server->ephemeral, sizeof(out->server));
	capture_keys_set(out, keys, r->dialled);
	return true;
}

/* --- the connection --- */

void recorder_open(struct recorder *r, enum capture_event event,
		   const char *at, const struct kith_feed_id *id, uint32_t pair)
{
	struct capture_line line = begin(r, r->dialled, CAPTURE_TCP);

	line.event = event;
	line.at = kith_text(at);
	line.pair = pair;
	line.has_id = id;
	if (id)
		line.id = *id;
	recording_put(r->to, &line);
}

void recorder_close(struct recorder *r, bool out, const char *why,
		    uint64_t unsent)
{
	struct capture_line line = begin(r, out, CAPTURE_TCP);

	put_rest(r, false);
	put_rest(r, true);
	line.event = CAPTURE_CLOSE;
	line.why = kith_text(why);
	line.bytes = unsent;
	recording_put(r->to, &line);
}

void recorder_raw(struct recorder *r, bool out, struct kith_slice bytes)
{
	struct capture_line line = begin(r, out, CAPTURE_TCP);

	set_body(&line, r, bytes);
	recording_put(r->to, &line);
}

/* --- frames and packets --- */

void recorder_frames(struct recorder *r, bool out, size_t body_bytes)
{
	struct capture_line line = begin(r, out, CAPTURE_BOX);

	while (body_bytes) {
		line.bytes = body_bytes < BOX_BODY_BYTES_MAX
				     ? body_bytes
				     : BOX_BODY_BYTES_MAX;
		recording_put(r->to, &line);
		body_bytes -= line.bytes;
	}
}

void recorder_packet(struct recorder *r, bool out,
		     const struct muxrpc_packet *p)
{
	struct capture_line line = begin(r, out, CAPTURE_RPC);

	line.type = p->type;
	line.stream = p->stream;
	line.end = p->end;
	line.request = p->request;
	set_body(&line, r, p->body);
	line.bytes = p->length;
	recording_put(r->to, &line);
}

void recorder_end(struct recorder *r, bool out, enum capture_layer layer,
		  enum capture_event event, const char *why)
{
	put_event(r, out, layer, event, why);
}
