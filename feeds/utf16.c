#include "feeds/utf16.h"

enum { REPLACEMENT = 0xfffd, END = -1 };

/* A text as it is read; all but in zero at its begin. */
struct units {
	struct kith_slice in;
	int low; /* the second unit of a pair, to come next; 0: none */
};

/* Of a sequence that starts with a byte of 0x80 or more: how many bytes
 * follow, which bits of the first count, what range the second is in. */
struct lead {
	int more;
	uint8_t bits, low, high;
};

static struct lead lead_of(uint8_t byte)
{
	struct lead lead = { 0, 0, 0x80, 0xbf };

	if (byte >= 0xc2 && byte <= 0xdf) {
		lead.more = 1;
		lead.bits = byte & 0x1f;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		lead.more = 2;
		lead.bits = byte & 0x0f;
		lead.low = byte == 0xe0 ? 0xa0 : 0x80;
		lead.high = byte == 0xed ? 0x9f : 0xbf;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		lead.more = 3;
		lead.bits = byte & 0x07;
		lead.low = byte == 0xf0 ? 0x90 : 0x80;
		lead.high = byte == 0xf4 ? 0x8f : 0xbf;
	}
	return lead;
}

static uint8_t take(struct kith_slice *in)
{
	in->n--;
	return *in->p++;
}

/* The next code point.  A byte that ends a sequence too early is left for the
 * next one. */
static int next_point(struct kith_slice *in)
{
	uint8_t first = take(in);
	struct lead lead;
	int point;

	if (first < 0x80)
		return first;
	lead = lead_of(first);
	if (lead.more == 0)
		return REPLACEMENT;
	point = lead.bits;
	for (; lead.more > 0; lead.more--) {
		if (in->n == 0 || *in->p < lead.low || *in->p > lead.high)
			return REPLACEMENT;
		point = point << 6 | (take(in) & 0x3f);
		lead.low = 0x80;
		lead.high = 0xbf;
	}
	return point;
}

static int next_unit(struct units *u)
{
	int point = u->low;

	u->low = 0;
	if (point)
		return point;
	if (u->in.n == 0)
		return END;
	point = next_point(&u->in);
	if (point < 0x10000)
		return point;
	u->low = 0xdc00 + ((point - 0x10000) & 0x3ff);
	return 0xd800 + ((point - 0x10000) >> 10);
}

int utf16_compare(struct kith_slice a, struct kith_slice b)
{
	struct units left = { a, 0 }, right = { b, 0 };
	int l, r;

	do {
		l = next_unit(&left);
		r = next_unit(&right);
	} while (l == r && l != END);
	return l - r;
}
