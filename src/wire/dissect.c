#include "src/wire/dissect_private.h"

#include <stdlib.h>

const char *dissect_what_name(enum dissect_what what)
{
	static const char *const names[] = {
		[DISSECT_HELLO] = "hello",	 [DISSECT_PROOF] = "proof",
		[DISSECT_FRAME] = "frame",	 [DISSECT_FAREWELL] = "farewell",
		[DISSECT_SEALED] = "sealed",	 [DISSECT_CALL] = "call",
		[DISSECT_DATA] = "data",	 [DISSECT_REPLY] = "reply",
		[DISSECT_END] = "end",		 [DISSECT_ERROR] = "error",
		[DISSECT_STRAY] = "stray",	 [DISSECT_GOODBYE] = "goodbye",
		[DISSECT_BROKEN] = "broken",
	};

	return names[what];
}

static enum dissect_step event(struct dissect_event *out,
			       enum dissect_what what, uint64_t at,
			       uint64_t bytes)
{
	out->what = what;
	out->at = at;
	out->bytes = bytes;
	return DISSECT_EVENT;
}

/* From here on the bytes of this side stay sealed. */
static enum dissect_step broken(struct dissect_side *s,
				struct dissect_event *out, const char *why)
{
	s->phase = SIDE_SEALED;
	out->why = why;
	return event(out, DISSECT_BROKEN, s->frame_at, s->at - s->frame_at);
}

static enum dissect_step sealed(struct dissect_side *s, struct kith_slice *in,
				struct dissect_event *out)
{
	uint64_t at = s->at, n = in->n;

	if (!n)
		return DISSECT_MORE;
	s->at += n;
	*in = (struct kith_slice){ in->p + n, 0 };
	return event(out, DISSECT_SEALED, at, n);
}

/* --- the handshake --- */

static bool fill(struct dissect_side *s, struct kith_slice *in, size_t until)
{
	size_t n = until - s->have < in->n ? until - s->have : in->n;

	if (n)
		memcpy(s->handshake + s->have, in->p, n);
	s->have += n;
	s->at += n;
	in->p += n;
	in->n -= n;
	return s->have == until;
}

static bool is_client(const struct dissect *d, const struct dissect_side *s)
{
	return s == &d->side[d->config.client];
}

static bool knows_hellos(const struct dissect *d)
{
	return d->side[0].have >= DISSECT_HELLO_BYTES &&
	       d->side[1].have >= DISSECT_HELLO_BYTES;
}

static bool is_of_network(const struct dissect *d, const uint8_t *hello)
{
	return !d->config.app_key ||
	       !crypto_auth_verify(hello, hello + 32, 32, d->app_key);
}

static enum dissect_step read_hello(struct dissect *d, struct dissect_side *s,
				    struct kith_slice *in,
				    struct dissect_event *out)
{
	if (!fill(s, in, DISSECT_HELLO_BYTES))
		return DISSECT_MORE;
	if (!is_of_network(d, s->handshake)) {
		s->phase = SIDE_SEALED;
		out->why = "no hello of this network";
		return event(out, DISSECT_SEALED, 0, DISSECT_HELLO_BYTES);
	}
	s->phase = SIDE_PROOF;
	out->message = is_client(d, s) ? 1 : 2;
	out->said = (struct kith_slice){ s->handshake, DISSECT_HELLO_BYTES };
	out->ephemeral = s->handshake + 32;
	return event(out, DISSECT_HELLO, 0, DISSECT_HELLO_BYTES);
}

static enum dissect_step read_proof(struct dissect *d, struct dissect_side *s,
				    struct kith_slice *in,
				    struct dissect_event *out)
{
	size_t n = is_client(d, s) ? DISSECT_AUTH_BYTES : DISSECT_ACCEPT_BYTES;

	/* Nobody can say more before he knows the other's hello. */
	if (in->n && !knows_hellos(d)) {
		s->phase = SIDE_SEALED;
		return sealed(s, in, out);
	}
	if (!fill(s, in, DISSECT_HELLO_BYTES + n))
		return DISSECT_MORE;
	s->phase = SIDE_READY;
	out->message = is_client(d, s) ? 3 : 4;
	out->said = (struct kith_slice){ s->handshake + DISSECT_HELLO_BYTES, n };
	return event(out, DISSECT_PROOF, DISSECT_HELLO_BYTES, n);
}

/* Asks once, when all that a secret needs has gone by. */
static enum dissect_step start_boxes(struct dissect *d, struct dissect_side *s,
				     const struct kith_slice *in)
{
	if (!in->n)
		return DISSECT_MORE;
	if (!d->asked) {
		d->asked = true;
		return DISSECT_ASK;
	}
	s->phase = d->has_keys ? SIDE_BOXES : SIDE_SEALED;
	s->frame_at = s->at;
	return DISSECT_MORE;
}

/* --- the box stream, and the packets in it --- */

static enum dissect_step packet(struct dissect *d, struct dissect_side *s,
				int64_t now_us, const struct muxrpc_packet *p,
				struct dissect_event *out)
{
	s->in_packet = false;
	out->frame = s->frames;
	dissect_take_packet(d, now_us, p, out);
	return DISSECT_EVENT;
}

