/*
 * Bytes of a file or of standard input, plain or packed by gzip or
 * zstd, which its first bytes tell.
 *
 * Memory is bounded, whatever a file asks for.  What is damaged or cut off is
 * given up to there.  One thread.  Formats: RFC 1952 and RFC 8878.
 */
#ifndef SOURCE_UNPACK_H
#define SOURCE_UNPACK_H

#include "feeds/bytes.h"

enum {
	UNPACK_PIECE_BYTES = 256 * 1024, /* given at once, at most */

	/* log2 of the largest window that a zstd frame may ask memory for:
	 * RFC 8878 section 3.1.1.1.2 wants 8 MB of every reader.  Levels up
	 * to 19 stay within it. */
	UNPACK_ZSTD_WINDOW_LOG = 23
};

struct unpack;

/* name: "-" or NULL is standard input.  stop, or NULL, is asked before each
 * piece, and while bytes of a pipe are awaited; true: it ends as interrupted.
 * NULL and errno.  Gives; unpack_close. */
struct unpack *unpack_open(const char *name, bool (*stop)(void *arg),
			   void *arg);
void unpack_close(struct unpack *u);

/* The next bytes, at least one, borrowed until the next call.  False: the end,
 * or unpack_failed. */
bool unpack_next(struct unpack *u, struct kith_slice *out);

/* Why there is no more, with the byte of the file where; NULL: it ended well
 * or has not ended.  Borrowed. */
const char *unpack_failed(const struct unpack *u);

/* Bytes of the file that were used up, packed ones as they lie there, and all
 * that it has; 0: not known. */
uint64_t unpack_position(const struct unpack *u);
uint64_t unpack_size(const struct unpack *u);

#endif
