/*
 * Numbers modulo p against a slow oracle: bytes, and long multiplication as on
 * paper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/verify_field.h"

enum { BYTES = 32, NEAR = 40, MAX = 400, RANDOM = 60 };

/* A number of 64 bytes, lowest first. */
struct paper {
	uint32_t d[2 * BYTES];
};

static const uint8_t p[BYTES] = {
	0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f
};

static void carry(uint32_t *d, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		d[i + 1] += d[i] >> 8;
		d[i] &= 0xff;
	}
}

static bool is_below_p(const uint32_t *d)
{
	for (int i = BYTES - 1; i >= 0; i--)
		if (d[i] != p[i])
			return d[i] < p[i];
	return false;
}

/* 2^256 is 38; then p is taken away while it can be. */
static void paper_reduce(struct paper *a, uint8_t out[static BYTES])
{
	for (int times = 0; times < 3; times++) {
		carry(a->d, 2 * BYTES);
		for (int i = 0; i < BYTES; i++) {
			a->d[i] += 38 * a->d[BYTES + i];
			a->d[BYTES + i] = 0;
		}
	}
	carry(a->d, 2 * BYTES);
	while (!is_below_p(a->d)) {
		int32_t borrow = 0;

		for (int i = 0; i < BYTES; i++) {
			borrow += (int32_t)a->d[i] - p[i];
			a->d[i] = (uint32_t)borrow & 0xff;
			borrow >>= 8;
		}
	}
	for (int i = 0; i < BYTES; i++)
		out[i] = (uint8_t)a->d[i];
}

static void paper_mul(const uint8_t *a, const uint8_t *b, uint8_t *out)
{
	struct paper product = { { 0 } };

	for (size_t i = 0; i < BYTES; i++) {
		for (size_t j = 0; j < BYTES; j++)
			product.d[i + j] += (uint32_t)a[i] * b[j];
		carry(product.d, 2 * BYTES);
	}
	paper_reduce(&product, out);
}

/* a + k b. */
static void paper_add(const uint8_t *a, const uint8_t *b, uint32_t k,
		      uint8_t *out)
{
	struct paper sum = { { 0 } };

	for (int i = 0; i < BYTES; i++)
		sum.d[i] = a[i] + k * b[i];
	paper_reduce(&sum, out);
}

static void paper_sub(const uint8_t *a, const uint8_t *b, uint8_t *out)
{
	uint8_t minus[BYTES];
	int32_t borrow = 0;

	for (int i = 0; i < BYTES; i++) {
		borrow += (int32_t)p[i] - b[i];
		minus[i] = (uint8_t)borrow;
		borrow >>= 8;
	}
	paper_add(a, minus, 1, out);
}

/* What the limbs say, below p. */
static void paper_of(const struct residue *r, uint8_t out[static BYTES])
{
	struct paper sum = { { 0 } };

	for (size_t i = 0; i < 5; i++)
		for (size_t bit = 0; bit < 64; bit++)
			sum.d[(51 * i + bit) / 8] +=
				(uint32_t)(r->v[i] >> bit & 1)
				<< (51 * i + bit) % 8;
	paper_reduce(&sum, out);
}

/* --- what is tried: both ends of all that may come --- */

struct trial {
	size_t n;
	struct residue a[MAX];
};

static void put(struct trial *t, struct residue a)
{
	assert_true(t->n < MAX);
	t->a[t->n++] = a;
}

/* Each limb alone and all together at low, and at high. */
static void put_limbs(struct trial *t, uint64_t low, uint64_t high)
{
	for (unsigned set = 0; set < 32; set++) {
		struct residue a;

		for (unsigned i = 0; i < 5; i++)
			a.v[i] = set >> i & 1 ? high : low;
		put(t, a);
	}
}

static void put_bytes(struct trial *t, const uint8_t *bytes)
{
	struct residue a;

	residue_from_bytes(&a, bytes);
	put(t, a);
}

/* 0 to NEAR, p and what is next to it, and up to 2^255 - 1. */
static void put_ends(struct trial *t)
{
	for (int k = -NEAR; k <= NEAR; k++) {
		uint8_t low[BYTES] = { 0 }, near_p[BYTES];
		int first = 0xed + k;

		low[0] = (uint8_t)(k + NEAR);
		put_bytes(t, low);
		memcpy(near_p, p, BYTES);
		near_p[0] = (uint8_t)first;
		if (first <= 0xff)
			put_bytes(t, near_p);
	}
}

static struct trial *tight_ones(void)
{
	static struct trial t;

	t.n = 0;
	put_ends(&t);
	put_limbs(&t, 0, RESIDUE_MASK);
	put_limbs(&t, 0, ((uint64_t)1 << 51) + (1 << 15) - 1);
	for (int i = 0; i < RANDOM; i++) {
		uint8_t bytes[BYTES];

		randombytes_buf(bytes, sizeof(bytes));
		put_bytes(&t, bytes);
	}
	return &t;
}

static struct trial *loose_ones(void)
{
	struct trial *t = tight_ones();

	put_limbs(t, 0, ((uint64_t)1 << 54) - 1);
	put_limbs(t, 1, ((uint64_t)1 << 54) - (1 << 20));
	return t;
}

static bool is_tight(const struct residue *a)
{
	for (int i = 0; i < 5; i++)
		if (a->v[i] >= ((uint64_t)1 << 51) + (1 << 15))
			return false;
	return true;
}

