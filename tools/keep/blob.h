/*
 * The words of kith blob, each in a file of its own.
 */
#ifndef TOOLS_KEEP_BLOB_H
#define TOOLS_KEEP_BLOB_H

#include "tools/tool.h"

/* blob_why.c, blob_space.c, blob_gc.c, blob_list.c: what the words do, with the
 * arguments behind the word; exit codes. */
int blob_why(struct tool *t, int argc, char **argv);
int blob_space(struct tool *t, int argc, char **argv);
int blob_gc(struct tool *t, int argc, char **argv);
int blob_get(struct tool *t, int argc, char **argv);
int blob_ls(struct tool *t, int argc, char **argv);

#endif
