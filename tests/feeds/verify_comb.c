/*
 * Factors, points and sums of their multiples, against libsodium's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/signer.h"
#include "feeds/verify_comb.h"
#include "tests/support/forger.h"

enum { ROUNDS = 60, SCALARS = 12 };

static const uint8_t order[SCALAR_BYTES] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,	  0,	0,    0,    0,
	0,    0,    0,	  0,	0,    0,    0,	  0,	0,    0x10
};

static void only_what_is_less_is_below_the_order(void **state)
{
	uint8_t s[SCALAR_BYTES] = { 0 };

	(void)state;
	assert_true(scalar_is_below_order(s));
	assert_false(scalar_is_below_order(order));
	for (int i = 0; i < SCALAR_BYTES; i++) {
		memcpy(s, order, sizeof(s));
		s[i]++;
		assert_false(scalar_is_below_order(s));
		memcpy(s, order, sizeof(s));
		if (s[i]-- == 0)
			continue;
		assert_true(scalar_is_below_order(s));
	}
	memset(s, 0xff, sizeof(s));
	assert_false(scalar_is_below_order(s));
}

/* Some that are random, and ends: 0, 1, order - 1, runs of 1s, 2^255 - 1. */
static void scalar_of(int i, uint8_t out[static SCALAR_BYTES])
{
	memset(out, 0, SCALAR_BYTES);
	switch (i) {
	case 0:
		break;
	case 1:
		out[0] = 1;
		break;
	case 2:
		memcpy(out, order, SCALAR_BYTES);
		out[0]--;
		break;
	case 3:
		memset(out, 0xff, 31);
		out[31] = 0x0f;
		break;
	case 4:
		memset(out + 7, 0xff, 12);
		break;
	case 5:
		memset(out, 0x55, 31);
		break;
	case 6:
		out[31] = 0x10;
		break;
	default:
		crypto_core_ed25519_scalar_random(out);
		break;
	}
}

static void add_at(int64_t *sum, const struct digit *d)
{
	/* In units of 2^32, so that nothing overflows. */
	sum[d->at / 32] += (int64_t)d->value * ((int64_t)1 << d->at % 32);
}

static void assert_sum(int64_t *sum, const uint8_t *s)
{
	for (int i = 0; i < 8; i++) {
		uint32_t word = (uint32_t)s[4 * i] |
				(uint32_t)s[4 * i + 1] << 8 |
				(uint32_t)s[4 * i + 2] << 16 |
				(uint32_t)s[4 * i + 3] << 24;

		assert_int_equal((uint32_t)sum[i], word);
		sum[i + 1] += (sum[i] - (int64_t)word) / ((int64_t)1 << 32);
	}
	assert_int_equal(sum[8], 0);
}

static void assert_digits(const uint8_t *s, unsigned width)
{
	struct digit digits[SCALAR_DIGITS_MAX];
	size_t n = scalar_digits(s, width, digits);
	int64_t sum[9] = { 0 };

	assert_true(n <= SCALAR_DIGITS_MAX);
	for (size_t i = 0; i < n; i++) {
		int most = 1 << (width - 1);

		assert_true(digits[i].value & 1);
		assert_true(digits[i].value < most && digits[i].value > -most);
		if (i)
			assert_true(digits[i].at >=
				    digits[i - 1].at + (int)width);
		add_at(sum, &digits[i]);
	}
	assert_sum(sum, s);
}

static void digits_are_odd_far_apart_and_add_up(void **state)
{
	uint8_t s[SCALAR_BYTES];

	(void)state;
	for (unsigned width = DIGIT_WIDTH_MIN; width <= 8; width++) {
		for (int i = 0; i < 200; i++) {
			scalar_of(i, s);
			assert_digits(s, width);
		}
		memset(s, 0xff, sizeof(s));
		s[31] = 0x7f;
		assert_digits(s, width);
	}
}

static void write_point(const struct point *p, uint8_t out[static POINT_BYTES])
{
	struct residue inverse = p->z, x, y;

	residue_invert_all(&inverse, 1);
	residue_mul(&x, &p->x, &inverse);
	residue_mul(&y, &p->y, &inverse);
	residue_to_bytes(out, &y);
	out[31] |= (uint8_t)(residue_is_odd(&x) << 7);
	assert_true(point_is(p, &inverse, out));
	out[31] ^= 0x80;
	assert_false(point_is(p, &inverse, out));
	out[31] ^= 0x80;
}

/* Any point of the curve: of the base point's order, and more. */
static void random_point(const struct forger *f,
			 uint8_t out[static POINT_BYTES])
{
	uint8_t s[SCALAR_BYTES];

	crypto_core_ed25519_scalar_random(s);
	assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(out, s), 0);
	assert_int_equal(crypto_core_ed25519_add(
		out, out, forger_torsions(f)[randombytes_uniform(8)]), 0);
}

static void points_are_read_as_they_are_written(void **state)
{
	const struct forger *f = *state;
	uint8_t bytes[POINT_BYTES], again[POINT_BYTES];
	struct point p;

	for (int i = 0; i < ROUNDS; i++) {
		random_point(f, bytes);
		assert_true(point_decode(&p, bytes));
		write_point(&p, again);
		assert_memory_equal(again, bytes, sizeof(bytes));
	}
	for (int i = 0; i < FORGER_TORSIONS; i++) {
		assert_true(point_decode(&p, forger_torsions(f)[i]));
		write_point(&p, again);
		assert_memory_equal(again, forger_torsions(f)[i],
				    sizeof(again));
	}
}

