/*
 * Verbs of a command that has several: `kith blob add`, `kith blob get`.
 *
 * One table a command says what each takes; what is wrong about their use is
 * said here for all.
 */
#ifndef TOOLS_VERBS_H
#define TOOLS_VERBS_H

#include "tools/options.h"
#include "tools/tool.h"

struct verb {
	const char *name, *args;
	const char *options; /* letters of those that it takes; NULL: all */
	int least, most;     /* arguments behind it; ANY_NUMBER */
	int (*run)(struct tool *t, int argc, char **argv);
};

struct verbs {
	const char *command;
	const struct option_row *options; /* of the command */
	const struct verb *rows;	  /* the last one has no name */
};

/* Runs the verb argv[0] with what stands behind it.  EXIT_MISUSED after an
 * error text, or what the verb gives. */
int verbs_run(const struct verbs *v, struct tool *t, int argc, char **argv);

#endif
