/*
 * What the files of the shared object disk_io.so share.
 */
#ifndef SUPPORT_DISK_IO_PRIVATE_H
#define SUPPORT_DISK_IO_PRIVATE_H

#include <limits.h>

#include "tests/support/recording.h"

#define EXPORT __attribute__((visibility("default")))

/* Held over each call and its record. */
void io_lock(void);
void io_unlock(void);

/* Counts one call that could fail; the error with which it does, or 0. */
int io_fault(void);

/* Counts one change, and ends the process before the one that is asked for. */
void io_maybe_die(void);

/* Sets errno; -1. */
int io_fails(int err);

/* Where name is below the root, seen from folder; NULL: it is elsewhere. */
const char *io_place(int folder, const char *name, char out[PATH_MAX]);

void io_put_name(enum record_kind kind, const char *path, const char *to);
void io_put_make(uint64_t file, uint32_t flags, const char *path);

#endif
