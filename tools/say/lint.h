/*
 * What `kith lint` finds, asked before content is signed.
 */
#ifndef TOOLS_SAY_LINT_H
#define TOOLS_SAY_LINT_H

#include "tools/tool.h"

/* Looks at content (checked JSON) as `kith lint` does: EXIT_FAILED after a
 * line for each finding, which names the rule and what to do.  Of the clock it
 * only warns.  private: it will be boxed for its recps.  May open the store. */
int lint_refuses(struct tool *t, struct kith_slice content, bool private);

#endif
