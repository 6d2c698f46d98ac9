#include "feeds/number.h"

#include <float.h>
#include <math.h>

#include "feeds/number_exact.h"

/* 2^53: every smaller whole number is a double. */
#define WHOLE_END UINT64_C(9007199254740992)

enum {
	EXACT_TENS = 22,	/* 10^22 is the last exact power of ten */
	SURE_DIGITS = 15,	/* any so many digits survive a double */
	POINT_MIN = -5,		/* ECMAScript's n (0.DIGITS * 10^n) of what */
	POINT_MAX = 21,		/* prints without an e */
	FRACTION_TRIES = 6,	/* digits behind the point worth a guess */
	EXPONENT_CLAMP = 100000 /* far outside of the range of doubles */
};

static const double tens[EXACT_TENS + 1] = {
	1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,
	1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* A JSON number taken apart: digits without a point, times ten to the power
 * of exponent. */
struct decimal {
	bool negative;
	bool scientific;    /* an e or E stood there */
	uint64_t whole;	    /* the digits as one number, unless cut */
	size_t significant; /* digits, from the first that is not 0 */
	size_t whole_digits, fraction_digits;
	int64_t exponent;
};

/* So many digits always fit into whole. */
enum { WHOLE_DIGITS_MAX = 19 };

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static const uint8_t *take_digits(const uint8_t *p, const uint8_t *end,
				  struct decimal *out)
{
	for (; p < end && is_digit(*p); p++) {
		if (out->significant == 0 && *p == '0')
			continue;
		if (out->significant++ < WHOLE_DIGITS_MAX)
			out->whole = out->whole * 10 + (uint64_t)(*p - '0');
	}
	return p;
}

static int64_t take_exponent(const uint8_t *p, const uint8_t *end)
{
	bool negative = p < end && *p == '-';
	int64_t exponent = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end && is_digit(*p); p++)
		if (exponent < EXPONENT_CLAMP)
			exponent = exponent * 10 + (*p - '0');
	return negative ? -exponent : exponent;
}

static void take_apart(struct kith_slice text, struct decimal *out)
{
	const uint8_t *p = text.p, *end = p + text.n, *from;

	*out = (struct decimal){ .negative = p < end && *p == '-' };
	from = p += out->negative;
	p = take_digits(p, end, out);
	out->whole_digits = (size_t)(p - from);
	if (p < end && *p == '.') {
		from = ++p;
		p = take_digits(p, end, out);
		out->fraction_digits = (size_t)(p - from);
	}
	out->exponent = -(int64_t)out->fraction_digits;
	if (p < end) {
		out->scientific = true;
		out->exponent += take_exponent(p + 1, end);
	}
}

/* Both steps of the short cut are exact but the last, which rounds once; not
 * so where the machine computes with more bits than a double has. */
static bool is_simple(const struct decimal *a)
{
	return FLT_EVAL_METHOD == 0 && a->significant <= WHOLE_DIGITS_MAX &&
	       a->whole <= WHOLE_END && a->exponent >= -EXACT_TENS &&
	       a->exponent <= EXACT_TENS;
}

static double simple_value(uint64_t whole, int64_t exponent)
{
	if (exponent < 0)
		return (double)whole / tens[-exponent];
	return (double)whole * tens[exponent];
}

/* Collects the digits again, a bounded number of them; a longer tail counts
 * only by one more digit that is not 0. */
static double exact_value(struct kith_slice text, const struct decimal *a)
{
	uint8_t digits[EXACT_DIGITS_MAX];
	size_t n = 0, seen = 0;
	int64_t point = (int64_t)a->significant + a->exponent;

	if (point > 310)
		return HUGE_VAL;
	if (point < -330)
		return 0;
	for (size_t i = 0; i < text.n && seen < a->significant; i++) {
		uint8_t c = text.p[i];

		if (!is_digit(c) || (seen == 0 && c == '0'))
			continue;
		seen++;
		if (n < EXACT_DIGITS_MAX)
			digits[n++] = (uint8_t)(c - '0');
		else if (c != '0')
			digits[n - 1] |= 1;
	}
	return exact_parse(digits, n, (int)(point - (int64_t)n));
}

double number_parse(struct kith_slice text)
{
	struct decimal a;
	double d;

	take_apart(text, &a);
	if (a.significant == 0)
		d = 0;
	else if (is_simple(&a))
		d = simple_value(a.whole, a.exponent);
	else
		d = exact_value(text, &a);
	return a.negative ? -d : d;
}

