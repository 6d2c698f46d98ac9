/*
 * Views that are up to the log, for commands that read them: by kithd where it
 * runs, else by this process for as long as it takes.
 */
#ifndef TOOLS_CATCH_UP_H
#define TOOLS_CATCH_UP_H

#include "tools/tool.h"

struct view;

/* Brings the views of t->store up to what was committed before, with progress.
 * Where nobody may write, a note says how much they lack, and it goes on.  An
 * exit code: t->store is gone after a failure. */
int catch_up(struct tool *t);

/* Makes one view anew, likewise; what keeps it from that is an error. */
int catch_up_rebuild(struct tool *t, const struct view *view);

#endif
