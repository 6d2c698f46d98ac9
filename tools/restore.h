/*
 * Restoring a home from a backup file.
 */
#ifndef TOOLS_RESTORE_H
#define TOOLS_RESTORE_H

#include "src/store/home.h"

/* True if a restore into h was begun and not finished: there is a store, and
 * the identity is still to come. */
bool restore_unfinished(const struct home *h);

#endif
