/*
 * The store's file, page by page, whatever state it is in.
 *
 * LMDB trusts its file and may crash on a damaged page.  This reads the same
 * trees with plain reads and looks at every number before it is used: it gives
 * the rows that can be read, and says where what is damaged.  Never writes.
 * One snapshot: beside a running writer a read transaction pins its pages.
 * One thread.  Layout: page.h.
 */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include "src/store/store.h"

struct pages;

/* What a walk is over: a table of the store, or one of these. */
enum {
	PAGES_FREE = TABLE_COUNT, /* pages that nothing uses */
	PAGES_MAIN,		  /* the tables' heads, by name */
	PAGES_LOST,		  /* pages that no tree leads to any more */
	PAGES_TREES = PAGES_LOST
};

/* Opens the store of h as its last commit left it.  ENOENT: there is none.
 * EFORMAT: it is no store at all, e says what it seems to be.  EIO, EDENIED.
 * Gives; pages_close. */
KITH_CHECK enum kith_err pages_open(const struct home *h, struct pages **out,
				    struct kith_error *e);
void pages_close(struct pages *p);

/* The same on a file, without a pin. */
KITH_CHECK enum kith_err pages_open_file(const char *path, struct pages **out,
					 struct kith_error *e);

/* Before LMDB opens the store in folder: looks whether it is one at all, and as
 * long as its head says, which LMDB does not.  An absent or empty file is none
 * of its business.  EFORMAT, EIO: e says what it is and what to do. */
KITH_CHECK enum kith_err pages_look(const char *folder, struct kith_error *e);

/* False: a writer at work may change pages under the walk. */
bool pages_pinned(const struct pages *p);

/* What is wrong with the file's two heads or its length; NULL: nothing. */
const char *pages_head_damage(const struct pages *p);

/* NULL: the file stands where it was written, as its row KEY_COPY tells; else
 * why it may be a copy of another. */
const char *pages_copied(const struct pages *p, const struct home *h,
			 struct kith_slice row);

/* True if a table is there; false: its head is missing or damaged. */
bool pages_has(const struct pages *p, int tree);

/* How many rows the head of a tree tells of. */
uint64_t pages_rows(const struct pages *p, int tree);

uint64_t pages_count(const struct pages *p); /* in the file */
uint32_t pages_bytes(const struct pages *p); /* of one */
uint64_t pages_txn(const struct pages *p);   /* that wrote the snapshot */

struct pages_row {
	/* Live until the next step. */
	struct kith_slice key, value;
	uint64_t page; /* that holds it, or its key */
	/* Found on a damaged page: it may be none, or an old one, or come a
	 * second time, and need not be in order. */
	bool doubtful;
};

struct pages_damage {
	uint64_t page;
	const char *what;
	/* Rows in [low, high) may be lost, either empty where no key bounds
	 * it.  Live until the next step. */
	struct kith_slice low, high;
	bool lost; /* else no row is */
};

enum pages_step { PAGES_END, PAGES_ROW, PAGES_DAMAGE, PAGES_NO_MEMORY };

struct pages_walk;

/* The walks that come from now on claim pages as if none had been before. */
void pages_forget(struct pages *p);

/* A walk over all rows of a tree in the order of their keys.  Several may go
 * on at a time.  FREE tells true only after all other trees, LOST after that;
 * its rows come in no order.  NULL when out of memory. */
struct pages_walk *pages_walk_new(struct pages *p, int tree);
void pages_walk_free(struct pages_walk *w);

/* Goes on; what step says is in row or damage.  A first walk over a tree also
 * claims its pages: a page that two trees lead to is damage. */
enum pages_step pages_next(struct pages_walk *w, struct pages_row *row,
			   struct pages_damage *damage);

/* Bytes of all pages that a walk has read so far, for progress. */
uint64_t pages_walk_bytes(const struct pages_walk *w);

/* What a place in the file is used for, once every tree was walked. */
enum pages_use {
	PAGES_HEAD, PAGES_USED, PAGES_UNUSED, /* free */
	PAGES_ASTRAY			      /* no tree leads there */
};
enum pages_use pages_used_as(const struct pages *p, uint64_t page);

#endif
