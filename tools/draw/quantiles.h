/*
 * Quantiles of many numbers in little memory: a histogram whose steps are a
 * sixteenth of what they count, so that an answer is off by 3 % at most.
 * Pure.
 */
#ifndef TOOLS_DRAW_QUANTILES_H
#define TOOLS_DRAW_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

enum { QUANTILES_PARTS = 16, QUANTILES_STEPS = 61 * QUANTILES_PARTS };

/* All zero is empty. */
struct quantiles {
	uint64_t steps[QUANTILES_STEPS];
	uint64_t count, most;
};

void quantiles_add(struct quantiles *q, uint64_t n);

/* The number that share (0 to 1) of all do not exceed; 0 where there are
 * none. */
uint64_t quantiles_get(const struct quantiles *q, double share);

#endif
