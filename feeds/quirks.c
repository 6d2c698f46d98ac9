#include "feeds/quirks.h"

#include <math.h>

#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/number.h"

/* 2^53: beyond it peers disagree on integers. */
#define INTEGER_MAX 9007199254740992.0

enum {
	INDEX_DIGITS_MAX = 10,
	NAMES_MAX = 1024 /* of one object; with more no message is legal */
};

static const struct {
	const char *what, *why;
	bool refused;
} quirks[QUIRKS] = {
	[QUIRK_EMPTY_OBJECT] = { "an empty object",
				 "some peers print it differently; leave it "
				 "out or use null", true },
	[QUIRK_LONE_SURROGATE] = { "half of a surrogate pair",
				   "older peers read it differently", true },
	[QUIRK_INDEX_ORDER] = { "a name that is a number, and in another "
				"place",
				"such names must stand first, in ascending "
				"order", true },
	[QUIRK_DUPLICATE] = { "the same name twice in one object",
			      "peers differ about which counts", true },
	[QUIRK_PROTO] = { "the name __proto__", "some peers lose it", true },
	[QUIRK_MINUS_ZERO] = { "-0", "peers print it differently", true },
	[QUIRK_OVERFLOW] = { "a number that no double can hold",
			     "peers print it differently", true },
	[QUIRK_INTEGER] = { "an integer beyond 2^53", "peers round it", true },
	[QUIRK_SPELLING] = { "a number spelled otherwise than V8 prints it",
			     "some peers keep it so", false },
	[QUIRK_NAMES] = { "an object of so many names",
			  "it fits into no message", true },
};

const char *quirk_text(enum quirk quirk)
{
	return quirks[quirk].what;
}

const char *quirk_why(enum quirk quirk)
{
	return quirks[quirk].why;
}

bool quirk_is_refused(enum quirk quirk)
{
	return quirks[quirk].refused;
}

static void add(struct quirks *q, enum quirk quirk, struct kith_slice where)
{
	if (!q->first[quirk].n)
		q->first[quirk] = where;
	if (q->n < q->max)
		q->list[q->n] = (struct quirk_place){ quirk, where };
	q->n++;
}

static void find_in_string(struct kith_slice value, struct quirks *q)
{
	const uint8_t *p = value.p + 1, *end = value.p + value.n - 1;
	struct json_char one;

	for (; p < end; p += one.bytes) {
		p += json_plain_run(p, end);
		if (p == end || !json_next_char(p, end, &one))
			break;
		if (one.lone)
			add(q, QUIRK_LONE_SURROGATE,
			    (struct kith_slice){ p, one.bytes });
	}
}

static void find_in_number(struct kith_slice value, struct quirks *q)
{
	bool canonical = number_is_canonical(value);
	double d = number_parse(value);

	if (d == 0 && signbit(d)) {
		add(q, QUIRK_MINUS_ZERO, value);
	} else if (!isfinite(d)) {
		add(q, QUIRK_OVERFLOW, value);
	} else {
		if (fabs(d) > INTEGER_MAX ||
		    (fabs(d) == INTEGER_MAX && !canonical))
			add(q, QUIRK_INTEGER, value);
		if (!canonical)
			add(q, QUIRK_SPELLING, value);
	}
}

/* Equal after unescaping. */
static bool same_name(struct kith_slice a, struct kith_slice b)
{
	const uint8_t *p = a.p, *q = b.p;
	struct json_char x = { 0 }, y = { 0 };

	if (kith_equal(a, b))
		return true;
	if (!memchr(a.p, '\\', a.n) && !memchr(b.p, '\\', b.n))
		return false;
	for (p++, q++; *p != '"' && *q != '"'; p += x.bytes, q += y.bytes)
		if (!json_next_char(p, a.p + a.n, &x) ||
		    !json_next_char(q, b.p + b.n, &y) || x.lone != y.lone ||
		    x.text_bytes != y.text_bytes ||
		    memcmp(x.text, y.text, x.text_bytes) != 0)
			return false;
	return *p == *q;
}

static bool stood_before(struct kith_slice object, struct kith_slice name)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(object, &at, &key, &value) && key.p < name.p)
		if (same_name(key, name))
			return true;
	return false;
}

/* As json_index, of a name that may be escaped. */
static int64_t name_index(struct kith_slice name)
{
	const uint8_t *p = name.p + 1, *end = name.p + name.n - 1;
	uint8_t digits[INDEX_DIGITS_MAX];
	struct json_char one;
	size_t n = 0;

	for (; p < end; p += one.bytes) {
		if (n == sizeof(digits) || !json_next_char(p, end, &one) ||
		    one.text_bytes != 1)
			return -1;
		digits[n++] = one.text[0];
	}
	return json_index((struct kith_slice){ digits, n });
}

static void find_in_name(struct kith_slice object, struct kith_slice name,
			 struct quirks *q)
{
	find_in_string(name, q);
	if (json_is(name, "__proto__"))
		add(q, QUIRK_PROTO, name);
	if (stood_before(object, name))
		add(q, QUIRK_DUPLICATE, name);
}

/* Names that are array indexes stand first and ascend. */
static void find_order(struct kith_slice object, struct quirks *q)
{
	struct kith_slice key, value;
	int64_t last = -1;
	bool other = false;
	size_t at = 0;

	while (json_next_member(object, &at, &key, &value)) {
		int64_t index = name_index(key);

		if (index >= 0 && (other || index <= last))
			add(q, QUIRK_INDEX_ORDER, key);
		other = other || index < 0;
		last = index > last ? index : last;
	}
}

static void find_in_object(struct kith_slice object, struct quirks *q)
{
	struct kith_slice key, value;
	size_t at = 0, n = 0;

	while (json_next_member(object, &at, &key, &value)) {
		if (n++ == NAMES_MAX) {
			add(q, QUIRK_NAMES, object);
			return;
		}
		find_in_name(object, key, q);
		quirks_find(value, q);
	}
	if (n == 0)
		add(q, QUIRK_EMPTY_OBJECT, object);
	find_order(object, q);
}

static void find_in_array(struct kith_slice array, struct quirks *q)
{
	struct kith_slice value;
	size_t at = 0;

	while (json_next_element(array, &at, &value))
		quirks_find(value, q);
}

/* Recursion is bounded, since json_check has bounded the nesting. */
void quirks_find(struct kith_slice value, struct quirks *q)
{
	switch (json_kind(value)) {
	case JSON_KIND_OBJECT: find_in_object(value, q); return;
	case JSON_KIND_ARRAY: find_in_array(value, q); return;
	case JSON_KIND_STRING: find_in_string(value, q); return;
	case JSON_KIND_NUMBER: find_in_number(value, q); return;
	default: return;
	}
}
