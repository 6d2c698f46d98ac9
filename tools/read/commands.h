/*
 * The commands of this room: read.
 */
#ifndef TOOLS_READ_COMMANDS_H
#define TOOLS_READ_COMMANDS_H

#include "tools/tool.h"

/* In table.c; a zeroed row ends them. */
extern const struct command read_commands[];

/* timeline.c */
int command_timeline(struct tool *t, int argc, char **argv);
int command_channel(struct tool *t, int argc, char **argv);
/* thread.c */
int command_thread(struct tool *t, int argc, char **argv);
/* channels.c */
int command_channels(struct tool *t, int argc, char **argv);
/* inbox.c */
int command_mentions(struct tool *t, int argc, char **argv);
int command_inbox(struct tool *t, int argc, char **argv);
/* unread.c */
int command_unread(struct tool *t, int argc, char **argv);
/* search.c */
int command_search(struct tool *t, int argc, char **argv);
/* query.c */
int command_query(struct tool *t, int argc, char **argv);

#endif
