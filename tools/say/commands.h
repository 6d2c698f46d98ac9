/*
 * The commands of this room: say something.
 */
#ifndef TOOLS_SAY_COMMANDS_H
#define TOOLS_SAY_COMMANDS_H

#include "tools/verbs.h"

/* In table.c; a zeroed row ends them. */
extern const struct command say_commands[];

/* compose.c */
int command_post(struct tool *t, int argc, char **argv);
int command_reply(struct tool *t, int argc, char **argv);
/* like.c */
int command_like(struct tool *t, int argc, char **argv);
/* dm.c */
int command_dm(struct tool *t, int argc, char **argv);
/* group.c */
extern const struct verb group_verbs[];
/* publish.c */
int command_publish(struct tool *t, int argc, char **argv);
/* name.c */
int command_name(struct tool *t, int argc, char **argv);
/* subscribe.c */
int command_subscribe(struct tool *t, int argc, char **argv);
int command_unsubscribe(struct tool *t, int argc, char **argv);
/* lint.c */
int command_lint(struct tool *t, int argc, char **argv);

#endif
