/*
 * Reasons for what was refused or found, each with how often it came.
 */
#ifndef TOOLS_TEXT_REASONS_H
#define TOOLS_TEXT_REASONS_H

#include <stdint.h>

#include "feeds/err.h"

enum { REASONS_MAX = 16 };

struct reason {
	char text[KITH_ERROR_TEXT_BYTES];
	uint64_t count; /* 0: there is none */
};

/* All zero: none yet. */
struct reasons {
	struct reason all[REASONS_MAX];
};

/* Counts one.  What comes when REASONS_MAX - 1 are there is counted together,
 * as "other reasons". */
void reasons_count(struct reasons *r, const char *why);

/* Reason i, as they first came; NULL: there are no more. */
const struct reason *reasons_at(const struct reasons *r, size_t i);

#endif
