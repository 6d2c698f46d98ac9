#include "feeds/direct.h"

#include <assert.h>

#include <sodium.h>

#include "feeds/derive.h"
#include "feeds/direct_private.h"
#include "feeds/identity_ref.h"
#include "feeds/signer_private.h"
#include "feeds/utf16.h"

enum { CURVE_TYPE = 3 }; /* in front of a curve key */

/* What kind of key is shared. */
struct purpose {
	const char *salt, *context;
};

static const struct purpose purposes[] = {
	[DIRECT_FEED] = { "envelope-dm-v1-extract-salt",
			  "envelope-ssb-dm-v1/key" },
	[DIRECT_POBOX] = { "envelope-pobox-v1-extract-salt",
			   "envelope-ssb-pobox-v1/key" },
};

static uint8_t *set_curve(struct direct_side *side, enum direct_kind kind,
			  const uint8_t *curve)
{
	side->b[0] = CURVE_TYPE;
	side->b[1] = (uint8_t)kind;
	memcpy(side->b + 2, curve, KITH_CURVE_BYTES);
	return side->b + 2 + KITH_CURVE_BYTES;
}

bool direct_set_feed(struct direct_side *side, const struct kith_feed_id *id,
		     const uint8_t *curve)
{
	return bfe_feed(id, set_curve(side, DIRECT_FEED, curve));
}

void direct_set_pobox(struct direct_side *side, const uint8_t *public)
{
	bfe_pobox(public, set_curve(side, DIRECT_POBOX, public));
}

static struct kith_slice bytes_of(const struct direct_side *side)
{
	return (struct kith_slice){ side->b, sizeof(side->b) };
}

static void derive_shared(enum direct_kind kind, const uint8_t *shared,
			  const struct direct_side *first,
			  const struct direct_side *second,
			  uint8_t out[static KITH_BOX2_KEY_BYTES])
{
	uint8_t salt[crypto_hash_sha256_BYTES];
	struct derive_context c = { 0 };
	struct kith_slice text = kith_text(purposes[kind].salt);

	crypto_hash_sha256(salt, text.p, text.n);
	derive_put(&c, kith_text(purposes[kind].context));
	derive_put(&c, bytes_of(first));
	derive_put(&c, bytes_of(second));
	derive_extract(salt, shared, &c, out);
}

/* In JavaScript's order equal texts stay as they came. */
void direct_derive(enum direct_kind kind, const uint8_t *shared,
		   const struct direct_side *own,
		   const struct direct_side *other,
		   struct kith_direct_keys *out)
{
	bool js = utf16_compare(bytes_of(own), bytes_of(other)) <= 0;
	bool bytewise = memcmp(own->b, other->b, sizeof(own->b)) <= 0;

	derive_shared(kind, shared, js ? own : other, js ? other : own,
		      out->b[0]);
	out->n = 1;
	if (js == bytewise)
		return;
	derive_shared(kind, shared, bytewise ? own : other,
		      bytewise ? other : own, out->b[1]);
	out->n = 2;
}

/* The Curve25519 form of a feed's key; the feeds of all formats have Ed25519
 * keys. */
static bool curve_of(const struct kith_feed_id *id,
		     uint8_t out[static KITH_CURVE_BYTES])
{
	return crypto_sign_ed25519_pk_to_curve25519(out, id->b) == 0;
}

enum kith_err kith_direct_keys(const struct kith_signer *s,
			       const struct kith_feed_id *peer,
			       struct kith_direct_keys *out)
{
	const struct kith_feed_id *id = kith_signer_id(s);
	uint8_t curve[KITH_CURVE_BYTES], shared[KITH_CURVE_BYTES];
	struct direct_side own, other;

	if (!memcmp(id->b, peer->b, sizeof(id->b)) || !curve_of(peer, curve) ||
	    !direct_set_feed(&own, id, signer_curve(s)) ||
	    !direct_set_feed(&other, peer, curve) ||
	    signer_dh(s, curve, shared) != KITH_OK)
		return KITH_EFORMAT;
	direct_derive(DIRECT_FEED, shared, &own, &other, out);
	sodium_memzero(shared, sizeof(shared));
	return KITH_OK;
}

enum kith_err kith_pobox_keys(const struct kith_signer *s,
			      const uint8_t pobox[static KITH_CURVE_BYTES],
			      struct kith_direct_keys *out)
{
	uint8_t shared[KITH_CURVE_BYTES];
	struct direct_side own, other;

	if (!direct_set_feed(&own, kith_signer_id(s), signer_curve(s)) ||
	    signer_dh(s, pobox, shared) != KITH_OK)
		return KITH_EFORMAT;
	direct_set_pobox(&other, pobox);
	direct_derive(DIRECT_POBOX, shared, &own, &other, out);
	sodium_memzero(shared, sizeof(shared));
	return KITH_OK;
}

enum kith_err kith_pobox_reader_keys(const struct kith_pobox *pobox,
				     const struct kith_feed_id *author,
				     struct kith_direct_keys *out)
{
	uint8_t curve[KITH_CURVE_BYTES], shared[KITH_CURVE_BYTES];
	struct direct_side own, other;

	if (!curve_of(author, curve) ||
	    !direct_set_feed(&other, author, curve) ||
	    crypto_scalarmult_curve25519(shared, pobox->secret, curve) != 0)
		return KITH_EFORMAT;
	direct_set_pobox(&own, pobox->public);
	direct_derive(DIRECT_POBOX, shared, &own, &other, out);
	sodium_memzero(shared, sizeof(shared));
	return KITH_OK;
}

void kith_pobox_init(struct kith_pobox *pobox,
		     const uint8_t secret[static KITH_CURVE_BYTES])
{
	int failed;

	memcpy(pobox->secret, secret, KITH_CURVE_BYTES);
	failed = crypto_scalarmult_curve25519_base(pobox->public, secret);
	assert(!failed); /* libsodium has no failing case here */
	(void)failed;
}

void kith_pobox_print(const uint8_t pobox[static KITH_CURVE_BYTES],
		      char out[static KITH_REF_TEXT_BYTES])
{
	identity_ref_print("po-box", pobox, out);
}

enum kith_err kith_pobox_parse(struct kith_slice text,
			       uint8_t out[static KITH_CURVE_BYTES])
{
	return identity_ref_parse(text, "po-box", out) ? KITH_OK
						       : KITH_EFORMAT;
}
