#include <assert.h>
#include <stdlib.h>

#include "src/store/seal.h"
#include "src/store/store_private.h"

static MDB_val to_lmdb(struct kith_slice s)
{
	/* LMDB does not write through the values of a put or a seek. */
	return (MDB_val){ s.n, (void *)(uintptr_t)s.p };
}

static struct kith_slice from_lmdb(const MDB_val *v)
{
	return (struct kith_slice){ v->mv_data, v->mv_size };
}

void txn_fail(struct txn *t, enum kith_err err)
{
	if (!t->err)
		t->err = err;
}

/* True if rc is no error. */
static bool keep(struct txn *t, int rc)
{
	if (!rc)
		return true;
	txn_fail(t, store_map_error(rc));
	return false;
}

enum kith_err txn_begin(struct store *s, bool write, struct txn **out)
{
	struct txn *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return KITH_ENOMEM;
	t->store = s;
	t->write = write;
	rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &t->lmdb);
	if (rc) {
		free(t);
		return store_map_error(rc);
	}
	*out = t;
	return KITH_OK;
}

static enum kith_err begin(struct store *s, bool write, struct txn **out)
{
	enum kith_err err;

	if (write)
		pthread_mutex_lock(&s->writing);
	err = txn_begin(s, write, out);
	if (!err)
		(*out)->user = true;
	else if (write)
		pthread_mutex_unlock(&s->writing);
	if (err)
		store_leave(s, write);
	return err;
}

enum kith_err store_read(struct store *s, struct txn **out)
{
	return store_enter(s) ? begin(s, false, out) : KITH_EIO;
}

enum kith_err store_write(struct store *s, struct txn **out)
{
	enum kith_err err = store_enter_write(s);

	return err ? err : begin(s, true, out);
}

void txn_end(struct txn *t)
{
	if (!t)
		return;
	if (t->lmdb) {
		if (t->write)
			t->store->index_count = 0;
		mdb_txn_abort(t->lmdb);
	}
	if (t->user && t->write)
		pthread_mutex_unlock(&t->store->writing);
	if (t->user)
		store_leave(t->store, t->write);
	free(t);
}

enum kith_err txn_commit(struct txn *t)
{
	struct store *s = t->store;
	bool write = t->write, user = t->user;
	size_t id = mdb_txn_id(t->lmdb);
	struct id_plan plan = { 0 };
	enum kith_err err;
	int rc = 0;

	if (write) {
		messages_flush(t);
		id_index_write(t, t->settle, &plan);
	}
	if (!t->err) {
		/* Gone after this, also if it fails. */
		rc = mdb_txn_commit(t->lmdb);
		if (write)
			rc = store_cause(s->home, s->env, rc);
		keep(t, rc);
		t->lmdb = NULL;
		if (write && !t->err)
			id_index_committed(s, &plan);
		if (write)
			s->index_count = 0;
	}
	err = t->err;
	txn_end(t);
	return write && user ? store_committed(s, id, rc, err) : err;
}

enum kith_err txn_error(const struct txn *t)
{
	return t->err;
}

void txn_expect(struct txn *t, enum store_table table)
{
	MDB_stat stat = { 0 };

	if (!t->pages[table]++ &&
	    keep(t, mdb_stat(t->lmdb, t->store->tables[table], &stat)))
		t->existing[table] = stat.ms_leaf_pages +
				     stat.ms_branch_pages + 1;
}

size_t txn_dirty(struct txn *t)
{
	size_t pages = 0;

	for (int i = 0; i < TABLE_COUNT; i++)
		pages += t->pages[i] < t->existing[i] ? t->pages[i]
						      : t->existing[i];
	if (t->write)
		pages += id_index_pages(t);
	return t->bytes + pages * t->store->page_bytes;
}

/* Takes the seal off a value as it was read; false: it is broken. */
static bool unseal(struct txn *t, enum store_table table,
		   struct kith_slice key, struct kith_slice *value)
{
	if (!seal_covers(table, key) ||
	    seal_check(&t->store->crc, table, key, value))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

bool txn_get(struct txn *t, enum store_table table, struct kith_slice key,
	     struct kith_slice *value)
{
	MDB_val k = to_lmdb(key), v;
	int rc;

