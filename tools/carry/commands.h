/*
 * The commands of this room: carry.
 */
#ifndef TOOLS_CARRY_COMMANDS_H
#define TOOLS_CARRY_COMMANDS_H

#include "tools/verbs.h"

/* In table.c; a zeroed row ends them. */
extern const struct command carry_commands[];

/* sync.c */
int command_sync(struct tool *t, int argc, char **argv);
/* sync_plan.c */
int command_sync_plan(struct tool *t, int argc, char **argv);
/* depot.c */
extern const struct verb depot_verbs[];
/* bundle.c */
extern const struct verb bundle_verbs[];
/* import.c */
int command_import(struct tool *t, int argc, char **argv);
/* export.c */
int command_export(struct tool *t, int argc, char **argv);

#endif
