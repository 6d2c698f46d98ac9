#include <math.h>

#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/ref.h"
#include "feeds/verdict_private.h"

static const struct kith_slice nowhere = { NULL, 0 };

static bool is_name(struct kith_slice key, enum classic_member i)
{
	return json_is(key, classic_name(i));
}

/* The seven names in one of the two orders, and nothing else. */
static bool in_order(struct kith_slice object, struct kith_slice *odd)
{
	struct kith_slice key, value;
	size_t at = 0, place = 0;
	bool swapped = false;

	for (; json_next_member(object, &at, &key, &value); place++) {
		enum classic_member i = (enum classic_member)place;

		*odd = key;
		if (i == CLASSIC_AUTHOR)
			swapped = is_name(key, CLASSIC_SEQUENCE);
		if (swapped && i == CLASSIC_AUTHOR)
			i = CLASSIC_SEQUENCE;
		else if (swapped && i == CLASSIC_SEQUENCE)
			i = CLASSIC_AUTHOR;
		if (place == CLASSIC_MEMBERS || !is_name(key, i))
			return false;
	}
	*odd = nowhere;
	return place == CLASSIC_MEMBERS;
}

static bool is_one_of_seven(struct kith_slice key)
{
	for (unsigned i = 0; i < CLASSIC_MEMBERS; i++)
		if (is_name(key, (enum classic_member)i))
			return true;
	return false;
}

static bool all_seven(struct kith_slice object, struct kith_slice *odd)
{
	struct kith_slice key, value;
	size_t at = 0, n = 0;

	for (; json_next_member(object, &at, &key, &value); n++) {
		*odd = key;
		if (!is_one_of_seven(key))
			return false;
	}
	*odd = nowhere;
	for (unsigned i = 0; i < CLASSIC_MEMBERS; i++)
		if (!json_get(object,
			      classic_name((enum classic_member)i)).n)
			return false;
	return n == CLASSIC_MEMBERS;
}

/* What follows the first of either quoted word in text; NULL: none is. */
static const uint8_t *behind(const uint8_t *p, const uint8_t *end,
			     struct kith_slice a, struct kith_slice b)
{
	for (; p < end; p++) {
		if (*p != '"')
			continue;
		if ((size_t)(end - p) >= a.n && !memcmp(p, a.p, a.n))
			return p + a.n;
		if ((size_t)(end - p) >= b.n && !memcmp(p, b.p, b.n))
			return p + b.n;
	}
	return NULL;
}

/* The names somewhere in the text, one behind the other. */
static bool named_in_text(struct kith_slice text)
{
	static const struct {
		const char *a, *b;
	} words[] = {
		{ "\"previous\"", "\"previous\"" },
		{ "\"author\"", "\"sequence\"" },
		{ "\"author\"", "\"sequence\"" },
		{ "\"timestamp\"", "\"timestamp\"" },
		{ "\"hash\"", "\"hash\"" },
		{ "\"content\"", "\"content\"" },
		{ "\"signature\"", "\"signature\"" },
	};
	const uint8_t *p = text.p, *end = p + text.n;

	for (size_t i = 0; p && i < sizeof(words) / sizeof(words[0]); i++)
		p = behind(p, end, kith_text(words[i].a),
			   kith_text(words[i].b));
	return p != NULL;
}

bool check_keys(struct hearing *h)
{
	struct kith_slice odd = nowhere, object = h->text->value;

	if (h->peer->keys == KEYS_SOMEWHERE) {
		if (!all_seven(object, &odd))
			return hearing_refuse(h, KITH_RULE_KEYS, odd,
					      "not the seven members of a "
					      "message");
		if (!named_in_text(object))
			return hearing_refuse(h, KITH_RULE_KEYS, nowhere,
					      "the names are not written "
					      "plainly and in order");
		return true;
	}
	if (!in_order(object, &odd))
		return hearing_refuse(h, KITH_RULE_KEYS, odd,
				      "not the seven members of a message in "
				      "their order, each once");
	return true;
}

