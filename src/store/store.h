/*
 * The store: one LMDB environment, its transactions and tables.  The only
 * place that knows LMDB.
 *
 * Open once a process, never across fork.  A read transaction begins and ends
 * in one function; one write transaction at a time.  Values live until the
 * transaction ends, or until the next write in it.  A commit is synced.
 * The file under a store is replaced (compact.h) at a moment when none of its
 * transactions is open: who would begin one waits for that moment.
 * Source: architecture sections 2 and 5.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "feeds/bytes.h"
#include "src/store/home.h"

enum { STORE_SCHEMA = 2, STORE_KEY_BYTES_MAX = 511 };

/* Every table of the log, of local facts and of the views; a row in
 * store.c gives its LMDB name and flags. */
enum store_table {
	/* store/messages.c */
	TABLE_LOG, TABLE_FEEDS, TABLE_FEED_NUMBERS, TABLE_BY_FEED, TABLE_BY_ID,
	/* store/local.c */
	TABLE_LOCAL, TABLE_CLOCKS, TABLE_ADDRESSES,
	/* store/proofs.c: two messages for one place; fsck: damaged rows */
	TABLE_PROOFS, TABLE_QUARANTINE,
	/* views/view.c, contacts.c, postings.c, opinions.c */
	TABLE_VIEWS, TABLE_CONTACTS, TABLE_POSTINGS, TABLE_OPINIONS,
	/* store/blob_rows.c */
	TABLE_BLOBS,
	/* views/keyring.c; opened.c: of messages that were private */
	TABLE_KEYRING, TABLE_OPENED, TABLE_OPENINGS, TABLE_PRIVATE_POSTINGS,
	TABLE_PRIVATE_OPINIONS,
	TABLE_COUNT
};

/* The name of a table in the file. */
const char *store_table_name(enum store_table table);

struct store;
struct txn;

struct store_options {
	bool write;	    /* else read only, beside a writer */
	uint64_t map_bytes; /* 0: the default, 1 TiB on 64 bits */
	/* The file never grows beyond: at least STORE_LIMIT_BYTES_MIN; 0: as
	 * the disk allows.  One that is larger already does not grow. */
	uint64_t limit_bytes;
	/* The first reads go here and there: none brings in the pages around
	 * what it asks for, until store_read_ahead. */
	bool scattered;
};

/* Who may still write below the limit.  A reserve is kept free of what others
 * wrote, and half of it of what we write, so that removing, which takes a
 * little room at first, always can. */
enum store_room {
	STORE_ROOM_NONE,
	STORE_ROOM_OWN,	 /* only what is ours */
	STORE_ROOM_ALL,
	STORE_ROOM_AMPLE /* and there is enough to begin again */
};
enum { STORE_LIMIT_BYTES_MIN = 64 << 20, STORE_RESERVE_BYTES_MAX = 32 << 20 };

/* Keeps a view of h; to write, it must hold the lock (home_lock_writer).
 * ENOENT: no store there and not write; EFORMAT: a schema this program does
 * not know, e says what to do; EIO, EDENIED.  Gives; store_close. */
KITH_CHECK enum kith_err store_open(const struct home *h,
				    const struct store_options *o,
				    struct store **out, struct kith_error *e);
void store_close(struct store *s);

/* Gives *out; end it with txn_end or txn_commit.  A write waits for the end of
 * another thread's, and belongs to the thread that began it; EBUSY: the store
 * is being compacted, which may take minutes. */
KITH_CHECK enum kith_err store_read(struct store *s, struct txn **out);
KITH_CHECK enum kith_err store_write(struct store *s, struct txn **out);

/* Commits and syncs; frees t in any case.  The first error of any put in t
 * comes out here, and then nothing was written; but where the disk fails at
 * the very last write (EIO, EFULL), that may turn out when it works again. */
KITH_CHECK enum kith_err txn_commit(struct txn *t);

/* Ends a reader, or drops a writer's changes.  NULL is ignored. */
void txn_end(struct txn *t);

/* Estimated dirty bytes of a write transaction so far. */
size_t txn_dirty(struct txn *t);

/* False: absent (or an error, kept in t; EIO where the row is damaged). */
bool txn_get(struct txn *t, enum store_table table, struct kith_slice key,
	     struct kith_slice *value);
/* Over what is there; errors stay in t.  Keys have 1 to STORE_KEY_BYTES_MAX
 * bytes. */
void txn_put(struct txn *t, enum store_table table, struct kith_slice key,
	     struct kith_slice value);
/* Nothing is there: nothing happens. */
void txn_delete(struct txn *t, enum store_table table, struct kith_slice key);
/* Removes every row of a table. */
void txn_clear(struct txn *t, enum store_table table);
/* How many rows a table has. */
uint64_t txn_count(struct txn *t, enum store_table table);
/* Bytes of the pages that these take. */
uint64_t txn_table_bytes(struct txn *t, enum store_table table);

/* This file is a copy, and no writer has seen that yet: the next one brings
 * publish rows that are OK to UNCONFIRMED. */
bool store_is_copy(struct txn *t);

/* The first error in t. */
enum kith_err txn_error(const struct txn *t);

/* A cursor over one table; embedded, ends before its transaction does. */
struct cursor {
	void *lmdb;
	struct txn *txn;
	enum store_table table;
	struct kith_slice key, value; /* of the row it stands on */
	const uint8_t *wrote; /* where it changed a row last */
};
void cursor_open(struct cursor *c, struct txn *t, enum store_table table);
void cursor_close(struct cursor *c);
/* To the first row at or above key, which may be empty; false: none. */
bool cursor_seek(struct cursor *c, struct kith_slice key);
/* To its neighbour, or the last of all; false: none. */
bool cursor_next(struct cursor *c);
bool cursor_previous(struct cursor *c);
bool cursor_last(struct cursor *c);
/* Puts a row, and stands on it: fast where keys come in order, and then
 * txn_dirty knows well what it costs.  Not for tables with a seal. */
void cursor_put(struct cursor *c, struct kith_slice key,
		struct kith_slice value);
/* Removes the row it stands on; cursor_next then gives the one behind it. */
void cursor_delete(struct cursor *c);

/* True if a flood of messages left rows of by_id to be written, more than the
 * few that may wait. */
bool store_unsettled(struct store *s);

/* Writes some of them, in a transaction of its own: for a writer that has
 * nothing else to do, until store_unsettled is false.  As store_write and
 * txn_commit. */
KITH_CHECK enum kith_err store_settle(struct store *s);

/* Clears dead readers, whose pages stay in use else; call now and then in a
 * long-lived writer.  Any thread. */
void store_tidy(struct store *s);

/* From now on reads bring in what lies around, as long scans need it.  Waits
 * until no transaction is open; the caller has none. */
void store_read_ahead(struct store *s);

/* True if the last commit found no room or a disk that takes nothing, and
 * nothing written since has gone well.  Any thread. */
bool store_stuck(struct store *s);

/* Tries whether there is room, and the disk takes writes, by a small file
 * beside the store and a commit that changes nothing.  As store_write. */
KITH_CHECK enum kith_err store_probe(struct store *s);

/* Bytes of the store's file; 0: it cannot be read any more. */
uint64_t store_bytes(struct store *s);

/* How many of them are free for what comes next, and compaction gives back. */
uint64_t txn_free_bytes(struct txn *t);

/* By the limit; AMPLE where there is none. */
enum store_room txn_room(struct txn *t);

#endif
