#include "feeds/box2.h"

#include <sodium.h>

#include "feeds/bfe.h"
#include "feeds/boxed_private.h"

enum {
	TAG_BYTES = crypto_secretbox_MACBYTES,
	HEADER_TEXT_BYTES = 16,
	HEADER_BYTES = TAG_BYTES + HEADER_TEXT_BYTES,
	SLOT_BYTES = KITH_BOX2_KEY_BYTES
};

static const uint8_t zero_nonce[crypto_secretbox_NONCEBYTES];

const char *kith_scheme_name(enum kith_scheme scheme)
{
	switch (scheme) {
	case KITH_SCHEME_GROUP: return "envelope-large-symmetric-group";
	case KITH_SCHEME_DIRECT:
		return "envelope-id-based-dm-converted-ed25519";
	case KITH_SCHEME_SELF: return "envelope-symmetric-key-for-self";
	case KITH_SCHEME_POBOX: return "envelope-id-based-pobox-curve25519";
	case KITH_SCHEME_MIRROR:
		return "envelope-id-based-metafeed-announced-curve25519";
	}
	return "";
}

/* What every key of a message is derived in: whose it is, after which. */
static bool set_context(struct derive_context *c,
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

static void derive(const struct derive_context *context, const uint8_t *key,
		   const char *label, uint8_t out[static SLOT_BYTES])
{
	struct derive_context c = *context;

	derive_put(&c, kith_text(label));
	derive_expand(key, &c, out);
}

static void derive_slot(const struct derive_context *context,
			enum kith_scheme scheme, const uint8_t *key,
			uint8_t out[static SLOT_BYTES])
{
	struct derive_context c = *context;

	derive_put(&c, KITH_SLICE("slot_key"));
	derive_put(&c, kith_text(kith_scheme_name(scheme)));
	derive_expand(key, &c, out);
}

/* A slot's bytes from its key and the message's, or the reverse. */
static void mask(const uint8_t *a, const uint8_t *b,
		 uint8_t out[static SLOT_BYTES])
{
	for (size_t i = 0; i < SLOT_BYTES; i++)
		out[i] = a[i] ^ b[i];
}

static enum kith_err check(const struct kith_box2_draft *d,
			   struct kith_error *e)
{
	size_t room = kith_box_room(KITH_BOX2, d->n);

	if (d->n == 0)
		return kith_fail(e, KITH_EFORMAT, 0, "a box has no recipients");
	if (d->n > KITH_BOX2_SLOTS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "a box2 takes %d recipients, not %zu",
				 KITH_BOX2_SLOTS_MAX, d->n);
	if (d->plain.n == 0)
		return kith_fail(e, KITH_EFORMAT, 0, "private content is "
				 "empty");
	if (d->plain.n > room)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "private content of %zu bytes, where %zu fit "
				 "for so many recipients",
				 d->plain.n, room);
	for (size_t i = 1; i < d->n; i++)
		if (d->keys[i].scheme == KITH_SCHEME_GROUP)
			return kith_fail(e, KITH_EFORMAT, 0, "a group can only "
					 "be the first recipient");
	if (sodium_is_zero(d->random, SLOT_BYTES))
		return kith_fail(e, KITH_EFORMAT, 0, "the message key is "
				 "zero");
	return KITH_OK;
}

static void write_header(const struct derive_context *c, const uint8_t *read,
			 size_t offset, uint8_t out[static HEADER_BYTES])
{
	uint8_t key[SLOT_BYTES], text[HEADER_TEXT_BYTES] = { 0 };

	text[0] = (uint8_t)(offset & 0xff);
	text[1] = (uint8_t)(offset >> 8);
	derive(c, read, "header_key", key);
	crypto_secretbox_easy(out, text, sizeof(text), zero_nonce, key);
	sodium_memzero(key, sizeof(key));
}

/* Returns how many bytes it wrote. */
static size_t write_box(const struct kith_box2_draft *d,
			const struct derive_context *c, const uint8_t *read,
			uint8_t *box)
{
	size_t offset = HEADER_BYTES + d->n * SLOT_BYTES;
	uint8_t key[SLOT_BYTES];

	write_header(c, read, offset, box);
	for (size_t i = 0; i < d->n; i++) {
		derive_slot(c, d->keys[i].scheme, d->keys[i].b, key);
		mask(key, d->random, box + HEADER_BYTES + i * SLOT_BYTES);
	}
	derive(c, read, "body_key", key);
	crypto_secretbox_easy(box + offset, d->plain.p, d->plain.n, zero_nonce,
			      key);
	sodium_memzero(key, sizeof(key));
	return offset + TAG_BYTES + d->plain.n;
}

