/*
 * What will be public, shown to the person at a terminal before it is signed.
 */
#ifndef TOOLS_SAY_PREVIEW_H
#define TOOLS_SAY_PREVIEW_H

#include "tools/tool.h"

/* Whether there is somebody to ask: a person's terminal, and neither --yes nor
 * --json. */
bool preview_wanted(const struct tool *t);

/* Shows content as readers will see it, who they are if it has recps, and the
 * whole ids behind its links; and asks.  EXIT_DONE: it may be signed; else
 * EXIT_FAILED after a word.  May open the store. */
int preview_ask(struct tool *t, struct kith_slice content);

/* Where nobody is asked: notes who will read what has recps.  EXIT_DONE, or as
 * above. */
int preview_readers(struct tool *t, struct kith_slice content);

#endif
