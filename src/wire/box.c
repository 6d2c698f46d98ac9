#include "src/wire/box.h"

#include <sodium.h>

enum {
	LENGTH_BYTES = 2,
	MAC_BYTES = crypto_secretbox_MACBYTES,
	PLAIN_HEADER_BYTES = LENGTH_BYTES + MAC_BYTES
};

_Static_assert(MAC_BYTES + PLAIN_HEADER_BYTES == BOX_HEADER_BYTES,
	       "a sealed header is its MAC and its two fields");

/* Nonces count big endian; all ones wrap to zero. */
static void count(uint8_t nonce[static 24])
{
	for (size_t i = 24; i-- && ++nonce[i] == 0;)
		;
}

static void seal_header(struct box_writer *w,
			const uint8_t plain[static PLAIN_HEADER_BYTES],
			uint8_t *to)
{
	crypto_secretbox_easy(to, plain, PLAIN_HEADER_BYTES, w->nonce, w->key);
	count(w->nonce);
}

/* The body's MAC stands in the header, but its nonce follows the header's. */
static void seal_frame(struct box_writer *w, struct kith_slice plain,
		       uint8_t *to)
{
	uint8_t header[PLAIN_HEADER_BYTES], body_nonce[24];

	memcpy(body_nonce, w->nonce, sizeof(body_nonce));
	count(body_nonce);
	kith_put_be16(header, (uint16_t)plain.n);
	crypto_secretbox_detached(to + BOX_HEADER_BYTES, header + LENGTH_BYTES,
				  plain.p, plain.n, body_nonce, w->key);
	seal_header(w, header, to);
	count(w->nonce);
}

void box_writer_init(struct box_writer *w, const struct box_keys *keys)
{
	memcpy(w->key, keys->send_key, sizeof(w->key));
	memcpy(w->nonce, keys->send_nonce, sizeof(w->nonce));
}

void box_writer_clear(struct box_writer *w)
{
	sodium_memzero(w, sizeof(*w));
}

size_t box_seal(struct box_writer *w, struct kith_slice plain,
		struct kith_buf *out)
{
	size_t sealed = 0;

	while (sealed < plain.n && out->limit - out->n > BOX_HEADER_BYTES) {
		size_t room = out->limit - out->n - BOX_HEADER_BYTES;
		size_t n = plain.n - sealed;
		uint8_t *to;

		if (n > room)
			n = room;
		if (n > BOX_BODY_BYTES_MAX)
			n = BOX_BODY_BYTES_MAX;
		to = kith_buf_reserve(out, BOX_HEADER_BYTES + n);
		if (!to)
			break;
		seal_frame(w, (struct kith_slice){ plain.p + sealed, n }, to);
		out->n += BOX_HEADER_BYTES + n;
		sealed += n;
	}
	return sealed;
}

void box_goodbye(struct box_writer *w, struct kith_buf *out)
{
	static const uint8_t plain[PLAIN_HEADER_BYTES];
	uint8_t *to = kith_buf_reserve(out, BOX_GOODBYE_BYTES);

	if (!to)
		return;
	seal_header(w, plain, to);
	out->n += BOX_GOODBYE_BYTES;
}

/* Gives n bytes of input that stand together, or NULL when there are not
 * enough of them yet.  Copies only what comes in pieces. */
static const uint8_t *gather(struct box_reader *r, struct kith_slice *in,
			     size_t n)
{
	size_t take = n - r->have < in->n ? n - r->have : in->n;
	const uint8_t *p = in->p;

	if (!take)
		return NULL;
	in->p += take;
	in->n -= take;
	if (take == n)
		return p;
	memcpy(r->frame + r->have, p, take);
	r->have += take;
	if (r->have < n)
		return NULL;
	r->have = 0;
	return r->frame;
}

static enum box_step end(struct box_reader *r, enum box_step step)
{
	r->closed = true;
	return step;
}

/* MORE: the header is fine, its body follows. */
static enum box_step open_header(struct box_reader *r, const uint8_t *sealed)
{
	uint8_t plain[PLAIN_HEADER_BYTES];

	if (crypto_secretbox_open_easy(plain, sealed, BOX_HEADER_BYTES,
				       r->nonce, r->key))
		return end(r, BOX_BAD);
	count(r->nonce);
	if (sodium_is_zero(plain, sizeof(plain)))
		return end(r, BOX_GOODBYE);
	r->body = kith_be16(plain);
	if (r->body == 0 || r->body > BOX_BODY_BYTES_MAX)
		return end(r, BOX_BAD);
	memcpy(r->mac, plain + LENGTH_BYTES, sizeof(r->mac));
	r->in_body = true;
	return BOX_MORE;
}

static enum box_step open_body(struct box_reader *r, const uint8_t *sealed,
			       struct kith_slice *plain)
{
	if (crypto_secretbox_open_detached(r->frame, sealed, r->mac, r->body,
					   r->nonce, r->key))
		return end(r, BOX_BAD);
	count(r->nonce);
	r->in_body = false;
	*plain = (struct kith_slice){ r->frame, r->body };
	return BOX_BODY;
}

void box_reader_init(struct box_reader *r, const struct box_keys *keys)
{
	*r = (struct box_reader){ 0 };
	memcpy(r->key, keys->recv_key, sizeof(r->key));
	memcpy(r->nonce, keys->recv_nonce, sizeof(r->nonce));
}

void box_reader_clear(struct box_reader *r)
{
	sodium_memzero(r, sizeof(*r));
}

enum box_step box_next(struct box_reader *r, struct kith_slice *in,
		       struct kith_slice *plain)
{
	enum box_step step = BOX_MORE;
	const uint8_t *sealed;

	if (r->closed)
		return BOX_BAD;
	while (step == BOX_MORE) {
		sealed = gather(r, in, r->in_body ? r->body : BOX_HEADER_BYTES);
		if (!sealed)
			return BOX_MORE;
		step = r->in_body ? open_body(r, sealed, plain)
				  : open_header(r, sealed);
	}
	return step;
}
