/*
 * Seals: the last four bytes of a row that nothing else vouches for.
 *
 * A message carries its own checksum, and an index can be made again from the
 * log; what this node alone knows, and the row of a feed, end in the crc32c of
 * table, key and value instead.  Put on and taken off in txn.c, so that nobody
 * above sees them.  The schema's row goes without: every kith, older or newer,
 * must be able to read it.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "src/store/row.h"
#include "src/store/store.h"

enum { SEAL_BYTES = 4 };

/* Whether the row at key ends in a seal. */
bool seal_covers(enum store_table table, struct kith_slice key);

/* The seal that goes behind value. */
void seal_make(const struct crc32c *c, enum store_table table,
	       struct kith_slice key, struct kith_slice value,
	       uint8_t out[static SEAL_BYTES]);

/* Takes the seal off value; false, and value as it was: it is broken. */
KITH_CHECK bool seal_check(const struct crc32c *c, enum store_table table,
			   struct kith_slice key, struct kith_slice *value);

#endif
