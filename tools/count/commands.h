/*
 * The commands of this room: count and draw.
 */
#ifndef TOOLS_COUNT_COMMANDS_H
#define TOOLS_COUNT_COMMANDS_H

#include "tools/verbs.h"

/* In table.c; a zeroed row ends them. */
extern const struct command count_commands[];

/* stats.c */
int command_stats(struct tool *t, int argc, char **argv);
/* graph.c */
extern const struct verb graph_verbs[];
int command_graph(struct tool *t, int argc, char **argv);
/* space.c */
int command_space(struct tool *t, int argc, char **argv);

#endif
