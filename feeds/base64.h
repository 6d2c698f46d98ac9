/*
 * Base64 as SSB uses it: RFC 4648 section 4, padded, canonical (unused bits
 * zero, no line breaks).  Not for secrets: its time depends on the data.
 * Source: protocol/10 section 5.1.
 */
#ifndef FEEDS_BASE64_H
#define FEEDS_BASE64_H

#include "feeds/bytes.h"

/* Characters for n bytes, without a NUL. */
#define BASE64_CHARS(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_CHARS(in.n) characters to out, no NUL. */
void base64_encode(struct kith_slice in, char *out);

/* Decodes the whole of text, which must be canonical, into exactly n bytes;
 * false, with out undefined, otherwise. */
KITH_CHECK bool base64_decode(struct kith_slice text, uint8_t *out, size_t n);

/* How many leading characters of text are canonical base64 in groups of four:
 * all groups up to the first that is not, with the padded one as the last. */
size_t base64_span(struct kith_slice text);

#endif
