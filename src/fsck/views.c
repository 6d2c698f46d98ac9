#include "src/fsck/check.h"

#include <stdio.h>
#include <unistd.h>

#include "src/store/keys.h"
#include "src/views/filler.h"
#include "src/views/place.h"

/*
 * Every view is folded anew into a scratch store beside the one that is
 * checked; what both have goes out of the scratch again, so that the order in
 * which damaged pages give their rows does not matter.
 */
enum { COMMIT_DIRTY_BYTES = 4 << 20, PATH_BYTES = 4096, VIEWS_MAX = 16 };

struct scratch {
	struct home *home;
	struct store *store;
	struct txn *txn;
	struct filler *filler;
	struct view_place places[VIEWS_MAX]; /* of each of views[] */
	const struct view *view; /* of the row that was named last */
};

/* The folder, then what a store leaves in one, deepest first. */
static const char *const leftovers[] = {
	"store/data.mdb", "store/lock.mdb", "store/writer", "store/current",
	"store", "",
};

static void scratch_remove(const char *folder)
{
	char path[PATH_BYTES];

	for (size_t i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", folder,
				 leftovers[i]);

		if (n > 0 && (size_t)n < sizeof(path) && unlink(path))
			rmdir(path);
	}
}

static enum kith_err scratch_open(struct scratch *s, const char *folder,
				  struct kith_error *e)
{
	struct store_options o = { .write = true };
	enum kith_err err;

	scratch_remove(folder);
	err = home_open(folder, true, &s->home, e);
	if (!err)
		err = home_lock_writer(s->home, e);
	if (!err)
		err = store_open(s->home, &o, &s->store, e);
	if (!err)
		err = store_write(s->store, &s->txn);
	if (!err) {
		s->filler = filler_new();
		err = s->filler ? KITH_OK : KITH_ENOMEM;
	}
	return err;
}

static void scratch_close(struct scratch *s)
{
	filler_free(s->filler);
	txn_end(s->txn);
	store_close(s->store);
	home_close(s->home);
}

/* Commits when there is much, and goes on. */
static enum kith_err scratch_step(struct scratch *s)
{
	enum kith_err err = txn_error(s->txn);

	if (err || txn_dirty(s->txn) < COMMIT_DIRTY_BYTES)
		return err;
	err = txn_commit(s->txn);
	s->txn = NULL;
	return err ? err : store_write(s->store, &s->txn);
}

/* Whose it is, at its place in the scratch's log, which has no other rows. */
static void note_message(struct scratch *s, const struct message_row *row)
{
	struct key rx = key_number(row->rx);
	uint8_t value[12];

	kith_put_be32(value, row->feed_number);
	kith_put_be64(value + 4, row->sequence);
	txn_put(s->txn, TABLE_LOG, key_slice(&rx),
		(struct kith_slice){ value, sizeof(value) });
}

static enum kith_err scratch_fill(struct scratch *s)
{
	enum kith_err err = KITH_OK;

	while (!err && !filler_put(s->filler, s->txn))
		err = scratch_step(s);
	return err ? err : txn_error(s->txn);
}

/* What a view has of a message, if it has come to it. */
static enum kith_err fill_row(struct scratch *s, const struct view_message *m)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; views[i] && !err; i++)
		while (!err && views[i]->rows &&
		       m->row->rx <= s->places[i].position &&
		       !filler_add(s->filler, views[i], m))
			err = scratch_fill(s);
	return err;
}

static enum kith_err fold_row(struct check *c, struct scratch *s,
			      const struct message_row *row)
{
	const struct feed_check *f = feeds_find(c, row->feed_number);
	struct feed_row feed = { 0 };
	struct view_message m;
	enum kith_err err;

	if (!f || f->row.id.format == KITH_FORMAT_NONE)
		return KITH_OK;
	feed.id = f->row.id;
	feed.number = f->number;
	views_message(row, &feed, &m);
	views_fold(s->txn, &m, VIEW_ADDED);
	note_message(s, row);
	err = fill_row(s, &m);
	return err ? err : scratch_step(s);
}