/* No other whole number, so many places behind the point, reads as the same
 * double, and no shorter one does: what whole spells is canonical. */
static bool is_sole(uint64_t whole, size_t places)
{
	double d;

	if (FLT_EVAL_METHOD != 0 || whole >= WHOLE_END - 1 || whole == 0 ||
	    places > EXACT_TENS || (places && whole % 10 == 0))
		return false;
	d = (double)whole / tens[places];
	return (double)(whole - 1) / tens[places] != d &&
	       (double)(whole + 1) / tens[places] != d;
}

static size_t split_digits(uint64_t whole, uint8_t *digits)
{
	size_t n = 0;

	for (uint64_t v = whole; v; v /= 10)
		n++;
	for (size_t i = n; i-- > 0; whole /= 10)
		digits[i] = (uint8_t)(whole % 10);
	return n;
}

/* Finds the digits of most numbers that people write; 0 if it cannot. */
static size_t easy_digits(double d, uint8_t *digits, int *point)
{
	size_t n;

	if (d >= (double)WHOLE_END)
		return 0;
	for (size_t places = 0; places <= FRACTION_TRIES; places++) {
		double scaled = d * tens[places] + 0.5;
		uint64_t whole;

		if (scaled >= (double)WHOLE_END)
			return 0;
		whole = (uint64_t)scaled;
		if ((double)whole / tens[places] != d)
			continue;
		if (places && !is_sole(whole, places))
			return 0;
		n = split_digits(whole, digits);
		*point = (int)n - (int)places;
		return n;
	}
	return 0;
}

static char *put_digits(char *to, const uint8_t *digits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*to++ = (char)('0' + digits[i]);
	return to;
}

static char *put_zeros(char *to, int n)
{
	while (n-- > 0)
		*to++ = '0';
	return to;
}

static char *put_scientific(char *to, const uint8_t *digits, size_t n,
			    int exponent)
{
	uint8_t power[4];
	size_t count;

	to = put_digits(to, digits, 1);
	if (n > 1) {
		*to++ = '.';
		to = put_digits(to, digits + 1, n - 1);
	}
	*to++ = 'e';
	*to++ = exponent < 0 ? '-' : '+';
	count = split_digits((uint64_t)(exponent < 0 ? -exponent : exponent),
			     power);
	return put_digits(to, power, count);
}

/* Lays out 0.DIGITS * 10^point as ECMAScript does. */
static char *put_number(char *to, const uint8_t *digits, size_t n, int point)
{
	if (point > POINT_MAX || point < POINT_MIN)
		return put_scientific(to, digits, n, point - 1);
	if (point <= 0) {
		*to++ = '0';
		*to++ = '.';
		to = put_zeros(to, -point);
		return put_digits(to, digits, n);
	}
	if ((size_t)point >= n) {
		to = put_digits(to, digits, n);
		return put_zeros(to, point - (int)n);
	}
	to = put_digits(to, digits, (size_t)point);
	*to++ = '.';
	return put_digits(to, digits + point, n - (size_t)point);
}

size_t number_print(double d, char out[static NUMBER_TEXT_BYTES])
{
	uint8_t digits[EXACT_SHORTEST_MAX];
	char *to = out;
	size_t n;
	int point;

	if (!isfinite(d)) {
		memcpy(out, "null", 4);
		return 4;
	}
	if (d < 0) {
		*to++ = '-';
		d = -d;
	}
	if (d > 0) {
		n = easy_digits(d, digits, &point);
		if (n == 0)
			n = exact_shortest(d, digits, &point);
		to = put_number(to, digits, n, point);
	} else {
		*to++ = '0';
	}
	return (size_t)(to - out);
}

static bool prints_alike(struct kith_slice text)
{
	char out[NUMBER_TEXT_BYTES];
	size_t n = number_print(number_parse(text), out);

	return text.n == n && memcmp(text.p, out, n) == 0;
}

bool number_is_canonical(struct kith_slice text)
{
	struct decimal a;

	take_apart(text, &a);
	if (a.significant == 0)
		return text.n == 1;
	if (a.scientific || a.significant > WHOLE_DIGITS_MAX)
		return prints_alike(text);
	if (a.fraction_digits == 0)
		return a.whole < WHOLE_END || prints_alike(text);
	if (a.whole % 10 == 0 ||
	    (int)a.significant - (int)a.fraction_digits < POINT_MIN)
		return false;
	return a.significant <= SURE_DIGITS ||
	       is_sole(a.whole, a.fraction_digits) || prints_alike(text);
}
