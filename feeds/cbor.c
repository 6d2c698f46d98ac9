#include "feeds/cbor.h"

enum { MAJOR_SIMPLE = 7, SIMPLE_FALSE = 20, SIMPLE_NULL = 22,
       INFO_ONE_BYTE = 24, INFO_EIGHT_BYTES = 27 };

static enum cbor_step bad(struct cbor *c, enum kith_err code, size_t at,
			  const char *text)
{
	c->bad = true;
	kith_fail(&c->why, code, at, "%s", text);
	return CBOR_BAD;
}

static enum cbor_step take_number(struct cbor *c, unsigned info, uint64_t *out)
{
	size_t at = c->at, bytes;
	uint64_t n = 0, least;

	if (info < INFO_ONE_BYTE) {
		*out = info;
		return CBOR_TOKEN;
	}
	if (info > INFO_EIGHT_BYTES)
		return bad(c, KITH_EFORMAT, at - 1, "an indefinite or "
			   "reserved length");
	bytes = (size_t)1 << (info - INFO_ONE_BYTE);
	if (bytes > c->in.n - at)
		return bad(c, KITH_EFORMAT, c->in.n, "ends inside a number");
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | c->in.p[at + i];
	least = bytes == 1 ? INFO_ONE_BYTE : UINT64_C(1) << (bytes * 4);
	if (n < least)
		return bad(c, KITH_EFORMAT, at, "a number in more bytes than "
			   "it needs");
	c->at += bytes;
	*out = n;
	return CBOR_TOKEN;
}

static enum cbor_step open_items(struct cbor *c, uint64_t items, bool tag,
				 size_t at)
{
	if (items > c->in.n - c->at)
		return bad(c, KITH_EFORMAT, c->in.n,
			   "ends before so many items");
	if (c->depth == CBOR_DEPTH_MAX)
		return bad(c, KITH_ETOOBIG, at, "nested too deep");
	c->left[c->depth] = items;
	c->tag[c->depth++] = tag;
	return CBOR_TOKEN;
}

static enum cbor_step take_bytes(struct cbor *c, struct cbor_token *out)
{
	if (out->n > c->in.n - c->at)
		return bad(c, KITH_EFORMAT, c->in.n, "ends inside a string");
	out->bytes = (struct kith_slice){ c->in.p + c->at, (size_t)out->n };
	c->at += (size_t)out->n;
	return CBOR_TOKEN;
}

static enum cbor_step take_simple(struct cbor *c, unsigned info,
				  struct cbor_token *out)
{
	if (info < SIMPLE_FALSE || info > SIMPLE_NULL)
		return bad(c, KITH_EFORMAT, c->at - 1, "neither false, true "
			   "nor null");
	out->kind = (enum cbor_kind)(CBOR_FALSE + (info - SIMPLE_FALSE));
	return CBOR_TOKEN;
}

static enum cbor_step take(struct cbor *c, struct cbor_token *out)
{
	unsigned major = c->in.p[c->at] >> 5, info = c->in.p[c->at] & 31;

	c->at++;
	if (major == MAJOR_SIMPLE)
		return take_simple(c, info, out);
	if (take_number(c, info, &out->n) == CBOR_BAD)
		return CBOR_BAD;
	out->kind = (enum cbor_kind)major;
	switch (out->kind) {
	case CBOR_BYTES:
	case CBOR_TEXT: return take_bytes(c, out);
	case CBOR_ARRAY: return open_items(c, out->n, false, out->at);
	case CBOR_MAP:
		return out->n > c->in.n
			       ? bad(c, KITH_EFORMAT, c->in.n,
				     "ends before so many items")
			       : open_items(c, out->n * 2, false, out->at);
	case CBOR_TAG: return open_items(c, 1, true, out->at);
	default: return CBOR_TOKEN;
	}
}

/* What ends with the token that was just taken. */
static unsigned settle(struct cbor *c, enum cbor_kind kind)
{
	bool opened = kind == CBOR_ARRAY || kind == CBOR_MAP ||
		      kind == CBOR_TAG;
	unsigned closed = 0;

	if (!opened && c->depth)
		c->left[c->depth - 1]--;
	while (c->depth && !c->left[c->depth - 1]) {
		closed += !c->tag[--c->depth];
		if (c->depth)
			c->left[c->depth - 1]--;
	}
	return closed;
}

void cbor_init(struct cbor *c, struct kith_slice in)
{
	memset(c, 0, sizeof(*c));
	c->in = in;
}

enum cbor_step cbor_next(struct cbor *c, struct cbor_token *out)
{
	if (c->bad)
		return CBOR_BAD;
	if (c->begun && !c->depth)
		return CBOR_OVER;
	c->begun = true;
	if (c->at == c->in.n)
		return bad(c, KITH_EFORMAT, c->at, "ends inside a value");
	*out = (struct cbor_token){ .at = c->at };
	if (take(c, out) == CBOR_BAD)
		return CBOR_BAD;
	out->closes = settle(c, out->kind);
	out->end = c->at;
	return CBOR_TOKEN;
}

enum kith_err cbor_check(struct kith_slice in, size_t *n, struct kith_error *e)
{
	struct cbor_token token;
	enum cbor_step step;
	struct cbor c;

	cbor_init(&c, in);
	do
		step = cbor_next(&c, &token);
	while (step == CBOR_TOKEN);
	if (step == CBOR_BAD)
		return kith_fail(e, c.why.code, c.why.offset, "%s",
				 c.why.text);
	*n = c.at;
	return KITH_OK;
}
