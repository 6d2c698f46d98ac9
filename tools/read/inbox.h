/*
 * Private conversations as `kith inbox --private` lists them.
 */
#ifndef TOOLS_READ_INBOX_H
#define TOOLS_READ_INBOX_H

#include "tools/tool.h"

/* Each once, with its newest message, the newest first; to be followed, the
 * newest last, and then each message that comes.  An exit code. */
int inbox_private(struct tool *t, uint64_t limit);

#endif
