#include "feeds/envelope.h"

#include <sodium.h>

#include "feeds/bfe.h"

enum {
	TAG_BYTES = crypto_secretbox_MACBYTES,
	HEADER_TEXT_BYTES = 16,
	HEADER_BYTES = TAG_BYTES + HEADER_TEXT_BYTES,
	SLOT_BYTES = ENVELOPE_KEY_BYTES
};

static const uint8_t zero_nonce[crypto_secretbox_NONCEBYTES];

bool envelope_context(struct derive_context *c,
		      const struct kith_feed_id *author,
		      const struct kith_msg_id *previous)
{
	uint8_t feed[BFE_ID_BYTES], before[BFE_ID_BYTES];

	if (!bfe_feed(author, feed) ||
	    !(previous ? bfe_msg(previous, before)
		       : bfe_no_msg(author->format, before)))
		return false;
	c->n = 0;
	derive_put(c, KITH_SLICE("envelope"));
	derive_put(c, (struct kith_slice){ feed, sizeof(feed) });
	derive_put(c, (struct kith_slice){ before, sizeof(before) });
	return true;
}

void envelope_derive(const struct derive_context *context, const uint8_t *key,
		     const char *label, uint8_t out[static SLOT_BYTES])
{
	struct derive_context c = *context;

	derive_put(&c, kith_text(label));
	derive_expand(key, &c, out);
}

void envelope_derive_slot(const struct derive_context *context,
			  const struct envelope_key *key,
			  uint8_t out[static SLOT_BYTES])
{
	struct derive_context c = *context;

	derive_put(&c, KITH_SLICE("slot_key"));
	derive_put(&c, key->scheme);
	derive_expand(key->b, &c, out);
}

void envelope_mask(const uint8_t *a, const uint8_t *b,
		   uint8_t out[static SLOT_BYTES])
{
	for (size_t i = 0; i < SLOT_BYTES; i++)
		out[i] = a[i] ^ b[i];
}

static void write_header(const struct derive_context *c, const uint8_t *read,
			 size_t offset, uint8_t out[static HEADER_BYTES])
{
	uint8_t key[SLOT_BYTES], text[HEADER_TEXT_BYTES] = { 0 };

	text[0] = (uint8_t)(offset & 0xff);
	text[1] = (uint8_t)(offset >> 8);
	envelope_derive(c, read, "header_key", key);
	crypto_secretbox_easy(out, text, sizeof(text), zero_nonce, key);
	sodium_memzero(key, sizeof(key));
}

size_t envelope_write(const struct envelope_draft *d,
		      uint8_t out[static KITH_BOX_BYTES_MAX],
		      uint8_t read[static ENVELOPE_KEY_BYTES])
{
	const struct derive_context *c = d->context;
	size_t offset = HEADER_BYTES + d->n * SLOT_BYTES;
	uint8_t key[SLOT_BYTES];

	envelope_derive(c, d->msg_key, "read_key", read);
	write_header(c, read, offset, out);
	for (size_t i = 0; i < d->n; i++) {
		envelope_derive_slot(c, &d->keys[i], key);
		envelope_mask(key, d->msg_key,
			      out + HEADER_BYTES + i * SLOT_BYTES);
	}
	envelope_derive(c, read, "body_key", key);
	crypto_secretbox_easy(out + offset, d->plain.p, d->plain.n, zero_nonce,
			      key);
	sodium_memzero(key, sizeof(key));
	return offset + TAG_BYTES + d->plain.n;
}

bool envelope_init(struct envelope *e, const struct kith_boxed *m,
		   struct kith_opened *out)
{
	e->box = out;
	return boxed_decode(m->content, KITH_BOX2, out) &&
	       envelope_context(&e->context, m->author, m->previous);
}

/* True if read is the box's read key; *offset is where the body begins. */
static bool open_header(const struct envelope *e, const uint8_t *read,
			size_t *offset)
{
	uint8_t key[SLOT_BYTES], text[HEADER_TEXT_BYTES];
	bool fits;

	envelope_derive(&e->context, read, "header_key", key);
	fits = crypto_secretbox_open_easy(text, e->box->plain, HEADER_BYTES,
					  zero_nonce, key) == 0;
	if (fits)
		*offset = (size_t)text[0] | (size_t)text[1] << 8;
	sodium_memzero(key, sizeof(key));
	return fits;
}

static bool is_offset(const struct kith_opened *box, size_t offset)
{
	return offset >= HEADER_BYTES + SLOT_BYTES &&
	       offset <= box->n - TAG_BYTES &&
	       (offset - HEADER_BYTES) % SLOT_BYTES == 0;
}

static enum kith_opening open_body(const struct envelope *e, size_t offset)
{
	struct kith_opened *box = e->box;
	uint8_t key[SLOT_BYTES];
	int failed;

	if (!is_offset(box, offset))
		return KITH_BROKEN;
	box->slots = (offset - HEADER_BYTES) / SLOT_BYTES;
	envelope_derive(&e->context, box->key.b, "body_key", key);
	failed = crypto_secretbox_open_easy(box->plain, box->plain + offset,
					    box->n - offset, zero_nonce, key);
	sodium_memzero(key, sizeof(key));
	if (failed)
		return KITH_BROKEN;
	box->n -= offset + TAG_BYTES;
	return boxed_judge(box);
}

enum kith_opening envelope_open(const struct envelope *e)
{
	size_t offset;

	if (!open_header(e, e->box->key.b, &offset))
		return KITH_FOREIGN;
	return open_body(e, offset);
}

/* Slots there is room for beside a body. */
static size_t slots_of(const struct kith_opened *box, size_t most)
{
	size_t n = (box->n - HEADER_BYTES - TAG_BYTES) / SLOT_BYTES;

	return n < most ? n : most;
}

enum kith_opening envelope_try(const struct envelope *e,
			       const struct envelope_key *key, size_t slots)
{
	struct kith_opened *box = e->box;
	const uint8_t *slot = box->plain + HEADER_BYTES;
	uint8_t slot_key[SLOT_BYTES], msg_key[SLOT_BYTES], read[SLOT_BYTES];
	size_t offset = 0, left = slots_of(box, slots);

	envelope_derive_slot(&e->context, key, slot_key);
	for (; left > 0; left--, slot += SLOT_BYTES) {
		envelope_mask(slot, slot_key, msg_key);
		envelope_derive(&e->context, msg_key, "read_key", read);
		if (open_header(e, read, &offset))
			break;
	}
	if (left > 0) {
		box->key.n = SLOT_BYTES;
		memcpy(box->key.b, read, SLOT_BYTES);
	}
	sodium_memzero(slot_key, sizeof(slot_key));
	sodium_memzero(msg_key, sizeof(msg_key));
	sodium_memzero(read, sizeof(read));
	return left > 0 ? open_body(e, offset) : KITH_FOREIGN;
}
