#include "feeds/number_exact.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Fields of an IEEE double. */
enum {
	FRACTION_BITS = 52,
	EXPONENT_INFINITE = 2047,
	LOWEST_POWER = -1074 /* of two: the last bit of the smallest */
};

/* The largest is 10^(400 + EXACT_DIGITS_MAX), of 3987 bits, and the 64 that a
 * quotient adds. */
enum { WORDS = 128, WORD_BITS = 32 };

/* A whole number, lowest word first; words from n on are not meaningful. */
struct big {
	size_t n;
	uint32_t w[WORDS];
};

static void big_set(struct big *b, uint64_t v)
{
	for (b->n = 0; v; v >>= WORD_BITS)
		b->w[b->n++] = (uint32_t)v;
}

static void big_push(struct big *b, uint32_t word)
{
	assert(b->n < WORDS);
	b->w[b->n++] = word;
}

/* b = b * factor + add */
static void big_multiply(struct big *b, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < b->n; i++) {
		carry += (uint64_t)b->w[i] * factor;
		b->w[i] = (uint32_t)carry;
		carry >>= WORD_BITS;
	}
	if (carry)
		big_push(b, (uint32_t)carry);
}

static void big_times_ten_to(struct big *b, unsigned power)
{
	enum { STEP = 9, TEN_TO_STEP = 1000000000 };

	for (; power >= STEP; power -= STEP)
		big_multiply(b, TEN_TO_STEP, 0);
	for (; power; power--)
		big_multiply(b, 10, 0);
}

static void big_shift_left(struct big *b, unsigned bits)
{
	unsigned words = bits / WORD_BITS, rest = bits % WORD_BITS;

	if (rest)
		big_multiply(b, UINT32_C(1) << rest, 0);
	assert(b->n + words <= WORDS);
	memmove(b->w + words, b->w, b->n * sizeof(b->w[0]));
	memset(b->w, 0, words * sizeof(b->w[0]));
	b->n += words;
}

static int big_compare(const struct big *a, const struct big *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (size_t i = a->n; i-- > 0;)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	return 0;
}

static void big_add(struct big *a, const struct big *b)
{
	uint64_t carry = 0;

	while (a->n < b->n)
		big_push(a, 0);
	for (size_t i = 0; i < a->n; i++) {
		carry += (uint64_t)a->w[i] + (i < b->n ? b->w[i] : 0);
		a->w[i] = (uint32_t)carry;
		carry >>= WORD_BITS;
	}
	if (carry)
		big_push(a, (uint32_t)carry);
}

/* a -= b, which is not greater. */
static void big_subtract(struct big *a, const struct big *b)
{
	uint32_t borrow = 0;

	for (size_t i = 0; i < a->n; i++) {
		uint64_t take = (uint64_t)(i < b->n ? b->w[i] : 0) + borrow;

		borrow = a->w[i] < take;
		a->w[i] = (uint32_t)(a->w[i] - take);
	}
	while (a->n && a->w[a->n - 1] == 0)
		a->n--;
}

static int bits_of(uint64_t v)
{
	return v ? 64 - __builtin_clzll(v) : 0;
}

static int big_bits(const struct big *b)
{
	assert(b->n > 0);
	return (int)(b->n - 1) * WORD_BITS + bits_of(b->w[b->n - 1]);
}

/* How often b goes into a, which keeps the remainder; below 2^bits. */
static uint64_t big_divide(struct big *a, struct big *b, unsigned bits)
{
	uint64_t quotient = 0;

	/* One bit a turn: a is doubled instead of b halved. */
	big_shift_left(b, bits - 1);
	for (unsigned i = 0; i < bits; i++) {
		quotient <<= 1;
		if (big_compare(a, b) >= 0) {
			big_subtract(a, b);
			quotient |= 1;
		}
		big_multiply(a, 2, 0);
	}
	return quotient;
}

/* The double nearest to (quotient + a bit more, if more) * 2^power, where
 * quotient has at least two bits more than a double. */
static double round_to_double(uint64_t quotient, int power, bool more)
{
	int lowest = bits_of(quotient) + power - FRACTION_BITS - 1;
	uint64_t bits, half, rest;
	double d;
	int drop;

	if (lowest < LOWEST_POWER)
		lowest = LOWEST_POWER;
	drop = lowest - power;
	assert(drop > 0);
	if (drop > 63)
		return 0;
	half = UINT64_C(1) << (drop - 1);
	rest = quotient & (2 * half - 1);
	bits = quotient >> drop;
	if (rest > half || (rest == half && (more || (bits & 1))))
		bits++;
	/* The hidden bit and a carry out of rounding both count up the
	 * exponent by one, as they should. */
	bits += (uint64_t)(lowest - LOWEST_POWER) << FRACTION_BITS;
	if (bits >> FRACTION_BITS >= EXPONENT_INFINITE)
		bits = (uint64_t)EXPONENT_INFINITE << FRACTION_BITS;
	memcpy(&d, &bits, sizeof(d));
	return d;
}

