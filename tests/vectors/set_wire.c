/*
 * box-stream: plain writes and what they are on the wire, and back.
 * packet-stream: muxrpc packets, good ones and odd ones.
 */
#include <sodium.h>

#include "feeds/json.h"
#include "src/wire/box.h"
#include "src/wire/muxrpc.h"
#include "tests/vectors/trial.h"

enum { PACKET_BYTES_MAX = 1 << 20 };

static struct kith_slice hex(struct trial *t, const char *name)
{
	return trial_hex(t, trial_get(t, name));
}

/* Key and first nonce of the case, for either direction. */
static bool read_keys(struct trial *t, struct box_keys *keys)
{
	struct kith_slice key = hex(t, "key"), nonce = hex(t, "nonce");

	if (key.n != sizeof(keys->send_key) ||
	    nonce.n != sizeof(keys->send_nonce)) {
		trial_fail(t, "the case lacks a key or nonce");
		return false;
	}
	memcpy(keys->send_key, key.p, key.n);
	memcpy(keys->recv_key, key.p, key.n);
	memcpy(keys->send_nonce, nonce.p, nonce.n);
	memcpy(keys->recv_nonce, nonce.p, nonce.n);
	return true;
}

static void seal_chunk(struct trial *t, struct box_writer *w,
		       struct kith_slice chunk, struct kith_buf *out)
{
	struct kith_buf *plain = trial_buf(t);
	uint64_t length = 0, fill = 0;
	uint8_t *room;

	if (!json_uint(json_get(chunk, "len"), &length) ||
	    !json_uint(json_get(chunk, "fill"), &fill)) {
		trial_fail(t, "a chunk lacks its length or value");
		return;
	}
	room = kith_buf_reserve(plain, length);
	if (room) {
		memset(room, (int)fill, length);
		plain->n = length;
	}
	box_seal(w, kith_bytes(plain), out);
	t->scratch_used--; /* plain is not needed any more */
}

static void encrypt(struct trial *t)
{
	struct kith_slice chunks = trial_get(t, "chunks"), chunk;
	struct kith_slice cipher = hex(t, "cipher");
	struct kith_buf *out = trial_buf(t);
	uint8_t digest[crypto_hash_sha256_BYTES];
	struct box_keys keys;
	struct box_writer w;
	uint64_t length;
	size_t at = 0;

	if (!read_keys(t, &keys))
		return;
	box_writer_init(&w, &keys);
	while (json_next_element(chunks, &at, &chunk))
		seal_chunk(t, &w, chunk, out);
	box_goodbye(&w, out);
	box_writer_clear(&w);
	if (json_uint(trial_get(t, "cipher_len"), &length) && length != out->n)
		trial_fail(t, "%zu bytes", out->n);
	if (cipher.p)
		trial_expect_bytes(t, "cipher", kith_bytes(out), cipher);
	crypto_hash_sha256(digest, out->p, out->n);
	trial_expect_bytes(t, "hash of the cipher",
			   (struct kith_slice){ digest, sizeof(digest) },
			   hex(t, "cipher_sha256"));
}

static void increment(uint8_t nonce[static 24])
{
	for (size_t i = 24; i-- > 0 && ++nonce[i] == 0;)
		;
}

/* What comes before the first body that we refuse for its length, 0 or over
 * the limit, in plain bytes; SIZE_MAX if there is none. */
static size_t plain_before_refused(const struct box_keys *keys,
				   struct kith_slice cipher)
{
	uint8_t nonce[24], header[BOX_HEADER_BYTES];
	size_t plain = 0, length;

	memcpy(nonce, keys->recv_nonce, sizeof(nonce));
	while (cipher.n >= BOX_HEADER_BYTES) {
		if (crypto_secretbox_open_easy(header, cipher.p,
					       BOX_HEADER_BYTES, nonce,
					       keys->recv_key) != 0 ||
		    sodium_is_zero(header, 18))
			return SIZE_MAX;
		length = kith_be16(header);
		if (length == 0 || length > BOX_BODY_BYTES_MAX)
			return plain;
		if (cipher.n - BOX_HEADER_BYTES < length)
			return SIZE_MAX;
		increment(nonce);
		increment(nonce);
		plain += length;
		cipher.p += BOX_HEADER_BYTES + length;
		cipher.n -= BOX_HEADER_BYTES + length;
	}
	return SIZE_MAX;
}

