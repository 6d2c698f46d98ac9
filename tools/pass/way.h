/*
 * Who writes the store: kithd where it runs, else this process.
 */
#ifndef TOOLS_PASS_WAY_H
#define TOOLS_PASS_WAY_H

#include "tools/tool.h"

/* Waits a while for one who is about to end, or to listen.  EXIT_DONE: *kithd
 * is a connection to it (gives; client_close), or NULL, and this process has
 * the writer's lock; else an exit code after an error text. */
int way_find(struct tool *t, struct client **kithd);

#endif