	if (t->err)
		return false;
	rc = mdb_get(t->lmdb, t->store->tables[table], &k, &v);
	if (rc == MDB_NOTFOUND || !keep(t, rc))
		return false;
	*value = from_lmdb(&v);
	return unseal(t, table, key, value);
}

static void put(struct txn *t, enum store_table table, struct kith_slice key,
		MDB_val *value, unsigned flags)
{
	MDB_val k = to_lmdb(key);

	if (t->err)
		return;
	assert(t->write && key.n && key.n <= STORE_KEY_BYTES_MAX);
	t->bytes += key.n + value->mv_size;
	keep(t, mdb_put(t->lmdb, t->store->tables[table], &k, value,
			    flags));
}

static void put_sealed(struct txn *t, enum store_table table,
		       struct kith_slice key, struct kith_slice value)
{
	uint8_t seal[SEAL_BYTES];
	MDB_val room = { value.n + SEAL_BYTES, NULL };

	seal_make(&t->store->crc, table, key, value, seal);
	put(t, table, key, &room, MDB_RESERVE);
	if (t->err)
		return;
	if (value.n)
		memcpy(room.mv_data, value.p, value.n);
	memcpy((uint8_t *)room.mv_data + value.n, seal, SEAL_BYTES);
}

void txn_put(struct txn *t, enum store_table table, struct kith_slice key,
	     struct kith_slice value)
{
	MDB_val v = to_lmdb(value);

	txn_expect(t, table);
	if (seal_covers(table, key))
		put_sealed(t, table, key, value);
	else
		put(t, table, key, &v, 0);
}

void txn_put_sorted(struct txn *t, enum store_table table,
		    struct kith_slice key, struct kith_slice value)
{
	MDB_val v = to_lmdb(value);

	put(t, table, key, &v, 0);
}

uint8_t *txn_append_room(struct txn *t, enum store_table table,
			 struct kith_slice key, size_t n)
{
	MDB_val v = { n, NULL };

	put(t, table, key, &v, MDB_APPEND | MDB_RESERVE);
	return t->err ? NULL : v.mv_data;
}

static void delete(struct txn *t, enum store_table table,
		   struct kith_slice key, MDB_val *value)
{
	MDB_val k = to_lmdb(key);
	int rc;

	if (t->err)
		return;
	txn_expect(t, table);
	rc = mdb_del(t->lmdb, t->store->tables[table], &k, value);
	if (rc != MDB_NOTFOUND)
		keep(t, rc);
}

void txn_delete(struct txn *t, enum store_table table, struct kith_slice key)
{
	delete(t, table, key, NULL);
}

void txn_delete_value(struct txn *t, enum store_table table,
		      struct kith_slice key, struct kith_slice value)
{
	MDB_val v = to_lmdb(value);

	delete(t, table, key, &v);
}

void txn_clear(struct txn *t, enum store_table table)
{
	if (!t->err)
		keep(t, mdb_drop(t->lmdb, t->store->tables[table], 0));
}

uint64_t txn_count(struct txn *t, enum store_table table)
{
	MDB_stat stat = { 0 };

	if (!t->err)
		keep(t, mdb_stat(t->lmdb, t->store->tables[table], &stat));
	return stat.ms_entries;
}

/* LMDB's own tables: of free pages, and of the names of ours. */
enum { LMDB_TABLES = 2, LMDB_META_PAGES = 2 };

static uint64_t pages_of(struct txn *t, MDB_dbi table)
{
	MDB_stat stat = { 0 };

	if (!t->err)
		keep(t, mdb_stat(t->lmdb, table, &stat));
	return stat.ms_branch_pages + stat.ms_leaf_pages +
	       stat.ms_overflow_pages;
}

size_t txn_pages(struct txn *t, enum store_table table)
{
	return (size_t)pages_of(t, t->store->tables[table]);
}

uint64_t txn_table_bytes(struct txn *t, enum store_table table)
{
	return pages_of(t, t->store->tables[table]) * t->store->page_bytes;
}

static uint64_t file_bytes(const struct txn *t)
{
	MDB_envinfo info;

	mdb_env_info(t->store->env, &info);
	return ((uint64_t)info.me_last_pgno + 1) * t->store->page_bytes;
}

uint64_t txn_free_bytes(struct txn *t)
{
	uint64_t used = LMDB_META_PAGES, all = file_bytes(t);

	for (MDB_dbi i = 0; i < LMDB_TABLES; i++)
		used += pages_of(t, i);
	for (int i = 0; i < TABLE_COUNT; i++)
		used += pages_of(t, t->store->tables[i]);
	used *= t->store->page_bytes;
	return t->err || used > all ? 0 : all - used;
}

enum store_room txn_room(struct txn *t)
{
	uint64_t limit = t->store->limit_bytes, reserve = limit / 4, used;

