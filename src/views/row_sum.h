/*
 * The sum of many rows, in whatever order they come.
 *
 * Each row is hashed under a key that nobody knows before, and the hashes are
 * added up: the same rows have the same sum, and others have it once in 2^64.
 * Pure.
 */
#ifndef VIEWS_ROW_SUM_H
#define VIEWS_ROW_SUM_H

#include "feeds/bytes.h"

enum { ROW_SUM_KEY_BYTES = 16 };

struct row_sum {
	uint8_t key[ROW_SUM_KEY_BYTES]; /* random; of both that are compared */
	uint64_t sum, count;
};

/* The hash of one row. */
uint64_t row_sum_hash(const struct row_sum *s, struct kith_slice key,
		      struct kith_slice value);

static inline void row_sum_add(struct row_sum *s, uint64_t hash)
{
	s->sum += hash;
	s->count++;
}

static inline bool row_sum_equal(const struct row_sum *a,
				 const struct row_sum *b)
{
	return a->sum == b->sum && a->count == b->count;
}

#endif
