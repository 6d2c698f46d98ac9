/*
 * Bars for a terminal: Unicode's eighths of a block, or # where the locale has
 * no UTF-8.  Pure but for bars_style.
 */
#ifndef TOOLS_DRAW_BARS_H
#define TOOLS_DRAW_BARS_H

#include <stdint.h>

#include "feeds/bytes.h"

enum bars { BARS_EIGHTHS, BARS_HASHES };

/* What the locale of this process's surroundings can show. */
enum bars bars_style(void);

/* Appends a bar as long as value is to most, which takes all columns; pad:
 * spaces behind it up to columns.  Something is drawn for every value above 0;
 * one above most is as long as most. */
void bars_put(struct kith_buf *out, enum bars style, uint64_t value,
	      uint64_t most, size_t columns, bool pad);

/* Appends one column for each of n values, an eighth to a whole block high: a
 * chart of one line.  Without eighths: digits 1 to 9, a space for 0. */
void bars_put_line(struct kith_buf *out, enum bars style,
		   const uint64_t *values, size_t n);

#endif
