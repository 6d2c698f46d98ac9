#include <math.h>

#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/number.h"

/* 2^53: beyond it peers disagree on integers. */
#define INTEGER_MAX 9007199254740992.0

enum {
	INDEX_DIGITS_MAX = 10,
	NAMES_MAX = 1024 /* of one object; with more no message is legal */
};

struct publish {
	const uint8_t *start; /* of content */
	struct kith_error *e;
};

static enum kith_err refuse(const struct publish *c, struct kith_slice where,
			    const char *why)
{
	return kith_fail(c->e, KITH_EFORMAT, (size_t)(where.p - c->start),
			 "not for publishing: %s", why);
}

static enum kith_err check_string(const struct publish *c,
				  struct kith_slice value)
{
	const uint8_t *p = value.p + 1, *end = value.p + value.n - 1;
	struct json_char one;

	for (; p < end; p += one.bytes) {
		p += json_plain_run(p, end);
		if (p == end || !json_next_char(p, end, &one))
			break;
		if (one.lone)
			return refuse(c, (struct kith_slice){ p, one.bytes },
				      "half of a surrogate pair, which older "
				      "peers read differently");
	}
	return KITH_OK;
}

static enum kith_err check_number(const struct publish *c,
				  struct kith_slice value)
{
	double d = number_parse(value);

	if (d == 0 && signbit(d))
		return refuse(c, value, "-0, which peers print differently");
	if (!isfinite(d))
		return refuse(c, value, "a number that no double can hold");
	if (fabs(d) >= INTEGER_MAX &&
	    (fabs(d) > INTEGER_MAX || !number_is_canonical(value)))
		return refuse(c, value, "an integer beyond 2^53");
	return KITH_OK;
}

/* Equal after unescaping; neither holds a lone surrogate. */
static bool same_name(struct kith_slice a, struct kith_slice b)
{
	const uint8_t *p = a.p, *q = b.p;
	struct json_char x = { 0 }, y = { 0 };

	if (kith_equal(a, b))
		return true;
	for (p++, q++; *p != '"' && *q != '"'; p += x.bytes, q += y.bytes)
		if (!json_next_char(p, a.p + a.n, &x) ||
		    !json_next_char(q, b.p + b.n, &y) ||
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

static enum kith_err check_name(const struct publish *c,
				struct kith_slice object,
				struct kith_slice name)
{
	enum kith_err err = check_string(c, name);

	if (err)
		return err;
	if (json_is(name, "__proto__"))
		return refuse(c, name, "__proto__, which some peers lose");
	if (stood_before(object, name))
		return refuse(c, name, "the same name twice in one object");
	return KITH_OK;
}

/* Names that are array indexes stand first and ascend. */
static enum kith_err check_order(const struct publish *c,
				 struct kith_slice object)
{
	struct kith_slice key, value;
	int64_t last = -1;
	bool other = false;
	size_t at = 0;

	while (json_next_member(object, &at, &key, &value)) {
		int64_t index = name_index(key);

		if (index >= 0 && (other || index <= last))
			return refuse(c, key,
				      "a name that is a number must stand "
				      "first, in ascending order");
		other = other || index < 0;
		last = index;
	}
	return KITH_OK;
}

static enum kith_err check_value(const struct publish *c,
				 struct kith_slice value);

static enum kith_err check_object(const struct publish *c,
				  struct kith_slice object)
{
	struct kith_slice key, value;
	enum kith_err err = KITH_OK;
	size_t at = 0, n = 0;

	while (!err && json_next_member(object, &at, &key, &value)) {
		if (n++ == NAMES_MAX)
			return refuse(c, object, "an object of so many names");
		err = check_name(c, object, key);
		if (!err)
			err = check_value(c, value);
	}
	if (!err && n == 0)
		return refuse(c, object,
			      "an empty object, which some peers print "
			      "differently; leave it out or use null");
	return err ? err : check_order(c, object);
}

static enum kith_err check_array(const struct publish *c,
				 struct kith_slice array)
{
	enum kith_err err = KITH_OK;
	struct kith_slice value;
	size_t at = 0;

	while (!err && json_next_element(array, &at, &value))
		err = check_value(c, value);
	return err;
}

/* Recursion is bounded, since json_check has bounded the nesting. */
static enum kith_err check_value(const struct publish *c,
				 struct kith_slice value)
{
	switch (json_kind(value)) {
	case JSON_KIND_OBJECT: return check_object(c, value);
	case JSON_KIND_ARRAY: return check_array(c, value);
	case JSON_KIND_STRING: return check_string(c, value);
	case JSON_KIND_NUMBER: return check_number(c, value);
	default: return KITH_OK;
	}
}

/* Go peers count the type's bytes, the others units: ASCII is both. */
static enum kith_err check_type(const struct publish *c,
				struct kith_slice content)
{
	struct kith_slice type = json_get(content, "type");

	if (json_kind(type) != JSON_KIND_STRING)
		return refuse(c, content, "no type that is a string");
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] >= 0x80 || type.p[i] == '\\')
			return refuse(c, type,
				      "a type that is not plain ASCII");
	if (type.n - 2 < CLASSIC_TYPE_UNITS_MIN ||
	    type.n - 2 > CLASSIC_TYPE_UNITS_MAX)
		return refuse(c, type, "a type not 3 to 52 characters long");
	return KITH_OK;
}

/* Canonical base64 and .box or .box2: what every peer takes. */
static enum kith_err check_box(const struct publish *c,
			       struct kith_slice content)
{
	struct kith_slice text = json_plain(content), end = text;
	size_t n = base64_span(text);

	if (n) {
		end.p += n;
		end.n -= n;
	}
	if (n == 0 || (!kith_equal(end, KITH_SLICE(".box")) &&
		       !kith_equal(end, KITH_SLICE(".box2"))))
		return refuse(c, content,
			      "a string that is not base64 and .box or .box2");
	return KITH_OK;
}

enum kith_err classic_publish_check(struct kith_slice content,
				    struct kith_error *e)
{
	struct publish c = { content.p, e };
	enum kith_err err;

	if (json_kind(content) == JSON_KIND_STRING)
		return check_box(&c, content);
	if (json_kind(content) != JSON_KIND_OBJECT)
		return refuse(&c, content, "neither an object nor a string");
	err = check_type(&c, content);
	return err ? err : check_value(&c, content);
}
