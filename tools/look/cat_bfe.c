#include <stdio.h>

#include "feeds/base64.h"
#include "feeds/bfe.h"
#include "feeds/identity_ref.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/look/cat.h"

enum { DEPTH_MAX = 128, SIGNATURE_BYTES = 64, BYTES_MAX = 1 << 17 };

/* A type byte, a format byte, and what they say. */
static void put_field(struct kith_buf *out, uint8_t type, uint8_t format,
		      struct kith_slice bytes)
{
	const uint8_t head[] = { type, format };

	kith_buf_byte(out, '"');
	kith_buf_hex(out, (struct kith_slice){ head, sizeof(head) });
	kith_buf_hex(out, bytes);
	kith_buf_byte(out, '"');
}

static bool put_ref(struct kith_slice text, struct kith_buf *out)
{
	uint8_t id[KITH_ID_BYTES], field[BFE_ID_BYTES];
	struct kith_ref ref;
	bool known = false;

	if (identity_ref_parse(text, "po-box", id)) {
		put_field(out, 7, 0, (struct kith_slice){ id, sizeof(id) });
		return true;
	}
	if (identity_ref_parse(text, "group", id)) {
		put_field(out, 7, 1, (struct kith_slice){ id, sizeof(id) });
		return true;
	}
	if (kith_ref_parse(text, &ref, NULL))
		return false;
	if (ref.kind == KITH_REF_BLOB) {
		put_field(out, 2, 0, (struct kith_slice){ ref.blob.b,
							  KITH_ID_BYTES });
		return true;
	}
	known = ref.kind == KITH_REF_FEED ? bfe_feed(&ref.feed, field)
					  : bfe_msg(&ref.msg, field);
	if (known)
		put_field(out, field[0], field[1],
			  (struct kith_slice){ field + 2, KITH_ID_BYTES });
	return known;
}

/* Base64 of any length before an ending; false: it is none. */
static bool put_ended(struct kith_slice text, const char *ending, uint8_t type,
		      uint8_t format, struct kith_buf *out)
{
	struct kith_slice end = kith_text(ending);
	struct kith_buf bytes = { .limit = BYTES_MAX };
	uint8_t *room;
	size_t n;
	bool decoded;

	if (text.n <= end.n ||
	    memcmp(text.p + text.n - end.n, end.p, end.n) != 0)
		return false;
	text.n -= end.n;
	if (text.n % 4)
		return false;
	n = text.n / 4 * 3 - (text.p[text.n - 1] == '=') -
	    (text.p[text.n - 2] == '=');
	room = kith_buf_reserve(&bytes, n);
	decoded = room && base64_decode(text, room, n) &&
		  (type != 4 || n == SIGNATURE_BYTES);
	if (decoded)
		put_field(out, type, format, (struct kith_slice){ room, n });
	kith_buf_free(&bytes);
	return decoded;
}

static void put_string(struct kith_slice value, struct kith_buf *out)
{
	struct kith_slice plain = json_plain(value);
	struct kith_buf text = { .limit = BYTES_MAX };

	if (plain.n && (put_ref(plain, out) ||
			put_ended(plain, ".sig.ed25519", 4, 0, out) ||
			put_ended(plain, ".box", 5, 0, out) ||
			put_ended(plain, ".box2", 5, 1, out)))
		return;
	if (json_unescape(value, &text))
		put_field(out, 6, 0, kith_bytes(&text));
	kith_buf_free(&text);
}

static void put(struct kith_slice value, struct kith_buf *out, int depth)
{
	bool object = json_kind(value) == JSON_KIND_OBJECT;
	struct kith_slice key, item;
	size_t at = 0;
	bool first = true;

	kith_buf_byte(out, object ? '{' : '[');
	while (depth < DEPTH_MAX &&
	       (object ? json_next_member(value, &at, &key, &item)
		       : json_next_element(value, &at, &item))) {
		enum json_kind kind = json_kind(item);

		if (!first)
			kith_buf_byte(out, ',');
		first = false;
		if (object) {
			kith_buf_put(out, key);
			kith_buf_byte(out, ':');
		}
		if (kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY)
			put(item, out, depth + 1);
		else
			cat_put_bfe(item, out);
	}
	kith_buf_byte(out, object ? '}' : ']');
}

void cat_put_bfe(struct kith_slice value, struct kith_buf *out)
{
	const uint8_t yes = json_says_true(value);

	switch (json_kind(value)) {
	case JSON_KIND_NONE:
	case JSON_KIND_NULL:
		put_field(out, 6, 2, (struct kith_slice){ 0 });
		break;
	case JSON_KIND_BOOL:
		put_field(out, 6, 1, (struct kith_slice){ &yes, 1 });
		break;
	case JSON_KIND_NUMBER:
		kith_buf_put(out, value);
		break;
	case JSON_KIND_STRING:
		put_string(value, out);
		break;
	case JSON_KIND_ARRAY:
	case JSON_KIND_OBJECT:
		put(value, out, 0);
		break;
	}
}
