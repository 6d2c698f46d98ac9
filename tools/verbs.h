/*
 * Verbs of a command that has several: `kith blob add`, `kith blob get`, and
 * behind what it is done to: `kith peer ADDRESS ping`.
 *
 * One table a command, of which its row knows, says what each takes: what is
 * wrong about their use is said here for all, and shells complete them.
 */
#ifndef TOOLS_VERBS_H
#define TOOLS_VERBS_H

#include "tools/tool.h"

/* Of a table; one without a name ends it. */
struct verb {
	const char *name, *args;
	const char *options; /* letters of those that it takes; NULL: all */
	int least, most;     /* arguments behind it; ANY_NUMBER */
	int (*run)(struct tool *t, int argc, char **argv);
};

/* NULL: c has none of that name. */
const struct verb *verb_named(const struct command *c, const char *name);

/* Runs the verb in argv with the other arguments, moved together: what a row of
 * the table of commands may have for its function.  EXIT_MISUSED after an error
 * text, or what the verb gives. */
int verbs_run(struct tool *t, int argc, char **argv);

#endif
