/*
 * Lines of a file or standard input, of bounded length.
 */
#ifndef TOOLS_LINES_H
#define TOOLS_LINES_H

#include <stdio.h>

#include "feeds/bytes.h"

/* A message as received and what stands around it. */
enum { LINES_BYTES_MAX = 128 * 1024 };

struct lines {
	FILE *file;
	uint64_t number; /* of the line last given, from 1 */
	struct kith_buf line;
	bool too_long;	 /* the line last given was, and is empty here */
	int failed;	 /* errno when reading failed */
};

/* name: "-" or NULL is standard input.  False and errno. */
bool lines_open(struct lines *l, const char *name);
void lines_close(struct lines *l);

/* The next line without its end, borrowed until the next call; false: the end,
 * or an error of the file (lines_failed). */
bool lines_next(struct lines *l, struct kith_slice *out);
int lines_failed(const struct lines *l); /* its errno, or 0 */

/* The message value in a line: itself, or the member of {key,value,...} around
 * it.  False, with the reason in e: no JSON object. */
KITH_CHECK bool lines_value(struct kith_slice line, struct kith_slice *out,
			    struct kith_error *e);

#endif