enum kith_err kith_box2_write(const struct kith_box2_draft *draft,
			      struct kith_box_key *key, struct kith_buf *out,
			      struct kith_error *e)
{
	uint8_t box[KITH_BOX_BYTES_MAX], read[SLOT_BYTES];
	struct derive_context c;
	enum kith_err err = check(draft, e);
	size_t n;

	if (err)
		return err;
	if (!set_context(&c, draft->author, draft->previous))
		return kith_fail(e, KITH_EFORMAT, 0, "feeds of this format "
				 "have no box2");
	derive(&c, draft->random, "read_key", read);
	n = write_box(draft, &c, read, box);
	err = boxed_encode(KITH_BOX2, (struct kith_slice){ box, n }, out);
	if (!err && key) {
		key->n = BOX2_KEY_BYTES;
		memcpy(key->b, read, BOX2_KEY_BYTES);
	}
	sodium_memzero(read, sizeof(read));
	return err;
}

bool envelope_init(struct envelope *e, const struct kith_boxed *m,
		   struct kith_opened *out)
{
	e->box = out;
	return boxed_decode(m->content, KITH_BOX2, out) &&
	       set_context(&e->context, m->author, m->previous);
}

/* True if read is the box's read key; *offset is where the body begins. */
static bool open_header(const struct envelope *e, const uint8_t *read,
			size_t *offset)
{
	uint8_t key[SLOT_BYTES], text[HEADER_TEXT_BYTES];
	bool fits;

	derive(&e->context, read, "header_key", key);
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
	derive(&e->context, box->key.b, "body_key", key);
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

/* Slots to try: a group's is the first; of others no more than there is room
 * for beside a body. */
static size_t slots_of(const struct kith_opened *box, enum kith_scheme scheme)
{
	size_t n = (box->n - HEADER_BYTES - TAG_BYTES) / SLOT_BYTES;

	if (scheme == KITH_SCHEME_GROUP)
		return 1;
	return n < KITH_BOX2_SLOTS_MAX ? n : KITH_BOX2_SLOTS_MAX;
}

enum kith_opening envelope_try(const struct envelope *e,
			       enum kith_scheme scheme,
			       const uint8_t key[static KITH_BOX2_KEY_BYTES])
{
	struct kith_opened *box = e->box;
	const uint8_t *slot = box->plain + HEADER_BYTES;
	uint8_t slot_key[SLOT_BYTES], msg_key[SLOT_BYTES], read[SLOT_BYTES];
	size_t offset = 0, left = slots_of(box, scheme);

	derive_slot(&e->context, scheme, key, slot_key);
	for (; left > 0; left--, slot += SLOT_BYTES) {
		mask(slot, slot_key, msg_key);
		derive(&e->context, msg_key, "read_key", read);
		if (open_header(e, read, &offset))
			break;
	}
	if (left > 0) {
		box->key.n = BOX2_KEY_BYTES;
		memcpy(box->key.b, read, BOX2_KEY_BYTES);
	}
	sodium_memzero(slot_key, sizeof(slot_key));
	sodium_memzero(msg_key, sizeof(msg_key));
	sodium_memzero(read, sizeof(read));
	return left > 0 ? open_body(e, offset) : KITH_FOREIGN;
}

static enum kith_via via_of(enum kith_scheme scheme)
{
	static const enum kith_via vias[] = {
		[KITH_SCHEME_GROUP] = KITH_VIA_GROUP,
		[KITH_SCHEME_DIRECT] = KITH_VIA_DIRECT,
		[KITH_SCHEME_SELF] = KITH_VIA_SELF,
		[KITH_SCHEME_POBOX] = KITH_VIA_POBOX,
		[KITH_SCHEME_MIRROR] = KITH_VIA_MIRROR,
	};

	return vias[scheme];
}

enum kith_opening kith_box2_open(const struct kith_boxed *m,
				 const struct kith_box2_key *keys, size_t n,
				 struct kith_opened *out)
{
	struct envelope e;
	enum kith_opening got = KITH_FOREIGN;

	if (!envelope_init(&e, m, out))
		return KITH_FOREIGN;
	for (size_t i = 0; i < n && got == KITH_FOREIGN; i++) {
		out->via = via_of(keys[i].scheme);
		out->which = i;
		got = envelope_try(&e, keys[i].scheme, keys[i].b);
	}
	return got;
}
