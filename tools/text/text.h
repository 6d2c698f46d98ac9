/*
 * Text for people: safe on a terminal, aligned, short.
 *
 * What others wrote never reaches a terminal as it is: control characters,
 * bidirectional overrides and bytes that are no UTF-8 are shown as escapes.
 */
#ifndef TOOLS_TEXT_TEXT_H
#define TOOLS_TEXT_TEXT_H

#include <stdio.h>

#include "feeds/bytes.h"
#include "feeds/id.h"

enum { TEXT_TIME_BYTES = 32, TEXT_SHORT_BYTES = 16, TEXT_SIZE_BYTES = 24,
       TEXT_COUNT_BYTES = 40,
       TEXT_SHORT_CHARS = 9 /* of an id, with its sigil */ };

/* True if s is valid UTF-8. */
bool text_is_utf8(struct kith_slice s);

/* Takes one character from the front of s, which is not empty; false: a byte
 * that is no UTF-8, given as *c. */
bool text_take(struct kith_slice *s, uint32_t *c);

/* Columns that s takes, which must be safe. */
size_t text_width(struct kith_slice s);

/* Appends s whole, with everything unsafe escaped as in JSON: \u202e.  What
 * comes out is UTF-8 without a byte below 0x20. */
void text_put(struct kith_buf *out, struct kith_slice s);

/* Prints s whole, with everything unsafe escaped as in JSON: \u202e. */
void text_print(FILE *f, struct kith_slice s);

/* Prints s safely on one line: white space runs become one space, and what
 * does not fit into columns is cut off with an ellipsis.  pad: fills up to
 * columns with spaces. */
void text_print_cut(FILE *f, struct kith_slice s, size_t columns, bool pad);
/* The same into a buffer. */
void text_put_cut(struct kith_buf *out, struct kith_slice s, size_t columns,
		  bool pad);

/* Local time "2026-11-20 18:02" of milliseconds since 1970; "-" when that is
 * no time that a calendar has. */
void text_time(double ms, char out[static TEXT_TIME_BYTES]);

/* "1.2 MB". */
void text_size(uint64_t bytes, char out[static TEXT_SIZE_BYTES]);

/* "1 feed", "2 feeds"; gives out. */
const char *text_count(uint64_t n, const char *thing,
		       char out[static TEXT_COUNT_BYTES]);

/* "@iojj3XQJ…": long enough to be typed as a prefix. */
void text_short_feed(const struct kith_feed_id *id,
		     char out[static TEXT_SHORT_BYTES]);
void text_short_msg(const struct kith_msg_id *id,
		    char out[static TEXT_SHORT_BYTES]);

/* Columns of the terminal on stdout, or 100 where it is none. */
size_t text_columns(void);

#endif
