/*
 * JSON texts of a file or standard input: one a line, or one over many lines,
 * as a person keeps it.
 *
 * A text over many lines begins with { and goes on until it is whole, or until
 * another line begins with {.  Memory is bounded; what is no JSON is given all
 * the same.  One thread.
 */
#ifndef SOURCE_TEXTS_H
#define SOURCE_TEXTS_H

#include "src/source/lines.h"

struct texts {
	struct lines lines;
	struct kith_slice next; /* read already, and not given yet */
	bool has_next;
	struct kith_buf text; /* one over many lines; empty: none has begun */
	uint64_t first;	      /* its first line */
	unsigned looks;	      /* whether it was whole */
};

/* One of them, borrowed until the next call. */
struct text {
	struct kith_slice json;
	uint64_t line;
	bool too_long; /* longer than any message; nothing of it was kept */
};

/* As unpack_open.  False and errno. */
bool texts_open(struct texts *t, const char *name, bool (*stop)(void *arg),
		void *arg);
void texts_close(struct texts *t);

/* The next that is not blank; false: the end, or texts_failed. */
bool texts_next(struct texts *t, struct text *out);

/* As lines_failed. */
const char *texts_failed(const struct texts *t);

/* True where the next may be long in coming: a pipe that is read up. */
bool texts_may_wait(const struct texts *t);

#endif
