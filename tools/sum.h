/*
 * Sums of numbers that others claim: as much as fits.
 */
#ifndef TOOLS_SUM_H
#define TOOLS_SUM_H

#include <stdint.h>

static inline uint64_t sum_of(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static inline uint64_t sum_times(uint64_t a, uint64_t n)
{
	return n && a > UINT64_MAX / n ? UINT64_MAX : a * n;
}

#endif
