/*
 * The commands of this room: keep house.
 */
#ifndef TOOLS_KEEP_COMMANDS_H
#define TOOLS_KEEP_COMMANDS_H

#include "tools/verbs.h"

/* In table.c; a zeroed row ends them. */
extern const struct command keep_commands[];

/* fsck.c */
int command_fsck(struct tool *t, int argc, char **argv);
/* views.c */
int command_views(struct tool *t, int argc, char **argv);
/* blob.c */
extern const struct verb blob_verbs[];
int command_blob(struct tool *t, int argc, char **argv);
int command_blobs(struct tool *t, int argc, char **argv);
/* forget.c */
int command_forget(struct tool *t, int argc, char **argv);
/* retention.c */
int command_retention(struct tool *t, int argc, char **argv);
/* compact.c */
int command_compact(struct tool *t, int argc, char **argv);
/* passphrase.c */
int command_passphrase(struct tool *t, int argc, char **argv);
/* backup.c */
int command_backup(struct tool *t, int argc, char **argv);
/* restore.c */
int command_restore(struct tool *t, int argc, char **argv);
/* feed.c */
extern const struct verb feed_verbs[];

#endif