double exact_parse(const uint8_t *digits, size_t n, int exponent)
{
	enum { QUOTIENT_BITS = 56 }; /* 55 or 56: two above a double's 53 */
	struct big a, b;
	uint64_t quotient;
	int shift;

	assert(n > 0 && n <= EXACT_DIGITS_MAX);
	assert((int)n + exponent <= 400 && (int)n + exponent >= -400);
	big_set(&a, 0);
	for (size_t i = 0; i < n; i++)
		big_multiply(&a, 10, digits[i]);
	big_set(&b, 1);
	big_times_ten_to(exponent < 0 ? &b : &a,
			 (unsigned)(exponent < 0 ? -exponent : exponent));

	shift = QUOTIENT_BITS - 1 - (big_bits(&a) - big_bits(&b));
	big_shift_left(shift < 0 ? &b : &a,
		       (unsigned)(shift < 0 ? -shift : shift));
	quotient = big_divide(&a, &b, QUOTIENT_BITS);
	return round_to_double(quotient, -shift, a.n > 0);
}

/* d = value / scale, and half the way to its neighbours below and above, in
 * the same scale: Steele and White's free-format printing. */
struct interval {
	struct big value, scale, below, above;
	bool closed; /* its ends read back as d, since ties go to even */
};

static void interval_set(struct interval *v, uint64_t fraction, int power,
			 bool narrow_below)
{
	big_set(&v->value, fraction << 1);
	big_set(&v->scale, 2);
	big_set(&v->below, 1);
	if (power > 0) {
		big_shift_left(&v->value, (unsigned)power);
		big_shift_left(&v->below, (unsigned)power);
	} else {
		big_shift_left(&v->scale, (unsigned)-power);
	}
	v->above = v->below;
	if (narrow_below) { /* under a power of two they lie closer */
		big_shift_left(&v->value, 1);
		big_shift_left(&v->scale, 1);
		big_shift_left(&v->above, 1);
	}
	v->closed = (fraction & 1) == 0;
}

/* True if value + above reaches scale, that is, the digit would be ten. */
static bool reaches_scale(const struct interval *v)
{
	struct big sum = v->value;
	int order;

	big_add(&sum, &v->above);
	order = big_compare(&sum, &v->scale);
	return order > 0 || (order == 0 && v->closed);
}

/* Scales by a power of ten such that the first digit is the one behind the
 * decimal point; returns the power. */
static int interval_normalise(struct interval *v, int log2)
{
	/* log10(2) is nearly 0.30103; the estimate is never too high. */
	int point = log2 * 30103 / 100000;
	struct big *raise = point < 0 ? &v->value : &v->scale;
	unsigned power = (unsigned)(point < 0 ? -point : point);

	big_times_ten_to(raise, power);
	if (point < 0) {
		big_times_ten_to(&v->below, power);
		big_times_ten_to(&v->above, power);
	}
	while (reaches_scale(v)) {
		big_multiply(&v->scale, 10, 0);
		point++;
	}
	return point;
}

/* How often scale goes into value, which keeps the rest: 0 to 9. */
static uint8_t interval_digit(struct interval *v)
{
	uint8_t digit = 0;

	big_multiply(&v->value, 10, 0);
	big_multiply(&v->below, 10, 0);
	big_multiply(&v->above, 10, 0);
	while (big_compare(&v->value, &v->scale) >= 0) {
		big_subtract(&v->value, &v->scale);
		digit++;
	}
	return digit;
}

/* Whether the last digit is better one higher. */
static bool rounds_up(struct interval *v, bool low, bool high, uint8_t digit)
{
	int order;

	if (low != high)
		return high;
	big_multiply(&v->value, 2, 0);
	order = big_compare(&v->value, &v->scale);
	return order > 0 || (order == 0 && (digit & 1));
}

static size_t interval_digits(struct interval *v, uint8_t *digits)
{
	for (size_t n = 0;; n++) {
		int below;
		bool low, high;

		digits[n] = interval_digit(v);
		below = big_compare(&v->value, &v->below);
		low = below < 0 || (below == 0 && v->closed);
		high = reaches_scale(v);
		if (!low && !high)
			continue;
		if (rounds_up(v, low, high, digits[n]))
			digits[n]++;
		return n + 1;
	}
}

size_t exact_shortest(double d, uint8_t digits[static EXACT_SHORTEST_MAX],
		      int *point)
{
	uint64_t bits, fraction;
	struct interval v;
	int exponent;

	memcpy(&bits, &d, sizeof(bits));
	fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
	exponent = (int)(bits >> FRACTION_BITS);
	assert(bits > 0 && exponent < EXPONENT_INFINITE);
	if (exponent)
		bits = fraction | UINT64_C(1) << FRACTION_BITS;
	else
		bits = fraction, exponent = 1;
	exponent += LOWEST_POWER - 1;
	interval_set(&v, bits, exponent,
		     fraction == 0 && exponent > LOWEST_POWER);
	*point = interval_normalise(&v, bits_of(bits) + exponent - 1);
	return interval_digits(&v, digits);
}
