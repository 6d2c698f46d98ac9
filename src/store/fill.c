#include <limits.h>
#include <stdlib.h>

#include "src/store/dump.h"
#include "src/store/generation.h"
#include "src/store/store_private.h"

enum {
	TABLE_NAME_BYTES_MAX = 64,
	COMMIT_BYTES = 8 << 20, /* LMDB keeps what is not committed in memory */
	NUMBER_BYTES = 8, /* every value in a table where keys have several */
	NO_TABLE = -1
};

struct fill {
	const struct home *home;
	struct store to; /* no more than an environment */
	uint64_t number; /* of the generation */
	MDB_txn *txn;
	MDB_cursor *cursor;
	int table; /* NO_TABLE before the first */
	bool several; /* its keys may have several values */
	size_t uncommitted;
	struct kith_buf pending; /* the start of a record */
	size_t last_n;		 /* of the key before */
	uint8_t last[STORE_KEY_BYTES_MAX];
};

static enum kith_err fail(const struct fill *f, int rc, struct kith_error *e)
{
	rc = store_cause(f->home, f->to.env, rc);
	switch (rc) {
	case MDB_KEYEXIST:
	case MDB_BAD_VALSIZE:
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its rows are no rows of a store");
	default:
		return kith_fail(e, store_map_error(rc), 0,
				 "cannot write the store: %s",
				 mdb_strerror(rc));
	}
}

static enum kith_err open_tables(struct fill *f, struct kith_error *e)
{
	int rc = mdb_txn_begin(f->to.env, NULL, 0, &f->txn);

	if (!rc)
		rc = environment_tables(&f->to, f->txn, true);
	return rc ? fail(f, rc, e) : KITH_OK;
}

enum kith_err fill_new(const struct home *h, struct fill **out,
		       struct kith_error *e)
{
	struct fill *f = calloc(1, sizeof(*f));
	char path[PATH_MAX];
	enum kith_err err;

	if (!f)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	f->home = h;
	f->to.write = true;
	f->table = NO_TABLE;
	f->pending.limit = 2 * (size_t)DUMP_VALUE_BYTES_MAX;
	err = generation_new(h, &f->number, e);
	if (!err)
		err = generation_path(h, f->number, path, sizeof(path), e);
	if (!err)
		err = environment_open(&f->to, path, 0, MDB_NOSYNC, e);
	if (!err)
		err = open_tables(f, e);
	if (err) {
		fill_free(f);
		return err;
	}
	*out = f;
	return KITH_OK;
}

/* Opens a cursor on the table, in the transaction of now. */
static int turn_to(struct fill *f)
{
	return mdb_cursor_open(f->txn, f->to.tables[f->table], &f->cursor);
}

static bool is_named(int table, struct kith_slice name)
{
	return kith_equal(name, kith_text(store_table_name(
					(enum store_table)table)));
}

static enum kith_err begin_table(struct fill *f, struct kith_slice name,
				 struct kith_error *e)
{
	unsigned flags = 0;
	int rc;

	if (f->cursor)
		mdb_cursor_close(f->cursor);
	f->cursor = NULL;
	f->last_n = 0;
	f->table = 0;
	while (f->table < TABLE_COUNT && !is_named(f->table, name))
		f->table++;
	if (f->table == TABLE_COUNT)
		return kith_fail(e, KITH_EFORMAT, 0, "it has a table that "
				 "this kith does not know");
	rc = mdb_dbi_flags(f->txn, f->to.tables[f->table], &flags);
	f->several = flags & MDB_DUPSORT;
	if (!rc)
		rc = turn_to(f);
	return rc ? fail(f, rc, e) : KITH_OK;
}

static int commit_some(struct fill *f)
{
	int rc = mdb_txn_commit(f->txn);

	f->txn = NULL;
	f->cursor = NULL; /* went with its transaction */
	f->uncommitted = 0;
	if (!rc)
		rc = mdb_txn_begin(f->to.env, NULL, 0, &f->txn);
	return rc ? rc : turn_to(f);
}

static enum kith_err put_row(struct fill *f, struct kith_slice key,
			     struct kith_slice value, struct kith_error *e)
{
	/* LMDB does not write through what it is given to put. */
	MDB_val k = { key.n, (void *)(uintptr_t)key.p };
	MDB_val v = { value.n, (void *)(uintptr_t)value.p };
	bool again = f->several && key.n == f->last_n &&
		     !memcmp(key.p, f->last, key.n);
	int rc = MDB_BAD_VALSIZE;

