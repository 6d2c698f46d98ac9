/*
 * Factors of points, for checking signatures: numbers below the order of the
 * base point, in 32 bytes, lowest first.
 *
 * Never for secrets: time depends on the factors.  Pure.  Any thread.
 */
#ifndef FEEDS_VERIFY_SCALAR_H
#define FEEDS_VERIFY_SCALAR_H

#include "feeds/bytes.h"

enum {
	SCALAR_BYTES = 32,
	SCALAR_BITS = 256,
	/* Digits that are not 0 stand at least their width apart. */
	DIGIT_WIDTH_MIN = 3,
	SCALAR_DIGITS_MAX = SCALAR_BITS / DIGIT_WIDTH_MIN + 1
};

/* value 2^at: value is odd, and below 2^(width - 1) either way. */
struct digit {
	uint8_t at;
	int8_t value;
};

bool scalar_is_below_order(const uint8_t s[static SCALAR_BYTES]);

/* The digits of s, which is below 2^255, lowest first: their sum is s.
 * width: DIGIT_WIDTH_MIN to 8.  Gives their number. */
size_t scalar_digits(const uint8_t s[static SCALAR_BYTES], unsigned width,
		     struct digit out[static SCALAR_DIGITS_MAX]);

#endif
