/*
 * A sorted table in memory: rows of one size, whose first bytes are the key.
 *
 * Rows lie in blocks, so that putting one between others moves little, whatever
 * the order in which somebody else makes them come.  Rows hold bytes only, as
 * they have no alignment.  Pure.
 */
#ifndef DEPOT_ROWS_H
#define DEPOT_ROWS_H

#include "feeds/bytes.h"

enum { ROWS_PER_BLOCK = 128 };

struct rows {
	size_t row_bytes, key_bytes;
	size_t count, max;
	size_t block_count, block_cap;
	struct rows_block **blocks; /* none of them is empty */
};

/* Where a row is, or would be: the block, ROWS_PER_BLOCK times, and the row. */
typedef size_t rows_at;

void rows_init(struct rows *r, size_t row_bytes, size_t key_bytes, size_t max);
void rows_clear(struct rows *r);

/* The first row whose key is not below key, or the end. */
rows_at rows_seek(const struct rows *r, const uint8_t *key);
/* The row there, NULL at the end; it lives until the table changes. */
void *rows_get(const struct rows *r, rows_at at);
/* Its key is this one. */
bool rows_is(const struct rows *r, const void *row, const uint8_t *key);
/* Where the next one is: 0 is the first, behind the last comes the end. */
rows_at rows_after(const struct rows *r, rows_at at);

/* Makes a row before that one, for the caller to fill in with a key that
 * belongs there.  ETOOBIG: there are max; ENOMEM. */
KITH_CHECK enum kith_err rows_insert(struct rows *r, rows_at at, void **row);
void rows_remove(struct rows *r, rows_at at);

#endif
