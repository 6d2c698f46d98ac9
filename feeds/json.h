/*
 * JSON as the network reads and prints it (V8's rules): readers that walk
 * bytes in place, the canonical compact form, and writers.
 *
 * The reader allocates nothing: a value is the slice of its text.  Texts come
 * either from json_check (once, for bytes of others) or from our own store;
 * the walkers rely on that and do not report errors again.  Of any other bytes
 * they make little sense, but stay inside them.
 * Format: RFC 8259; protocol/10 section 2 for the printed form.
 */
#ifndef FEEDS_JSON_H
#define FEEDS_JSON_H

#include "feeds/bytes.h"

/* Nesting taken: protocol/10 section 7.2. */
enum { JSON_DEPTH_MAX = 128 };

enum json_kind {
	JSON_KIND_NONE, /* an absent value: empty slice */
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_NUMBER,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT
};

/* The whole of text is one JSON value of valid UTF-8, nesting at most
 * JSON_DEPTH_MAX, surrounded by white space at most.  EFORMAT with e->offset;
 * *value (may be NULL) is text without the surrounding white space. */
KITH_CHECK enum kith_err json_check(struct kith_slice text,
				    struct kith_slice *value,
				    struct kith_error *e);

/* By the first character. */
enum json_kind json_kind(struct kith_slice value);

/* The value of the member called name, the last if there are several; an
 * empty slice if absent or if object is not an object.  name is compared
 * after unescaping. */
struct kith_slice json_get(struct kith_slice object, const char *name);

/* Walks an object or an array: start with at = 0.  False at the end, or for
 * any other value.  key (objects) is the quoted text. */
bool json_next_member(struct kith_slice object, size_t *at,
		      struct kith_slice *key, struct kith_slice *value);
bool json_next_element(struct kith_slice array, size_t *at,
		       struct kith_slice *value);

/* True if value is the string text, after unescaping. */
bool json_is(struct kith_slice value, const char *text);
bool json_says_true(struct kith_slice value);

/* Appends the unescaped string as UTF-8, a lone surrogate as U+FFFD; false
 * if value is not a string or does not fit. */
KITH_CHECK bool json_unescape(struct kith_slice value, struct kith_buf *out);

/* The bytes between the quotes where no escape stands there, as in all ids;
 * an empty slice otherwise. */
struct kith_slice json_plain(struct kith_slice value);

/* UTF-16 units of a string after unescaping, a lone surrogate one; 0 for any
 * other value. */
size_t json_units(struct kith_slice value);

/* The nearest double; false if value is not a number. */
KITH_CHECK bool json_number(struct kith_slice value, double *out);

/* A number with an integer value from 0 to 2^53 - 1, however spelled. */
KITH_CHECK bool json_uint(struct kith_slice value, uint64_t *out);

/* Appends the compact canonical form: what V8's JSON.stringify(JSON.parse(
 * value)) gives.  value must have passed json_check. */
void json_compact(struct kith_slice value, struct kith_buf *out);

/* Appends canonical compact text as V8 prints it with a two-space indent:
 * only white space is put in. */
void json_pretty(struct kith_slice compact, struct kith_buf *out);

/* Appends value, which must have passed json_check, as it is spelled, but on
 * one line. */
void json_one_line(struct kith_slice value, struct kith_buf *out);

/* UTF-16 units of what json_pretty would append. */
size_t json_pretty_units(struct kith_slice compact);

/* Appends the way from root to the value or name in it that holds the byte at
 * p, as a person writes it: content.mentions[0].query; nothing for root. */
void json_path(struct kith_slice root, const uint8_t *p, struct kith_buf *out);

/* Writers: append one value in canonical spelling. */
void json_put_string(struct kith_buf *b, struct kith_slice utf8);
void json_put_text(struct kith_buf *b, const char *utf8);
void json_put_number(struct kith_buf *b, double d);

#endif
