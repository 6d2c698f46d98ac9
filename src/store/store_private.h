/*
 * What the files of src/store share and nobody else sees.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <lmdb.h>
#include <pthread.h>

#include "src/store/id_index.h"
#include "src/store/row.h"
#include "src/store/store.h"

struct home {
	int folder; /* opened once */
	int lock;   /* store/writer while this process holds it, else -1 */
	char *path; /* absolute */
	const char *passphrase_file; /* or NULL */
	const struct home *other; /* has what this one has not; or NULL */
};

/* An index row of a message that waits for the end of its transaction. */
struct index_row {
	uint64_t sequence, rx;
	uint32_t feed_number;
	uint8_t id[8]; /* the first bytes of the message's id */
};

struct store {
	MDB_env *env;
	MDB_dbi tables[TABLE_COUNT];
	bool write;
	uint32_t page_bytes;
	struct crc32c crc;
	/* Held by the write transaction; LMDB's own lock ends before what we
	 * note of a commit is noted. */
	pthread_mutex_t writing;
	/* To open it again. */
	const struct home *home;
	uint64_t map_bytes, limit_bytes;
	bool scattered; /* as in store_options */
	/* Under gate: env may be replaced while nobody uses it. */
	pthread_mutex_t gate;
	pthread_cond_t unused; /* users or writers became 0 */
	size_t users;	 /* transactions, and who asks the environment */
	size_t writers;	 /* those of them that write, or wait to */
	bool compacting; /* writes have to wait */
	bool broken;	 /* which generation is current is not known */
	/* recover.c, under gate too. */
	bool dead;	 /* LMDB takes no more transactions */
	size_t failed;	 /* the one whose commit did that */
	bool unsynced;	 /* before the next write the last must be synced */
	bool stuck;	 /* the last commit found no room or a bad disk */
	/* Of the one write transaction; kept between them, as memory only. */
	struct index_row *index;
	size_t index_count, index_capacity;
	/* The highest of the feeds that went since it was opened: streams and
	 * queries may remember them. */
	uint32_t feed_gone;
	struct id_index ids; /* of committed messages, still to be written */
};

/* The end of the log, once a write transaction has looked for it. */
struct log_end {
	bool known;
	uint64_t rx;
	int64_t received_us;
	uint32_t feed_number; /* of the newest row appended here */
};

struct txn {
	struct store *store;
	MDB_txn *lmdb;
	bool write;
	bool user; /* counted in store->users */
	enum kith_err err;
	struct log_end end;
	bool settle; /* writes entries of by_id that wait */
	size_t indexed; /* rows of store->index that by_feed has */
	size_t bytes;		     /* put so far, keys and values */
	size_t pages[TABLE_COUNT];   /* touched at most, by puts */
	size_t existing[TABLE_COUNT]; /* in the table before the first put */
};

/* environment.c: opens LMDB's environment in the folder path, as s->write
 * says; flags are LMDB's.  map_bytes: as in store_options. */
KITH_CHECK enum kith_err environment_open(struct store *s, const char *path,
					  uint64_t map_bytes, unsigned flags,
					  struct kith_error *e);
void environment_close(struct store *s);
/* Opens a generation, with its tables, in the place of what was open; holds the
 * gate, and nobody is inside.  Nothing is open after an error. */
KITH_CHECK enum kith_err environment_again(struct store *s, uint64_t number,
					   struct kith_error *e);
/* Opens every table; a code of LMDB.  They stay open once t is committed, a
 * reader too. */
int environment_tables(struct store *s, MDB_txn *t, bool create);

/* Uses s->env until store_leave; false: it could not be opened again. */
bool store_enter(struct store *s);
/* The same to write.  EBUSY: it is being compacted; EFULL, EIO. */
KITH_CHECK enum kith_err store_enter_write(struct store *s);
void store_leave(struct store *s, bool write);

/* recover.c.  A commit of transaction id ended with rc, a code of LMDB or the
 * system, and would be err for its caller: makes the store usable again, and
 * gives what came of it. */
enum kith_err store_committed(struct store *s, size_t id, int rc,
			      enum kith_err err);
/* Tries that again where it did not work; false: nobody can enter.  Holds the
 * gate. */
bool store_alive(struct store *s);
/* LMDB says EIO where a write came out short, as the last one on a full disk
 * does: then ENOSPC or EFBIG, if there is no room in h or for the file of env.
 * Else rc. */
int store_cause(const struct home *h, MDB_env *env, int rc);
/* Before a write, holding the gate: makes what is read durable; 0 or an
 * errno. */
int store_before_write(struct store *s);

/* A transaction of a store that nobody else uses yet. */
KITH_CHECK enum kith_err txn_begin(struct store *s, bool write,
				   struct txn **out);

/* Opens a generation that is not the current one, unsynced: for renew.c. */
KITH_CHECK enum kith_err store_open_generation(const struct home *h,
					       const struct store_options *o,
					       uint64_t number,
					       struct store **out,
					       struct kith_error *e);

/* Whether the rows of a table end in a seal (seal.h). */
bool store_table_sealed(enum store_table table);

/* Codes of LMDB and of the system, as ours. */
enum kith_err store_map_error(int rc);

/* schema.c: reads the schema's row; writes it into a new store, and brings an
 * older one up where t writes. */
