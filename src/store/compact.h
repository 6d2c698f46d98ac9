/*
 * Compaction: gives back the room of what was removed, by copying the rows
 * that are left into a new generation, page after page full.
 *
 * On the writer's thread, or where nobody else writes; other threads read on,
 * but for the moment of the switch, and their store_write is EBUSY meanwhile.
 * At every moment a crash leaves the store whole, old or new.
 */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H

#include <stdatomic.h>

#include "src/store/store.h"

/* All zero at first. */
struct compaction {
	_Atomic bool stop;	    /* set by any thread: give up */
	_Atomic size_t done, total; /* bytes copied; read by any thread */
	uint64_t before, after;	    /* bytes of the store, once it is over */
};

/* No transaction may be open on this thread.  After an error nothing has
 * changed.  EFULL: no room for the copy, e says how much is needed; EBUSY:
 * stopped; EIO also for damage, which is not copied. */
KITH_CHECK enum kith_err store_compact(struct store *s, struct compaction *c,
				       struct kith_error *e);

#endif
