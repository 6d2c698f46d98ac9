/*
 * A blob of a depot on its way into our folder: read, hashed, written, synced.
 *
 * Says nothing of it to anybody: who calls notes that it is here.  Blocks.
 */
#ifndef DEPOT_BLOB_IN_H
#define DEPOT_BLOB_IN_H

#include "src/depot/folder.h"
#include "src/store/blobs.h"

/* limit: less fits.  EFORMAT: it is another blob; ETOOBIG; EIO: the depot, or
 * our disk; EFULL. */
KITH_CHECK enum kith_err blob_in(struct blobs *to,
				 const struct kith_blob_id *id, uint64_t limit,
				 struct folder_reader *from,
				 struct kith_error *e);

#endif
