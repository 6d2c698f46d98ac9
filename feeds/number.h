/*
 * Numbers as JavaScript reads and prints them: IEEE doubles, nearest on the
 * way in, shortest that reads back on the way out.  No locale, no libc.
 * Source: ECMAScript Number::toString; protocol/10 section 2.2.
 */
#ifndef FEEDS_NUMBER_H
#define FEEDS_NUMBER_H

#include "feeds/bytes.h"

/* Longest text that number_print writes. */
enum { NUMBER_TEXT_BYTES = 32 };

/* text is a JSON number (already checked); infinite when over the range. */
double number_parse(struct kith_slice text);

/* Writes the shortest text, "null" if d is not finite; returns its length. */
size_t number_print(double d, char out[static NUMBER_TEXT_BYTES]);

/* True if text is what number_print gives for number_parse(text); cheap for
 * integers and for up to 15 digits. */
bool number_is_canonical(struct kith_slice text);

#endif
