/*
 * Sums of multiples of points, for checking signatures: combs, which make up
 * for doublings by tables.
 *
 * The bits of a factor are cut into as many pieces as the comb has teeth, and
 * there is a table of odd multiples for each: so one round of doublings, a
 * piece long, serves them all.  A comb's points are P, 2^n P, 2^2n P... where n
 * is the length of a piece.
 * Never for secrets: time depends on all.  Pure.  Any thread.
 */
#ifndef FEEDS_VERIFY_COMB_H
#define FEEDS_VERIFY_COMB_H

#include "feeds/verify_point.h"
#include "feeds/verify_scalar.h"

enum {
	/* Teeth, the bits between them, how many odd multiples each has, and
	 * how long digits are then.  Of the base point: */
	BASE_TEETH = 16,
	BASE_PIECE = SCALAR_BITS / BASE_TEETH,
	BASE_ODDS = 32,
	BASE_WIDTH = 7,

	/* Of a point that is often met: */
	COMB_TEETH = 16,
	COMB_PIECE = SCALAR_BITS / COMB_TEETH,
	COMB_ODDS = 2,
	COMB_WIDTH = 3,

	/* And of one that is seldom met, whose multiples are not kept: */
	RAKE_TEETH = 4,
	RAKE_PIECE = SCALAR_BITS / RAKE_TEETH,
	RAKE_ODDS = 4,
	RAKE_WIDTH = 4
};

struct comb_base {
	struct flat_addend teeth[BASE_TEETH][BASE_ODDS];
};

struct comb {
	struct flat_addend teeth[COMB_TEETH][COMB_ODDS];
};

struct rake {
	struct flat_point teeth[RAKE_TEETH];
};

struct rake_odds {
	struct addend teeth[RAKE_TEETH][RAKE_ODDS];
};

/* For the base point of Ed25519. */
void comb_base_make(struct comb_base *out);

void rake_make(struct rake *out, const struct point *p);
/* For the same point. */
void comb_make(struct comb *out, const struct rake *r);
void rake_odds_make(struct rake_odds *out, const struct rake *r);

/* out: s times the base point and h times the point of c or r; t is not set.
 * Both factors are below 2^255. */
void comb_sum(struct point *out, const struct comb_base *base,
	      const uint8_t s[static SCALAR_BYTES], const struct comb *c,
	      const uint8_t h[static SCALAR_BYTES]);
void rake_sum(struct point *out, const struct comb_base *base,
	      const uint8_t s[static SCALAR_BYTES], const struct rake_odds *r,
	      const uint8_t h[static SCALAR_BYTES]);

#endif
