#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/verdict_private.h"

static bool refuse_content(struct hearing *h, struct kith_slice where,
			   const char *why)
{
	return hearing_refuse(h, KITH_RULE_CONTENT, where, why);
}

/* Letters of ASCII in any case. */
static bool folds_to(struct kith_slice text, const char *lower)
{
	size_t n = strlen(lower);

	if (text.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = text.p[i];

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (c != (uint8_t)lower[i])
			return false;
	}
	return true;
}

/* go-ssb reads every "type", in any case, and keeps the last. */
static bool check_type_bytes(struct hearing *h, struct kith_slice content)
{
	struct kith_slice key, value, text, type = content;
	size_t at = 0, bytes = 0;

	while (json_next_member(content, &at, &key, &value)) {
		if (!folds_to(hearing_string(h, key), "type") ||
		    json_kind(value) == JSON_KIND_NULL)
			continue;
		if (json_kind(value) != JSON_KIND_STRING)
			return refuse_content(h, value,
					      "a type that is no string");
		type = value;
		text = hearing_string(h, value);
		bytes = text.n;
	}
	if (bytes < CLASSIC_TYPE_UNITS_MIN || bytes > CLASSIC_TYPE_UNITS_MAX)
		return refuse_content(h, type, "a type not 3 to 52 bytes long "
				      "in UTF-8");
	return true;
}

static bool check_type_units(struct hearing *h, struct kith_slice content)
{
	struct kith_slice type = json_get(content, "type");
	size_t units = json_units(type);

	if (json_kind(type) != JSON_KIND_STRING)
		return refuse_content(h, type.n ? type : content,
				      "no type that is a string");
	if (units < CLASSIC_TYPE_UNITS_MIN || units > CLASSIC_TYPE_UNITS_MAX)
		return refuse_content(h, type,
				      "a type not 3 to 52 units long");
	return true;
}

static bool ends_in(struct kith_slice text, const char *end)
{
	size_t n = strlen(end);

	return text.n >= n && !memcmp(text.p + text.n - n, end, n);
}

/* Up to the end without a line break; V8 knows four of them. */
static bool is_one_line(const uint8_t *p, const uint8_t *end, bool v8)
{
	for (; p < end; p++) {
		if (*p == '\n' || (v8 && *p == '\r'))
			return false;
		if (v8 && end - p >= 3 && p[0] == 0xe2 && p[1] == 0x80 &&
		    (p[2] | 1) == 0xa9)
			return false;
	}
	return true;
}

static bool is_box(struct kith_slice text)
{
	const uint8_t *p = text.p + base64_span(text);
	const uint8_t *end = text.p + text.n;

	return end - p >= 4 && !memcmp(p, ".box", 4) &&
	       is_one_line(p, end, true);
}

/* Any character in the dot's place, so that base64 may end sooner. */
static bool is_loose_box(struct kith_slice text)
{
	const uint8_t *end = text.p + text.n;
	size_t span = base64_span(text);

	for (size_t n = 0; n <= span; n += 4) {
		const uint8_t *p = text.p + n;
		size_t dot = 0;

		if (p < end && *p != '\n')
			dot = *p < 0x80 ? 1 : json_utf8_bytes(p, end);
		if (dot && (size_t)(end - p) >= dot + 3 &&
		    !memcmp(p + dot, "box", 3) && is_one_line(p, end, false))
			return true;
	}
	return false;
}

static bool check_box(struct hearing *h, struct kith_slice content)
{
	struct kith_slice text = hearing_string(h, content);
	bool fits = false;

	/* A slice of no bytes is what an empty string is, too. */
	if (!text.n)
		return refuse_content(h, content, "an empty string");
	switch (h->peer->box) {
	case BOX_BASE64: fits = is_box(text); break;
	case BOX_BASE64_ANY_CHAR: fits = is_loose_box(text); break;
	case BOX_ENDING:
		fits = (ends_in(text, ".box") || ends_in(text, ".box2")) &&
		       json_units(content) <= KITH_MSG_UNITS_MAX;
		break;
	case BOX_ENDING_WRITTEN:
		fits = ends_in(content, ".box\"") ||
		       ends_in(content, ".box2\"");
		break;
	}
	if (fits)
		return true;
	return refuse_content(h, content,
			      h->peer->box >= BOX_ENDING ?
				      "a string that does not end in .box or "
				      ".box2" :
				      "a string that is not base64 and .box");
}

bool check_content(struct hearing *h)
{
	struct kith_slice content = hearing_member(h, CLASSIC_CONTENT);

	switch (json_kind(content)) {
	case JSON_KIND_OBJECT:
		return h->peer->type == TYPE_UNITS ?
			       check_type_units(h, content) :
			       check_type_bytes(h, content);
	case JSON_KIND_STRING: return check_box(h, content);
	default:
		return refuse_content(h, content,
				      "neither an object nor a string");
	}
}

/* Code points of UTF-8; what is none counts as one a byte. */
static size_t count_points(struct kith_slice text)
{
	const uint8_t *p = text.p, *end = p + text.n;
	size_t n = 0, bytes;

	for (; p < end; p += bytes, n++) {
		bytes = *p < 0x80 ? 1 : json_utf8_bytes(p, end);
		bytes = bytes ? bytes : 1;
	}
	return n;
}

