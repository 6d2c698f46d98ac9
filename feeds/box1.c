#include "feeds/box1.h"

#include <sodium.h>

#include "feeds/boxed_private.h"
#include "feeds/signer_private.h"

enum {
	NONCE_BYTES = crypto_secretbox_NONCEBYTES,
	TAG_BYTES = crypto_secretbox_MACBYTES,
	HEAD_BYTES = NONCE_BYTES + KITH_CURVE_BYTES,
	SLOT_BYTES = TAG_BYTES + BOX1_KEY_BYTES,
	WRITTEN_SLOTS_BYTES = KITH_BOX1_RECIPIENTS_MAX * SLOT_BYTES,
	SLOTS_MAX = 255 /* their count is a byte */
};

/* The random parts, in the order in which they stand in random. */
struct parts {
	const uint8_t *nonce, *secret, *body_key;
};

static struct parts split(const uint8_t random[static KITH_BOX1_RANDOM_BYTES])
{
	return (struct parts){ random, random + NONCE_BYTES,
			       random + NONCE_BYTES + KITH_CURVE_BYTES };
}

/* The slot of one recipient; false if its key is no point. */
static bool write_slot(const struct kith_feed_id *recipient,
		       const struct parts *parts, uint8_t count,
		       uint8_t out[static SLOT_BYTES])
{
	uint8_t point[KITH_CURVE_BYTES], shared[KITH_CURVE_BYTES];
	uint8_t text[BOX1_KEY_BYTES];
	bool done = false;

	text[0] = count;
	memcpy(text + 1, parts->body_key, BOX1_KEY_BYTES - 1);
	if (crypto_sign_ed25519_pk_to_curve25519(point, recipient->b) == 0 &&
	    crypto_scalarmult_curve25519(shared, parts->secret, point) == 0)
		done = crypto_secretbox_easy(out, text, sizeof(text),
					     parts->nonce, shared) == 0;
	sodium_memzero(text, sizeof(text));
	sodium_memzero(shared, sizeof(shared));
	return done;
}

static enum kith_err check(size_t plain, size_t n, struct kith_error *e)
{
	if (n == 0)
		return kith_fail(e, KITH_EFORMAT, 0, "a box has no recipients");
	if (n > KITH_BOX1_RECIPIENTS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "a box1 takes %d recipients, not %zu",
				 KITH_BOX1_RECIPIENTS_MAX, n);
	if (plain > kith_box_room(KITH_BOX1, n))
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "private content of %zu bytes, where %zu fit "
				 "for so many recipients",
				 plain, kith_box_room(KITH_BOX1, n));
	return KITH_OK;
}

enum kith_err
kith_box1_write(struct kith_slice plain, const struct kith_feed_id *recipients,
		size_t n, const uint8_t random[static KITH_BOX1_RANDOM_BYTES],
		struct kith_buf *out, struct kith_error *e)
{
	struct parts parts = split(random);
	uint8_t box[KITH_BOX_BYTES_MAX], *p = box + HEAD_BYTES;
	enum kith_err err = check(plain.n, n, e);

	if (err)
		return err;
	memcpy(box, parts.nonce, NONCE_BYTES);
	crypto_scalarmult_curve25519_base(box + NONCE_BYTES, parts.secret);
	for (size_t i = 0; i < n; i++, p += SLOT_BYTES)
		if (!write_slot(&recipients[i], &parts, (uint8_t)n, p))
			return kith_fail(e, KITH_EFORMAT, 0,
					 "recipient %zu has no usable key",
					 i + 1);
	if (crypto_secretbox_easy(p, plain.p, plain.n, parts.nonce,
				  parts.body_key) != 0)
		return kith_fail(e, KITH_ETOOBIG, 0, "private content is too "
				 "long");
	p += TAG_BYTES + plain.n;
	return boxed_encode(KITH_BOX1,
			    (struct kith_slice){ box, (size_t)(p - box) }, out);
}

/* How many slots could stand before the body. */
static size_t slots_of(size_t box)
{
	size_t n = (box - HEAD_BYTES - TAG_BYTES) / SLOT_BYTES;

	return n < SLOTS_MAX ? n : SLOTS_MAX;
}

/* Opens the first slot that shared fits into key.  The key of the tags is the
 * same for all slots, as their key and nonce are: it is made once, and a slot
 * that is not ours costs its tag alone. */
static bool find_slot(struct kith_slice box, const uint8_t *shared,
		      uint8_t key[static BOX1_KEY_BYTES])
{
	uint8_t tag_key[crypto_onetimeauth_poly1305_KEYBYTES];
	const uint8_t *slot = box.p + HEAD_BYTES;
	size_t left = slots_of(box.n);

	crypto_stream_xsalsa20(tag_key, sizeof(tag_key), box.p, shared);
	while (left > 0 &&
	       crypto_onetimeauth_poly1305_verify(slot, slot + TAG_BYTES,
						  BOX1_KEY_BYTES,
						  tag_key) != 0) {
		slot += SLOT_BYTES;
		left--;
	}
	sodium_memzero(tag_key, sizeof(tag_key));
	return left > 0 && crypto_secretbox_open_easy(key, slot, SLOT_BYTES,
						      box.p, shared) == 0;
}

enum kith_opening box1_open_body(struct kith_opened *out)
{
	size_t slots = out->key.b[0], start = HEAD_BYTES + slots * SLOT_BYTES;
	uint8_t nonce[NONCE_BYTES];

	memcpy(nonce, out->plain, sizeof(nonce));
	out->slots = slots;
	if (slots == 0 || start > out->n - TAG_BYTES ||
	    crypto_secretbox_open_easy(out->plain, out->plain + start,
				       out->n - start, nonce,
				       out->key.b + 1) != 0)
		return KITH_BROKEN;
	out->n -= start + TAG_BYTES;
	return boxed_judge(out);
}

enum kith_opening kith_box1_open(const struct kith_signer *s,
				 const struct kith_boxed *m,
				 struct kith_opened *out)
{
	uint8_t shared[KITH_CURVE_BYTES];
	bool found;

	if (!boxed_decode(m->content, KITH_BOX1, out) ||
	    signer_dh(s, out->plain + NONCE_BYTES, shared) != KITH_OK)
		return KITH_FOREIGN;
	found = find_slot(kith_plain(out), shared, out->key.b);
	sodium_memzero(shared, sizeof(shared));
	if (!found)
		return KITH_FOREIGN;
	out->key.n = BOX1_KEY_BYTES;
	out->via = KITH_VIA_BOX1;
	out->which = 0;
	return box1_open_body(out);
}