/* MORE: all that was opened is read. */
static enum dissect_step read_opened(struct dissect *d, struct dissect_side *s,
				     int64_t now_us, struct dissect_event *out)
{
	struct muxrpc_packet p;

	while (!s->rpc_over) {
		s->in_packet = s->in_packet || s->opened.n;
		switch (muxrpc_next(s->rpc, &s->opened, &p)) {
		case MUXRPC_MORE: return DISSECT_MORE;
		case MUXRPC_HEADER:
			muxrpc_allow(s->rpc, DISSECT_BODY_BYTES_MAX);
			break;
		case MUXRPC_PACKET: return packet(d, s, now_us, &p, out);
		case MUXRPC_GOODBYE:
			s->rpc_over = true;
			s->in_packet = false;
			out->frame = s->frames;
			return event(out, DISSECT_GOODBYE, s->at,
				     MUXRPC_HEADER_BYTES);
		case MUXRPC_BAD:
			return broken(s, out, muxrpc_error(s->rpc) == KITH_ENOMEM
						      ? "out of memory"
						      : "a body over the limit");
		}
	}
	return DISSECT_MORE;
}

static enum dissect_step read_frame(struct dissect_side *s,
				    struct kith_slice *in,
				    struct dissect_event *out)
{
	uint64_t began = s->frame_at;
	size_t before = in->n;
	enum box_step step = box_next(&s->box, in, &s->opened);

	s->at += before - in->n;
	switch (step) {
	case BOX_MORE: return DISSECT_MORE;
	case BOX_BAD: return broken(s, out, "a frame does not open");
	case BOX_GOODBYE:
		s->phase = SIDE_SEALED;
		return event(out, DISSECT_FAREWELL, began, BOX_GOODBYE_BYTES);
	case BOX_BODY: break;
	}
	s->frame_at = s->at;
	out->frame = ++s->frames;
	return event(out, DISSECT_FRAME, began, s->at - began);
}

static enum dissect_step advance(struct dissect *d, struct dissect_side *s,
				 int64_t now_us, struct kith_slice *in,
				 struct dissect_event *out)
{
	enum dissect_step step;

	if (s->phase == SIDE_READY) {
		step = start_boxes(d, s, in);
		if (s->phase == SIDE_READY)
			return step;
	}
	switch (s->phase) {
	case SIDE_HELLO: return read_hello(d, s, in, out);
	case SIDE_PROOF: return read_proof(d, s, in, out);
	case SIDE_SEALED: return sealed(s, in, out);
	case SIDE_READY:
	case SIDE_BOXES: break;
	}
	step = read_opened(d, s, now_us, out);
	return step == DISSECT_MORE ? read_frame(s, in, out) : step;
}

struct dissect *dissect_new(const struct dissect_config *config)
{
	struct dissect *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->config = *config;
	if (config->app_key)
		memcpy(d->app_key, config->app_key, sizeof(d->app_key));
	d->config.app_key = config->app_key ? d->app_key : NULL;
	/* Texts of errors quote a call, at most; printed anew it may grow. */
	d->text.limit = 2 * (size_t)DISSECT_BODY_BYTES_MAX + 256;
	for (int i = 0; i < 2; i++) {
		d->side[i].rpc = muxrpc_reader_new();
		if (d->side[i].rpc)
			continue;
		dissect_free(d);
		return NULL;
	}
	return d;
}

void dissect_free(struct dissect *d)
{
	if (!d)
		return;
	dissect_drop_calls(d);
	for (int i = 0; i < 2; i++)
		muxrpc_reader_free(d->side[i].rpc);
	kith_buf_free(&d->text);
	sodium_memzero(d, sizeof(*d));
	free(d);
}

enum dissect_step dissect_next(struct dissect *d, enum dissect_dir dir,
			       int64_t now_us, struct kith_slice *in,
			       struct dissect_event *out)
{
	dissect_bury(d);
	*out = (struct dissect_event){ .dir = dir };
	return advance(d, &d->side[dir], now_us, in, out);
}

void dissect_skip(struct dissect *d, enum dissect_dir dir, uint64_t bytes)
{
	struct dissect_side *s = &d->side[dir];

	s->phase = SIDE_SEALED;
	s->at += bytes;
}

const uint8_t *dissect_ephemeral(const struct dissect *d, bool client)
{
	enum dissect_dir dir = client ? d->config.client : !d->config.client;

	return d->side[dir].handshake + 32;
}

void dissect_set_keys(struct dissect *d, const struct capture_keys *keys)
{
	struct box_keys server;

	capture_keys_get(keys, false, &server);
	for (int i = 0; i < 2; i++) {
		struct dissect_side *s = &d->side[i];
		struct box_keys of = server;

		/* What the client says is what the server receives. */
		if (!is_client(d, s)) {
			memcpy(of.recv_key, server.send_key,
			       sizeof(of.recv_key));
			memcpy(of.recv_nonce, server.send_nonce,
			       sizeof(of.recv_nonce));
		}
		box_reader_init(&s->box, &of);
		sodium_memzero(&of, sizeof(of));
	}
	sodium_memzero(&server, sizeof(server));
	d->has_keys = true;
}

void dissect_packet(struct dissect *d, enum dissect_dir dir, int64_t now_us,
		    const struct muxrpc_packet *packet,
		    struct dissect_event *out)
{
	dissect_bury(d);
	*out = (struct dissect_event){ .dir = dir };
	dissect_take_packet(d, now_us, packet, out);
}

bool dissect_is_torn(const struct dissect *d, enum dissect_dir dir)
{
	const struct dissect_side *s = &d->side[dir];

	switch (s->phase) {
	case SIDE_HELLO: return s->have;
	case SIDE_PROOF: return s->have > DISSECT_HELLO_BYTES;
	case SIDE_BOXES: return s->at != s->frame_at || s->in_packet;
	case SIDE_READY:
	case SIDE_SEALED: break;
	}
	return false;
}
