/* Packets of muxrpc, as they are inside the box stream.  Source: protocol/04
 * sections 1 to 5. */
#include "tools/wire/decode_private.h"

#include "feeds/json.h"
#include "src/wire/muxrpc.h"

enum { PACKETS_MAX = 10000, TYPE_BITS = 3, FLAG_BITS = 0x0f,
       BODY_BYTES_MAX = DECODE_TOKEN_BYTES_MAX };

/* The first header makes sense, and its body ends where the bytes do or where
 * another header makes sense. */
enum decode_looks frames_looks(struct kith_slice s)
{
	static const uint8_t goodbye[MUXRPC_HEADER_BYTES];
	uint32_t length, request;
	size_t rest;

	if (s.n < MUXRPC_HEADER_BYTES || s.p[0] > FLAG_BITS ||
	    (s.p[0] & TYPE_BITS) == TYPE_BITS)
		return LOOKS_NOT;
	if (!memcmp(s.p, goodbye, sizeof(goodbye)))
		return s.n == sizeof(goodbye) ? LOOKS_SURE : LOOKS_NOT;
	length = kith_be32(s.p + 1);
	request = kith_be32(s.p + 5);
	rest = s.n - MUXRPC_HEADER_BYTES;
	if (!request || request == 0x80000000u || length > BODY_BYTES_MAX)
		return LOOKS_NOT;
	if (length > rest)
		return LOOKS_MAYBE;
	return length == rest || s.p[MUXRPC_HEADER_BYTES + length] <= FLAG_BITS
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

/* A call names a method; an end says true, or what went wrong. */
static void put_json_body(struct decode *d, const struct muxrpc_packet *p,
			  size_t at)
{
	struct kith_slice body = p->body, name;
	struct kith_error e = { 0 };

	if (json_check(body, &body, &e)) {
		decode_fail(d, at + e.offset, "%s", e.text);
		decode_slice(d, "body", body);
		return;
	}
	name = json_get(body, "name");
	if (p->request > 0 && !p->end &&
	    json_kind(name) == JSON_KIND_ARRAY) {
		decode_json(d, "name", name);
		decode_json(d, "type", json_get(body, "type"));
		decode_json(d, "args", json_get(body, "args"));
	} else {
		decode_json(d, "body", body);
	}
}

static void put_packet(struct decode *d, const struct muxrpc_packet *p,
		       size_t at)
{
	decode_int(d, "request", p->request);
	decode_text(d, "from", p->request > 0 ? "who asks" : "who answers");
	decode_text(d, "packet", muxrpc_type_name(p->type));
	if (p->stream)
		decode_bool(d, "stream", true);
	if (p->end)
		decode_bool(d, "end", true);
	decode_uint(d, "size", p->length);
	if (p->type == MUXRPC_JSON)
		put_json_body(d, p, at);
	else
		decode_slice(d, "body", p->body);
}

static const char *why(const struct muxrpc_reader *r)
{
	return muxrpc_error(r) == KITH_ETOOBIG ? "a body over 1 MiB"
					       : "nothing may follow the "
						 "goodbye";
}

/* Where the packet begins whose end is not there. */
static void put_torn(struct decode *d, const struct muxrpc_packet *p,
		     struct kith_slice s, size_t start, bool has_header)
{
	if (start == s.n)
		return;
	decode_open(d, NULL, '{');
	if (has_header) {
		decode_int(d, "request", p->request);
		decode_text(d, "packet", muxrpc_type_name(p->type));
		decode_uint(d, "size", p->length);
	}
	decode_close(d, '}');
	decode_fail(d, s.n, has_header ? "ends inside a body"
				       : "ends inside a header");
}

static void put_packets(struct decode *d, struct muxrpc_reader *r,
			struct kith_slice s)
{
	struct muxrpc_packet p = { 0 };
	struct kith_slice rest = s;
	bool header = false;
	size_t start = 0;

	for (size_t n = 0; n < PACKETS_MAX;) {
		switch (muxrpc_next(r, &rest, &p)) {
		case MUXRPC_HEADER:
			header = true;
			muxrpc_allow(r, BODY_BYTES_MAX);
			continue;
		case MUXRPC_PACKET:
			decode_open(d, NULL, '{');
			put_packet(d, &p, start + MUXRPC_HEADER_BYTES);
			decode_close(d, '}');
			break;
		case MUXRPC_GOODBYE:
			decode_open(d, NULL, '{');
			decode_text(d, "packet", "goodbye");
			decode_close(d, '}');
			break;
		case MUXRPC_MORE:
			put_torn(d, &p, s, start, header);
			return;
		case MUXRPC_BAD:
			decode_fail(d, start, "%s", why(r));
			return;
		}
		header = false;
		start = (size_t)(rest.p - s.p);
		n++;
	}
}

void frames_explain(struct decode *d, struct kith_slice s)
{
	struct muxrpc_reader *r = muxrpc_reader_new();

	decode_text(d, "is", "packets of a connection, inside its box stream");
	decode_open(d, "packets", '[');
	if (r)
		put_packets(d, r, s);
	else
		decode_fail(d, 0, "out of memory");
	decode_close(d, ']');
	muxrpc_reader_free(r);
}