	/* LMDB takes their size from the first and trusts it. */
	if (!f->several || value.n == NUMBER_BYTES)
		rc = mdb_cursor_put(f->cursor, &k, &v,
				    again ? MDB_APPENDDUP : MDB_APPEND);
	memcpy(f->last, key.p, key.n);
	f->last_n = key.n;
	f->uncommitted += key.n + value.n;
	if (!rc && f->uncommitted > COMMIT_BYTES)
		rc = commit_some(f);
	return rc ? fail(f, rc, e) : KITH_OK;
}

/* Length of the record at the front of s; 0: not all of it is there. */
static enum kith_err measure(const struct fill *f, struct kith_slice s,
			     size_t *n, struct kith_error *e)
{
	size_t key, value;

	*n = 0;
	if (s.p[0] == DUMP_TABLE && s.n >= DUMP_TABLE_BYTES) {
		key = kith_be16(s.p + 1);
		if (key > TABLE_NAME_BYTES_MAX)
			return fail(f, MDB_BAD_VALSIZE, e);
		*n = DUMP_TABLE_BYTES + key;
	} else if (s.p[0] == DUMP_ROW && s.n >= DUMP_ROW_BYTES) {
		key = kith_be16(s.p + 1);
		value = kith_be32(s.p + 3);
		if (!key || key > STORE_KEY_BYTES_MAX || f->table == NO_TABLE ||
		    value > DUMP_VALUE_BYTES_MAX)
			return fail(f, MDB_BAD_VALSIZE, e);
		*n = DUMP_ROW_BYTES + key + value;
	} else if (s.p[0] != DUMP_TABLE && s.p[0] != DUMP_ROW) {
		return fail(f, MDB_BAD_VALSIZE, e);
	}
	if (*n > s.n)
		*n = 0;
	return KITH_OK;
}

static enum kith_err take(struct fill *f, struct kith_slice record,
			  struct kith_error *e)
{
	const uint8_t *p = record.p;
	size_t key;

	if (p[0] == DUMP_TABLE) {
		p += DUMP_TABLE_BYTES;
		return begin_table(f, (struct kith_slice){
			p, record.n - DUMP_TABLE_BYTES }, e);
	}
	key = kith_be16(p + 1);
	p += DUMP_ROW_BYTES;
	return put_row(f, (struct kith_slice){ p, key },
		       (struct kith_slice){
			       p + key, record.n - DUMP_ROW_BYTES - key }, e);
}

enum kith_err fill_put(struct fill *f, struct kith_slice bytes,
		       struct kith_error *e)
{
	struct kith_slice rest;
	enum kith_err err = KITH_OK;
	size_t n = 1;

	kith_buf_put(&f->pending, bytes);
	if (f->pending.err)
		return kith_fail(e, f->pending.err, 0, "%s",
				 kith_strerror(f->pending.err));
	rest = kith_bytes(&f->pending);
	while (!err && n && rest.n) {
		err = measure(f, rest, &n, e);
		if (!err && n)
			err = take(f, (struct kith_slice){ rest.p, n }, e);
		rest.p += n;
		rest.n -= n;
	}
	kith_buf_drop(&f->pending, f->pending.n - rest.n);
	return err;
}

enum kith_err fill_finish(struct fill *f, uint64_t *generation,
			  struct kith_error *e)
{
	int rc;

	if (f->pending.n || f->table == NO_TABLE)
		return kith_fail(e, KITH_EFORMAT, 0, "its last row is cut off");
	if (f->cursor)
		mdb_cursor_close(f->cursor);
	f->cursor = NULL;
	rc = mdb_txn_commit(f->txn);
	f->txn = NULL;
	if (!rc)
		rc = mdb_env_sync(f->to.env, 1);
	if (rc)
		return fail(f, rc, e);
	environment_close(&f->to);
	*generation = f->number;
	f->number = 0;
	return KITH_OK;
}

void fill_free(struct fill *f)
{
	if (!f)
		return;
	if (f->cursor)
		mdb_cursor_close(f->cursor);
	if (f->txn)
		mdb_txn_abort(f->txn);
	environment_close(&f->to);
	if (f->number)
		generation_tidy(f->home);
	kith_buf_free(&f->pending);
	free(f);
}
