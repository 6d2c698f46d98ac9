/*
 * Points of Ed25519's curve, for checking signatures: -x^2 + y^2 =
 * 1 + d x^2 y^2 modulo 2^255 - 19.
 *
 * The formulas have no exceptions: they hold for any two points of the curve,
 * the small ones among them.
 * Never for secrets: time depends on the points.  Pure.  Any thread.
 * Source: RFC 8032, section 5.1; Hisil, Wong, Carter and Dawson, "Twisted
 * Edwards Curves Revisited", sections 3.1 and 3.2, whose coordinates these are.
 */
#ifndef FEEDS_VERIFY_POINT_H
#define FEEDS_VERIFY_POINT_H

#include "feeds/verify_field.h"

enum { POINT_BYTES = 32 };

/* (x / z, y / z), and t is x y / z; all tight. */
struct point {
	struct residue x, y, z, t;
};

/* One with z = 1. */
struct flat_point {
	struct residue x, y;
};

/* A sum before it is a point: (x / under[0], y / under[1]). */
struct point_sum {
	struct residue x, y, under[2];
};

/* A point in the form that is added: y - x and y + x, 2 d t and 2 z. */
struct addend {
	struct residue side[2], t2d, z2;
};

/* Of a flat one, which is a product less to add. */
struct flat_addend {
	struct residue side[2], t2d;
};

/* The point that in says; false if there is none.  A y of p or more is taken
 * modulo p, and the sign of x = 0 ignored. */
bool point_decode(struct point *out, const uint8_t in[static POINT_BYTES]);

void point_set_identity(struct point *p);
void point_negate(struct point *p);

/* in's t is not looked at. */
void point_double(struct point_sum *out, const struct point *p);
/* out: p + a, or p - a. */
void point_add(struct point_sum *out, const struct point *p,
	       const struct addend *a, bool minus);
void point_add_flat(struct point_sum *out, const struct point *p,
		    const struct flat_addend *a, bool minus);

void point_from_sum(struct point *out, const struct point_sum *s);
/* The same without t, for what is only doubled or encoded. */
void point_from_last_sum(struct point *out, const struct point_sum *s);

void point_from_flat(struct point *out, const struct flat_point *p);
/* n is at most RESIDUES_INVERTED, here and below. */
void flat_points_from_points(struct flat_point *out, const struct point *p,
			     size_t n);

void addend_from_point(struct addend *out, const struct point *p);
void flat_addends_from_points(struct flat_addend *out, const struct point *p,
			      size_t n);

/* True if p, of which inverse is 1 / z, is the one that is written so, and
 * only so. */
bool point_is(const struct point *p, const struct residue *inverse,
	      const uint8_t bytes[static POINT_BYTES]);

#endif
