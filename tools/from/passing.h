/*
 * A passing folder: made in $TMPDIR for this process alone, and gone when it
 * ends, however it ends: a child that only waits for that removes it.
 */
#ifndef TOOLS_FROM_PASSING_H
#define TOOLS_FROM_PASSING_H

#include <limits.h>
#include <sys/types.h>

#include "feeds/err.h"

struct passing {
	char path[PATH_MAX];
	pid_t child; /* 0: there is no folder */
	int alive;   /* as long as this is open, the child waits */
};

/* Mode 0700.  Before any thread is started.  EIO: e says why. */
KITH_CHECK enum kith_err passing_make(struct passing *p, struct kith_error *e);

/* Removes it with all that is in it.  Nothing to one that was not made. */
void passing_remove(struct passing *p);

#endif
