#include "tools/draw/quantiles.h"

enum { PART_BITS = 4 };

/* Below 16 each number has a step; above, each power of two has 16. */
static size_t step_of(uint64_t n)
{
	unsigned top;

	if (n < QUANTILES_PARTS)
		return (size_t)n;
	top = 63 - (unsigned)__builtin_clzll(n);
	return (size_t)(top - PART_BITS + 1) * QUANTILES_PARTS +
	       ((n >> (top - PART_BITS)) & (QUANTILES_PARTS - 1));
}

/* The middle of a step. */
static uint64_t middle_of(size_t step)
{
	unsigned shift;
	uint64_t least;

	if (step < QUANTILES_PARTS)
		return step;
	shift = (unsigned)(step / QUANTILES_PARTS) - 1;
	least = (uint64_t)(QUANTILES_PARTS + step % QUANTILES_PARTS) << shift;
	return least + ((UINT64_C(1) << shift) - 1) / 2;
}

void quantiles_add(struct quantiles *q, uint64_t n)
{
	q->steps[step_of(n)]++;
	q->count++;
	q->most = n > q->most ? n : q->most;
}

uint64_t quantiles_get(const struct quantiles *q, double share)
{
	double wanted = share * (double)q->count;
	uint64_t seen = 0, n;

	for (size_t i = 0; i < QUANTILES_STEPS; i++) {
		seen += q->steps[i];
		if (!q->steps[i] || (double)seen < wanted)
			continue;
		n = middle_of(i);
		return n < q->most ? n : q->most;
	}
	return q->most;
}
