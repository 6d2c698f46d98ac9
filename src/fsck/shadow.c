#include "src/fsck/shadow.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "src/store/keys.h"

enum { COMMIT_DIRTY_BYTES = 4 << 20 };

/* The folder, then what a store leaves in one, deepest first. */
static const char *const leftovers[] = {
	"store/data.mdb", "store/lock.mdb", "store/writer", "store/current",
	"store", "",
};

static void clear_away(const char *folder)
{
	char path[SHADOW_PATH_BYTES];

	for (size_t i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", folder,
				 leftovers[i]);

		if (n > 0 && (size_t)n < sizeof(path) && unlink(path))
			rmdir(path);
	}
}

static enum kith_err open_store(struct shadow *s, struct kith_error *e)
{
	struct store_options o = { .write = true };
	enum kith_err err;

	clear_away(s->folder);
	err = home_open(s->folder, true, &s->home, e);
	if (!err)
		err = home_lock_writer(s->home, e);
	if (!err)
		err = store_open(s->home, &o, &s->store, e);
	return err ? err : store_write(s->store, &s->txn);
}

enum kith_err shadow_open(struct shadow *s, const struct check *c,
			   bool summed, struct kith_error *e)
{
	enum kith_err err;

	s->summed = summed;
	s->partial = false;
	err = home_file(c->config->home, "store/scratch", s->folder,
			sizeof(s->folder));
	if (!err)
		err = open_store(s, e);
	if (err)
		return err;
	s->filler = filler_new();
	if (!s->filler)
		return KITH_ENOMEM;
	if (summed) {
		s->sum = (struct row_sum){ 0 };
		randombytes_buf(s->sum.key, sizeof(s->sum.key));
		filler_sum(s->filler, &s->sum);
	}
	return KITH_OK;
}

void shadow_close(struct shadow *s)
{
	filler_free(s->filler);
	txn_end(s->txn);
	store_close(s->store);
	home_close(s->home);
	if (*s->folder)
		clear_away(s->folder);
	s->filler = NULL;
	s->txn = NULL;
	s->store = NULL;
	s->home = NULL;
}

enum kith_err shadow_step(struct shadow *s)
{
	enum kith_err err = txn_error(s->txn);

	if (err || txn_dirty(s->txn) < COMMIT_DIRTY_BYTES)
		return err;
	err = txn_commit(s->txn);
	s->txn = NULL;
	return err ? err : store_write(s->store, &s->txn);
}

/* Whose it is, at its place in the shadow's log, which has no other rows. */
static void note_message(struct shadow *s, const struct message_row *row)
{
	struct key rx = key_number(row->rx);
	uint8_t value[12];

	kith_put_be32(value, row->feed_number);
	kith_put_be64(value + 4, row->sequence);
	txn_put(s->txn, TABLE_LOG, key_slice(&rx),
		(struct kith_slice){ value, sizeof(value) });
}

enum kith_err shadow_fill(struct shadow *s)
{
	enum kith_err err = KITH_OK;

	while (!err && !filler_put(s->filler, s->txn))
		err = shadow_step(s);
	return err ? err : txn_error(s->txn);
}

/* What a view has of a message, if it has come to it. */
static enum kith_err fill_row(struct shadow *s, const struct view_message *m)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; views[i] && !err; i++)
		while (!err && views[i]->rows &&
		       (s->summed || m->row->rx <= s->places[i].position) &&
		       !filler_add(s->filler, views[i], m))
			err = shadow_fill(s);
	return err;
}

enum kith_err shadow_fold(struct shadow *s, const struct check *c,
			   const struct message_row *row)
{
	const struct feed_check *f = feeds_find(c, row->feed_number);
	struct feed_row feed = { 0 };
	struct view_message m;
	enum kith_err err;

	if (!f || f->row.id.format == KITH_FORMAT_NONE) {
		s->partial = true;
		return KITH_OK;
	}
	feed.id = f->row.id;
	feed.number = f->number;
	views_message(row, &feed, &m);
	views_fold(s->txn, &m, VIEW_ADDED);
	if (!s->summed)
		note_message(s, row);
	err = fill_row(s, &m);
	return err ? err : shadow_step(s);
}
