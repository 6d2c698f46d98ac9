/*
 * What the rule of retention removes: whose feeds are too near for it, and how
 * much it would be.
 *
 * One thread.
 */
#ifndef TOOLS_PASS_RETAINING_H
#define TOOLS_PASS_RETAINING_H

#include "src/ingest/retain.h"
#include "tools/network.h"
#include "tools/tool.h"

/* Sets r up by the rule, which has days, and by whom t->self follows in
 * t->store.  Gives r->near, in any case.  An exit code after an error text. */
int retaining_start(struct tool *t, const struct network *rule, bool dry,
		    struct retaining *r);

/* Counts and removes nothing; the counts are in r.  As retaining_start, but
 * r->near is freed. */
int retaining_count(struct tool *t, const struct network *rule,
		    struct retaining *r);

#endif
