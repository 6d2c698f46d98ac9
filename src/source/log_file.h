/*
 * The file of another program's log, read in place from any byte: never
 * written, never locked.
 *
 * What is read ahead is bounded.  Blocks; one thread.
 */
#ifndef SOURCE_LOG_FILE_H
#define SOURCE_LOG_FILE_H

#include <limits.h>

#include "src/source/source.h"

enum { LOG_FILE_PIECE_BYTES = 256 * 1024 };

/* Embedded; log_file_open before, log_file_close after. */
struct log_file {
	char path[PATH_MAX];
	int fd;
	uint64_t bytes; /* of it, when it was opened */
	uint8_t *piece; /* what was read last: */
	uint64_t at;	/* from there on, */
	size_t have;	/* so many bytes */
	struct source_with with;
};

/* The log that a folder has at below, as "db2/log.bipf": name is that folder,
 * the one in which the log lies, or the log itself.  False: it is none. */
bool log_file_find(const char *name, const char *below,
		   char out[static PATH_MAX]);

/* The same for a name that nobody called a log: a file, whose bytes have no
 * mark, must be called as it is below. */
bool log_file_is(const char *name, const char *below);

/* ENOENT, EIO, ENOMEM; nothing is open then. */
KITH_CHECK enum kith_err log_file_open(struct log_file *f, const char *path,
				       const struct source_with *with,
				       struct kith_error *e);
KITH_CHECK enum kith_err log_file_open_in(struct log_file *f, const char *name,
					  const char *below,
					  const struct source_with *with,
					  struct kith_error *e);
void log_file_close(struct log_file *f); /* a zeroed one, too */

/* What is from offset on, which need not be read again if it was a moment ago:
 * *out borrows until the next call, and has at least least bytes, at most
 * LOG_FILE_PIECE_BYTES, or less where the file ends.  EIO; EBUSY: with's tick
 * stops it. */
KITH_CHECK enum kith_err log_file_read(struct log_file *f, uint64_t offset,
				       size_t least, struct kith_slice *out,
				       struct kith_error *e);

#endif