/* Any one character but a line feed; 0: there is none. */
static size_t any_char(const uint8_t *p, const uint8_t *end)
{
	if (p >= end || *p == '\n')
		return 0;
	return *p < 0x80 ? 1 : json_utf8_bytes(p, end);
}

static bool is_base64_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '+' || c == '/' || c == '\\';
}

/* What stands behind any character and word at p; NULL: something else. */
static const uint8_t *take_word(const uint8_t *p, const uint8_t *end,
				struct kith_slice word)
{
	size_t n = any_char(p, end);

	if (!n || (size_t)(end - p) - n < word.n ||
	    memcmp(p + n, word.p, word.n) != 0)
		return NULL;
	return p + n + word.n;
}

/* Whether count base64 characters, pads, any character and the words, each
 * with any character before it, stand at p. */
static bool found_at(const uint8_t *p, const uint8_t *end, size_t count,
		     size_t pads, const char *const *words)
{
	if ((size_t)(end - p) < count + pads)
		return false;
	for (size_t i = 0; i < count + pads; i++)
		if (i < count ? !is_base64_char(p[i]) : p[i] != '=')
			return false;
	p += count + pads;
	for (; p && *words; words++)
		p = take_word(p, end, kith_text(*words));
	return p != NULL;
}

static bool author_in_text(struct hearing *h, struct kith_slice text)
{
	static const char *const words[] = { "ed25519", NULL };
	const uint8_t *p = text.p, *end = p + text.n;
	size_t chars = BASE64_CHARS(KITH_PUBLIC_BYTES);

	for (; p < end; p++)
		if (*p == '@' && found_at(p + 1, end, chars - 1, 1, words))
			return base64_decode((struct kith_slice){ p + 1,
								  chars },
					     h->key, sizeof(h->key));
	return false;
}

static bool form_in_text(struct hearing *h, struct kith_slice text)
{
	static const char *const words[] = { "sig", "ed25519", NULL };
	const uint8_t *p = text.p, *end = p + text.n;
	size_t chars = CLASSIC_SIGNATURE_CHARS;

	for (; p < end; p++)
		if (found_at(p, end, chars - 2, 2, words))
			return base64_decode((struct kith_slice){ p, chars },
					     h->signature,
					     sizeof(h->signature));
	return false;
}

static bool author_whole(struct hearing *h, struct kith_slice text)
{
	struct kith_feed_id id;

	if (!text.n || text.p[0] != '@' || kith_feed_parse(text, &id) ||
	    id.format != KITH_CLASSIC)
		return false;
	memcpy(h->key, id.b, sizeof(h->key));
	return true;
}

bool check_author(struct hearing *h)
{
	struct kith_slice value = hearing_member(h, CLASSIC_AUTHOR);
	struct kith_slice text = hearing_string(h, value);
	bool fits = false;

	switch (h->peer->author) {
	case AUTHOR_WHOLE: fits = author_whole(h, text); break;
	case AUTHOR_ANY_REF: fits = go_read_author(text, h->key); break;
	case AUTHOR_FOUND_IN_TEXT:
		if (json_kind(value) == JSON_KIND_STRING &&
		    memchr(value.p, '\\', value.n))
			return hearing_refuse(h, KITH_RULE_AUTHOR, value,
					      "escapes in the feed id");
		fits = author_in_text(h, text);
		break;
	}
	/* The messages before had the plain form, or there were none. */
	if (fits && h->peer->same_author && h->t->has_tip &&
	    h->t->tip.sequence > 0 && !author_whole(h, text))
		return hearing_refuse(h, KITH_RULE_AUTHOR, value,
				      "written otherwise than before");
	return fits || hearing_refuse(h, KITH_RULE_AUTHOR, value,
				      "not the id of a classic feed");
}

