#include "feeds/box2.h"

#include <sodium.h>

#include "feeds/box2_private.h"
#include "feeds/envelope.h"

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
	if (sodium_is_zero(d->random, KITH_BOX2_KEY_BYTES))
		return kith_fail(e, KITH_EFORMAT, 0, "the message key is "
				 "zero");
	return KITH_OK;
}

static struct envelope_key named(enum kith_scheme scheme, const uint8_t *key)
{
	return (struct envelope_key){ kith_text(kith_scheme_name(scheme)),
				      key };
}

enum kith_err kith_box2_write(const struct kith_box2_draft *draft,
			      struct kith_box_key *key, struct kith_buf *out,
			      struct kith_error *e)
{
	struct envelope_key keys[KITH_BOX2_SLOTS_MAX];
	uint8_t box[KITH_BOX_BYTES_MAX], read[ENVELOPE_KEY_BYTES];
	struct derive_context c;
	struct envelope_draft d = { &c, draft->plain, keys, draft->n,
				    draft->random };
	enum kith_err err = check(draft, e);
	size_t n;

	if (err)
		return err;
	if (!envelope_context(&c, draft->author, draft->previous))
		return kith_fail(e, KITH_EFORMAT, 0, "feeds of this format "
				 "have no box2");
	for (size_t i = 0; i < draft->n; i++)
		keys[i] = named(draft->keys[i].scheme, draft->keys[i].b);
	n = envelope_write(&d, box, read);
	err = boxed_encode(KITH_BOX2, (struct kith_slice){ box, n }, out);
	if (!err && key) {
		key->n = BOX2_KEY_BYTES;
		memcpy(key->b, read, BOX2_KEY_BYTES);
	}
	sodium_memzero(read, sizeof(read));
	return err;
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

enum kith_opening box2_try(const struct envelope *e, enum kith_scheme scheme,
			   const uint8_t *key, size_t which)
{
	struct envelope_key k = named(scheme, key);

	e->box->via = via_of(scheme);
	e->box->which = which;
	return envelope_try(e, &k,
			    scheme == KITH_SCHEME_GROUP ? 1
							: KITH_BOX2_SLOTS_MAX);
}

enum kith_opening kith_box2_open(const struct kith_boxed *m,
				 const struct kith_box2_key *keys, size_t n,
				 struct kith_opened *out)
{
	struct envelope e;
	enum kith_opening got = KITH_FOREIGN;

	if (!envelope_init(&e, m, out))
		return KITH_FOREIGN;
	for (size_t i = 0; i < n && got == KITH_FOREIGN; i++)
		got = box2_try(&e, keys[i].scheme, keys[i].b, i);
	return got;
}
