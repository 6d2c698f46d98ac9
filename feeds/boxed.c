#include "feeds/boxed.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/box1.h"
#include "feeds/box2.h"
#include "feeds/envelope.h"
#include "feeds/json.h"

static const char *const suffixes[] = { "", ".box", ".box2" };

/* The base64 of a content of that scheme, or an empty slice. */
static struct kith_slice base64_of(struct kith_slice content, enum kith_box box)
{
	struct kith_slice text = json_plain(content);
	struct kith_slice suffix = kith_text(suffixes[box]);

	if (box == KITH_BOX_NONE || text.n <= suffix.n ||
	    memcmp(text.p + text.n - suffix.n, suffix.p, suffix.n) != 0)
		return (struct kith_slice){ NULL, 0 };
	return (struct kith_slice){ text.p, text.n - suffix.n };
}

enum kith_box kith_box_scheme(struct kith_slice content)
{
	if (base64_of(content, KITH_BOX1).n)
		return KITH_BOX1;
	return base64_of(content, KITH_BOX2).n ? KITH_BOX2 : KITH_BOX_NONE;
}

static size_t least_bytes(enum kith_box box)
{
	return box == KITH_BOX1 ? BOX1_BYTES_MIN : BOX2_BYTES_MIN;
}

bool boxed_decode(struct kith_slice content, enum kith_box box,
		  struct kith_opened *out)
{
	struct kith_slice text = base64_of(content, box);
	size_t n = text.n / 4 * 3;

	out->n = 0;
	if (text.n < 4 || n > sizeof(out->plain))
		return false;
	n -= (size_t)(text.p[text.n - 1] == '=') +
	     (size_t)(text.p[text.n - 2] == '=');
	if (n < least_bytes(box) || !base64_decode(text, out->plain, n))
		return false;
	out->box = box;
	out->n = n;
	return true;
}

enum kith_err boxed_encode(enum kith_box box, struct kith_slice bytes,
			   struct kith_buf *out)
{
	size_t chars = BASE64_CHARS(bytes.n);
	uint8_t *p = kith_buf_reserve(out, chars + sizeof("\".box2\""));

	if (!p)
		return out->err;
	kith_buf_byte(out, '"');
	base64_encode(bytes, (char *)out->p + out->n);
	out->n += chars;
	kith_buf_text(out, suffixes[box]);
	kith_buf_byte(out, '"');
	return out->err;
}

/* Bytes of a box beside its content. */
static size_t overhead(enum kith_box box, size_t recipients)
{
	return box == KITH_BOX1 ? 24 + 32 + 49 * recipients + 16
				: 32 + 32 * recipients + 16;
}

size_t kith_box_room(enum kith_box box, size_t recipients)
{
	size_t most = box == KITH_BOX1 ? KITH_BOX1_RECIPIENTS_MAX
				       : KITH_BOX2_SLOTS_MAX;

	if (box == KITH_BOX_NONE || recipients == 0 || recipients > most)
		return 0;
	return (KITH_BOX_CHARS_MAX - strlen(suffixes[box])) / 4 * 3 -
	       overhead(box, recipients);
}

enum kith_opening boxed_judge(struct kith_opened *out)
{
	struct kith_slice value;

	if (json_check(kith_plain(out), &value, NULL) != KITH_OK ||
	    json_kind(value) != JSON_KIND_OBJECT ||
	    json_kind(json_get(value, "type")) != JSON_KIND_STRING)
		return KITH_UNUSABLE;
	memmove(out->plain, value.p, value.n);
	out->n = value.n;
	return KITH_OPENED;
}

/* Here a body that does not open may as well be of another key. */
static enum kith_opening open_box1(const struct kith_boxed *m,
				   struct kith_opened *out)
{
	enum kith_opening got = KITH_FOREIGN;

	if (boxed_decode(m->content, KITH_BOX1, out))
		got = box1_open_body(out);
	return got == KITH_BROKEN ? KITH_FOREIGN : got;
}

static enum kith_opening open_box2(const struct kith_boxed *m,
				   struct kith_opened *out)
{
	struct envelope e;

	return envelope_init(&e, m, out) ? envelope_open(&e) : KITH_FOREIGN;
}

enum kith_opening kith_box_open_by_key(const struct kith_boxed *m,
				       const struct kith_box_key *key,
				       struct kith_opened *out)
{
	out->key = *key;
	out->via = KITH_VIA_KEY;
	out->which = 0;
	out->slots = 0;
	if (key->n == BOX1_KEY_BYTES)
		return open_box1(m, out);
	return key->n == BOX2_KEY_BYTES ? open_box2(m, out) : KITH_FOREIGN;
}

void kith_opened_clear(struct kith_opened *o)
{
	sodium_memzero(o, sizeof(*o));
}

static const char key_suffix[] = ".boxs";

void kith_box_key_print(const struct kith_box_key *key,
			char out[static KITH_BOX_KEY_TEXT_BYTES])
{
	sodium_bin2base64(out, KITH_BOX_KEY_TEXT_BYTES - strlen(key_suffix),
			  key->b, key->n, sodium_base64_VARIANT_ORIGINAL);
	memcpy(out + strlen(out), key_suffix, sizeof(key_suffix));
}

enum kith_err kith_box_key_parse(struct kith_slice text,
				 struct kith_box_key *out)
{
	struct kith_slice suffix = kith_text(key_suffix);
	struct kith_box_key key = { 0 };
	enum kith_err err = KITH_EFORMAT;
	size_t n = 0;

	if (text.n == BASE64_CHARS(KITH_BOX_KEY_BYTES) + suffix.n &&
	    !memcmp(text.p + text.n - suffix.n, suffix.p, suffix.n) &&
	    !sodium_base642bin(key.b, sizeof(key.b), (const char *)text.p,
			       text.n - suffix.n, NULL, &n, NULL,
			       sodium_base64_VARIANT_ORIGINAL) &&
	    n >= BOX2_KEY_BYTES) {
		key.n = (uint8_t)n;
		*out = key;
		err = KITH_OK;
	}
	sodium_memzero(&key, sizeof(key));
	return err;
}
