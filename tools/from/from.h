/*
 * --from SOURCE: what a command reads in place of the home's store.
 *
 * A store of ours is opened where it lies, and nothing is written there.  What
 * is in any other source is verified and goes into a store of its own, in a
 * folder that is gone when the command ends; gaps, and feeds that begin in the
 * middle, are let in.  What is refused or damaged is told on stderr.  The home
 * lends its identity, keys and configuration, where there is one.
 */
#ifndef TOOLS_FROM_FROM_H
#define TOOLS_FROM_FROM_H

#include "tools/tool.h"

struct from;

/* EXIT_MISUSED after an error text: the command of t cannot do this. */
int from_check(const struct tool *t);

/* Opens t->home, and for another source than a store makes one there and fills
 * it.  An exit code after an error text. */
int from_open(struct tool *t);

/* The store is another's: nothing is to be written there. */
bool from_in_place(const struct from *f);

/* The store was made by from_open, and nothing is in its views yet: true once. */
bool from_is_new(struct from *f);

/* What the command ends with: findings are told by the exit code. */
int from_code(const struct from *f, int code);

/* After the store was closed; NULL is ignored. */
void from_close(struct from *f);

#endif
