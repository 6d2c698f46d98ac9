#include "src/wire/muxrpc.h"

#include <stdlib.h>

enum {
	TYPE = 0x03,
	END = 0x04,
	STREAM = 0x08,
	/* A body's memory is kept for the next one up to so many bytes. */
	KEPT_BYTES = 64 * 1024
};

enum state { IN_HEADER, AT_BODY, IN_BODY, CLOSED };

const char *muxrpc_type_name(enum muxrpc_type type)
{
	static const char *const names[] = {
		[MUXRPC_BINARY] = "binary",
		[MUXRPC_STRING] = "string",
		[MUXRPC_JSON] = "json",
		[MUXRPC_RESERVED] = "reserved",
	};

	return names[type];
}

struct muxrpc_reader {
	uint8_t header[MUXRPC_HEADER_BYTES];
	size_t have; /* bytes of header */
	struct muxrpc_packet packet;
	struct kith_buf body; /* of a packet that comes in pieces */
	enum state state;
	enum kith_err err;
};

static enum muxrpc_step bad(struct muxrpc_reader *r, enum kith_err err)
{
	r->state = CLOSED;
	r->err = err;
	return MUXRPC_BAD;
}

static bool is_goodbye(const uint8_t header[static MUXRPC_HEADER_BYTES])
{
	static const uint8_t zeros[MUXRPC_HEADER_BYTES];

	return !memcmp(header, zeros, sizeof(zeros));
}

bool muxrpc_get_header(const uint8_t h[static MUXRPC_HEADER_BYTES],
		       struct muxrpc_packet *out)
{
	if (is_goodbye(h))
		return false;
	*out = (struct muxrpc_packet){
		.type = (enum muxrpc_type)(h[0] & TYPE),
		.stream = h[0] & STREAM,
		.end = h[0] & END,
		.length = kith_be32(h + 1),
		.request = (int32_t)kith_be32(h + 5),
	};
	return true;
}

static enum muxrpc_step read_header(struct muxrpc_reader *r,
				    struct kith_slice *in)
{
	size_t n = sizeof(r->header) - r->have;

	if (n > in->n)
		n = in->n;
	if (!n)
		return MUXRPC_MORE;
	memcpy(r->header + r->have, in->p, n);
	r->have += n;
	in->p += n;
	in->n -= n;
	if (r->have < sizeof(r->header))
		return MUXRPC_MORE;
	r->have = 0;
	if (!muxrpc_get_header(r->header, &r->packet)) {
		r->state = CLOSED;
		r->err = KITH_EFORMAT; /* of whatever may follow */
		return MUXRPC_GOODBYE;
	}
	r->body.limit = 0;
	r->state = AT_BODY;
	return MUXRPC_HEADER;
}

/* The last body may have been long; this one is as long as was allowed. */
static void start_body(struct muxrpc_reader *r)
{
	size_t limit = r->body.limit;

	kith_buf_reset(&r->body);
	if (r->body.cap > KEPT_BYTES)
		kith_buf_free(&r->body);
	r->body.limit = limit;
	r->state = IN_BODY;
}

static enum muxrpc_step packet(struct muxrpc_reader *r, const uint8_t *body)
{
	r->packet.body = (struct kith_slice){ body, r->packet.length };
	r->state = IN_HEADER;
	return MUXRPC_PACKET;
}

/* Copies only what comes in pieces. */
static enum muxrpc_step read_body(struct muxrpc_reader *r,
				  struct kith_slice *in)
{
	size_t length = r->packet.length;
	const uint8_t *whole = in->p;

	if (length == 0)
		return packet(r, NULL);
	if (in->n == 0)
		return MUXRPC_MORE;
	if (r->body.n == 0 && in->n >= length) {
		in->p += length;
		in->n -= length;
		return packet(r, whole);
	}
	kith_buf_take(&r->body, in, length - r->body.n);
	if (r->body.err)
		return bad(r, r->body.err);
	return r->body.n < length ? MUXRPC_MORE : packet(r, r->body.p);
}

struct muxrpc_reader *muxrpc_reader_new(void)
{
	return calloc(1, sizeof(struct muxrpc_reader));
}

void muxrpc_reader_free(struct muxrpc_reader *r)
{
	if (!r)
		return;
	kith_buf_free(&r->body);
	free(r);
}

enum muxrpc_step muxrpc_next(struct muxrpc_reader *r, struct kith_slice *in,
			     struct muxrpc_packet *out)
{
	enum muxrpc_step step;

	if (r->state == CLOSED)
		return MUXRPC_BAD;
	if (r->state == AT_BODY) {
		if (r->packet.length > r->body.limit)
			return bad(r, KITH_ETOOBIG);
		start_body(r);
	}
	step = r->state == IN_BODY ? read_body(r, in) : read_header(r, in);
	if (step == MUXRPC_HEADER || step == MUXRPC_PACKET)
		*out = r->packet;
	return step;
}

void muxrpc_allow(struct muxrpc_reader *r, uint32_t max_bytes)
{
	r->body.limit = max_bytes;
}

enum kith_err muxrpc_error(const struct muxrpc_reader *r)
{
	return r->err;
}

void muxrpc_put_header(const struct muxrpc_packet *p, struct kith_buf *out)
{
	uint8_t h[MUXRPC_HEADER_BYTES];

	h[0] = (uint8_t)((p->type & TYPE) | (p->stream ? STREAM : 0) |
			 (p->end ? END : 0));
	kith_put_be32(h + 1, p->length);
	kith_put_be32(h + 5, (uint32_t)p->request);
	kith_buf_put(out, (struct kith_slice){ h, sizeof(h) });
}

void muxrpc_put_goodbye(struct kith_buf *out)
{
	static const uint8_t zeros[MUXRPC_HEADER_BYTES];

	kith_buf_put(out, (struct kith_slice){ zeros, sizeof(zeros) });
}
