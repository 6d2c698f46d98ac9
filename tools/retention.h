/*
 * What the rule of retention would remove, counted and not done.
 */
#ifndef TOOLS_RETENTION_H
#define TOOLS_RETENTION_H

#include "src/ingest/retain.h"
#include "tools/network.h"
#include "tools/tool.h"

/* Reads t->store, for t->self; the counts are in r.  The rule has days.  An
 * exit code after an error text. */
int retention_count(struct tool *t, const struct network *rule,
		    struct retaining *r);

#endif
