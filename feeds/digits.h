/*
 * Values of digits of spelled bytes, in either case; -1: it is none.
 */
#ifndef FEEDS_DIGITS_H
#define FEEDS_DIGITS_H

#include <stdint.h>

static inline int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 4648 section 6. */
static inline int base32_digit(uint8_t c)
{
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

#endif
