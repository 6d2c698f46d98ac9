/*
 * Bytes compared as JavaScript compares the texts that it makes of them: read
 * as UTF-8, then by UTF-16 unit.
 *
 * Pure; never allocates.  Source: WHATWG Encoding, UTF-8 decoder; protocol/12
 * section 2.4.
 */
#ifndef FEEDS_UTF16_H
#define FEEDS_UTF16_H

#include "feeds/bytes.h"

/* Less than, equal to or more than 0 as a's text comes before b's, is it, or
 * comes after.  What is no UTF-8 counts as U+FFFD, one for each sequence as
 * far as it could have been one. */
int utf16_compare(struct kith_slice a, struct kith_slice b);

#endif
