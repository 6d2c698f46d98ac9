/*
 * Lines of a file or standard input, plain or packed, of bounded length.
 */
#ifndef SOURCE_LINES_H
#define SOURCE_LINES_H

#include "feeds/bytes.h"
#include "src/source/unpack.h"

/* A message as received and what stands around it. */
enum { LINES_BYTES_MAX = 128 * 1024 };

struct lines {
	struct unpack *unpack;
	uint64_t number;	/* of the line last given, from 1 */
	struct kith_slice rest; /* of what unpack gave */
	struct kith_buf line;	/* one that came in pieces */
	bool too_long;		/* the line last given was, and is empty here */
};

/* As unpack_open.  False and errno. */
bool lines_open(struct lines *l, const char *name, bool (*stop)(void *arg),
		void *arg);
void lines_close(struct lines *l);

/* The next line without its end, borrowed until the next call; false: the end,
 * or lines_failed.  What stands before a fault but has no end is no line. */
bool lines_next(struct lines *l, struct kith_slice *out);

/* Why there are no more, and at which byte; NULL: all were given. */
const char *lines_failed(const struct lines *l);

/* The message value in a line: the line itself, or the member of
 * {key,value,...} around it.  It is cut out, not checked: whoever decodes it
 * does that.  False, with the reason in e: no JSON object. */
KITH_CHECK bool lines_value(struct kith_slice line, struct kith_slice *out,
			    struct kith_error *e);

/* Nothing but white space. */
bool lines_blank(struct kith_slice line);

#endif
