#include <assert.h>

#include "src/store/seal.h"
#include "src/store/store_private.h"

/* Of LMDB's pages, on every system. */
enum { PAGE_BYTES_MIN = 4096 };

void cursor_open(struct cursor *c, struct txn *t, enum store_table table)
{
	MDB_cursor *lmdb = NULL;

	*c = (struct cursor){ .txn = t, .table = table };
	if (!t->err &&
	    txn_keep(t, mdb_cursor_open(t->lmdb, t->store->tables[table],
					&lmdb)))
		c->lmdb = lmdb;
}

void cursor_close(struct cursor *c)
{
	if (c->lmdb)
		mdb_cursor_close(c->lmdb);
	c->lmdb = NULL;
}

/* Of one cursor, where it stood, and then where it stands. */
struct step {
	MDB_cursor *lmdb;
	MDB_cursor_op op;
	enum store_table table;
	struct txn *txn; /* takes the seal off; NULL: the row as it lies there */
	struct kith_slice sought, key, value;
};

static int compare(struct kith_slice a, struct kith_slice b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* Damaged branches may lead around in circles.  Rows without a seal only share
 * a key, and then their values stand in order. */
static bool goes_back(const struct step *s, struct kith_slice key,
		      struct kith_slice value)
{
	int order;

	if ((s->op != MDB_NEXT && s->op != MDB_PREV) || !s->key.n)
		return false;
	order = compare(key, s->key);
	if (!order && !store_table_sealed(s->table))
		order = compare(value, s->value);
	return s->op == MDB_NEXT ? order <= 0 : order >= 0;
}

/* What cannot be read of it is to fail here. */
static void touch(struct kith_slice s)
{
	const volatile uint8_t *p = s.p;

	for (size_t i = 0; i < s.n; i += PAGE_BYTES_MIN)
		(void)p[i];
	if (s.n)
		(void)p[s.n - 1];
}

static int take_step(void *arg)
{
	struct step *s = arg;
	MDB_val k = to_lmdb(s->sought), v;
	int rc = mdb_cursor_get(s->lmdb, &k, &v, s->op);
	struct kith_slice key, value;

	if (rc)
		return rc;
	key = from_lmdb(&k);
	value = from_lmdb(&v);
	touch(key);
	if (!s->txn)
		touch(value);
	if (goes_back(s, key, value) ||
	    (s->txn && !row_is_whole(s->txn, s->table, key, &value)))
		return MDB_CORRUPTED;
	s->key = key;
	s->value = value;
	return 0;
}

int guarded_step(MDB_cursor *c, enum store_table table, MDB_val *key,
		 MDB_val *value)
{
	struct step s = { c, MDB_NEXT, table, NULL, { 0 }, from_lmdb(key),
			  from_lmdb(value) };
	int rc = guarded_read(take_step, &s, table, s.key);

	if (rc)
		return rc;
	*key = to_lmdb(s.key);
	*value = to_lmdb(s.value);
	return 0;
}

static bool move(struct cursor *c, struct kith_slice key, MDB_cursor_op op)
{
	struct step s = { c->lmdb, op, c->table, c->txn, key, { 0 }, { 0 } };
	int rc;

	if (!c->lmdb || c->txn->err)
		return false;
	/* What a writer stood on may be gone. */
	if (!c->txn->write) {
		s.key = c->key;
		s.value = c->value;
	}
	rc = guarded_read(take_step, &s, c->table, key.n ? key : s.key);
	/* It stands on no row then, but may go on from the end. */
	if (rc == MDB_NOTFOUND && key.n)
		c->key = (struct kith_slice){ 0 };
	if (rc == MDB_NOTFOUND || !txn_keep(c->txn, rc))
		return false;
	c->key = s.key;
	c->value = s.value;
	return true;
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
	if (!txn_keep(c->txn, mdb_cursor_put(c->lmdb, &k, &v, 0)) ||
	    !txn_keep(c->txn,
		      mdb_cursor_get(c->lmdb, &k, &v, MDB_GET_CURRENT)))
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
	txn_keep(c->txn, mdb_cursor_del(c->lmdb, 0));
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
	MDB_val k = { 0 }, v = { 0 };
	struct cursor c;
	int rc;

	cursor_open(&c, t, table);
	rc = c.lmdb ? guarded_step(c.lmdb, table, &k, &v) : MDB_NOTFOUND;
	while (!rc && !t->err) {
		c.key = from_lmdb(&k);
		c.value = from_lmdb(&v);
		if (seal_covers(table, c.key))
			seal_row(&c);
		/* The row that it stood on may be gone. */
		k = v = (MDB_val){ 0 };
		rc = guarded_step(c.lmdb, table, &k, &v);
	}
	if (rc != MDB_NOTFOUND)
		txn_keep(t, rc);
	cursor_close(&c);
}
