/*
 * Which messages are somewhere: for each feed, ranges of sequences.
 *
 * In memory, by feed and sequence; ranges of a feed never touch.  Pure.
 * Source: protocol/15 section 5.2.
 */
#ifndef DEPOT_RANGES_H
#define DEPOT_RANGES_H

#include "feeds/bytes.h"
#include "feeds/id.h"

/* A depot names no more than so many: a million feeds of ten ranges each would
 * take 700 MB of a node. */
enum { DEPOT_RANGES_MAX = 1 << 20 };

/* 1 <= first <= last < UINT64_MAX everywhere. */
struct depot_range {
	struct kith_feed_id feed;
	uint64_t first, last;
};

struct depot_ranges;

/* Gives; depot_ranges_free.  NULL when out of memory. */
struct depot_ranges *depot_ranges_new(void);
void depot_ranges_free(struct depot_ranges *r);

/* ENOMEM; ETOOBIG: DEPOT_RANGES_MAX.  Cheap where a feed goes on. */
KITH_CHECK enum kith_err depot_ranges_add(struct depot_ranges *r,
					  const struct depot_range *range);
KITH_CHECK enum kith_err depot_ranges_remove(struct depot_ranges *r,
					     const struct depot_range *range);
KITH_CHECK enum kith_err depot_ranges_join(struct depot_ranges *r,
					   const struct depot_ranges *other);

/* The last sequence up to which all from first on are there; first - 1: not
 * even that one is. */
uint64_t depot_ranges_reach(const struct depot_ranges *r,
			    const struct kith_feed_id *feed, uint64_t first);
/* Some of these are not there: the first such piece. */
bool depot_ranges_lack(const struct depot_ranges *r,
		       const struct depot_range *all, struct depot_range *out);

/* Walks all in order: *at = 0 first; false at the end. */
bool depot_ranges_next(const struct depot_ranges *r, size_t *at,
		       struct depot_range *out);
size_t depot_ranges_count(const struct depot_ranges *r);

/* Reads and appends the JSON of a line DEPOT_RANGE, or DEPOT_LACK, which has
 * more: {"feed":"@...","first":1,"last":9}.  EFORMAT: also a range that is
 * empty or ends over DEPOT_NUMBER_MAX. */
KITH_CHECK enum kith_err depot_range_decode(struct kith_slice json,
					    struct depot_range *out);
void depot_range_encode(struct kith_buf *out, const struct depot_range *range);

#endif
