/*
 * The commands of this room: people.
 */
#ifndef TOOLS_PEOPLE_COMMANDS_H
#define TOOLS_PEOPLE_COMMANDS_H

#include "tools/tool.h"

/* In table.c; a zeroed row ends them. */
extern const struct command people_commands[];

/* contact.c */
int command_follow(struct tool *t, int argc, char **argv);
int command_unfollow(struct tool *t, int argc, char **argv);
int command_block(struct tool *t, int argc, char **argv);
int command_unblock(struct tool *t, int argc, char **argv);
/* follows.c */
int command_follows(struct tool *t, int argc, char **argv);
/* profile.c */
int command_profile(struct tool *t, int argc, char **argv);
/* whois.c */
int command_whois(struct tool *t, int argc, char **argv);
/* about.c */
int command_about(struct tool *t, int argc, char **argv);
/* explain.c */
int command_explain(struct tool *t, int argc, char **argv);

#endif