static enum kith_err fold_log(struct check *c, struct scratch *s)
{
	enum kith_err err = KITH_OK;
	struct message_row row;
	uint64_t last = 0;
	struct rows w;

	rows_start(&w, c, TABLE_LOG);
	check_at(c, TABLE_VIEWS);
	while (!err && rows_next(&w)) {
		uint64_t rx = w.row.key.n == 8 ? kith_be64(w.row.key.p) : 0;

		if (rx <= last || !row_decode(&c->crc, rx, w.row.value, &row))
			continue;
		last = rx;
		err = fold_row(c, s, &row);
	}
	rows_end(&w);
	return err ? err : scratch_fill(s);
}

/* Its messages are damaged, so that its view cannot be told. */
static bool is_hurt(const struct check *c, const struct kith_feed_id *feed)
{
	for (size_t i = 0; i < c->feeds.count; i++)
		if (kith_feed_equal(&c->feeds.feeds[i].row.id, feed))
			return c->feeds.feeds[i].hurt;
	return false;
}

static bool any_is_hurt(const struct check *c)
{
	for (size_t i = 0; i < c->feeds.count; i++)
		if (c->feeds.feeds[i].hurt)
			return true;
	return c->lost.count;
}

static const struct view_place *place_of(const struct scratch *s,
					 const struct view *view)
{
	size_t i = 0;

	while (views[i] != view)
		i++;
	return &s->places[i];
}

/* Else it is made anew when the store is written: nothing to compare. */
static bool is_made(const struct scratch *s, const struct view *view)
{
	return place_of(s, view)->state >= (view->rows ? VIEW_FILLING
						       : VIEW_READY);
}

/* The row comes from a message that its view had only begun with: it may be
 * there or not. */
static bool is_ahead(const struct check *c, const struct scratch *s,
		     const struct fsck_finding *f)
{
	return s->view->rows && f->rx > place_of(s, s->view)->position &&
	       f->rx <= c->last_rx;
}

static void name_feed(const struct check *c, uint32_t number,
		      struct fsck_finding *f)
{
	const struct feed_check *feed = feeds_find(c, number);

	if (feed)
		f->feed = feed->row.id;
}

/* Which message a row comes from, in f; false: it is of no view. */
static bool name_row(const struct check *c, struct scratch *s,
		     struct kith_slice key, struct kith_slice value,
		     struct fsck_finding *f)
{
	enum store_table table = (enum store_table)f->table;
	struct view_origin o;
	struct key rx;

	s->view = views_origin(table, key, value, &o);
	f->feed = o.feed;
	f->sequence = o.sequence;
	f->rx = o.rx;
	rx = key_number(o.rx);
	if (table == TABLE_POSTINGS &&
	    txn_get(s->txn, TABLE_LOG, key_slice(&rx), &value)) {
		o.feed_number = kith_be32(value.p);
		f->sequence = kith_be64(value.p + 4);
	}
	if (o.feed_number)
		name_feed(c, o.feed_number, f);
	return s->view;
}

static void differ(struct check *c, struct scratch *s, enum store_table table,
		   struct kith_slice key, struct kith_slice value,
		   const char *how)
{
	struct fsck_finding f = { .class = FSCK_VIEW_WRONG,
				  .table = (int)table };
	bool known = name_row(c, s, key, value, &f);
	bool doubt = f.feed.format == KITH_FORMAT_NONE ? any_is_hurt(c)
						       : is_hurt(c, &f.feed);

	if (!doubt && (!known || is_made(s, s->view)))
		check_find(c, f, "the view %s %s",
			   known ? s->view->name : store_table_name(table),
			   how);
}

