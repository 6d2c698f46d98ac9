/*
 * The names of files below one folder, as records change them.
 */
#ifndef CRASH_NAMES_H
#define CRASH_NAMES_H

#include "tests/crash/disk.h"

enum { NAMES_PATH_BYTES = 160, NAMES_MAX = 256 };

struct name {
	char path[NAMES_PATH_BYTES];
	size_t file; /* a number of the caller's */
};

struct names {
	struct name list[NAMES_MAX];
	size_t count;
};

/* NULL: there is none.  Until the next change. */
struct name *names_find(struct names *t, const char *path, size_t n);

/* Does a record; file: what it makes.  One that cannot be done, for what it
 * stands on was lost, changes nothing. */
void names_change(struct names *t, const struct disk_record *r, size_t file);

#endif
