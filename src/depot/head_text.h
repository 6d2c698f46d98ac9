/*
 * The small text files of a depot: lines of words, the last of them a checksum
 * of all before it.  For head.c.
 */
#ifndef DEPOT_HEAD_TEXT_H
#define DEPOT_HEAD_TEXT_H

#include "feeds/bytes.h"

/* A text whose end line proved whole: what is left to be read. */
struct head_text {
	struct kith_slice all, rest;
	struct kith_error *e;
	enum kith_err err; /* the first */
};

/* Keeps a view of e.  EFORMAT: the end line is missing or wrong. */
KITH_CHECK enum kith_err head_text_open(struct head_text *t,
					struct kith_slice all,
					struct kith_error *e);
/* Takes these bytes from the front where they are there. */
bool head_text_take(struct head_text *t, const char *bytes);
/* The same, where they must be there. */
void head_text_need(struct head_text *t, const char *bytes);
/* A number of up to most, without needless zeros. */
uint64_t head_text_number(struct head_text *t, uint64_t most);
/* What stands before the next character stop (which is taken), of up to most
 * bytes. */
struct kith_slice head_text_until(struct head_text *t, char stop, size_t most);
/* The first failure, or that of something left. */
KITH_CHECK enum kith_err head_text_close(struct head_text *t);
/* Notes the failure to read what stands in front: what is expected there. */
void head_text_fail(struct head_text *t, const char *expected);

/* Appends the end line of what stands in out from start on. */
void head_text_end(struct kith_buf *out, size_t start);
/* Appends a line of a word and a number. */
void head_text_put(struct kith_buf *out, const char *word, uint64_t n);

#endif
