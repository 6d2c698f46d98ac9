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
	COMB_TEETH = 16,
	COMB_PIECE = SCALAR_BITS / COMB_TEETH,
	/* For a point that is seldom met. */
	RAKE_TEETH = 4,
	RAKE_PIECE = SCALAR_BITS / RAKE_TEETH,

	/* How many odd multiples a tooth has, and how long digits are. */
	COMB_ODDS = 4,
	COMB_WIDTH = 4,
	COMB_BASE_ODDS = 32,
	COMB_BASE_WIDTH = 7
};

struct comb_base {
	struct flat_addend teeth[COMB_TEETH][COMB_BASE_ODDS];
};

struct comb {
	struct flat_addend teeth[COMB_TEETH][COMB_ODDS];
};

/* A comb of few teeth, of which their multiples are made each time. */
struct rake {
	struct flat_point teeth[RAKE_TEETH];
};

struct rake_odds {
	struct addend teeth[RAKE_TEETH][COMB_ODDS];
};

/* For the base point of Ed25519. */
void comb_base_make(struct comb_base *out);

/* For the first point of r. */
void comb_make(struct comb *out, const struct rake *r);
void rake_make(struct rake *out, const struct point *p);
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
