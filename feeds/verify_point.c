#include "feeds/verify_point.h"

/* d, twice d, and a square root of -1. */
static const struct residue curve_d = { { 0x34dca135978a3, 0x1a8283b156ebd,
	0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff } };
static const struct residue curve_2d = { { 0x69b9426b2f159, 0x35050762add7a,
	0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff } };
static const struct residue root_of_minus_one = { { 0x61b274a0ea0b0,
	0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d } };

/* *x: a square root of u / v, if there is one.  p is 5 modulo 8: so the power
 * u v^3 (u v^7)^((p - 5) / 8) is one, or one of -u / v.  u is tight. */
static bool root_of_ratio(struct residue *x, const struct residue *u,
			  const struct residue *v)
{
	struct residue v2, v4, uv3, check, minus_u;

	residue_square(&v2, v);
	residue_square(&v4, &v2);
	residue_mul(&uv3, u, &v2);
	residue_mul(&uv3, &uv3, v);
	residue_mul(x, &uv3, &v4);
	residue_root_power(x, x);
	residue_mul(x, x, &uv3);
	residue_square(&check, x);
	residue_mul(&check, &check, v);
	if (residue_equal(&check, u))
		return true;
	residue_sub(&minus_u, &residue_zero, u);
	if (!residue_equal(&check, &minus_u))
		return false;
	residue_mul(x, x, &root_of_minus_one);
	return true;
}

/* Of a number that is loose, a tight form. */
static void tighten(struct residue *a)
{
	residue_mul(a, a, &residue_one);
}

bool point_decode(struct point *out, const uint8_t in[static POINT_BYTES])
{
	struct residue x, y, u, v;

	residue_from_bytes(&y, in);
	residue_square(&u, &y);
	residue_mul(&v, &u, &curve_d);
	residue_add(&v, &v, &residue_one);
	residue_sub(&u, &u, &residue_one);
	tighten(&u);
	if (!root_of_ratio(&x, &u, &v))
		return false;
	out->x = x;
	out->y = y;
	out->z = residue_one;
	residue_mul(&out->t, &x, &y);
	if (residue_is_odd(&x) != in[POINT_BYTES - 1] >> 7)
		point_negate(out);
	return true;
}

void point_set_identity(struct point *p)
{
	*p = (struct point){ residue_zero, residue_one, residue_one,
			     residue_zero };
}

void point_negate(struct point *p)
{
	residue_sub(&p->x, &residue_zero, &p->x);
	tighten(&p->x);
	residue_sub(&p->t, &residue_zero, &p->t);
	tighten(&p->t);
}

void point_double(struct point_sum *out, const struct point *p)
{
	struct residue xx, yy, zz, n;

	residue_square(&xx, &p->x);
	residue_square(&yy, &p->y);
	residue_square(&zz, &p->z);
	residue_add(&n, &p->x, &p->y);
	residue_square(&n, &n);
	residue_add(&out->y, &yy, &xx);
	residue_sub(&out->x, &n, &out->y);
	residue_sub(&out->under[0], &yy, &xx);
	/* 2 z^2 - (y^2 - x^2), of which no part is more than loose. */
	residue_add(&n, &zz, &zz);
	residue_add(&n, &n, &xx);
	residue_sub(&out->under[1], &n, &yy);
}

/* What both forms of addends have in common; z2: twice the product of the z.
 * To subtract, y - x and y + x change places, and t its sign. */
static inline void add(struct point_sum *out, const struct point *p,
		       const struct residue side[static 2],
		       const struct residue *t2d, const struct residue *z2,
		       bool minus)
{
	struct residue a, b, c;

	residue_sub(&a, &p->y, &p->x);
	residue_mul(&a, &a, &side[minus]);
	residue_add(&b, &p->y, &p->x);
	residue_mul(&b, &b, &side[!minus]);
	residue_mul(&c, &p->t, t2d);
	residue_sub(&out->x, &b, &a);
	residue_add(&out->y, &b, &a);
	residue_add(&out->under[minus], z2, &c);
	residue_sub(&out->under[!minus], z2, &c);
}

void point_add(struct point_sum *out, const struct point *p,
	       const struct addend *a, bool minus)
{
	struct residue z2;

	residue_mul(&z2, &p->z, &a->z2);
	add(out, p, a->side, &a->t2d, &z2, minus);
}

void point_add_flat(struct point_sum *out, const struct point *p,
		    const struct flat_addend *a, bool minus)
{
	struct residue z2;

	residue_add(&z2, &p->z, &p->z);
	add(out, p, a->side, &a->t2d, &z2, minus);
}

void point_from_last_sum(struct point *out, const struct point_sum *s)
{
	residue_mul(&out->x, &s->x, &s->under[1]);
	residue_mul(&out->y, &s->y, &s->under[0]);
	residue_mul(&out->z, &s->under[0], &s->under[1]);
}

void point_from_sum(struct point *out, const struct point_sum *s)
{
	point_from_last_sum(out, s);
	residue_mul(&out->t, &s->x, &s->y);
}

void addend_from_point(struct addend *out, const struct point *p)
{
	residue_sub(&out->side[0], &p->y, &p->x);
	residue_add(&out->side[1], &p->y, &p->x);
	residue_mul(&out->t2d, &p->t, &curve_2d);
	residue_add(&out->z2, &p->z, &p->z);
}

void point_from_flat(struct point *out, const struct flat_point *p)
{
	out->x = p->x;
	out->y = p->y;
	out->z = residue_one;
	residue_mul(&out->t, &p->x, &p->y);
}

void flat_points_from_points(struct flat_point *out, const struct point *p,
			     size_t n)
{
	struct residue inverse[RESIDUES_INVERTED];

	for (size_t i = 0; i < n; i++)
		inverse[i] = p[i].z;
	residue_invert_all(inverse, n);
	for (size_t i = 0; i < n; i++) {
		residue_mul(&out[i].x, &p[i].x, &inverse[i]);
		residue_mul(&out[i].y, &p[i].y, &inverse[i]);
	}
}

void flat_addends_from_points(struct flat_addend *out, const struct point *p,
			      size_t n)
{
	struct flat_point flat[RESIDUES_INVERTED];

	flat_points_from_points(flat, p, n);
	for (size_t i = 0; i < n; i++) {
		const struct flat_point *f = &flat[i];

		residue_sub(&out[i].side[0], &f->y, &f->x);
		residue_add(&out[i].side[1], &f->y, &f->x);
		residue_mul(&out[i].t2d, &f->x, &f->y);
		residue_mul(&out[i].t2d, &out[i].t2d, &curve_2d);
	}
}

bool point_is(const struct point *p, const struct residue *inverse,
	      const uint8_t bytes[static POINT_BYTES])
{
	uint8_t encoded[POINT_BYTES];
	struct residue x, y;

	residue_mul(&x, &p->x, inverse);
	residue_mul(&y, &p->y, inverse);
	residue_to_bytes(encoded, &y);
	encoded[POINT_BYTES - 1] |= (uint8_t)(residue_is_odd(&x) << 7);
	/* Public: memcmp is right. */
	return memcmp(encoded, bytes, POINT_BYTES) == 0;
}
