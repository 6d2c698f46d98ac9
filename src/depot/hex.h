/*
 * Hex digits in lower case, which is the only form that a depot has.
 */
#ifndef DEPOT_HEX_H
#define DEPOT_HEX_H

#include "feeds/bytes.h"

/* Writes 2 n digits. */
static inline void hex_put(uint8_t *to, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		to[2 * i] = (uint8_t)digits[bytes[i] >> 4];
		to[2 * i + 1] = (uint8_t)digits[bytes[i] & 15];
	}
}

/* -1: it is none. */
static inline int hex_low_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads n bytes from 2 n digits. */
static inline bool hex_read(const uint8_t *from, uint8_t *bytes, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		int high = hex_low_digit(from[2 * i]);
		int low = hex_low_digit(from[2 * i + 1]);

		bad |= high | low; /* negative once one is */
		bytes[i] = (uint8_t)(((unsigned)high << 4 | (unsigned)low) &
				     0xff);
	}
	return bad >= 0;
}

#endif