/* Half of what may stand there is no point; libsodium's sums say which. */
static void what_is_no_point_is_not_read(void **state)
{
	uint8_t identity[POINT_BYTES] = { 1 };
	unsigned points = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		uint8_t bytes[POINT_BYTES], sum[POINT_BYTES];
		struct point p;
		bool is;

		randombytes_buf(bytes, sizeof(bytes));
		is = !crypto_core_ed25519_add(sum, bytes, identity);
		assert_int_equal(point_decode(&p, bytes), is);
		points += is;
	}
	assert_in_range(points, 100, 300);
}

static void assert_added(const uint8_t *left, const uint8_t *right)
{
	uint8_t sum[POINT_BYTES], ours[POINT_BYTES];
	struct flat_addend flat;
	struct point_sum s;
	struct addend full;
	struct point a, b, r;

	assert_true(point_decode(&a, left) && point_decode(&b, right));
	addend_from_point(&full, &b);
	flat_addends_from_points(&flat, &b, 1);
	for (int minus = 0; minus < 2; minus++) {
		assert_int_equal((minus ? crypto_core_ed25519_sub :
			crypto_core_ed25519_add)(sum, left, right), 0);
		point_add(&s, &a, &full, minus);
		point_from_sum(&r, &s);
		write_point(&r, ours);
		assert_memory_equal(ours, sum, sizeof(sum));
		point_add_flat(&s, &a, &flat, minus);
		point_from_sum(&r, &s);
		write_point(&r, ours);
		assert_memory_equal(ours, sum, sizeof(sum));
	}
	assert_int_equal(crypto_core_ed25519_add(sum, left, left), 0);
	point_double(&s, &a);
	point_from_last_sum(&r, &s);
	write_point(&r, ours);
	assert_memory_equal(ours, sum, sizeof(sum));
}

static void sums_have_no_exceptions(void **state)
{
	const struct forger *f = *state;
	uint8_t a[POINT_BYTES], b[POINT_BYTES];

	for (int i = 0; i < ROUNDS; i++) {
		random_point(f, a);
		random_point(f, b);
		assert_added(a, b);
		assert_added(a, a);
		memcpy(b, a, sizeof(b));
		b[31] ^= 0x80; /* minus a */
		assert_added(a, b);
		assert_added(a, forger_torsions(f)[i % 8]);
		assert_added(forger_torsions(f)[i % 8],
			     forger_torsions(f)[i / 8 % 8]);
	}
}

static void negated(struct point *out, const struct point *p)
{
	*out = *p;
	point_negate(out);
}

/* libsodium multiplies no points with a small part, so the sum is made of
 * multiples of the base point, and of small ones one by one. */
static void expect(const struct forger *f, const uint8_t *s, const uint8_t *h,
		   const uint8_t *secret, int torsion, uint8_t *out)
{
	uint8_t sum[SCALAR_BYTES];

	crypto_core_ed25519_scalar_mul(sum, h, secret);
	crypto_core_ed25519_scalar_add(sum, sum, s);
	memset(out, 0, POINT_BYTES);
	out[0] = 1;
	if (!sodium_is_zero(sum, sizeof(sum)))
		assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(out,
									sum),
				 0);
	assert_int_equal(crypto_core_ed25519_add(
		out, out, forger_torsions(f)[torsion * (h[0] & 7) % 8]), 0);
}

static void combs_and_rakes_give_the_sum(void **state)
{
	const struct forger *f = *state;
	static struct comb_base base;
	static struct comb comb;
	static struct rake rake;
	static struct rake_odds odds;
	uint8_t secret[SCALAR_BYTES], key[POINT_BYTES];
	uint8_t s[SCALAR_BYTES], h[SCALAR_BYTES];
	uint8_t expected[POINT_BYTES], ours[POINT_BYTES];
	struct point p, sum, minus;

	comb_base_make(&base);
	for (int torsion = 0; torsion < FORGER_TORSIONS; torsion++) {
		crypto_core_ed25519_scalar_random(secret);
		assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(
			key, secret), 0);
		assert_int_equal(crypto_core_ed25519_add(
			key, key, forger_torsions(f)[torsion]), 0);
		assert_true(point_decode(&p, key));
		negated(&minus, &p);
		negated(&minus, &minus);
		rake_make(&rake, &minus);
		comb_make(&comb, &rake);
		rake_odds_make(&odds, &rake);
		for (int i = 0; i < SCALARS * SCALARS; i++) {
			scalar_of(i % SCALARS, s);
			scalar_of(i / SCALARS, h);
			expect(f, s, h, secret, torsion, expected);
			comb_sum(&sum, &base, s, &comb, h);
			write_point(&sum, ours);
			assert_memory_equal(ours, expected, sizeof(ours));
			rake_sum(&sum, &base, s, &odds, h);
			write_point(&sum, ours);
			assert_memory_equal(ours, expected, sizeof(ours));
		}
	}
}

static int start(void **state)
{
	*state = forger_new(1);
	return !*state;
}

static int stop(void **state)
{
	forger_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_less_is_below_the_order),
		cmocka_unit_test(digits_are_odd_far_apart_and_add_up),
		cmocka_unit_test(points_are_read_as_they_are_written),
		cmocka_unit_test(what_is_no_point_is_not_read),
		cmocka_unit_test(sums_have_no_exceptions),
		cmocka_unit_test(combs_and_rakes_give_the_sum),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, start, stop);
}
