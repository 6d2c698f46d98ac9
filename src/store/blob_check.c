#include "src/store/blob_check.h"

#include <stdlib.h>

#include "src/store/wall.h"

enum { SLICE_US = 50000, PIECE_BYTES = 64 * 1024 };

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

/* Or it has come since the walk went by. */
static bool is_gone(struct blob_check *c, const struct kith_blob_id *id)
{
	uint64_t size;

	return blob_size(c->blobs, id, &size) == KITH_ENOENT;
}

/* The row, where it says so, of a file that is none. */
static void check_gone(struct blob_check *c, struct txn *t,
		       struct blob_row *row)
{
	if (row->state != BLOB_HERE || !is_gone(c, &row->id))
		return;
	find(c, BLOB_FAULT_LOST, &row->id);
	say_gone(c, t, row, BLOB_WHY_LOST);
}

static enum kith_err remove_empty(struct blob_check *c,
				  const struct kith_blob_id *id)
{
	enum kith_err err = KITH_OK;

	blobs_lock(c->blobs);
	if (is_gone(c, id))
		err = blob_remove(c->blobs, id);
	blobs_unlock(c->blobs);
	return err;
}

static enum kith_err damaged(struct blob_check *c, struct txn *t,
			     struct blob_row *row)
{
	enum kith_err err;

	find(c, BLOB_FAULT_DAMAGED, &row->id);
	if (c->dry)
		return KITH_OK;
	err = c->file ? blob_remove_file(c->blobs, c->file)
		      : remove_empty(c, &row->id);
	if (err && err != KITH_ENOENT)
		return err;
	if (is_gone(c, &row->id))
		say_gone(c, t, row, BLOB_WHY_DAMAGED);
	return KITH_OK;
}

/* The disk's fault, or that of somebody's hand.  It stays, and the others are
 * looked at all the same; what comes again takes its place. */
static void unreadable(struct blob_check *c, struct txn *t,
		       struct blob_row *row)
{
	find(c, BLOB_FAULT_DAMAGED, &row->id);
	say_gone(c, t, row, BLOB_WHY_DAMAGED);
}

static void close_file(struct blob_check *c)
{
	blob_close(c->file);
	c->file = NULL;
	c->hashed = 0;
}

/* As blob_verify, in pieces: somebody's hand may have put anything there.
 * *over: it is known now.  What is damaged stays open, to be removed. */
static enum kith_err verify(struct blob_check *c, int64_t end_us, bool *over)
{
	uint8_t *piece = malloc(PIECE_BYTES);
	enum kith_err err = piece ? KITH_OK : KITH_ENOMEM;
	size_t got = 1;

	if (!err && !c->file)
		err = blob_open(c->blobs, &c->entry.id, &c->file);
	*over = false;
	while (!err && got && !*over) {
		err = blob_read(c->file, c->hashed, piece, PIECE_BYTES, &got);
		c->hashed += got;
		if (!err && got && wall_us() >= end_us)
			break;
		*over = err || !got;
	}
	*over = *over || err;
	if (*over && err != KITH_EFORMAT)
		close_file(c);
	free(piece);
	return err;
}

/* row: what is known of it, maybe nothing. */
static void note_file(struct blob_check *c, struct txn *t,
		      struct blob_row *row)
{
	bool known = row->state == BLOB_HERE;

	c->counts.blobs++;
	c->counts.bytes += c->entry.size;
	if (known && row->size == c->entry.size)
		return;
	if (!known) {
		find(c, BLOB_FAULT_NEW, &row->id);
		row->added_us = row->used_us = c->entry.added_us;
	}
	row->state = BLOB_HERE;
	row->why = BLOB_WHY_NONE;
	row->asked = false;
	row->size = c->entry.size;
	put(c, t, row);
}

static enum kith_err check_file(struct blob_check *c, struct txn *t,
				struct blob_row *row, int64_t end_us,
				bool *over)
{
	bool known = row->state == BLOB_HERE;
	enum kith_err err = KITH_OK;

	*over = true;
	/* An empty file can only be the empty blob, which needs none. */
	if (!c->entry.size)
		return damaged(c, t, row);
	if (c->full || !known || row->size != c->entry.size)
		err = verify(c, end_us, over);
	if (!*over)
		return KITH_OK;
	switch (err) {
	case KITH_OK:
		note_file(c, t, row);
		return KITH_OK;
	case KITH_EFORMAT:
		err = damaged(c, t, row);
		close_file(c);
		return err;
	case KITH_EIO:
		unreadable(c, t, row);
		return KITH_OK;
	case KITH_ENOENT:
		check_gone(c, t, row);
		return KITH_OK;
	default:
		return err;
	}
}

static void next_file(struct blob_check *c)
{
	do
		c->has_entry = blob_walk_next(c->walk, &c->entry);
	while (c->has_entry && blob_is_empty(&c->entry.id));
}

/* Not to be met again, nor is the row that it gets. */
static void pass(struct blob_check *c, const struct kith_blob_id *id)
{
	c->row = *id;
	c->has_row = true;
}

/* Files and rows, both in the order of ids, side by side, from where the slice
 * before ended.  *at: the id that was looked at last. */
static enum kith_err check_next(struct blob_check *c, struct txn *t,
				int64_t end_us, bool *more)
{
	struct blob_row row = { .hops = BLOB_HOPS_NONE };
	struct blob_rows rows;
	enum kith_err err;
	int order;
	bool has, over;

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
	if (order < 0) {
		pass(c, &row.id);
		check_gone(c, t, &row);
		return KITH_OK;
	}
	if (order > 0)
		row = (struct blob_row){ .id = c->entry.id,
					 .hops = BLOB_HOPS_NONE };
	err = check_file(c, t, &row, end_us, &over);
	if (err || !over)
		return err;
	atomic_fetch_add(&c->done, c->entry.size);
	pass(c, &c->entry.id);
	next_file(c);
	return KITH_OK;
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
		err = check_next(c, t, end_us, more);
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
	close_file(c);
	blob_walk_free(c->walk);
	c->walk = NULL;
}
