/*
 * Numbers modulo p = 2^255 - 19, for checking signatures: five limbs of 51
 * bits, and products of 128.
 *
 * Never for secrets: time depends on the numbers.  Pure.  Any thread.
 *
 * What is "tight" has limbs below 2^51 + 2^15; each product is.  What is
 * "loose" has limbs below 2^54, and is what can be multiplied: the sum of up to
 * seven tight ones, where a difference counts as four more than its left side.
 * What comes out may be what went in.
 */
#ifndef FEEDS_VERIFY_FIELD_H
#define FEEDS_VERIFY_FIELD_H

#include "feeds/bytes.h"

enum { RESIDUE_BYTES = 32, RESIDUES_INVERTED = 128 };

#define RESIDUE_MASK (((uint64_t)1 << 51) - 1)

struct residue {
	uint64_t v[5];
};

__extension__ typedef unsigned __int128 residue_product;

static const struct residue residue_zero = { { 0 } };
static const struct residue residue_one = { { 1 } };

/* The highest of the 256 bits is not looked at; gives a tight one. */
void residue_from_bytes(struct residue *out,
			const uint8_t in[static RESIDUE_BYTES]);

/* Takes any; what it gives is below p. */
void residue_to_bytes(uint8_t out[static RESIDUE_BYTES],
		      const struct residue *a);

bool residue_equal(const struct residue *a, const struct residue *b);

/* The lowest bit of what is below p, which tells x from -x. */
bool residue_is_odd(const struct residue *a);

/* a^(2^252 - 3), from which square roots come. */
void residue_root_power(struct residue *out, const struct residue *a);

/* Replaces n numbers, none of which is 0, by 1 / number: at the price of one
 * inversion and three products each.  n is at most RESIDUES_INVERTED. */
void residue_invert_all(struct residue *a, size_t n);

/* Limb by limb; nothing is carried. */
static inline void residue_add(struct residue *out, const struct residue *a,
			       const struct residue *b)
{
	for (int i = 0; i < 5; i++)
		out->v[i] = a->v[i] + b->v[i];
}

/* b: at most the sum of two tight ones.  4 p is added, or it could be less
 * than nothing. */
static inline void residue_sub(struct residue *out, const struct residue *a,
			       const struct residue *b)
{
	out->v[0] = a->v[0] + 0x1fffffffffffb4 - b->v[0];
	for (int i = 1; i < 5; i++)
		out->v[i] = a->v[i] + 0x1ffffffffffffc - b->v[i];
}

/* Five sums of products, each below 2^115, and the last below 2^111.  Written
 * out, for a compiler that keeps them in registers then. */
static inline void
residue_carry(struct residue *out, residue_product t0, residue_product t1,
	      residue_product t2, residue_product t3, residue_product t4)
{
	uint64_t v0;

	t1 += (uint64_t)(t0 >> 51);
	t2 += (uint64_t)(t1 >> 51);
	t3 += (uint64_t)(t2 >> 51);
	t4 += (uint64_t)(t3 >> 51);
	/* 2^255 is 19. */
	v0 = ((uint64_t)t0 & RESIDUE_MASK) + 19 * (uint64_t)(t4 >> 51);
	out->v[0] = v0 & RESIDUE_MASK;
	out->v[1] = ((uint64_t)t1 & RESIDUE_MASK) + (v0 >> 51);
	out->v[2] = (uint64_t)t2 & RESIDUE_MASK;
	out->v[3] = (uint64_t)t3 & RESIDUE_MASK;
	out->v[4] = (uint64_t)t4 & RESIDUE_MASK;
}

/* Compilers find products too long to inline, at a twentieth of all time. */
__attribute__((always_inline)) static inline void
residue_mul(struct residue *out, const struct residue *left,
	    const struct residue *right)
{
	const uint64_t *a = left->v, *b = right->v;
	uint64_t b1 = 19 * b[1], b2 = 19 * b[2], b3 = 19 * b[3], b4 = 19 * b[4];
	residue_product t0, t1, t2, t3, t4;

	t0 = (residue_product)a[0] * b[0] + (residue_product)a[1] * b4 +
	       (residue_product)a[2] * b3 + (residue_product)a[3] * b2 +
	       (residue_product)a[4] * b1;
	t1 = (residue_product)a[0] * b[1] + (residue_product)a[1] * b[0] +
	       (residue_product)a[2] * b4 + (residue_product)a[3] * b3 +
	       (residue_product)a[4] * b2;
	t2 = (residue_product)a[0] * b[2] + (residue_product)a[1] * b[1] +
	       (residue_product)a[2] * b[0] + (residue_product)a[3] * b4 +
	       (residue_product)a[4] * b3;
	t3 = (residue_product)a[0] * b[3] + (residue_product)a[1] * b[2] +
	       (residue_product)a[2] * b[1] + (residue_product)a[3] * b[0] +
	       (residue_product)a[4] * b4;
	t4 = (residue_product)a[0] * b[4] + (residue_product)a[1] * b[3] +
	       (residue_product)a[2] * b[2] + (residue_product)a[3] * b[1] +
	       (residue_product)a[4] * b[0];
	residue_carry(out, t0, t1, t2, t3, t4);
}

__attribute__((always_inline)) static inline void
residue_square(struct residue *out, const struct residue *number)
{
	const uint64_t *a = number->v;
	uint64_t twice0 = 2 * a[0], twice1 = 2 * a[1];
	uint64_t a3 = 19 * a[3], a4 = 19 * a[4];
	residue_product t0, t1, t2, t3, t4;

	t0 = (residue_product)a[0] * a[0] + (residue_product)twice1 * a4 +
	       (residue_product)(2 * a[2]) * a3;
	t1 = (residue_product)twice0 * a[1] +
	       (residue_product)(2 * a[2]) * a4 + (residue_product)a[3] * a3;
	t2 = (residue_product)twice0 * a[2] + (residue_product)a[1] * a[1] +
	       (residue_product)(2 * a[3]) * a4;
	t3 = (residue_product)twice0 * a[3] + (residue_product)twice1 * a[2] +
	       (residue_product)a[4] * a4;
	t4 = (residue_product)twice0 * a[4] + (residue_product)twice1 * a[3] +
	       (residue_product)a[2] * a[2];
	residue_carry(out, t0, t1, t2, t3, t4);
}

#endif