static void assert_is(const struct residue *a, const uint8_t *expected)
{
	uint8_t bytes[BYTES];

	residue_to_bytes(bytes, a);
	assert_memory_equal(bytes, expected, BYTES);
}

/* --- */

static void bytes_are_of_what_is_below_p(void **state)
{
	const struct trial *t = loose_ones();

	(void)state;
	for (size_t i = 0; i < t->n; i++) {
		uint8_t expected[BYTES];

		paper_of(&t->a[i], expected);
		assert_is(&t->a[i], expected);
		assert_int_equal(residue_is_odd(&t->a[i]), expected[0] & 1);
	}
}

static void the_highest_bit_is_not_looked_at(void **state)
{
	uint8_t bytes[BYTES];
	struct residue a, b;

	(void)state;
	randombytes_buf(bytes, sizeof(bytes));
	residue_from_bytes(&a, bytes);
	bytes[31] ^= 0x80;
	residue_from_bytes(&b, bytes);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void products_are_as_on_paper_and_tight(void **state)
{
	const struct trial *t = loose_ones();

	(void)state;
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = i % 3; j < t->n; j += 3) {
			uint8_t a[BYTES], b[BYTES], expected[BYTES];
			struct residue product;

			paper_of(&t->a[i], a);
			paper_of(&t->a[j], b);
			paper_mul(a, b, expected);
			residue_mul(&product, &t->a[i], &t->a[j]);
			assert_true(is_tight(&product));
			assert_is(&product, expected);
		}
}

static void squares_are_products(void **state)
{
	const struct trial *t = loose_ones();

	(void)state;
	for (size_t i = 0; i < t->n; i++) {
		struct residue product, square = t->a[i];

		residue_mul(&product, &t->a[i], &t->a[i]);
		residue_square(&square, &square);
		assert_true(is_tight(&square));
		assert_true(residue_equal(&square, &product));
	}
}

static void sums_and_differences_are_as_on_paper(void **state)
{
	const struct trial *t = tight_ones();

	(void)state;
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = i % 7; j < t->n; j += 7) {
			uint8_t a[BYTES], b[BYTES], expected[BYTES];
			struct residue out, twice;

			paper_of(&t->a[i], a);
			paper_of(&t->a[j], b);
			residue_add(&out, &t->a[i], &t->a[j]);
			paper_add(a, b, 1, expected);
			assert_is(&out, expected);
			residue_sub(&out, &t->a[i], &t->a[j]);
			paper_sub(a, b, expected);
			assert_is(&out, expected);
			/* The most that may be taken away. */
			residue_add(&twice, &t->a[j], &t->a[j]);
			residue_sub(&out, &t->a[i], &twice);
			paper_sub(expected, b, expected);
			assert_is(&out, expected);
			for (int limb = 0; limb < 5; limb++)
				assert_true(out.v[limb] < (uint64_t)1 << 54);
		}
}

static void equal_is_modulo_p(void **state)
{
	struct residue zero = residue_zero, a;

	(void)state;
	residue_from_bytes(&a, p);
	assert_true(residue_equal(&a, &zero));
	assert_false(residue_equal(&residue_one, &zero));
	residue_add(&a, &a, &residue_one);
	assert_true(residue_equal(&a, &residue_one));
}

/* Square and multiply, the exponent's lowest byte given, the rest being 1s up
 * to bit top. */
static void power(struct residue *out, const struct residue *a, uint8_t lowest,
		  int top)
{
	*out = residue_one;
	for (int bit = top; bit >= 0; bit--) {
		residue_square(out, out);
		if (bit >= 8 || lowest >> bit & 1)
			residue_mul(out, out, a);
	}
}

static void the_power_of_roots_is_2_252_less_3(void **state)
{
	const struct trial *t = loose_ones();

	(void)state;
	for (size_t i = 0; i < t->n; i++) {
		struct residue slow, fast;

		power(&slow, &t->a[i], 0xfd, 251);
		residue_root_power(&fast, &t->a[i]);
		assert_true(residue_equal(&slow, &fast));
	}
}

static void inverses_of_any_number_of_them_multiply_to_1(void **state)
{
	const struct trial *t = loose_ones();
	struct residue a[RESIDUES_INVERTED] = { residue_one };
	struct residue inverse[RESIDUES_INVERTED];

	(void)state;
	for (size_t n = 0; n <= RESIDUES_INVERTED; n++) {
		size_t count = 0;

		for (size_t i = n; count < n; i++)
			if (!residue_equal(&t->a[i % t->n], &residue_zero))
				a[count++] = t->a[i % t->n];
		memcpy(inverse, a, n * sizeof(*a));
		residue_invert_all(inverse, n);
		for (size_t i = 0; i < n; i++) {
			residue_mul(&inverse[i], &inverse[i], &a[i]);
			assert_true(residue_equal(&inverse[i], &residue_one));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_of_what_is_below_p),
		cmocka_unit_test(the_highest_bit_is_not_looked_at),
		cmocka_unit_test(products_are_as_on_paper_and_tight),
		cmocka_unit_test(squares_are_products),
		cmocka_unit_test(sums_and_differences_are_as_on_paper),
		cmocka_unit_test(equal_is_modulo_p),
		cmocka_unit_test(the_power_of_roots_is_2_252_less_3),
		cmocka_unit_test(inverses_of_any_number_of_them_multiply_to_1),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
