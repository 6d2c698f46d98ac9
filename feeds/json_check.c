#include "feeds/json.h"

#include "feeds/json_scan.h"

struct checker {
	const uint8_t *start, *p, *end;
	struct kith_error *e;
};

static enum kith_err bad(struct checker *c, const char *what)
{
	return kith_fail(c->e, KITH_EFORMAT, (size_t)(c->p - c->start),
			 "not JSON: %s", what);
}

static bool take(struct checker *c, uint8_t byte)
{
	if (c->p == c->end || *c->p != byte)
		return false;
	c->p++;
	return true;
}

static enum kith_err check_string(struct checker *c)
{
	struct json_char one;

	if (!take(c, '"'))
		return bad(c, "a quoted name was expected");
	for (;;) {
		c->p += json_plain_run(c->p, c->end);
		if (c->p == c->end)
			return bad(c, "a string has no end");
		if (take(c, '"'))
			return KITH_OK;
		if (!json_next_char(c->p, c->end, &one)) {
			if (*c->p == '\\')
				return bad(c, "unknown escape in a string");
			return bad(c, *c->p < 0x20 ?
					      "control character in a string" :
					      "bytes that are not UTF-8");
		}
		c->p += one.bytes;
	}
}

static enum kith_err check_value(struct checker *c, unsigned depth);

static enum kith_err check_member(struct checker *c, unsigned depth)
{
	enum kith_err err = check_string(c);

	if (err)
		return err;
	c->p = json_skip_space(c->p, c->end);
	if (!take(c, ':'))
		return bad(c, "a colon was expected after a name");
	c->p = json_skip_space(c->p, c->end);
	return check_value(c, depth);
}

/* An object or array; its opening byte tells which. */
static enum kith_err check_nested(struct checker *c, unsigned depth)
{
	bool object = *c->p == '{';
	uint8_t close = object ? '}' : ']';
	enum kith_err err;

	if (depth == JSON_DEPTH_MAX)
		return bad(c, "nested too deeply");
	c->p = json_skip_space(c->p + 1, c->end);
	if (take(c, close))
		return KITH_OK;
	for (;;) {
		err = object ? check_member(c, depth + 1) :
			       check_value(c, depth + 1);
		if (err)
			return err;
		c->p = json_skip_space(c->p, c->end);
		if (take(c, close))
			return KITH_OK;
		if (!take(c, ','))
			return bad(c, "a comma or the end was expected");
		c->p = json_skip_space(c->p, c->end);
	}
}

static enum kith_err check_value(struct checker *c, unsigned depth)
{
	size_t n;

	if (c->p == c->end)
		return bad(c, "it ends where a value was expected");
	if (*c->p == '"')
		return check_string(c);
	if (*c->p == '{' || *c->p == '[')
		return check_nested(c, depth);
	n = json_number_bytes(c->p, c->end);
	if (!n)
		n = json_word_bytes(c->p, c->end);
	if (!n)
		return bad(c, "a value was expected");
	c->p += n;
	return KITH_OK;
}

enum kith_err json_check(struct kith_slice text, struct kith_slice *value,
			 struct kith_error *e)
{
	static const uint8_t nothing[1];
	const uint8_t *start = text.n ? text.p : nothing, *first, *last;
	struct checker c = { start, start, start + text.n, e };
	enum kith_err err;

	c.p = first = json_skip_space(c.p, c.end);
	err = check_value(&c, 0);
	if (err)
		return err;
	last = c.p;
	c.p = json_skip_space(c.p, c.end);
	if (c.p != c.end)
		return bad(&c, "more text after the value");
	if (value)
		*value = (struct kith_slice){ first, (size_t)(last - first) };
	return KITH_OK;
}
