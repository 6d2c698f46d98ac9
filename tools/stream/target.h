/*
 * A target of bytes: a file or standard output, plain or packed by gzip or
 * zstd.
 *
 * A file appears under its name whole and synced, or not at all.  Faults are
 * kept until target_finish.  One thread.
 */
#ifndef TOOLS_STREAM_TARGET_H
#define TOOLS_STREAM_TARGET_H

#include "feeds/bytes.h"

enum { TARGET_PIECE_BYTES = 1 << 20 }; /* written at once */

enum target_packing { TARGET_PLAIN, TARGET_GZIP, TARGET_ZSTD };

struct target;

/* What a file's name asks for: .gz, .zst, or plain. */
enum target_packing target_packing_of(const char *name);

/* name: NULL or "-" is standard output; kept as a view.  NULL and errno.
 * Gives; ended by target_finish or target_drop. */
struct target *target_open(const char *name, enum target_packing packing);

/* The same for what only its owner may read. */
struct target *target_open_secret(const char *name,
				  enum target_packing packing);

void target_put(struct target *t, struct kith_slice bytes);

/* True once a put has failed: more is in vain. */
bool target_failed(const struct target *t);

/* Writes what is left and frees.  False, and the errno of the first fault. */
KITH_CHECK bool target_finish(struct target *t);

/* Frees; leaves nothing behind of a file.  Nothing to NULL. */
void target_drop(struct target *t);

#endif
