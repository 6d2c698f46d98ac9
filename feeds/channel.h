/*
 * Channels (hashtags): the one spelling of a name that is compared.
 *
 * Pure; never allocates.  As ssb-ref's normalizeChannel with the lower case of
 * JavaScript.  Source: protocol/13 section 4; ECMAScript toLowerCase.
 */
#ifndef FEEDS_CHANNEL_H
#define FEEDS_CHANNEL_H

#include "feeds/bytes.h"

enum {
	CHANNEL_UNITS_MAX = 30, /* UTF-16 units that are kept */
	CHANNEL_TEXT_BYTES = 3 * CHANNEL_UNITS_MAX + 1
};

/* Writes the normalised name and a NUL to out: lower case, without white space
 * and , . ? ! < > ( ) [ ] " #, its first CHANNEL_UNITS_MAX units.  name is
 * UTF-8; what is not, and half a character at the cut, becomes U+FFFD.
 * Gives the length in bytes, 0 when nothing is left: not a channel. */
size_t channel_normalize(struct kith_slice name,
			 char out[static CHANNEL_TEXT_BYTES]);

#endif
