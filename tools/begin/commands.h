/*
 * The commands of this room: begin, and move in.
 */
#ifndef TOOLS_BEGIN_COMMANDS_H
#define TOOLS_BEGIN_COMMANDS_H

#include "tools/tool.h"

/* In table.c; a zeroed row ends them. */
extern const struct command begin_commands[];

/* identity.c */
int command_init(struct tool *t, int argc, char **argv);
int command_id(struct tool *t, int argc, char **argv);
/* adopt.c */
int command_adopt(struct tool *t, int argc, char **argv);
/* words.c */
int command_words(struct tool *t, int argc, char **argv);
/* status.c */
int command_status(struct tool *t, int argc, char **argv);

#endif