static bool form_whole(struct hearing *h, struct kith_slice text)
{
	static const struct kith_slice end = { (const uint8_t *)".sig.ed25519",
					       12 };
	struct kith_slice chars = { text.p, CLASSIC_SIGNATURE_CHARS };
	uint8_t all[CLASSIC_SIGNATURE_CHARS];

	if (text.n != chars.n + end.n || base64_span(text) != chars.n ||
	    memcmp(text.p + chars.n, end.p, end.n) != 0)
		return false;
	/* 64 bytes with two characters of padding, 65 with one, or 66. */
	for (size_t n = KITH_SIGNATURE_BYTES; n <= KITH_SIGNATURE_BYTES + 2;
	     n++)
		if (base64_decode(chars, all, n)) {
			memcpy(h->signature, all, sizeof(h->signature));
			h->signature_bytes = n;
			return true;
		}
	return false;
}

/* go-ssb finds it in what it has printed, and leaves there what it signs. */
static bool form_last_string(struct hearing *h)
{
	static const struct kith_slice end = { (const uint8_t *)".sig.ed25519",
					       12 };
	struct kith_trial *t = h->t;
	struct kith_slice text;

	kith_buf_reset(&t->scratch);
	if (!go_print(h->text->value, &t->scratch) ||
	    !go_cut_signature(&t->scratch, &text, &t->signing)) {
		if (t->scratch.err == KITH_ENOMEM)
			h->err = KITH_ENOMEM;
		return false;
	}
	if (text.n < end.n ||
	    memcmp(text.p + text.n - end.n, end.p, end.n) != 0)
		return false;
	text.n -= end.n;
	return go_base64(text, h->signature, sizeof(h->signature));
}

bool check_form(struct hearing *h)
{
	struct kith_slice value = hearing_member(h, CLASSIC_SIGNATURE);
	bool fits = false;

	h->signature_bytes = KITH_SIGNATURE_BYTES;
	switch (h->peer->form) {
	case FORM_WHOLE: fits = form_whole(h, hearing_string(h, value)); break;
	case FORM_LAST_STRING: fits = form_last_string(h); break;
	case FORM_FOUND_IN_TEXT:
		if (json_kind(value) == JSON_KIND_STRING &&
		    memchr(value.p, '\\', value.n))
			return hearing_refuse(h, KITH_RULE_FORM, value,
					      "escapes in the signature");
		fits = form_in_text(h, hearing_string(h, value));
		break;
	}
	if (h->peer->curve == CURVE_UNREDUCED &&
	    h->signature_bytes != KITH_SIGNATURE_BYTES)
		fits = false;
	return fits || hearing_refuse(h, KITH_RULE_FORM, value,
				      "not 64 bytes of base64 and "
				      ".sig.ed25519");
}

bool check_hash(struct hearing *h)
{
	struct kith_slice value = hearing_member(h, CLASSIC_HASH);

	return json_is(value, "sha256") ||
	       hearing_refuse(h, KITH_RULE_HASH, value, "not sha256");
}

bool check_timestamp(struct hearing *h)
{
	struct kith_slice value = hearing_member(h, CLASSIC_TIMESTAMP);
	struct kith_slice before = hearing_member(h, CLASSIC_PREVIOUS);
	enum json_kind kind = json_kind(value);
	double d = 0;

	if (h->peer->keys == KEYS_OF_OBJECT)
		kind = json_kind(hearing_parsed(h, CLASSIC_TIMESTAMP));
	if (h->peer->timestamp == TIMESTAMP_OF_FIRST &&
	    json_kind(before) != JSON_KIND_NULL)
		return true;
	if (h->peer->timestamp == TIMESTAMP_OR_NULL) {
		if (kind == JSON_KIND_NULL)
			return true;
		if (json_number(value, &d) && !isfinite(d))
			return hearing_refuse(h, KITH_RULE_TIMESTAMP, value,
					      "a number that no double can "
					      "hold");
	}
	return kind == JSON_KIND_NUMBER ||
	       hearing_refuse(h, KITH_RULE_TIMESTAMP, value, "not a number");
}
