#include "src/store/dump.h"

#include <stdlib.h>

#include "src/store/store_private.h"

struct dump {
	struct txn *txn;
	MDB_cursor *cursor; /* NULL: the table has not begun */
	int table;
	MDB_val key, value; /* of the row it stands on */
	uint64_t table_bytes, table_rows, row; /* of the table, of its rows */
	uint64_t earlier_bytes, total_bytes;
};

static MDB_stat stat_of(struct txn *t, int table)
{
	MDB_stat stat = { 0 };
	int rc = mdb_stat(t->lmdb, t->store->tables[table], &stat);

	if (rc)
		txn_fail(t, store_map_error(rc));
	return stat;
}

static uint64_t bytes_of(const MDB_stat *stat)
{
	return (uint64_t)(stat->ms_branch_pages + stat->ms_leaf_pages +
			  stat->ms_overflow_pages) * stat->ms_psize;
}

struct dump *dump_new(struct txn *t)
{
	struct dump *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->txn = t;
	for (int i = 0; i < TABLE_COUNT; i++) {
		MDB_stat stat = stat_of(t, i);

		d->total_bytes += bytes_of(&stat);
	}
	return d;
}

void dump_free(struct dump *d)
{
	if (!d)
		return;
	if (d->cursor)
		mdb_cursor_close(d->cursor);
	free(d);
}

static bool begin_table(struct dump *d, struct kith_buf *out)
{
	struct kith_slice name = kith_text(
		store_table_name((enum store_table)d->table));
	MDB_stat stat = stat_of(d->txn, d->table);
	uint8_t header[DUMP_TABLE_BYTES] = { DUMP_TABLE };
	int rc = mdb_cursor_open(d->txn->lmdb,
				 d->txn->store->tables[d->table], &d->cursor);

	if (rc) {
		txn_fail(d->txn, store_map_error(rc));
		return false;
	}
	d->table_bytes = bytes_of(&stat);
	d->table_rows = stat.ms_entries;
	d->row = 0;
	d->key = d->value = (MDB_val){ 0, NULL };
	kith_put_be16(header + 1, (uint16_t)name.n);
	kith_buf_put(out, (struct kith_slice){ header, sizeof(header) });
	kith_buf_put(out, name);
	return true;
}

static void end_table(struct dump *d)
{
	mdb_cursor_close(d->cursor);
	d->cursor = NULL;
	d->earlier_bytes += d->table_bytes;
	d->table++;
}

static void put_row(const MDB_val *key, const MDB_val *value,
		    struct kith_buf *out)
{
	uint8_t header[DUMP_ROW_BYTES] = { DUMP_ROW };

	kith_put_be16(header + 1, (uint16_t)key->mv_size);
	kith_put_be32(header + 3, (uint32_t)value->mv_size);
	kith_buf_put(out, (struct kith_slice){ header, sizeof(header) });
	kith_buf_put(out, (struct kith_slice){ key->mv_data, key->mv_size });
	kith_buf_put(out, (struct kith_slice){ value->mv_data,
					       value->mv_size });
}

bool dump_next(struct dump *d, struct kith_buf *out)
{
	int rc = MDB_NOTFOUND;

	while (rc == MDB_NOTFOUND && !txn_error(d->txn)) {
		if (d->table == TABLE_COUNT)
			return false;
		if (!d->cursor && !begin_table(d, out))
			return false;
		rc = guarded_step(d->cursor, (enum store_table)d->table,
				  &d->key, &d->value);
		if (rc == MDB_NOTFOUND)
			end_table(d);
	}
	if (!rc && d->value.mv_size > DUMP_VALUE_BYTES_MAX)
		txn_fail(d->txn, KITH_EIO);
	else
		txn_fail(d->txn, store_map_error(rc));
	if (txn_error(d->txn))
		return false;
	put_row(&d->key, &d->value, out);
	d->row++;
	return true;
}

uint64_t dump_total(const struct dump *d)
{
	return d->total_bytes;
}

uint64_t dump_at(const struct dump *d)
{
	uint64_t rows = d->table_rows ? d->table_rows : 1;

	return d->earlier_bytes +
	       (d->cursor ? d->table_bytes * d->row / rows : 0);
}
