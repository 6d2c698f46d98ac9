/*
 * The part of `kith diff` that compares what falls out of the messages.
 */
#ifndef TOOLS_LOOK_DIFF_H
#define TOOLS_LOOK_DIFF_H

#include "src/source/source.h"
#include "tools/tool.h"

/* Prints where contacts and names differ.  names: of sources; NULL is the home.
 * Neither may be open.  An exit code after an error text. */
int diff_views(const struct tool *t, const char *const names[2],
	       uint64_t *different);

#endif
