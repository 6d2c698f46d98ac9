/*
 * The small text files of a depot: lines of words, the last of them a checksum
 * of all before it.  For head.c and info.c.
 */
#ifndef DEPOT_TEXT_H
#define DEPOT_TEXT_H

#include "feeds/bytes.h"

/* A text whose end line proved whole: what is left to be read. */
struct text {
	struct kith_slice all, rest;
	struct kith_error *e;
	enum kith_err err; /* the first */
};

/* Keeps a view of e.  EFORMAT: the end line is missing or wrong. */
KITH_CHECK enum kith_err head_open(struct text *t, struct kith_slice all,
				   struct kith_error *e);
/* Takes these bytes from the front where they are there. */
bool head_take(struct text *t, const char *bytes);
/* The same, where they must be there. */
void head_need(struct text *t, const char *bytes);
/* A number of up to most, without needless zeros. */
uint64_t head_number(struct text *t, uint64_t most);
/* What stands before the next character stop (which is taken), of up to most
 * bytes. */
struct kith_slice head_until(struct text *t, char stop, size_t most);
/* The first failure, or that of something left. */
KITH_CHECK enum kith_err head_close(struct text *t);
/* Notes the failure to read what stands in front: what is expected there. */
void head_fail(struct text *t, const char *expected);

/* Appends the end line of what stands in out from start on. */
void head_end(struct kith_buf *out, size_t start);
/* Appends a line of a word and a number. */
void head_put(struct kith_buf *out, const char *word, uint64_t n);

#endif