static void compare_row(struct check *c, struct scratch *s,
			enum store_table table, const struct pages_row *r)
{
	struct fsck_finding f = { .class = FSCK_BAD_PAGE, .page = r->page,
				  .table = (int)table };
	struct kith_slice right;
	bool known = name_row(c, s, r->key, r->value, &f);

	if (known && is_ahead(c, s, &f)) {
		txn_delete(s->txn, table, r->key);
		return;
	}
	if (!txn_get(s->txn, table, r->key, &right)) {
		if (!r->doubtful)
			differ(c, s, table, r->key, r->value,
			       "has a row that no message gives");
		return;
	}
	if (!kith_equal(right, r->value)) {
		if (r->doubtful)
			return; /* it is found missing */
		differ(c, s, table, r->key, right, "has another row than the "
		       "message gives");
	} else if (r->doubtful && known) {
		check_find(c, f, "its row of the view %s is whole, but not its "
			   "page", s->view->name);
	}
	txn_delete(s->txn, table, r->key);
}

static void compare_left(struct check *c, struct scratch *s,
			 enum store_table table)
{
	struct cursor left;

	cursor_open(&left, s->txn, table);
	for (bool more = cursor_seek(&left, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&left))
		differ(c, s, table, left.key, left.value,
		       "lacks what the message gives");
	cursor_close(&left);
}

static enum kith_err compare(struct check *c, struct scratch *s,
			     enum store_table table)
{
	enum kith_err err = KITH_OK;
	struct rows w;

	rows_start(&w, c, (int)table);
	while (!err && rows_next(&w)) {
		compare_row(c, s, table, &w.row);
		err = scratch_step(s);
	}
	rows_end(&w);
	if (err)
		return err;
	compare_left(c, s, table);
	return txn_error(s->txn);
}

/* One that is behind follows, and one that is being made anew goes on. */
static void tell_unmade(struct check *c, const struct scratch *s)
{
	for (size_t i = 0; views[i]; i++)
		if (!views[i]->rows ? s->places[i].state != VIEW_READY
				    : s->places[i].state == VIEW_UNMADE)
			check_find(c, (struct fsck_finding){
				.class = FSCK_VIEW_WRONG,
				.table = TABLE_VIEWS,
			}, "the view %s is not up to the log: it is made anew "
				   "when kithd starts", views[i]->name);
}

static void read_places(struct check *c, struct scratch *s)
{
	const struct view *view;
	struct rows w;

	rows_start(&w, c, TABLE_VIEWS);
	while (rows_next(&w)) {
		view = w.row.doubtful ? NULL : view_named(w.row.key);
		for (size_t i = 0; view && views[i]; i++)
			if (view == views[i])
				(void)place_decode(view, w.row.value,
						   &s->places[i]);
	}
	rows_end(&w);
	tell_unmade(c, s);
}

static enum kith_err compare_all(struct check *c, struct scratch *s)
{
	enum kith_err err = fold_log(c, s);

	for (size_t i = 0; !err && views_tables[i] != TABLE_COUNT; i++)
		if (!check_skips(c, (int)views_tables[i]))
			err = compare(c, s, views_tables[i]);
	return err;
}

void views_check(struct check *c)
{
	struct kith_error e = { 0 };
	struct scratch s = { 0 };
	char folder[PATH_BYTES];
	enum kith_err err;

	/* What was not looked at cannot be compared. */
	if (check_skips(c, TABLE_VIEWS) || check_skips(c, TABLE_LOG) || c->err)
		return;
	read_places(c, &s);
	err = home_file(c->config->home, "store/scratch", folder,
			sizeof(folder));
	if (!err)
		err = scratch_open(&s, folder, &e);
	if (!err)
		err = compare_all(c, &s);
	scratch_close(&s);
	scratch_remove(folder);
	if (err)
		c->err = kith_fail(&c->why, err, 0,
				   "the views could not be checked: %s",
				   e.code ? e.text : kith_strerror(err));
}
