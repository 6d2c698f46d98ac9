/*
 * A blob's row of the store as the rules for room see it.
 */
#ifndef DEPOT_KEEP_ROW_H
#define DEPOT_KEEP_ROW_H

#include "src/gossip/keep.h"
#include "src/store/blob_rows.h"

static inline struct keep_row keep_row_of(const struct blob_row *row)
{
	return (struct keep_row){
		.id = row->id,
		.size = row->size,
		.used_ms = row->used_us / 1000,
		.hops = row->own ? 0 : row->hops,
		.pinned = row->pinned,
	};
}

#endif
