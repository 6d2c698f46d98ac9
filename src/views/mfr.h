/*
 * Map, filter, reduce: the queries of existing clients over streams of JSON
 * values, as map-filter-reduce 3 has them.
 *
 * Values go through the stages $filter, $map, $reduce and $sort in turn.
 * Nothing is reprinted that is not made here: what a query picks comes out as
 * the bytes that came in.  Source: protocol/08 section 8.
 */
#ifndef VIEWS_MFR_H
#define VIEWS_MFR_H

#include "feeds/bytes.h"

enum {
	MFR_TEXT_BYTES_MAX = 64 << 10, /* protocol/08, bad input */
	MFR_DEPTH_MAX = 32,
	MFR_STAGES_MAX = 16,
	MFR_LEAVES_MAX = 32,	 /* of one $reduce */
	MFR_ITEM_BYTES_MAX = 1 << 20,
	MFR_KEPT_BYTES_MAX = 16 << 20, /* by $reduce and $sort */
	MFR_GROUPS_MAX = 10000
};

struct mfr;

typedef void mfr_fn(void *arg, struct kith_slice value);

/* stages: a checked JSON array; copied.  emit is called with each value that
 * comes out, which it borrows.  EFORMAT names the unknown stage or operator;
 * ETOOBIG; ENOMEM.  Gives; mfr_free. */
KITH_CHECK enum kith_err mfr_new(struct kith_slice stages, mfr_fn *emit,
				 void *arg, struct mfr **out,
				 struct kith_error *e);
void mfr_free(struct mfr *m);

/* Puts one value in.  ETOOBIG: more would have to be kept than is allowed. */
KITH_CHECK enum kith_err mfr_take(struct mfr *m, struct kith_slice value);
/* No more come: what was reduced or sorted comes out.  ETOOBIG, ENOMEM. */
KITH_CHECK enum kith_err mfr_finish(struct mfr *m);

/* The pattern of the first stage, if that is a $filter; else empty. */
struct kith_slice mfr_pattern(const struct mfr *m);

#endif
