/*
 * A sheaf: rows of views on their way into the store, in memory of bounded
 * size, given back in the order of their keys.
 *
 * Rows are added run by run, and each run is sorted when it ends: so no step
 * takes long.  One thread.
 */
#ifndef VIEWS_SHEAF_H
#define VIEWS_SHEAF_H

#include "src/store/store.h"

enum {
	/* Rows of some 20,000 messages: the larger, the more of them fall
	 * into each page of the store. */
	SHEAF_BYTES = 8 << 20,
	SHEAF_ROWS = 1 << 18,
	SHEAF_RUNS = 32
};

/* A row that waits: which table, then its key; and its value. */
struct sheaf_row {
	uint64_t first; /* eight bytes of the table and key */
	const uint8_t *bytes;
};

struct sheaf {
	uint8_t *bytes;
	size_t used;
	struct sheaf_row *rows;
	size_t count;
	struct { size_t at, end; } runs[SHEAF_RUNS];
	unsigned run_count;
	size_t run_start; /* of the run that is being added */
	bool full; /* a row found no room */
};

/* False: no memory.  sheaf_free in any case. */
bool sheaf_alloc(struct sheaf *s);
void sheaf_free(struct sheaf *s);

/* Empties it. */
void sheaf_reset(struct sheaf *s);

/* Copies a row in, or sets full. */
void sheaf_add(struct sheaf *s, enum store_table table, struct kith_slice key,
	       struct kith_slice value);

/* All or nothing: what a message adds is taken back if it made the sheaf
 * full. */
struct sheaf_mark {
	size_t used, count;
};
struct sheaf_mark sheaf_mark(const struct sheaf *s);
void sheaf_back(struct sheaf *s, struct sheaf_mark to);

/* Ends a run.  False: it takes no more of them. */
bool sheaf_end_run(struct sheaf *s);

struct sheaf_item {
	enum store_table table;
	struct kith_slice key, value;
};

/* The least row that is left; false: none.  Equal ones come one after another,
 * in any order. */
bool sheaf_first(const struct sheaf *s, struct sheaf_item *out);
void sheaf_drop_first(struct sheaf *s);

#endif
