#include "feeds/bencode.h"

static enum bencode_step bad(struct bencode *b, enum kith_err code, size_t at,
			     const char *text)
{
	b->bad = true;
	kith_fail(&b->why, code, at, "%s", text);
	return BENCODE_BAD;
}

static bool at_end(const struct bencode *b)
{
	return b->at == b->in.n;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Digits without a leading zero, up to INT64_MAX; b->at is behind them. */
static bool take_digits(struct bencode *b, uint64_t *out)
{
	size_t start = b->at;
	uint64_t n = 0;

	for (; !at_end(b) && is_digit(b->in.p[b->at]); b->at++) {
		unsigned digit = b->in.p[b->at] - '0';

		if (n > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return b->at > start &&
	       (b->in.p[start] != '0' || b->at == start + 1);
}

static enum bencode_step take_integer(struct bencode *b,
				      struct bencode_token *out)
{
	bool negative;
	uint64_t n;

	b->at++;
	negative = !at_end(b) && b->in.p[b->at] == '-';
	b->at += negative;
	if (!take_digits(b, &n) || (negative && !n))
		return bad(b, KITH_EFORMAT, b->at, at_end(b)
				? "ends inside an integer"
				: "no integer as bencode writes it");
	if (at_end(b) || b->in.p[b->at] != 'e')
		return bad(b, KITH_EFORMAT, b->at, at_end(b)
				? "ends inside an integer"
				: "an integer that does not end in \"e\"");
	b->at++;
	out->kind = BENCODE_INTEGER;
	out->integer = negative ? -(int64_t)n : (int64_t)n;
	return BENCODE_TOKEN;
}

static enum bencode_step take_string(struct bencode *b,
				     struct bencode_token *out)
{
	uint64_t n;

	if (!take_digits(b, &n) || at_end(b) || b->in.p[b->at] != ':')
		return bad(b, KITH_EFORMAT, b->at, at_end(b)
				? "ends inside the length of a string"
				: "no length of a string as bencode writes "
				  "it");
	b->at++;
	if (n > b->in.n - b->at)
		return bad(b, KITH_EFORMAT, b->in.n, "ends inside a string");
	out->kind = BENCODE_STRING;
	out->string = (struct kith_slice){ b->in.p + b->at, (size_t)n };
	b->at += (size_t)n;
	return BENCODE_TOKEN;
}

static enum bencode_step take_open(struct bencode *b,
				   struct bencode_token *out)
{
	bool dict = b->in.p[b->at] == 'd';

	if (b->depth == BENCODE_DEPTH_MAX)
		return bad(b, KITH_ETOOBIG, b->at, "nested too deep");
	memset(&b->open[b->depth], 0, sizeof(b->open[0]));
	b->open[b->depth++].dict = dict;
	b->at++;
	out->kind = dict ? BENCODE_DICT : BENCODE_LIST;
	return BENCODE_TOKEN;
}

static enum bencode_step take_end(struct bencode *b,
				  struct bencode_token *out)
{
	if (b->open[b->depth - 1].value)
		return bad(b, KITH_EFORMAT, b->at, "a key without its value");
	b->depth--;
	b->at++;
	out->kind = BENCODE_END;
	return BENCODE_TOKEN;
}

static int compare(struct kith_slice a, struct kith_slice b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

/* Keys come in the order of their bytes, each once. */
static enum bencode_step take_key(struct bencode *b,
				  struct bencode_token *out)
{
	size_t at = b->at;

	if (!is_digit(b->in.p[at]))
		return bad(b, KITH_EFORMAT, at, "a key that is no string");
	if (take_string(b, out) == BENCODE_BAD)
		return BENCODE_BAD;
	if (b->open[b->depth - 1].has_key &&
	    compare(b->open[b->depth - 1].key, out->string) >= 0)
		return bad(b, KITH_EFORMAT, at, "keys out of order");
	b->open[b->depth - 1].key = out->string;
	b->open[b->depth - 1].has_key = true;
	b->open[b->depth - 1].value = true;
	out->key = true;
	return BENCODE_TOKEN;
}

static enum bencode_step take(struct bencode *b, struct bencode_token *out)
{
	uint8_t c = b->in.p[b->at];

	if (b->depth && c == 'e')
		return take_end(b, out);
	if (b->depth && b->open[b->depth - 1].dict &&
	    !b->open[b->depth - 1].value)
		return take_key(b, out);
	if (b->depth)
		b->open[b->depth - 1].value = false;
	if (c == 'i')
		return take_integer(b, out);
	if (c == 'l' || c == 'd')
		return take_open(b, out);
	if (is_digit(c))
		return take_string(b, out);
	return bad(b, KITH_EFORMAT, b->at, "no value begins so");
}

void bencode_init(struct bencode *b, struct kith_slice in)
{
	memset(b, 0, sizeof(*b));
	b->in = in;
}

enum bencode_step bencode_next(struct bencode *b, struct bencode_token *out)
{
	enum bencode_step step;

	if (b->bad)
		return BENCODE_BAD;
	if (b->begun && !b->depth)
		return BENCODE_OVER;
	b->begun = true;
	if (at_end(b))
		return bad(b, KITH_EFORMAT, b->at, "ends inside a value");
	*out = (struct bencode_token){ .at = b->at };
	step = take(b, out);
	out->end = b->at;
	return step;
}

enum kith_err bencode_check(struct kith_slice in, size_t *n,
			    struct kith_error *e)
{
	struct bencode_token token;
	enum bencode_step step;
	struct bencode b;

	bencode_init(&b, in);
	do
		step = bencode_next(&b, &token);
	while (step == BENCODE_TOKEN);
	if (step == BENCODE_BAD)
		return kith_fail(e, b.why.code, b.why.offset, "%s",
				 b.why.text);
	*n = b.at;
	return KITH_OK;
}
