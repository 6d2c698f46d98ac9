#include "src/depot/bundle.h"

#include <stdlib.h>
#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"

enum {
	/* Lines that nobody took yet: a piece of a blob is the longest. */
	OUT_BYTES = 2 * DEPOT_LINE_BYTES_MAX,
	/* "m " "12345678 " "123456 " and the end of the line. */
	FRAME_BYTES = 2 + 9 + 7 + 1,
	RANGE_JSON_BYTES = 160,
	/* Around the base64 of a piece. */
	PIECE_JSON_BYTES = 160,
	FRAME_LINES_BYTES = 512
};

struct bundle_writer {
	struct kith_buf out, json;
	size_t hashed; /* of out */
	bool taken;
	crypto_hash_sha256_state hash;
	struct crc32c crc;
	struct bundle_counts counts;
};

/* --- lines ---------------------------------------------------------------- */

static void put_line(struct bundle_writer *w, char kind,
		     struct kith_slice json)
{
	if (w->taken)
		kith_buf_reset(&w->out);
	w->hashed = w->taken ? 0 : w->hashed;
	w->taken = false;
	depot_line_print(&w->crc, &w->out, kind, json);
	if (w->out.err)
		return;
	crypto_hash_sha256_update(&w->hash, w->out.p + w->hashed,
				  w->out.n - w->hashed);
	w->hashed = w->out.n;
}

/* The line that was made up in w->json. */
static void put_json(struct bundle_writer *w, char kind)
{
	if (w->json.err && !w->out.err)
		w->out.err = w->json.err;
	if (!w->out.err)
		put_line(w, kind, kith_bytes(&w->json));
	kith_buf_reset(&w->json);
}

static void put_number(struct kith_buf *out, const char *before, uint64_t n)
{
	kith_buf_text(out, before);
	kith_buf_uint(out, n);
}

static void put_header(struct bundle_writer *w)
{
	put_number(&w->json, "{\"format\":\"kith bundle\",\"version\":",
		   BUNDLE_VERSION);
	kith_buf_byte(&w->json, '}');
	put_json(w, DEPOT_HEADER);
}

struct bundle_writer *bundle_writer_new(void)
{
	struct bundle_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->out.limit = OUT_BYTES;
	w->json.limit = DEPOT_LINE_JSON_MAX;
	crypto_hash_sha256_init(&w->hash);
	crc32c_init(&w->crc);
	put_header(w);
	return w;
}

void bundle_writer_free(struct bundle_writer *w)
{
	if (!w)
		return;
	kith_buf_free(&w->out);
	kith_buf_free(&w->json);
	free(w);
}

/* --- what there is to be put ---------------------------------------------- */

void bundle_put_have(struct bundle_writer *w, const struct depot_range *r)
{
	depot_range_encode(&w->json, r);
	put_json(w, DEPOT_HAVE);
}

void bundle_put_range(struct bundle_writer *w, const struct depot_range *r)
{
	depot_range_encode(&w->json, r);
	put_json(w, DEPOT_RANGE);
}

void bundle_put_message(struct bundle_writer *w, struct kith_slice value)
{
	put_line(w, DEPOT_MESSAGE, value);
	w->counts.messages++;
}

void bundle_put_proof(struct bundle_writer *w, struct kith_slice one,
		      struct kith_slice other)
{
	kith_buf_text(&w->json, "{\"proof\":[");
	kith_buf_put(&w->json, one);
	kith_buf_byte(&w->json, ',');
	kith_buf_put(&w->json, other);
	kith_buf_text(&w->json, "]}");
	put_json(w, DEPOT_FORK);
	w->counts.proofs++;
}

static void put_base64(struct kith_buf *out, struct kith_slice bytes)
{
	uint8_t *to = kith_buf_reserve(out, BASE64_CHARS(bytes.n));

	if (!to)
		return;
	base64_encode(bytes, (char *)to);
	out->n += BASE64_CHARS(bytes.n);
}

void bundle_put_piece(struct bundle_writer *w, const struct bundle_piece *p)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&p->blob, id);
	kith_buf_text(&w->json, "{\"blob\":");
	json_put_text(&w->json, id);
	put_number(&w->json, ",\"at\":", p->at);
	put_number(&w->json, ",\"size\":", p->size);
	kith_buf_text(&w->json, ",\"bytes\":\"");
	put_base64(&w->json, p->bytes);
	kith_buf_text(&w->json, "\"}");
	put_json(w, DEPOT_BLOB);
	if (p->at + p->bytes.n == p->size)
		w->counts.blobs++;
}

void bundle_put_end(struct bundle_writer *w)
{
	uint8_t sha256[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(sha256) + 1];

	crypto_hash_sha256_final(&w->hash, sha256);
	sodium_bin2hex(hex, sizeof(hex), sha256, sizeof(sha256));
	put_number(&w->json, "{\"messages\":", w->counts.messages);
	put_number(&w->json, ",\"proofs\":", w->counts.proofs);
	put_number(&w->json, ",\"blobs\":", w->counts.blobs);
	kith_buf_text(&w->json, ",\"sha256\":");
	json_put_text(&w->json, hex);
	kith_buf_byte(&w->json, '}');
	put_json(w, DEPOT_END);
}

enum kith_err bundle_writer_take(struct bundle_writer *w,
				 struct kith_slice *out)
{
	if (w->out.err)
		return w->out.err;
	*out = w->taken ? (struct kith_slice){ NULL, 0 } : kith_bytes(&w->out);
	w->taken = true;
	return KITH_OK;
}

/* --- sizes ---------------------------------------------------------------- */

uint64_t bundle_message_bytes(uint64_t n)
{
	return FRAME_BYTES + n;
}

uint64_t bundle_range_bytes(void)
{
	return FRAME_BYTES + RANGE_JSON_BYTES;
}

uint64_t bundle_frame_bytes(void)
{
	return FRAME_LINES_BYTES;
}

uint64_t bundle_blob_bytes(uint64_t size)
{
	uint64_t pieces = size / BUNDLE_PIECE_BYTES + 1;

	return pieces * (FRAME_BYTES + PIECE_JSON_BYTES) +
	       (size / 3 + pieces) * 4;
}
