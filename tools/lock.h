/*
 * Waiting for the store's writer to be gone.
 */
#ifndef TOOLS_LOCK_H
#define TOOLS_LOCK_H

#include "src/store/home.h"

/* Waits until no process holds the lock of store/writer, however its holder
 * ends.  0, or an errno: EINTR after the given seconds. */
int lock_wait(const struct home *h, unsigned seconds);

#endif