	if (!limit)
		return STORE_ROOM_AMPLE;
	if (reserve > STORE_RESERVE_BYTES_MAX)
		reserve = STORE_RESERVE_BYTES_MAX;
	used = file_bytes(t) - txn_free_bytes(t);
	if (used + reserve / 2 > limit)
		return STORE_ROOM_NONE;
	if (used + reserve > limit)
		return STORE_ROOM_OWN;
	return used + reserve / 2 * 3 > limit ? STORE_ROOM_ALL
					      : STORE_ROOM_AMPLE;
}

void cursor_open(struct cursor *c, struct txn *t, enum store_table table)
{
	MDB_cursor *lmdb = NULL;

	*c = (struct cursor){ .txn = t, .table = table };
	if (!t->err &&
	    keep(t, mdb_cursor_open(t->lmdb, t->store->tables[table], &lmdb)))
		c->lmdb = lmdb;
}

void cursor_close(struct cursor *c)
{
	if (c->lmdb)
		mdb_cursor_close(c->lmdb);
	c->lmdb = NULL;
}

static bool move(struct cursor *c, struct kith_slice key, MDB_cursor_op op)
{
	MDB_val k = to_lmdb(key), v;
	int rc;

	if (!c->lmdb || c->txn->err)
		return false;
	rc = mdb_cursor_get(c->lmdb, &k, &v, op);
	if (rc == MDB_NOTFOUND || !keep(c->txn, rc))
		return false;
	c->key = from_lmdb(&k);
	c->value = from_lmdb(&v);
	return unseal(c->txn, c->table, c->key, &c->value);
}

bool cursor_seek(struct cursor *c, struct kith_slice key)
{
	return move(c, key, key.n ? MDB_SET_RANGE : MDB_FIRST);
}

bool cursor_next(struct cursor *c)
{
	return move(c, (struct kith_slice){ 0 }, MDB_NEXT);
}

bool cursor_previous(struct cursor *c)
{
	return move(c, (struct kith_slice){ 0 }, MDB_PREV);
}

bool cursor_last(struct cursor *c)
{
	return move(c, (struct kith_slice){ 0 }, MDB_LAST);
}

/* Counts a page when a row lies far from the one that was changed before. */
static void count_page(struct cursor *c, const uint8_t *row)
{
	uintptr_t here = (uintptr_t)row, before = (uintptr_t)c->wrote;
	uintptr_t apart = here > before ? here - before : before - here;

	if (!before || apart >= c->txn->store->page_bytes)
		txn_expect(c->txn, c->table);
	c->wrote = row;
}

void cursor_put(struct cursor *c, struct kith_slice key,
		struct kith_slice value)
{
	MDB_val k = to_lmdb(key), v = to_lmdb(value);

	assert(!store_table_sealed(c->table) && key.n &&
	       key.n <= STORE_KEY_BYTES_MAX);
	if (!c->lmdb || c->txn->err)
		return;
	c->txn->bytes += key.n + value.n;
	if (!keep(c->txn, mdb_cursor_put(c->lmdb, &k, &v, 0)) ||
	    !keep(c->txn, mdb_cursor_get(c->lmdb, &k, &v, MDB_GET_CURRENT)))
		return;
	count_page(c, k.mv_data);
	c->key = from_lmdb(&k);
	c->value = from_lmdb(&v);
}

void cursor_delete(struct cursor *c)
{
	if (!c->lmdb || c->txn->err)
		return;
	count_page(c, c->key.p);
	keep(c->txn, mdb_cursor_del(c->lmdb, 0));
}

/* Puts the row at a cursor again, with a seal. */
static void seal_row(struct cursor *c)
{
	struct kith_buf copy = { .limit = c->key.n + c->value.n };
	struct kith_slice key = c->key, value = c->value;

	kith_buf_put(&copy, key);
	kith_buf_put(&copy, value);
	if (copy.err) {
		txn_fail(c->txn, copy.err);
	} else {
		key.p = copy.p;
		value.p = copy.p + key.n;
		txn_put(c->txn, c->table, key, value);
	}
	kith_buf_free(&copy);
}

void txn_seal_table(struct txn *t, enum store_table table)
{
	MDB_val k = { 0 }, v;
	struct cursor c;
	int rc;

	cursor_open(&c, t, table);
	rc = c.lmdb ? mdb_cursor_get(c.lmdb, &k, &v, MDB_FIRST) : MDB_NOTFOUND;
	while (!rc && !t->err) {
		c.key = from_lmdb(&k);
		c.value = from_lmdb(&v);
		if (seal_covers(table, c.key))
			seal_row(&c);
		rc = mdb_cursor_get(c.lmdb, &k, &v, MDB_NEXT);
	}
	if (rc != MDB_NOTFOUND)
		keep(t, rc);
	cursor_close(&c);
}
