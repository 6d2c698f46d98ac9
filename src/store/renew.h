/*
 * A store that is written anew from the rows of the old one: for repairs.
 *
 * The new one is a generation that nobody uses until it is finished, so that a
 * crash at any moment leaves the old one, or the whole new one.  Needs the
 * writer's lock, and nobody else in this process may have the store open.
 */
#ifndef STORE_RENEW_H
#define STORE_RENEW_H

#include "src/store/store.h"

/* An empty store of this place, for writes that are synced at the end only.
 * As store_open.  Gives; end it by renew_finish or renew_drop. */
KITH_CHECK enum kith_err renew_begin(const struct home *h, struct store **out,
				     struct kith_error *e);

/* Makes it the store of h; takes s.  keep: the file of the old one stays as
 * store/damaged-N/data.mdb, and *kept says N, until somebody removes it.
 * EFULL, EIO: as generation_switch. */
KITH_CHECK enum kith_err renew_finish(struct store *s, bool keep,
				      uint64_t *kept, struct kith_error *e);

/* Takes s: the old one stays.  NULL is ignored. */
void renew_drop(struct store *s);

#endif
