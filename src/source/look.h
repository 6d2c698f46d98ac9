/*
 * What lies under a name, for kinds of sources to know themselves by.
 */
#ifndef SOURCE_LOOK_H
#define SOURCE_LOOK_H

#include <stdbool.h>

#include "feeds/err.h"

/* There is something with that name in the folder. */
bool look_has(const char *folder, const char *name);

/* Fails with what errno says of a file that cannot be opened or read: ENOENT,
 * EDENIED, EIO. */
enum kith_err look_fail(const char *name, struct kith_error *e);

#endif
