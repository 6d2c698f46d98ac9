/*
 * A source of bytes: a file or standard input, plain or packed by gzip or
 * zstd, which its first bytes tell.
 *
 * Memory is bounded, whatever a file asks for.  What is damaged or cut off is
 * given up to there.  One thread.  Formats: RFC 1952 and RFC 8878.
 */
#ifndef TOOLS_SOURCE_H
#define TOOLS_SOURCE_H

#include "feeds/bytes.h"

enum {
	SOURCE_PIECE_BYTES = 256 * 1024, /* given at once, at most */

	/* log2 of the largest window that a zstd frame may ask memory for:
	 * RFC 8878 section 3.1.1.1.2 wants 8 MB of every reader.  Levels up
	 * to 19 stay within it. */
	SOURCE_ZSTD_WINDOW_LOG = 23
};

struct source;

/* name: "-" or NULL is standard input.  NULL and errno.  Gives; frees with
 * source_close. */
struct source *source_open(const char *name);
void source_close(struct source *s);

/* The next bytes, at least one, borrowed until the next call.  False: the end,
 * or source_failed. */
bool source_next(struct source *s, struct kith_slice *out);

/* Why there is no more, with the byte of the file where; NULL: it ended well
 * or has not ended.  Borrowed. */
const char *source_failed(const struct source *s);

/* Bytes of the file that were used up, packed ones as they lie there, and all
 * that it has; 0: not known. */
uint64_t source_position(const struct source *s);
uint64_t source_size(const struct source *s);

#endif
