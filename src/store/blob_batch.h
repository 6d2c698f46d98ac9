/*
 * Blobs that become durable together: who brings many waits for the disk once,
 * not for each.
 *
 * They are written as ever (blobs.h); those of a batch have their names only
 * once the bytes of all are synced.  A crash before blob_batch_finish is done
 * leaves any of them, each whole or not there.  Syncs all of their file system;
 * what could not be written then Linux tells of from 5.8 on, and before that it
 * is found when such a blob is read, as it is not what its name says.
 */
#ifndef STORE_BLOB_BATCH_H
#define STORE_BLOB_BATCH_H

#include "src/store/blobs.h"

/* Each has a file open. */
enum { BLOB_BATCH_MAX = 128, BLOB_BATCH_BYTES = 64 << 20 };

/* Embedded; zeroed before, _finish or _drop at the end. */
struct blob_batch {
	struct blob_writer *writers[BLOB_BATCH_MAX];
	size_t count;
	uint64_t bytes;
	size_t done; /* by the last _finish */
};

/* True: finish it before the next is added. */
bool blob_batch_is_full(const struct blob_batch *b);

/* Takes w, into which all was put.  EFORMAT: it is not what it must be, and
 * nothing of it is left; EIO. */
KITH_CHECK enum kith_err blob_batch_add(struct blob_batch *b,
					struct blob_writer *w,
					struct kith_error *e);

/* Syncs all, gives them their names, and empties it in any case.  EFULL, EIO:
 * the first b->done of those that were added have come, durable as after
 * success; of the rest any may be there, and then whole. */
KITH_CHECK enum kith_err blob_batch_finish(struct blob_batch *b,
					   struct kith_error *e);

/* Empties it, and nothing of them is left. */
void blob_batch_drop(struct blob_batch *b);

#endif
