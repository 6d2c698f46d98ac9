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

/* a + b against c, from the top, since the first words mostly decide. */
static int big_compare_sum(const struct big *a, const struct big *b,
			   const struct big *c)
{
	uint64_t missing = 0; /* of what c had in the words above */

	if (a->n > c->n || b->n > c->n)
		return 1;
	for (size_t i = c->n; i-- > 0;) {
		uint64_t sum = (uint64_t)(i < a->n ? a->w[i] : 0) +
			       (i < b->n ? b->w[i] : 0);

		missing = (missing << WORD_BITS) + c->w[i];
		if (sum > missing)
			return 1;
		missing -= sum;
		if (missing > 1)
			return -1;
	}
	return missing ? -1 : 0;
}

/* a -= b * factor, which is not greater. */
static void big_subtract(struct big *a, const struct big *b, uint32_t factor)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < a->n; i++) {
		uint32_t take;

		carry += i < b->n ? (uint64_t)b->w[i] * factor : 0;
		take = (uint32_t)carry;
		carry >>= WORD_BITS;
		carry += a->w[i] < take;
		a->w[i] -= take;
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

/* Bits to shift b left by so that its first word has its first bit set. */
static unsigned big_slack(const struct big *b)
{
	return (unsigned)((int)b->n * WORD_BITS - big_bits(b));
}

enum { QUOTIENT_STEP = 28 };

/* How often b goes into a, which keeps the remainder.  b has no slack, and
 * the quotient at most QUOTIENT_STEP bits: then the first words give an
 * estimate that is at most two too low. */
static uint32_t big_divide(struct big *a, const struct big *b)
{
	uint64_t first;
	uint32_t quotient;

	if (a->n < b->n)
		return 0;
	assert(a->n <= b->n + 1);
	first = a->w[b->n - 1];
	if (a->n > b->n)
		first |= (uint64_t)a->w[b->n] << WORD_BITS;
	quotient = (uint32_t)(first / ((uint64_t)b->w[b->n - 1] + 1));
	big_subtract(a, b, quotient);
	for (; big_compare(a, b) >= 0; quotient++)
		big_subtract(a, b, 1);
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

/* The first 56 or 57 bits of a / b, which count 2^*power; a keeps the rest. */
static uint64_t big_ratio(struct big *a, struct big *b, int *power)
{
	int shift = big_bits(b) - big_bits(a);
	unsigned slack;
	uint64_t quotient;

	big_shift_left(shift < 0 ? b : a,
		       (unsigned)(shift < 0 ? -shift : shift));
	slack = big_slack(b);
	big_shift_left(a, slack);
	big_shift_left(b, slack);
	quotient = big_divide(a, b);
	for (int i = 0; i < 2; i++) {
		big_shift_left(a, QUOTIENT_STEP);
		quotient = quotient << QUOTIENT_STEP | big_divide(a, b);
	}
	*power = -shift - 2 * QUOTIENT_STEP;
	return quotient;
}

double exact_parse(const uint8_t *digits, size_t n, int exponent)
{
	struct big a, b;
	uint64_t quotient;
	int power;

	assert(n > 0 && n <= EXACT_DIGITS_MAX);
	assert((int)n + exponent <= 400 && (int)n + exponent >= -400);
	big_set(&a, 0);
	for (size_t i = 0; i < n; i++)
		big_multiply(&a, 10, digits[i]);
	big_set(&b, 1);
	big_times_ten_to(exponent < 0 ? &b : &a,
			 (unsigned)(exponent < 0 ? -exponent : exponent));
	quotient = big_ratio(&a, &b, &power);
	return round_to_double(quotient, power, a.n > 0);
}

/* d = value / scale, and half the way to its neighbours below and above, in
 * the same scale: Steele and White's free-format printing. */
struct interval {
	struct big value, scale, below;
	struct big twice_below; /* the way above, if narrow_below */
	bool narrow_below;	/* under a power of two they lie closer */
	bool closed; /* its ends read back as d, since ties go to even */
};

static const struct big *above(const struct interval *v)
{
	return v->narrow_below ? &v->twice_below : &v->below;
}

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
	v->narrow_below = narrow_below;
	if (narrow_below) {
		v->twice_below = v->below;
		big_shift_left(&v->twice_below, 1);
		big_shift_left(&v->value, 1);
		big_shift_left(&v->scale, 1);
	}
	v->closed = (fraction & 1) == 0;
}

/* Everything but the scale. */
static void interval_times_ten_to(struct interval *v, unsigned power)
{
	big_times_ten_to(&v->value, power);
	big_times_ten_to(&v->below, power);
	if (v->narrow_below)
		big_times_ten_to(&v->twice_below, power);
}

/* True if value + above reaches scale, that is, the digit would be ten. */
static bool reaches_scale(const struct interval *v)
{
	int order = big_compare_sum(&v->value, above(v), &v->scale);

	return order > 0 || (order == 0 && v->closed);
}

/* Scales by a power of ten such that the first digit is the one behind the
 * decimal point; returns the power.  Leaves the scale without slack. */
static int interval_normalise(struct interval *v, int log2)
{
	/* log10(2) is nearly 0.30103; the estimate is never too high. */
	int point = log2 * 30103 / 100000;
	unsigned slack;

	if (point < 0)
		interval_times_ten_to(v, (unsigned)-point);
	else
		big_times_ten_to(&v->scale, (unsigned)point);
	for (; reaches_scale(v); point++)
		big_multiply(&v->scale, 10, 0);

	slack = big_slack(&v->scale);
	big_shift_left(&v->scale, slack);
	big_shift_left(&v->value, slack);
	big_shift_left(&v->below, slack);
	if (v->narrow_below)
		big_shift_left(&v->twice_below, slack);
	return point;
}

/* Whether the last digit is better one higher. */
static bool rounds_up(const struct interval *v, bool low, bool high,
		      uint8_t digit)
{
	int order;

	if (low != high)
		return high;
	order = big_compare_sum(&v->value, &v->value, &v->scale);
	return order > 0 || (order == 0 && (digit & 1));
}

static size_t interval_digits(struct interval *v, uint8_t *digits)
{
	for (size_t n = 0;; n++) {
		int below;
		bool low, high;

		interval_times_ten_to(v, 1);
		digits[n] = (uint8_t)big_divide(&v->value, &v->scale);
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
