/*
 * The words of what was forgotten leave the index of search, too: kithd sees to
 * it by itself, and without it this process.
 */
#ifndef TOOLS_KEEP_SWEEP_H
#define TOOLS_KEEP_SWEEP_H

#include "tools/tool.h"

/* After messages were removed; t->store is open or not.  Nothing to do where
 * there is no index.  What goes wrong is noted: then the next to open the
 * index does it. */
void sweep_index(struct tool *t);

#endif
