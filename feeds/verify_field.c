#include "feeds/verify_field.h"

#include <assert.h>

static uint64_t little_endian(const uint8_t *p)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--)
		n = n << 8 | p[i];
	return n;
}

static void put_little_endian(uint8_t *p, uint64_t n)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

void residue_from_bytes(struct residue *out,
			const uint8_t in[static RESIDUE_BYTES])
{
	uint64_t w0 = little_endian(in), w1 = little_endian(in + 8);
	uint64_t w2 = little_endian(in + 16), w3 = little_endian(in + 24);

	*out = (struct residue){ {
		w0 & RESIDUE_MASK,
		(w0 >> 51 | w1 << 13) & RESIDUE_MASK,
		(w1 >> 38 | w2 << 26) & RESIDUE_MASK,
		(w2 >> 25 | w3 << 39) & RESIDUE_MASK,
		w3 >> 12 & RESIDUE_MASK,
	} };
}

static void carry_once(uint64_t v[static 5])
{
	for (int i = 0; i < 4; i++) {
		v[i + 1] += v[i] >> 51;
		v[i] &= RESIDUE_MASK;
	}
	v[0] += 19 * (v[4] >> 51);
	v[4] &= RESIDUE_MASK;
}

/* The same number, below p. */
static struct residue reduce(const struct residue *a)
{
	struct residue out = *a;
	uint64_t over;

	/* Twice, and only the lowest limb can have more than 51 bits, by what
	 * makes the number less than 2^255 + 19. */
	carry_once(out.v);
	carry_once(out.v);
	/* 1 where the number is p or more, since 19 more are 2^255 then. */
	over = (out.v[0] + 19) >> 51;
	for (int i = 1; i < 5; i++)
		over = (out.v[i] + over) >> 51;
	out.v[0] += 19 * over;
	for (int i = 0; i < 4; i++) {
		out.v[i + 1] += out.v[i] >> 51;
		out.v[i] &= RESIDUE_MASK;
	}
	out.v[4] &= RESIDUE_MASK;
	return out;
}

void residue_to_bytes(uint8_t out[static RESIDUE_BYTES],
		      const struct residue *a)
{
	struct residue r = reduce(a);

	put_little_endian(out, r.v[0] | r.v[1] << 51);
	put_little_endian(out + 8, r.v[1] >> 13 | r.v[2] << 38);
	put_little_endian(out + 16, r.v[2] >> 26 | r.v[3] << 25);
	put_little_endian(out + 24, r.v[3] >> 39 | r.v[4] << 12);
}

bool residue_equal(const struct residue *a, const struct residue *b)
{
	struct residue x = reduce(a), y = reduce(b);

	return memcmp(&x, &y, sizeof(x)) == 0;
}

bool residue_is_odd(const struct residue *a)
{
	return reduce(a).v[0] & 1;
}

static void square_times(struct residue *out, const struct residue *a,
			 int times)
{
	residue_square(out, a);
	for (int i = 1; i < times; i++)
		residue_square(out, out);
}

/* out: a^(2^(n + m) - 1) where high is a^(2^n - 1) and low a^(2^m - 1). */
static void join(struct residue *out, const struct residue *high, int m,
		 const struct residue *low)
{
	struct residue n;

	square_times(&n, high, m);
	residue_mul(out, &n, low);
}

/* ones250: a^(2^250 - 1). */
static void long_powers(struct residue *ones250, struct residue *eleven,
			const struct residue *a)
{
	struct residue two, nine, ones5, ones10, ones50, n;

	residue_square(&two, a);
	square_times(&n, &two, 2);
	residue_mul(&nine, &n, a);
	residue_mul(eleven, &nine, &two);
	residue_square(&n, eleven);
	residue_mul(&ones5, &n, &nine);
	join(&ones10, &ones5, 5, &ones5);
	join(&n, &ones10, 10, &ones10);
	join(&n, &n, 20, &n);
	join(&ones50, &n, 10, &ones10);
	join(&n, &ones50, 50, &ones50);
	join(&n, &n, 100, &n);
	join(ones250, &n, 50, &ones50);
}

void residue_root_power(struct residue *out, const struct residue *a)
{
	struct residue eleven, ones250;

	long_powers(&ones250, &eleven, a);
	join(out, &ones250, 2, a);
}

/* a^(p - 2): p - 2 is 2^255 - 32 + 11. */
static void invert(struct residue *out, const struct residue *a)
{
	struct residue eleven, ones250;

	long_powers(&ones250, &eleven, a);
	join(out, &ones250, 5, &eleven);
}

/* Montgomery: 1 / a[i] is the product of all before it, over the product of
 * all up to it. */
void residue_invert_all(struct residue *a, size_t n)
{
	struct residue before[RESIDUES_INVERTED], all = residue_one, next;

	assert(n <= RESIDUES_INVERTED);
	for (size_t i = 0; i < n; i++) {
		before[i] = all;
		residue_mul(&all, &all, &a[i]);
	}
	invert(&all, &all);
	while (n--) {
		residue_mul(&next, &all, &a[n]);
		residue_mul(&a[n], &all, &before[n]);
		all = next;
	}
}
