#include "src/store/blob_check.h"

#include "src/store/wall.h"

enum { SLICE_US = 50000 };

const char *blob_fault_name(enum blob_fault fault)
{
	static const char *const names[BLOB_FAULTS] = { "new", "lost",
							"damaged" };

	return names[fault];
}

static void find(struct blob_check *c, enum blob_fault fault,
		 const struct kith_blob_id *id)
{
	c->counts.found[fault]++;
	if (c->named_count == BLOB_CHECK_NAMED)
		return;
	c->named[c->named_count].fault = fault;
	c->named[c->named_count++].id = *id;
}

static void put(struct blob_check *c, struct txn *t,
		const struct blob_row *row)
{
	if (!c->dry)
		blob_row_put(t, row);
}

/* It is not here, and whoever cares for it would like it back. */
static void say_gone(struct blob_check *c, struct txn *t, struct blob_row *row,
		     enum blob_why why)
{
	row->state = row->pinned || row->own || row->asked ||
				     row->hops != BLOB_HOPS_NONE
			     ? BLOB_WANTED
			     : BLOB_KNOWN;
	row->why = why;
	put(c, t, row);
}

/* The row, where it says so, of a file that is none. */
static void check_gone(struct blob_check *c, struct txn *t,
		       struct blob_row *row)
{
	if (row->state != BLOB_HERE)
		return;
	find(c, BLOB_FAULT_LOST, &row->id);
	say_gone(c, t, row, BLOB_WHY_LOST);
}

static enum kith_err damaged(struct blob_check *c, struct txn *t,
			     struct blob_row *row)
{
	enum kith_err err;

	find(c, BLOB_FAULT_DAMAGED, &row->id);
	if (c->dry)
		return KITH_OK;
	err = blob_remove(c->blobs, &row->id);
	say_gone(c, t, row, BLOB_WHY_DAMAGED);
	return err == KITH_ENOENT ? KITH_OK : err;
}

/* The disk's fault, or that of somebody's hand.  It stays, and the others are
 * looked at all the same; what comes again takes its place. */
static void unreadable(struct blob_check *c, struct txn *t,
		       struct blob_row *row)
{
	find(c, BLOB_FAULT_DAMAGED, &row->id);
	say_gone(c, t, row, BLOB_WHY_DAMAGED);
}

/* row: what is known of it, maybe nothing. */
static enum kith_err check_file(struct blob_check *c, struct txn *t,
				struct blob_row *row)
{
	bool known = row->state == BLOB_HERE;
	enum kith_err err = KITH_OK;

	atomic_fetch_add(&c->done, c->entry.size);
	/* An empty file can only be the empty blob, which needs none. */
	if (!c->entry.size)
		return damaged(c, t, row);
	if (c->full || !known || row->size != c->entry.size)
		err = blob_verify(c->blobs, &row->id);
	if (err == KITH_EFORMAT)
		return damaged(c, t, row);
	if (err == KITH_EIO) {
		unreadable(c, t, row);
		return KITH_OK;
	}
	if (err == KITH_ENOENT) {
		check_gone(c, t, row);
		return KITH_OK;
	}
	c->counts.blobs++;
	c->counts.bytes += c->entry.size;
	if (err || (known && row->size == c->entry.size))
		return err;
	if (!known) {
		find(c, BLOB_FAULT_NEW, &row->id);
		row->added_us = row->used_us = c->entry.added_us;
	}
	row->state = BLOB_HERE;
	row->why = BLOB_WHY_NONE;
	row->asked = false;
	row->size = c->entry.size;
	put(c, t, row);
	return KITH_OK;
}

static void next_file(struct blob_check *c)
{
	do
		c->has_entry = blob_walk_next(c->walk, &c->entry);
	while (c->has_entry && blob_is_empty(&c->entry.id));
}

/* Files and rows, both in the order of ids, side by side, from where the slice
 * before ended.  *at: the id that was looked at last. */
static enum kith_err check_next(struct blob_check *c, struct txn *t,
				bool *more)
{
	struct blob_row row = { .hops = BLOB_HOPS_NONE };
	struct blob_rows rows;
	enum kith_err err;
	int order;
	bool has;

	blob_rows_open(&rows, t, c->has_row ? &c->row : NULL);
	has = blob_rows_next(&rows, &row);
	blob_rows_close(&rows);
	if (txn_error(t))
		return txn_error(t);
	*more = has || c->has_entry;
	if (!*more)
		return KITH_OK;
	order = !has ? 1
		     : !c->has_entry ? -1
				     : memcmp(&row.id, &c->entry.id,
					      sizeof(row.id));
	if (order <= 0) {
		c->row = row.id;
		c->has_row = true;
	}
	if (order < 0) {
		check_gone(c, t, &row);
		return KITH_OK;
	}
	if (order > 0) {
		row = (struct blob_row){ .id = c->entry.id,
					 .hops = BLOB_HOPS_NONE };
		/* Not to be met again as the row that it gets. */
		c->row = row.id;
		c->has_row = true;
	}
	err = check_file(c, t, &row);
	if (!err)
		next_file(c);
	return err;
}

static enum kith_err begin(struct blob_check *c, struct txn *t)
{
	struct blob_rows rows;
	struct blob_row row;

	c->walk = blob_walk_new(c->blobs, NULL);
	if (!c->walk)
		return KITH_ENOMEM;
	blob_rows_open(&rows, t, NULL);
	while (blob_rows_next(&rows, &row))
		if (row.state == BLOB_HERE)
			atomic_fetch_add(&c->total, row.size);
	blob_rows_close(&rows);
	next_file(c);
	return txn_error(t);
}

static enum kith_err slice(struct blob_check *c, struct txn *t, bool *more)
{
	int64_t end_us = wall_us() + SLICE_US;
	enum kith_err err = c->walk ? KITH_OK : begin(c, t);

	*more = true;
	while (!err && *more && wall_us() < end_us)
		err = check_next(c, t, more);
	if (!err)
		err = blob_walk_error(c->walk);
	if (c->walk)
		c->counts.strays = blob_walk_strays(c->walk);
	return err ? err : txn_error(t);
}

enum kith_err blob_check_some(struct store *s, struct blob_check *c,
			      bool *more, struct kith_error *e)
{
	enum kith_err err;
	struct txn *t;

	err = c->dry ? store_read(s, &t) : store_write(s, &t);
	if (err)
		return kith_fail(e, err, 0, "the store: %s",
				 kith_strerror(err));
	err = slice(c, t, more);
	if (err || c->dry)
		txn_end(t);
	else
		err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "blobs: %s", kith_strerror(err))
		   : KITH_OK;
}

void blob_check_clear(struct blob_check *c)
{
	blob_walk_free(c->walk);
	c->walk = NULL;
}
