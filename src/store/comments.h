/*
 * Comments in the config file of a home, which is JSON with comments as
 * JavaScript has them.  Pure.  Source: protocol/08 section 1.
 */
#ifndef STORE_COMMENTS_H
#define STORE_COMMENTS_H

#include <stddef.h>
#include <stdint.h>

/* Writes spaces over the comments in n bytes of text, so that what is left is
 * JSON in which lines and offsets keep their numbers.  One that does not end
 * goes on to the end. */
void comments_blank(uint8_t *text, size_t n);

#endif
