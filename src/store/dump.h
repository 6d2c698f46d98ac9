/*
 * The rows of a store as a stream of bytes, and a store filled from one.
 *
 * A dump is of one moment, that of its transaction, whoever writes meanwhile;
 * rows are as they stand in the tables, seals and all, so that what was damaged
 * is no better there.  It does not depend on the machine, as LMDB's file does.
 * A fill is a new generation, which is the store only once it is whole.
 * Format: kith-backup(5), "Store".
 */
#ifndef STORE_DUMP_H
#define STORE_DUMP_H

#include "src/store/store.h"

enum { DUMP_VALUE_BYTES_MAX = 64 << 20 }; /* of one row */

/* What a record begins with, and how long that is: a table's is followed by
 * the length of its name, a row's by those of key and value. */
enum {
	DUMP_TABLE = 1, DUMP_TABLE_BYTES = 3,
	DUMP_ROW = 2, DUMP_ROW_BYTES = 7
};

struct dump;

/* Keeps a view of t, a reader.  Gives; free with dump_free.  NULL when out of
 * memory. */
struct dump *dump_new(struct txn *t);
void dump_free(struct dump *d);

/* Appends one row to out, behind the names of the tables that begin before it;
 * false: none (names may have come), or txn_error. */
bool dump_next(struct dump *d, struct kith_buf *out);

/* How much there is to go through, and how much is behind; bytes, about. */
uint64_t dump_total(const struct dump *d);
uint64_t dump_at(const struct dump *d);

struct fill;

/* h holds the writer's lock, and no store of it is open.  ENOMEM, EFULL, EIO.
 * Gives; free with fill_free. */
KITH_CHECK enum kith_err fill_new(const struct home *h, struct fill **out,
				  struct kith_error *e);

/* Takes bytes of a dump, cut anywhere.  EFORMAT: they are none; ENOMEM, EFULL,
 * EIO. */
KITH_CHECK enum kith_err fill_put(struct fill *f, struct kith_slice bytes,
				  struct kith_error *e);

/* Syncs what came, all of a dump, as a generation; it is the store's after
 * generation_switch.  EFORMAT: the dump is cut short; EFULL, EIO. */
KITH_CHECK enum kith_err fill_finish(struct fill *f, uint64_t *generation,
				     struct kith_error *e);

/* Drops what was not finished. */
void fill_free(struct fill *f);

#endif
