#include "feeds/verify_scalar.h"

/* 2^252 + 27742317777372353535851937790883648493. */
static const uint64_t order[4] = { 0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0,
				   0x1000000000000000 };

static void read_words(uint64_t out[static 4], const uint8_t *s)
{
	for (int i = 0; i < 4; i++) {
		out[i] = 0;
		for (int k = 7; k >= 0; k--)
			out[i] = out[i] << 8 | s[8 * i + k];
	}
}

bool scalar_is_below_order(const uint8_t s[static SCALAR_BYTES])
{
	uint64_t words[4];

	read_words(words, s);
	for (int i = 3; i >= 0; i--)
		if (words[i] != order[i])
			return words[i] < order[i];
	return false;
}

/* 64 bits from bit at on; words has one more than it looks. */
static uint64_t bits_at(const uint64_t words[static 5], unsigned at)
{
	unsigned shift = at % 64;
	uint64_t low = words[at / 64] >> shift;

	return low | words[at / 64 + 1] << 1 << (63 - shift);
}

size_t scalar_digits(const uint8_t s[static SCALAR_BYTES], unsigned width,
		     struct digit out[static SCALAR_DIGITS_MAX])
{
	uint64_t words[5] = { 0 }, base = (uint64_t)1 << width;
	uint64_t carry = 0; /* to be added at bit at */
	unsigned at = 0;
	size_t n = 0;

	read_words(words, s);
	while (at < SCALAR_BITS) {
		/* What with the carry gives 0 has no digit. */
		uint64_t bits = bits_at(words, at) ^ (0 - carry);
		unsigned skip = bits ? (unsigned)__builtin_ctzll(bits) : 64;
		uint64_t digit;

		at += skip;
		if (at >= SCALAR_BITS)
			break;
		if (!bits)
			continue;
		digit = (bits_at(words, at) & (base - 1)) + carry;
		carry = digit >> (width - 1);
		out[n++] = (struct digit){
			(uint8_t)at,
			(int8_t)((int)digit - (int)(carry << width)),
		};
		at += width;
	}
	return n;
}
