/*
 * Exact conversion between decimal digits and doubles with whole big numbers:
 * the slow way, for what number.c's short cuts leave.
 *
 * Never allocates; reads any digits in bounded time and memory.
 */
#ifndef FEEDS_NUMBER_EXACT_H
#define FEEDS_NUMBER_EXACT_H

#include <stddef.h>
#include <stdint.h>

/* More digits than this never matter but for whether one of them is not 0:
 * the longest exact midpoint of two doubles has 768. */
enum { EXACT_DIGITS_MAX = 800 };

/* digits (values 0 to 9, the first not 0) times ten to the power of exponent;
 * n at least 1, at most EXACT_DIGITS_MAX, and n + exponent from -400 to 400.
 * Gives the nearest double, ties to even, infinite when over the range. */
double exact_parse(const uint8_t *digits, size_t n, int exponent);

/* Longest shortest form of a double. */
enum { EXACT_SHORTEST_MAX = 17 };

/* The fewest digits that read back as d, which is finite and above 0, the
 * closest to d if several; d is nearly 0.DIGITS times ten to the power of
 * *point.  Returns how many. */
size_t exact_shortest(double d, uint8_t digits[static EXACT_SHORTEST_MAX],
		      int *point);

#endif
