/*
 * What a file seems to be that somebody took for a backup.
 */
#ifndef TOOLS_KEEP_RESTORE_GUESS_H
#define TOOLS_KEEP_RESTORE_GUESS_H

#include "feeds/bytes.h"

enum { RESTORE_GUESS_BYTES = 16 * 1024 };

/* What it seems to be, and what to do with it; NULL: no idea.  head: the first
 * RESTORE_GUESS_BYTES of it, or all if it has fewer. */
const char *restore_guess(struct kith_slice head);

#endif
