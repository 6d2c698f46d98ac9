/*
 * The commands of this room: peers, and what is said to them.
 */
#ifndef TOOLS_WIRE_COMMANDS_H
#define TOOLS_WIRE_COMMANDS_H

#include "tools/verbs.h"

/* In table.c; a zeroed row ends them. */
extern const struct command wire_commands[];

/* connect.c */
int command_connect(struct tool *t, int argc, char **argv);
int command_disconnect(struct tool *t, int argc, char **argv);
/* peers.c */
int command_peers(struct tool *t, int argc, char **argv);
/* peer.c */
extern const struct verb peer_verbs[];
/* rpc.c */
int command_rpc(struct tool *t, int argc, char **argv);
/* stop.c */
int command_stop(struct tool *t, int argc, char **argv);
/* capture.c */
extern const struct verb capture_verbs[];
int command_capture(struct tool *t, int argc, char **argv);
/* tap.c */
int command_tap(struct tool *t, int argc, char **argv);
/* dissect.c */
int command_dissect(struct tool *t, int argc, char **argv);
/* decode.c */
int command_decode(struct tool *t, int argc, char **argv);
/* redact.c */
int command_redact(struct tool *t, int argc, char **argv);

#endif
