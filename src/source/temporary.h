/*
 * A temporary file without a name, in $TMPDIR: gone when it is closed, however
 * that comes about.
 */
#ifndef SOURCE_TEMPORARY_H
#define SOURCE_TEMPORARY_H

#include "feeds/bytes.h"

/* *fd, for reading and writing; to be closed.  EIO: e names the folder. */
KITH_CHECK enum kith_err temporary_open(int *fd, struct kith_error *e);

/* Writes all of it.  EFULL, EIO. */
KITH_CHECK enum kith_err temporary_write(int fd, struct kith_slice bytes,
					 struct kith_error *e);

/* Reads exactly n bytes from offset on.  EIO: there are fewer. */
KITH_CHECK enum kith_err temporary_read(int fd, uint64_t offset, uint8_t *to,
					size_t n, struct kith_error *e);

/* Where temporary files are made. */
const char *temporary_folder(void);

#endif