bool check_size(struct hearing *h)
{
	struct kith_slice content = hearing_member(h, CLASSIC_CONTENT);
	struct kith_error e = { 0 };
	size_t n;

	if (h->peer->size == SIZE_CONTENT_POINTS) {
		n = count_points(content);
		kith_fail(&e, KITH_OK, 0, "%zu characters of content, the "
			  "limit is %d", n, KITH_MSG_UNITS_MAX);
	} else {
		n = h->t->units;
		kith_fail(&e, KITH_OK, 0, "%zu/%d units", n,
			  KITH_MSG_UNITS_MAX);
	}
	return n <= KITH_MSG_UNITS_MAX ||
	       hearing_refuse(h, KITH_RULE_SIZE,
			      (struct kith_slice){ NULL, 0 }, e.text);
}

/* Member i of a compact object, name and value; empty: it has fewer. */
static struct kith_slice member(struct kith_slice object, size_t i)
{
	struct kith_slice key, value;
	size_t at = 0;

	do {
		if (!json_next_member(object, &at, &key, &value))
			return (struct kith_slice){ NULL, 0 };
	} while (i-- > 0);
	return (struct kith_slice){ key.p,
				    (size_t)(value.p + value.n - key.p) };
}

/* The object without its signature.  Where that does not stand last, the last
 * member takes its place, as Rust's map does it. */
static void put_unsigned(struct kith_slice object, struct kith_buf *out)
{
	struct kith_slice signature =
		json_get(object, classic_name(CLASSIC_SIGNATURE));
	struct kith_slice one, last = { NULL, 0 };
	size_t n = 0, at = 0;

	while ((one = member(object, n)).n) {
		if (one.p + one.n == signature.p + signature.n)
			at = n;
		last = one;
		n++;
	}
	kith_buf_byte(out, '{');
	for (size_t i = 0; i + 1 < n; i++) {
		if (i)
			kith_buf_byte(out, ',');
		kith_buf_put(out, i == at ? last : member(object, i));
	}
	kith_buf_byte(out, '}');
}

/* What is signed in the form that V8 prints. */
static struct kith_slice v8_signing(struct hearing *h)
{
	struct kith_trial *t = h->t;

	if (!t->v8_signing.n) {
		kith_buf_reset(&t->scratch);
		put_unsigned(t->texts[READS_AS_V8].value, &t->scratch);
		if (!t->scratch.err)
			json_pretty(kith_bytes(&t->scratch), &t->v8_signing);
	}
	if (t->scratch.err || t->v8_signing.err)
		h->err = KITH_ENOMEM;
	return kith_bytes(&t->v8_signing);
}

/* Our own rules have found the signature good for what V8 prints; then all
 * others find the same key and the same signature, and none is stricter. */
static bool is_known(const struct hearing *h)
{
	return h->t->ruling.rules[KITH_RULE_SIGNATURE].state ==
	       KITH_RULE_PASS;
}

/* Whether key and signature are good for text. */
static bool verifies(struct hearing *h, struct kith_slice text)
{
	uint8_t mac[crypto_auth_BYTES];

	if (h->t->has_hmac) {
		crypto_auth(mac, text.p, text.n, h->t->hmac);
		text = (struct kith_slice){ mac, sizeof(mac) };
	}
	return curve_verify(h->peer->curve, h, text);
}

/* Why a peer that prints in its own way sees another text signed. */
static bool refuse_print(struct hearing *h)
{
	static const struct {
		enum quirk quirk;
		const char *why;
	} reasons[] = {
		{ QUIRK_EMPTY_OBJECT,
		  "empty object (go-ssb prints it with a line break)" },
		{ QUIRK_LONE_SURROGATE,
		  "half of a surrogate pair (go-ssb puts U+FFFD)" },
		{ QUIRK_INDEX_ORDER,
		  "a name that is a number (go-ssb leaves it in its place)" },
		{ QUIRK_DUPLICATE, "the same name twice (go-ssb prints both)" },
		{ QUIRK_MINUS_ZERO, "-0 (go-ssb leaves it so)" },
		{ QUIRK_OVERFLOW, "a number that no double can hold (go-ssb "
				  "leaves it so)" },
		{ QUIRK_SPELLING, "a number not spelled as V8 prints it "
				  "(go-ssb leaves it so)" },
	};

	if (!is_known(h) && !verifies(h, v8_signing(h)))
		return false;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (h->text->quirks.first[reasons[i].quirk].n) {
			hearing_refuse(h, KITH_RULE_SIGNATURE,
				       h->text->quirks.first[reasons[i].quirk],
				       reasons[i].why);
			return true;
		}
	return false;
}

bool check_signature(struct hearing *h)
{
	struct kith_trial *t = h->t;
	bool own = h->peer->prints_own, valid = is_known(h);

	if (own && (!valid || !kith_equal(v8_signing(h),
					  kith_bytes(&t->signing))))
		valid = verifies(h, kith_bytes(&t->signing));
	else if (!valid)
		valid = verifies(h, v8_signing(h));
	if (h->err || t->signing.err == KITH_ENOMEM) {
		h->err = KITH_ENOMEM;
		return false;
	}
	if (valid || (own && refuse_print(h)))
		return valid;
	return hearing_refuse(h, KITH_RULE_SIGNATURE,
			      hearing_member(h, CLASSIC_SIGNATURE),
			      "the signature does not verify");
}
