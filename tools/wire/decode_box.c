/* Private contents: what shows of a box from outside, and from inside. */
#include "tools/wire/decode_private.h"

#include "feeds/base64.h"
#include "feeds/json.h"
#include "src/views/content.h"

enum {
	BOX1_FIXED_BYTES = 24 + 32 + 16, /* nonce, key, tag of the body */
	BOX1_SLOT_BYTES = 49,
	BOX1_SLOTS_READ = 8, /* that JS looks at: protocol/12 section 1.2 */
	BOX1_SLOTS_MAX = 255,
	BOX2_FIXED_BYTES = 32 + 16,
	BOX2_SLOT_BYTES = 32,
	BOX2_SLOTS_MAX = 16,
	PLAIN_BYTES_MIN = 2 /* {} */
};

/* --- from outside --- */

static void put_bounds(struct decode *d, enum kith_box box, size_t n)
{
	size_t fixed = box == KITH_BOX1 ? BOX1_FIXED_BYTES : BOX2_FIXED_BYTES;
	size_t slot = box == KITH_BOX1 ? BOX1_SLOT_BYTES : BOX2_SLOT_BYTES;
	size_t most = box == KITH_BOX1 ? BOX1_SLOTS_MAX : BOX2_SLOTS_MAX;
	size_t slots;

	if (n < fixed + slot + PLAIN_BYTES_MIN) {
		decode_fail(d, n, "%zu bytes: a %s has at least %zu", n,
			    box == KITH_BOX1 ? "box1" : "box2",
			    fixed + slot + PLAIN_BYTES_MIN);
		return;
	}
	slots = (n - fixed - PLAIN_BYTES_MIN) / slot;
	if (slots > most)
		slots = most;
	decode_open(d, "recipients", '{');
	decode_uint(d, "least", 1);
	decode_uint(d, "most", slots);
	if (box == KITH_BOX1 && slots > BOX1_SLOTS_READ)
		decode_uint(d, "read", BOX1_SLOTS_READ);
	decode_close(d, '}');
	decode_open(d, "plain", '{');
	decode_uint(d, "least", n - fixed - slots * slot);
	decode_uint(d, "most", n - fixed - slot);
	decode_close(d, '}');
}

static void put_outside(struct decode *d, enum kith_box box, size_t n)
{
	decode_text(d, "boxed", box == KITH_BOX1 ? "box1" : "box2");
	decode_uint(d, "size", n);
	put_bounds(d, box, n);
}

/* --- from inside --- */

static const char *via_name(enum kith_via via)
{
	static const char *const names[] = {
		[KITH_VIA_BOX1] = "our key",
		[KITH_VIA_GROUP] = "a group's key",
		[KITH_VIA_SELF] = "our key for ourselves",
		[KITH_VIA_DIRECT] = "the key that we share with its author",
		[KITH_VIA_POBOX] = "the key of a po-box",
		[KITH_VIA_MIRROR] = "a key of metafeeds",
		[KITH_VIA_KEY] = "its own key",
	};

	return names[via];
}

static void put_inside(struct decode *d, const struct kith_opened *o)
{
	decode_text(d, "opened", via_name(o->via));
	if (o->slots)
		decode_uint(d, "slots", o->slots);
	if (content_is_key(kith_plain(o)))
		decode_text(d, "content", "a key, which is not shown");
	else if (!json_check(kith_plain(o), NULL, NULL))
		decode_json(d, "content", kith_plain(o));
	else
		decode_slice(d, "content", kith_plain(o));
}

static void try_to_open(struct decode *d, const struct kith_boxed *m)
{
	static const struct kith_opened nothing;
	struct kith_opened o = nothing;

	if (!d->ways->open)
		return;
	switch (d->ways->open(d->ways->arg, m, &o)) {
	case KITH_OPENED:
	case KITH_UNUSABLE: put_inside(d, &o); break;
	case KITH_BROKEN:
		decode_fail(d, 0, "a slot is for us, and the body does not "
			    "open");
		break;
	case KITH_FOREIGN: decode_text(d, "opened", "by none of our keys");
	}
	kith_opened_clear(&o);
}

void decode_box_bytes(struct decode *d, enum kith_box box, size_t n)
{
	put_outside(d, box, n);
}

void decode_boxed(struct decode *d, const struct kith_boxed *m)
{
	struct kith_slice text = json_plain(m->content);
	struct kith_buf bytes = { .limit = KITH_BOX_BYTES_MAX };
	enum kith_box box = kith_box_scheme(m->content);
	bool whole;

	text.n -= box == KITH_BOX1 ? strlen(".box")
		  : box	       ? strlen(".box2")
			       : 0;
	whole = text.n % 4 == 0 && base64_span(text) == text.n &&
		decode_from_base64(text, &bytes);
	if (!box || !whole)
		decode_fail(d, base64_span(text), "no canonical base64 up to "
			    "its suffix");
	else
		put_outside(d, box, bytes.n);
	if (box && whole && (box == KITH_BOX1 || m->author))
		try_to_open(d, m);
	else if (whole && d->ways->open)
		decode_text(d, "opened", "only with the message around it: a "
					 "box2 is bound to its place");
	kith_buf_free(&bytes);
}

enum decode_looks box_looks(struct kith_slice s)
{
	return s.n > 8 && !decode_has(s, ' ') && s.p[0] != '{' &&
			       (decode_ends(s, ".box") ||
				decode_ends(s, ".box2"))
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

void box_explain(struct decode *d, struct kith_slice s)
{
	struct kith_buf quoted = { .limit = DECODE_TOKEN_BYTES_MAX + 2 };
	struct kith_boxed m = { 0 };

	decode_text(d, "is", "a private content");
	json_put_string(&quoted, s);
	m.content = kith_bytes(&quoted);
	decode_boxed(d, &m);
	kith_buf_free(&quoted);
}
