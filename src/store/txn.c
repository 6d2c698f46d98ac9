#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/log.h"
#include "src/store/seal.h"
#include "src/store/signals.h"
#include "src/store/store_private.h"

/* No code of LMDB or of the system; bytes of a key that are told. */
enum { ASTRAY = INT_MIN, TOLD_BYTES = 16 };

void txn_fail(struct txn *t, enum kith_err err)
{
	if (!t->err)
		t->err = err;
}

bool txn_keep(struct txn *t, int rc)
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
		txn_keep(t, rc);
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
	    txn_keep(t, mdb_stat(t->lmdb, t->store->tables[table], &stat)))
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

bool row_is_whole(struct txn *t, enum store_table table, struct kith_slice key,
		  struct kith_slice *value)
{
	if (seal_covers(table, key))
		return seal_check(&t->store->crc, table, key, value);
	/* Those of the log are large, and have a checksum of their own. */
	if (value->n && table != TABLE_LOG)
		(void)*(const volatile uint8_t *)(value->p + value->n - 1);
	return true;
}

static void tell(enum store_table table, struct kith_slice near)
{
	static _Thread_local struct log_limit limit;
	char hex[2 * TOLD_BYTES + 1] = "";

	for (size_t i = 0; i < near.n && i < TOLD_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", near.p[i]);
	log_limited(&limit, LOG_LEVEL_ERROR, LOG_STORE,
		    "a read of the store went astray, table=%s near=%s: %s",
		    store_table_name(table), hex, signals_why());
}

int guarded_read(int (*read)(void *arg), void *arg, enum store_table table,
		 struct kith_slice near)
{
	int rc = signals_guard(read, arg, ASTRAY);

	if (rc != ASTRAY)
		return rc;
	tell(table, near);
	return MDB_CORRUPTED;
}

struct lookup {
	struct txn *txn;
	enum store_table table;
	struct kith_slice key, value;
};

static int look_up(void *arg)
{
	struct lookup *l = arg;
	MDB_val key = to_lmdb(l->key), value;
	int rc = mdb_get(l->txn->lmdb, l->txn->store->tables[l->table], &key,
			 &value);

	if (rc)
		return rc;
	l->value = from_lmdb(&value);
	return row_is_whole(l->txn, l->table, l->key, &l->value)
		       ? 0
		       : MDB_CORRUPTED;
}

bool txn_get(struct txn *t, enum store_table table, struct kith_slice key,
	     struct kith_slice *value)
{
	struct lookup l = { t, table, key, { 0 } };
	int rc;

	if (t->err)
		return false;
	rc = guarded_read(look_up, &l, table, key);
	if (rc == MDB_NOTFOUND || !txn_keep(t, rc))
		return false;
	*value = l.value;
	return true;
}

static void put(struct txn *t, enum store_table table, struct kith_slice key,
		MDB_val *value, unsigned flags)
{
	MDB_val k = to_lmdb(key);

	if (t->err)
		return;
	assert(t->write && key.n && key.n <= STORE_KEY_BYTES_MAX);
	t->bytes += key.n + value->mv_size;
	txn_keep(t, mdb_put(t->lmdb, t->store->tables[table], &k, value,
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
		txn_keep(t, rc);
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
		txn_keep(t, mdb_drop(t->lmdb, t->store->tables[table], 0));
}

uint64_t txn_count(struct txn *t, enum store_table table)
{
	MDB_stat stat = { 0 };

	if (!t->err)
		txn_keep(t, mdb_stat(t->lmdb, t->store->tables[table], &stat));
	return stat.ms_entries;
}

/* LMDB's own tables: of free pages, and of the names of ours. */
enum { LMDB_TABLES = 2, LMDB_META_PAGES = 2 };

static uint64_t pages_of(struct txn *t, MDB_dbi table)
{
	MDB_stat stat = { 0 };

	if (!t->err)
		txn_keep(t, mdb_stat(t->lmdb, table, &stat));
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