/* Opens cipher, given in pieces of at most piece bytes; true after goodbye. */
static bool open_all(const struct box_keys *keys, struct kith_slice cipher,
		     size_t piece, struct kith_buf *plain)
{
	struct box_reader r;
	enum box_step step = BOX_MORE;

	box_reader_init(&r, keys);
	while (cipher.n > 0 && (step == BOX_MORE || step == BOX_BODY)) {
		struct kith_slice in = { cipher.p,
					 cipher.n < piece ? cipher.n : piece };
		struct kith_slice body;

		cipher.p += in.n;
		cipher.n -= in.n;
		while ((step = box_next(&r, &in, &body)) == BOX_BODY)
			kith_buf_put(plain, body);
	}
	box_reader_clear(&r);
	return step == BOX_GOODBYE;
}

static void decrypt(struct trial *t)
{
	struct kith_slice cipher = hex(t, "cipher");
	struct kith_slice text = trial_text(t,
					    trial_get(t, "plain_before_error"));
	bool clean = json_says_true(trial_get(t, "clean_end"));
	struct kith_buf *whole = trial_buf(t), *pieces = trial_buf(t);
	struct box_keys keys;
	uint64_t length = 0;
	size_t refused;

	if (!read_keys(t, &keys))
		return;
	if (!json_uint(trial_get(t, "plain_len"), &length))
		trial_fail(t, "the case lacks plain_len");
	refused = plain_before_refused(&keys, cipher);
	if (refused < SIZE_MAX) {
		trial_rule(t, "bodies of 0 or over 4096 bytes are refused");
		length = refused;
		clean = false;
	}
	trial_expect_bool(t, "clean end",
			  open_all(&keys, cipher, SIZE_MAX, whole), clean);
	trial_expect_bool(t, "clean end in pieces",
			  open_all(&keys, cipher, 1, pieces), clean);
	if (whole->n != length)
		trial_fail(t, "%zu plain bytes", whole->n);
	trial_expect_bytes(t, "plain in pieces", kith_bytes(pieces),
			   kith_bytes(whole));
	/* A text of another length does not show the bytes as they are. */
	if (text.p && text.n >= length &&
	    !memmem(text.p, text.n, "\xef\xbf\xbd", 3))
		trial_expect_bytes(t, "plain", kith_bytes(whole),
				   (struct kith_slice){ text.p, length });
}

/* The body as it goes on the wire. */
static struct kith_slice body_of(struct trial *t, enum muxrpc_type *type)
{
	struct kith_slice kind = trial_get(t, "body_type");
	struct kith_slice body = trial_get(t, "body");

	*type = json_is(kind, "binary")	  ? MUXRPC_BINARY
		: json_is(kind, "string") ? MUXRPC_STRING
					  : MUXRPC_JSON;
	return *type == MUXRPC_BINARY ? trial_hex(t, body)
				      : trial_text(t, body);
}

/* Reads the whole wire, allowing bodies up to a limit of ours. */
static enum muxrpc_step read_packet(struct muxrpc_reader *r,
				    struct kith_slice wire,
				    struct muxrpc_packet *p)
{
	enum muxrpc_step step = muxrpc_next(r, &wire, p);

	if (step != MUXRPC_HEADER)
		return step;
	muxrpc_allow(r, PACKET_BYTES_MAX);
	return muxrpc_next(r, &wire, p);
}

static void expect_packet(struct trial *t, struct kith_slice wire,
			  const struct muxrpc_packet *expected,
			  enum muxrpc_step expected_step)
{
	struct muxrpc_reader *r = muxrpc_reader_new();
	struct muxrpc_packet p = { 0 };
	enum muxrpc_step step;

	if (!r) {
		trial_fail(t, "out of memory");
		return;
	}
	step = read_packet(r, wire, &p);
	if (step != expected_step)
		trial_fail(t, "step %d, not %d", step, expected_step);
	if (step == MUXRPC_PACKET && expected) {
		trial_expect_bool(t, "stream", p.stream, expected->stream);
		trial_expect_bool(t, "end", p.end, expected->end);
		trial_expect_bytes(t, "body", p.body, expected->body);
		if (p.request != expected->request)
			trial_fail(t, "request is %d", p.request);
		if (p.type != expected->type)
			trial_fail(t, "type is %d", p.type);
	}
	muxrpc_reader_free(r);
}

static bool read_request(struct kith_slice value, int32_t *request)
{
	double number;

	if (!json_number(value, &number) || number < INT32_MIN ||
	    number > INT32_MAX)
		return false;
	*request = (int32_t)number;
	return true;
}

