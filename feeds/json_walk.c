#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/number.h"

/* 2^53: every smaller integer is a double. */
#define UINT_END 9007199254740992.0

enum json_kind json_kind(struct kith_slice value)
{
	if (value.n == 0)
		return JSON_KIND_NONE;
	switch (value.p[0]) {
	case '{': return JSON_KIND_OBJECT;
	case '[': return JSON_KIND_ARRAY;
	case '"': return JSON_KIND_STRING;
	case 't':
	case 'f': return JSON_KIND_BOOL;
	case 'n': return JSON_KIND_NULL;
	default: return JSON_KIND_NUMBER;
	}
}

/* p is at the opening quote; gives what follows the closing one. */
static const uint8_t *skip_string(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *from = p + 1, *quote, *slash;

	while (from < end) {
		quote = memchr(from, '"', (size_t)(end - from));
		if (!quote)
			break;
		for (slash = quote; slash > from && slash[-1] == '\\';)
			slash--;
		if ((quote - slash) % 2 == 0)
			return quote + 1;
		from = quote + 1;
	}
	return end;
}

/* Without recursion: brackets of both kinds are counted alike. */
static const uint8_t *skip_nested(const uint8_t *p, const uint8_t *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		p++;
	}
	return end;
}

static const uint8_t *skip_value(const uint8_t *p, const uint8_t *end)
{
	if (p < end && *p == '"')
		return skip_string(p, end);
	if (p < end && (*p == '{' || *p == '['))
		return skip_nested(p, end);
	while (p < end && *p != ',' && *p != ']' && *p != '}' &&
	       !json_is_space(*p))
		p++;
	return p;
}

/* Moves p to the start of the next member or element; false at the end. */
static bool next_start(struct kith_slice in, uint8_t open, size_t at,
		       const uint8_t **p)
{
	const uint8_t *end;

	if (in.n == 0 || in.p[0] != open)
		return false;
	end = in.p + in.n;
	*p = json_skip_space(in.p + (at ? at : 1), end);
	if (at && *p < end && **p == ',')
		*p = json_skip_space(*p + 1, end);
	return *p < end && **p != '}' && **p != ']';
}

/* The value at *p, which moves behind it. */
static struct kith_slice take_value(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *start = *p;

	*p = skip_value(start, end);
	return (struct kith_slice){ start, (size_t)(*p - start) };
}

bool json_next_member(struct kith_slice object, size_t *at,
		      struct kith_slice *key, struct kith_slice *value)
{
	const uint8_t *end, *p;
	struct kith_slice name;

	if (!next_start(object, '{', *at, &p) || *p != '"')
		return false;
	end = object.p + object.n;
	name = take_value(&p, end);
	p = json_skip_space(p, end);
	if (p == end || *p != ':')
		return false;
	p = json_skip_space(p + 1, end);
	*value = take_value(&p, end);
	*key = name;
	*at = (size_t)(p - object.p);
	return value->n > 0;
}

bool json_next_element(struct kith_slice array, size_t *at,
		       struct kith_slice *value)
{
	const uint8_t *p;

	if (!next_start(array, '[', *at, &p))
		return false;
	*value = take_value(&p, array.p + array.n);
	*at = (size_t)(p - array.p);
	return value->n > 0;
}

/* What stands between the quotes; false if value is not a string. */
static bool inside(struct kith_slice value, struct kith_slice *out)
{
	if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
		return false;
	*out = (struct kith_slice){ value.p + 1, value.n - 2 };
	return true;
}

struct kith_slice json_plain(struct kith_slice value)
{
	struct kith_slice in;

	if (!inside(value, &in) || (in.n && memchr(in.p, '\\', in.n)))
		return (struct kith_slice){ NULL, 0 };
	return in;
}

static const uint8_t replacement[] = { 0xef, 0xbf, 0xbd };

static struct kith_slice char_text(const struct json_char *c)
{
	if (c->lone)
		return (struct kith_slice){ replacement, sizeof(replacement) };
	return (struct kith_slice){ c->text, c->text_bytes };
}

static bool escaped_equal(struct kith_slice in, struct kith_slice text)
{
	const uint8_t *p = in.p, *end = in.p + in.n;
	struct json_char c;

	for (; p < end; p += c.bytes) {
		struct kith_slice one;

		if (!json_next_char(p, end, &c))
			return false;
		one = char_text(&c);
		if (text.n < one.n || memcmp(text.p, one.p, one.n) != 0)
			return false;
		text.p += one.n;
		text.n -= one.n;
	}
	return text.n == 0;
}

bool json_is(struct kith_slice value, const char *text)
{
	struct kith_slice in, name = kith_text(text);

	/* An escape is longer than what it stands for. */
	if (!inside(value, &in) || in.n < name.n)
		return false;
	if (in.n > name.n)
		return memchr(in.p, '\\', in.n) &&
		       escaped_equal(in, name);
	return kith_equal(in, name) && !(in.n && memchr(in.p, '\\', in.n));
}

struct kith_slice json_get(struct kith_slice object, const char *name)
{
	struct kith_slice found = { NULL, 0 }, key, value;
	size_t at = 0;

	while (json_next_member(object, &at, &key, &value))
		if (json_is(key, name))
			found = value;
	return found;
}

bool json_says_true(struct kith_slice value)
{
	return kith_equal(value, KITH_SLICE("true"));
}

bool json_unescape(struct kith_slice value, struct kith_buf *out)
{
	const uint8_t *p, *end;
	struct kith_slice in;
	struct json_char c;

	if (!inside(value, &in))
		return false;
	for (p = in.p, end = in.p + in.n; p < end; p += c.bytes) {
		size_t run = json_plain_run(p, end);

		kith_buf_put(out, (struct kith_slice){ p, run });
		p += run;
		if (p == end)
			break;
		if (!json_next_char(p, end, &c))
			return false;
		kith_buf_put(out, char_text(&c));
	}
	return out->err == KITH_OK;
}

size_t json_units(struct kith_slice value)
{
	const uint8_t *p, *end;
	struct kith_slice in;
	struct json_char c;
	size_t units = 0;

	if (!inside(value, &in))
		return 0;
	for (p = in.p, end = in.p + in.n; p < end; p += c.bytes) {
		size_t run = json_plain_run(p, end);

		units += run;
		p += run;
		if (p == end || !json_next_char(p, end, &c))
			break;
		units += c.text_bytes == 4 ? 2 : 1;
	}
	return units;
}

bool json_number(struct kith_slice value, double *out)
{
	if (value.n == 0 ||
	    json_number_bytes(value.p, value.p + value.n) != value.n)
		return false;
	*out = number_parse(value);
	return true;
}

bool json_uint(struct kith_slice value, uint64_t *out)
{
	double d;

	if (!json_number(value, &d) || !(d >= 0) || d >= UINT_END ||
	    (double)(uint64_t)d != d)
		return false;
	*out = (uint64_t)d;
	return true;
}
