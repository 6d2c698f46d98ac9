/*
 * Generations: a store is replaced as a whole, by filling a folder beside it
 * and naming that one.
 *
 *	store/writer	the lock, whatever the generation
 *	store/current	the number of the generation, in digits; absent: 0
 *	store/		data.mdb and lock.mdb of generation 0
 *	store/3/	those of generation 3
 *
 * Numbers only grow.  At every moment `current` names a whole store: a crash
 * leaves files that it does not name, which the next writer removes.  Readers
 * of other processes go on with the files they have open.  All but _current
 * and _path need the writer's lock (home_lock_writer).  Whatever they do not
 * name as an error is EFULL or EIO.
 */
#ifndef STORE_GENERATION_H
#define STORE_GENERATION_H

#include "src/store/home.h"

/* The generation in use.  EFORMAT: `current` is damaged. */
KITH_CHECK enum kith_err generation_current(const struct home *h,
					    uint64_t *out,
					    struct kith_error *e);

/* The absolute path of a generation's folder, there or not, into out.
 * EFORMAT: longer than n. */
KITH_CHECK enum kith_err generation_path(const struct home *h, uint64_t number,
					 char *out, size_t n,
					 struct kith_error *e);

/* Makes an empty folder for the generation after the current one. */
KITH_CHECK enum kith_err generation_new(const struct home *h, uint64_t *out,
					struct kith_error *e);

/* Syncs data.mdb of a generation from _new, its folder and the one above, then
 * makes it the current one; the caller has closed it.  After an error the
 * current generation may only be the old or the new one: _current tells, but
 * whichever it is, nothing may be written before the next store_open. */
KITH_CHECK enum kith_err generation_switch(const struct home *h,
					   uint64_t number,
					   struct kith_error *e);

/* Syncs the names of the store's folders and of the files in them, which LMDB
 * makes but leaves to the system. */
KITH_CHECK enum kith_err generation_sync(const struct home *h, uint64_t number,
					 struct kith_error *e);

/* True if there are rows of another generation than 0. */
bool generation_others(const struct home *h);

/* Removes the files of every generation but the current one, as far as it can:
 * what stays behind only takes room. */
void generation_tidy(const struct home *h);

#endif