static void frame(struct trial *t)
{
	struct kith_slice wire = hex(t, "wire");
	struct kith_buf *out = trial_buf(t);
	struct muxrpc_packet p = { 0 };

	if (json_is(trial_get(t, "body_type"), "goodbye")) {
		muxrpc_put_goodbye(out);
		trial_expect_bytes(t, "wire", kith_bytes(out), wire);
		expect_packet(t, wire, NULL, MUXRPC_GOODBYE);
		return;
	}
	p.stream = json_says_true(trial_get(t, "stream"));
	p.end = json_says_true(trial_get(t, "end"));
	p.body = body_of(t, &p.type);
	p.length = (uint32_t)p.body.n;
	if (!p.body.p || !read_request(trial_get(t, "req"), &p.request)) {
		trial_fail(t, "the case lacks its body or request number");
		return;
	}
	muxrpc_put_header(&p, out);
	kith_buf_put(out, p.body);
	trial_expect_bytes(t, "wire", kith_bytes(out), wire);
	expect_packet(t, wire, &p, MUXRPC_PACKET);
}

/* The packet that the header itself says, whatever the decoder of the case
 * made of it; the body is what follows. */
static struct muxrpc_packet packet_of(struct kith_slice wire)
{
	return (struct muxrpc_packet){
		.type = (enum muxrpc_type)(wire.p[0] & 0x03),
		.end = wire.p[0] & 0x04,
		.stream = wire.p[0] & 0x08,
		.request = (int32_t)kith_be32(wire.p + 5),
		.length = kith_be32(wire.p + 1),
		.body = { wire.p + MUXRPC_HEADER_BYTES,
			  wire.n - MUXRPC_HEADER_BYTES },
	};
}

/* The case's own view of a header that both sides read. */
static void expect_head(struct trial *t, const struct muxrpc_packet *p,
			struct kith_slice head)
{
	int32_t request;
	uint64_t type;

	trial_expect_bool(t, "stream", p->stream,
			  json_says_true(json_get(head, "stream")));
	trial_expect_bool(t, "end", p->end,
			  json_says_true(json_get(head, "end")));
	if (!read_request(json_get(head, "req"), &request) ||
	    request != p->request)
		trial_fail(t, "request is %d", p->request);
	if (!json_uint(json_get(head, "type"), &type) || type != p->type)
		trial_fail(t, "type is %d", p->type);
}

/* Frames that decoders differ on: ours goes by protocol/04 section 1. */
static void odd_frame(struct trial *t)
{
	struct kith_slice wire = hex(t, "wire"), js = trial_get(t, "js");
	enum muxrpc_step step = MUXRPC_PACKET;
	bool taken = json_says_true(json_get(js, "ok"));
	struct muxrpc_packet p;

	if (wire.n < MUXRPC_HEADER_BYTES) {
		trial_expect_bool(t, "taken", false, taken);
		expect_packet(t, wire, NULL, MUXRPC_MORE);
		return;
	}
	p = packet_of(wire);
	if (p.length > PACKET_BYTES_MAX)
		step = MUXRPC_BAD;
	else if (p.length > p.body.n)
		step = MUXRPC_MORE;
	else if (sodium_is_zero(wire.p, MUXRPC_HEADER_BYTES))
		step = MUXRPC_GOODBYE;
	p.body.n = p.length < p.body.n ? p.length : p.body.n;
	if (p.type == MUXRPC_RESERVED)
		trial_rule(t, "the reserved type is for the caller to answer");
	else if (p.length == 0 && step == MUXRPC_PACKET)
		trial_rule(t, "an empty body is no goodbye");
	else if (!taken && step == MUXRPC_PACKET && p.type == MUXRPC_JSON &&
		 json_check(p.body, NULL, NULL))
		trial_rule(t, "JSON is checked by the session");
	else if (step == MUXRPC_PACKET)
		expect_head(t, &p, json_get(js, "head"));
	if (!t->rule)
		trial_expect_bool(t, "taken",
				  step == MUXRPC_PACKET ||
					  step == MUXRPC_GOODBYE,
				  taken);
	expect_packet(t, wire, &p, step);
}

const struct vector_set sets_wire[] = {
	{ "box-stream", "encrypt.jsonl", false, encrypt },
	{ "box-stream", "decrypt.jsonl", false, decrypt },
	{ "packet-stream", "frames.jsonl", false, frame },
	{ "packet-stream", "odd.jsonl", false, odd_frame },
	{ NULL, NULL, false, NULL },
};
