/*
 * Where a depot is, by what a person types: kith sync and kith depot.
 */
#ifndef TOOLS_SYNC_H
#define TOOLS_SYNC_H

#include "src/depot/session.h"
#include "tools/tool.h"

enum { SYNC_PATH_BYTES = 4096 };

/* The folder that a word names: a URL; the folder of a depot; one that has a
 * depot in it, as `ssbstick`, which is what is meant by a stick or a disk; or
 * one that is to become either.  may_make: where nothing is there yet, it is
 * made, if it is a stick or an empty folder, or create says so, or the person
 * at the terminal.  EXIT_DONE and *out, folder_free; or an exit code after an
 * error text. */
struct sync_place {
	bool may_make, create;
};
int sync_open(struct tool *t, const char *word, const struct sync_place *how,
	      struct folder **out);

/* Is there a depot?  What it is: *sealed. */
bool sync_is_depot(struct folder *f, bool *sealed);

/* "64K", "500M", "10G", or bytes.  False after an error text. */
bool sync_size(const struct tool *t, int letter, uint64_t *out);

#endif
