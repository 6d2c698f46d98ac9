/*
 * The index by id, and the part of it that is still to be written.
 *
 * Ids are random: put one by one, each message of a flood would rewrite a page
 * of by_id.  So a flood's entries wait in memory, sorted into parts by their
 * first bits, and each commit writes out one part or two: many entries for
 * each page.  KEY_UNINDEXED tells where the log begins that by_id may lack; a
 * search looks there too, and a writer reads it again when it opens the store.
 * Lone messages wait until they are more than a few, which a search hardly
 * notices; an idle writer writes what a flood left (store_settle).
 *
 * The writer's thread.
 */
#ifndef STORE_ID_INDEX_H
#define STORE_ID_INDEX_H

#include "src/store/store.h"

enum {
	ID_PARTS = 64,
	ID_WAITING_MAX = 65536,	/* entries, a mebibyte */
	ID_SMALL = 512,		/* as many are written at once */
	ID_FEW = 64		/* as many wait for more, for any time */
};

struct id_entry {
	uint8_t id[8]; /* the first bytes of the message's id */
	uint64_t rx;
};

/* Entries of committed messages; a part is all ids with the same first bits. */
struct id_part {
	struct id_entry *entries;
	size_t count, capacity;
	uint64_t oldest; /* the least rx of them */
};

struct id_index {
	struct id_part parts[ID_PARTS];
	size_t count;	/* in all parts */
	unsigned next;	/* the part to be written next */
	bool suspect;	/* rows were removed, maybe some of these too */
};

/* What a write transaction does to it when it commits. */
struct id_plan {
	unsigned parts; /* written, from next on */
	bool all;	/* and everything else, the new ones too */
};

/* In a transaction about to commit: writes what is due, and the row that tells
 * what is not.  settle: some parts, even if nothing is new. */
void id_index_write(struct txn *t, bool settle, struct id_plan *plan);

/* It is committed: what it wrote waits no more, its new entries do. */
void id_index_committed(struct store *s, const struct id_plan *plan);

/* A row of the log is about to be removed: from now on entries are written only
 * if their row is there. */
void id_index_suspect(struct txn *t);

/* Takes up what waited when the store was last open.  ENOMEM, EIO. */
KITH_CHECK enum kith_err id_index_load(struct store *s);
/* The same where the store has changed below us; holds the gate, and nobody is
 * inside. */
KITH_CHECK enum kith_err id_index_load_again(struct store *s);
void id_index_clear(struct id_index *ids);

/* Pages of by_id that a commit would touch now, about. */
size_t id_index_pages(struct txn *t);

/* The first rx of the log that by_id may lack; UINT64_MAX: none. */
uint64_t id_index_gap(struct txn *t);

#endif
