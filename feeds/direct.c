#include "feeds/direct.h"

#include <assert.h>

#include <sodium.h>

#include "feeds/bfe.h"
#include "feeds/derive.h"
#include "feeds/identity_ref.h"
#include "feeds/signer_private.h"
#include "feeds/utf16.h"

enum {
	/* Type and format of a curve key, in front of it. */
	CURVE_TYPE = 3, CURVE_FEED = 0, CURVE_POBOX = 1,
	SIDE_BYTES = 2 + KITH_CURVE_BYTES + BFE_ID_BYTES
};

/* One side of a shared key: its curve key and its id. */
struct side {
	uint8_t b[SIDE_BYTES];
};

/* What kind of key is shared. */
struct purpose {
	const char *salt, *context;
};

static const struct purpose direct = { "envelope-dm-v1-extract-salt",
				       "envelope-ssb-dm-v1/key" };
static const struct purpose pobox_purpose = { "envelope-pobox-v1-extract-salt",
					      "envelope-ssb-pobox-v1/key" };

static uint8_t *set_curve(struct side *side, int kind, const uint8_t *curve)
{
	side->b[0] = CURVE_TYPE;
	side->b[1] = (uint8_t)kind;
	memcpy(side->b + 2, curve, KITH_CURVE_BYTES);
	return side->b + 2 + KITH_CURVE_BYTES;
}

static bool set_feed(struct side *side, const struct kith_feed_id *id,
		     const uint8_t *curve)
{
	return bfe_feed(id, set_curve(side, CURVE_FEED, curve));
}

static void set_pobox(struct side *side, const uint8_t *public)
{
	bfe_pobox(public, set_curve(side, CURVE_POBOX, public));
}

static struct kith_slice bytes_of(const struct side *side)
{
	return (struct kith_slice){ side->b, sizeof(side->b) };
}

static void derive_shared(const struct purpose *purpose, const uint8_t *shared,
			  const struct side *first, const struct side *second,
			  uint8_t out[static KITH_BOX2_KEY_BYTES])
{
	uint8_t salt[crypto_hash_sha256_BYTES];
	struct derive_context c = { 0 };
	struct kith_slice text = kith_text(purpose->salt);

	crypto_hash_sha256(salt, text.p, text.n);
	derive_put(&c, kith_text(purpose->context));
	derive_put(&c, bytes_of(first));
	derive_put(&c, bytes_of(second));
	derive_extract(salt, shared, &c, out);
}

/* The keys of both orders.  In JavaScript's, equal texts stay as they came. */
static void derive_both(const struct purpose *purpose, const uint8_t *shared,
			const struct side *own, const struct side *other,
			struct kith_direct_keys *out)
{
	bool js = utf16_compare(bytes_of(own), bytes_of(other)) <= 0;
	bool bytewise = memcmp(own->b, other->b, sizeof(own->b)) <= 0;

	derive_shared(purpose, shared, js ? own : other, js ? other : own,
		      out->b[0]);
	out->n = 1;
	if (js == bytewise)
		return;
	derive_shared(purpose, shared, bytewise ? own : other,
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
	struct side own, other;

	if (!memcmp(id->b, peer->b, sizeof(id->b)) || !curve_of(peer, curve) ||
	    !set_feed(&own, id, signer_curve(s)) ||
	    !set_feed(&other, peer, curve) ||
	    signer_dh(s, curve, shared) != KITH_OK)
		return KITH_EFORMAT;
	derive_both(&direct, shared, &own, &other, out);
	sodium_memzero(shared, sizeof(shared));
	return KITH_OK;
}

enum kith_err kith_pobox_keys(const struct kith_signer *s,
			      const uint8_t pobox[static KITH_CURVE_BYTES],
			      struct kith_direct_keys *out)
{
	uint8_t shared[KITH_CURVE_BYTES];
	struct side own, other;

	if (!set_feed(&own, kith_signer_id(s), signer_curve(s)) ||
	    signer_dh(s, pobox, shared) != KITH_OK)
		return KITH_EFORMAT;
	set_pobox(&other, pobox);
	derive_both(&pobox_purpose, shared, &own, &other, out);
	sodium_memzero(shared, sizeof(shared));
	return KITH_OK;
}

enum kith_err kith_pobox_reader_keys(const struct kith_pobox *pobox,
				     const struct kith_feed_id *author,
				     struct kith_direct_keys *out)
{
	uint8_t curve[KITH_CURVE_BYTES], shared[KITH_CURVE_BYTES];
	struct side own, other;

	if (!curve_of(author, curve) || !set_feed(&other, author, curve) ||
	    crypto_scalarmult_curve25519(shared, pobox->secret, curve) != 0)
		return KITH_EFORMAT;
	set_pobox(&own, pobox->public);
	derive_both(&pobox_purpose, shared, &own, &other, out);
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
