/*
 * The commands of this room: look inside.
 */
#ifndef TOOLS_LOOK_COMMANDS_H
#define TOOLS_LOOK_COMMANDS_H

#include "tools/tool.h"

/* In table.c; a zeroed row ends them. */
extern const struct command look_commands[];

/* feeds.c */
int command_feeds(struct tool *t, int argc, char **argv);
/* log.c */
int command_log(struct tool *t, int argc, char **argv);
/* cat.c */
int command_cat(struct tool *t, int argc, char **argv);
/* tail.c */
int command_tail(struct tool *t, int argc, char **argv);
/* links.c */
int command_links(struct tool *t, int argc, char **argv);
int command_backlinks(struct tool *t, int argc, char **argv);
/* tree.c */
int command_tree(struct tool *t, int argc, char **argv);
/* clock.c */
int command_clock(struct tool *t, int argc, char **argv);
/* diff.c */
int command_diff(struct tool *t, int argc, char **argv);
/* forks.c */
int command_forks(struct tool *t, int argc, char **argv);
/* verify.c */
int command_verify(struct tool *t, int argc, char **argv);

#endif