KITH_CHECK enum kith_err schema_check(struct txn *t, struct kith_error *e);

/* Writes the schema's row. */
void schema_put(struct txn *t);

/* Seals the rows of a table that an older kith wrote without. */
void txn_seal_table(struct txn *t, enum store_table table);

/* Makes an empty environment in folder if there is none.  LMDB makes one by a
 * write that a crash may cut in two, and then never opens it again; so it gets
 * its name when it is whole. */
KITH_CHECK enum kith_err store_create(const char *folder,
				      struct kith_error *e);

/* copy.c: where the store stands, as it is and as a row says.  In a copy every
 * publish row that is OK becomes UNCONFIRMED.  Errors stay in t. */
void copy_check(struct txn *t);

/* The same for a file that LMDB need not have open, and its row KEY_COPY: NULL:
 * it is the original; else why it may be a copy. */
const char *copy_why(const struct home *h, int data, struct kith_slice row);

/* Makes the environment s, filled by us, the original at the place where it
 * is now, in home h. */
KITH_CHECK enum kith_err copy_replaces(struct store *s, const struct home *h);

/* Makes room for all of lock.mdb, which is mapped and written to: on a full
 * disk a hole in it would end the process.  While it is not open here. */
KITH_CHECK enum kith_err store_make_lock(const char *folder,
					 struct kith_error *e);

/* Keeps err if it is the first of t. */
void txn_fail(struct txn *t, enum kith_err err);
/* The same with a code of LMDB; true: it is no error. */
bool txn_keep(struct txn *t, int rc);

static inline MDB_val to_lmdb(struct kith_slice s)
{
	/* LMDB does not write through the values of a put or a seek. */
	return (MDB_val){ s.n, (void *)(uintptr_t)s.p };
}

static inline struct kith_slice from_lmdb(const MDB_val *v)
{
	return (struct kith_slice){ v->mv_data, v->mv_size };
}

/* signals_guard for a read near a key of table: MDB_CORRUPTED, and a line in
 * the log, where it goes astray. */
int guarded_read(int (*read)(void *arg), void *arg, enum store_table table,
		 struct kith_slice near);

/* txn_cursor.c: goes to the next row, guarded.  key and value are those it
 * stands on, or empty; then those of the row as it lies there, and all of them
 * can be read.  A code of LMDB, MDB_CORRUPTED too where it goes back. */
int guarded_step(MDB_cursor *c, enum store_table table, MDB_val *key,
		 MDB_val *value);

/* Within a guarded read: takes the seal off value, or reads its end where there
 * is none; false: the seal is broken. */
bool row_is_whole(struct txn *t, enum store_table table, struct kith_slice key,
		  struct kith_slice *value);

/* Appends a row at the end of the table, where key is above all others, with
 * room for n bytes to be filled in at once; NULL on error, kept in t. */
uint8_t *txn_append_room(struct txn *t, enum store_table table,
			 struct kith_slice key, size_t n);

/* Puts a row that txn_expect told of; fast where keys come in order. */
void txn_put_sorted(struct txn *t, enum store_table table,
		    struct kith_slice key, struct kith_slice value);

/* Pages of a table. */
size_t txn_pages(struct txn *t, enum store_table table);

/* Deletes one value of a key that has several. */
void txn_delete_value(struct txn *t, enum store_table table,
		      struct kith_slice key, struct kith_slice value);

/* Tells txn_dirty of a put into table that is still to come. */
void txn_expect(struct txn *t, enum store_table table);

/* feeds.c: the number after the highest, for a feed that is new; none comes
 * back while the store is open.  Its row is written at once, so that two new
 * feeds of one transaction differ.  0: there are no more, and t fails with
 * EFULL. */
uint32_t feed_number_new(struct txn *t, const struct kith_feed_id *id);

/* row_decode, guarded. */
bool message_row(struct txn *t, uint64_t rx, struct kith_slice value,
		 struct message_row *out);

/* The message of a row of the log; false: damaged, and t fails. */
bool message_decode(struct txn *t, struct kith_slice key,
		    struct kith_slice value, struct message_row *out);

/* Puts the rows of by_feed of the messages appended so far, in the order of
 * their keys: so a batch falls into few pages. */
void messages_flush(struct txn *t);

/* The message that the value of an index row points to; its absence is damage,
 * kept in t. */
bool message_indexed(struct txn *t, struct kith_slice value,
		     struct message_row *out);

/* Denies (EDENIED) what writes in the folder of another Scuttlebutt program. */
KITH_CHECK enum kith_err home_check_ours(const struct home *h,
					 struct kith_error *e);

/* EIO, and e says which, if the file system under fd cannot hold a store. */
KITH_CHECK enum kith_err home_check_filesystem(int fd, const char *path,
					       struct kith_error *e);

/* kith_fail with the text of an errno: "what path: reason". */
enum kith_err home_fail(struct kith_error *e, int err, const char *what,
			const char *path);

/* Reads fd to its end into out, and nowhere else, since it may be a secret;
 * 0 or an errno, with EFBIG over the limit. */
int home_read_all(int fd, struct kith_buf *out);

/* Writes all of text, and syncs it; 0 or an errno. */
int home_write_all(int fd, struct kith_slice text);
/* The same without the sync. */
int home_write_some(int fd, struct kith_slice text);

#endif
