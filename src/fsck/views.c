#include "src/fsck/check.h"

#include <stdio.h>
#include <unistd.h>

#include "src/views/view.h"

/*
 * Every view is folded anew into a scratch store beside the one that is
 * checked; what both have goes out of the scratch again, so that the order in
 * which damaged pages give their rows does not matter.
 */
enum { COMMIT_DIRTY_BYTES = 4 << 20, PATH_BYTES = 4096 };

struct scratch {
	struct home *home;
	struct store *store;
	struct txn *txn;
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
	return err;
}

static void scratch_close(struct scratch *s)
{
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

static enum kith_err fold_row(struct check *c, struct scratch *s,
			      const struct message_row *row)
{
	const struct feed_check *f = feeds_find(c, row->feed_number);
	struct feed_row feed = { 0 };
	struct view_message m;

	if (!f || f->row.id.format == KITH_FORMAT_NONE)
		return KITH_OK;
	feed.id = f->row.id;
	feed.number = f->number;
	views_message(row, &feed, &m);
	views_fold(s->txn, &m, VIEW_ADDED);
	return scratch_step(s);
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
	return err;
}

/* Its messages are damaged, so that its view cannot be told. */
static bool is_hurt(const struct check *c, const struct kith_feed_id *feed)
{
	for (size_t i = 0; i < c->feeds.count; i++)
		if (kith_feed_equal(&c->feeds.feeds[i].row.id, feed))
			return c->feeds.feeds[i].hurt;
	return false;
}

static void differ(struct check *c, const struct view *view,
		   struct kith_slice key, struct kith_slice value,
		   const char *how)
{
	struct fsck_finding f = { .class = FSCK_VIEW_WRONG,
				  .table = (int)view->table };

	(void)view->origin(key, value, &f.feed, &f.sequence);
	if (!is_hurt(c, &f.feed))
		check_find(c, f, "the view %s %s", view->name, how);
}

static void compare_row(struct check *c, struct scratch *s,
			const struct view *view, const struct pages_row *r)
{
	struct fsck_finding f = { .class = FSCK_BAD_PAGE, .page = r->page,
				  .table = (int)view->table };
	struct kith_slice right;

	if (!txn_get(s->txn, view->table, r->key, &right)) {
		if (!r->doubtful)
			differ(c, view, r->key, r->value,
			       "has a row that no message gives");
		return;
	}
	if (!kith_equal(right, r->value)) {
		if (r->doubtful)
			return; /* it is found missing */
		differ(c, view, r->key, right, "has another row than the "
		       "message gives");
	} else if (r->doubtful) {
		(void)view->origin(r->key, r->value, &f.feed, &f.sequence);
		check_find(c, f, "its row of the view %s is whole, but not its "
			   "page", view->name);
	}
	txn_delete(s->txn, view->table, r->key);
}

static enum kith_err compare(struct check *c, struct scratch *s,
			     const struct view *view)
{
	enum kith_err err = KITH_OK;
	struct cursor left;
	struct rows w;

	rows_start(&w, c, (int)view->table);
	while (!err && rows_next(&w)) {
		compare_row(c, s, view, &w.row);
		err = scratch_step(s);
	}
	rows_end(&w);
	if (err)
		return err;
	cursor_open(&left, s->txn, view->table);
	for (bool more = cursor_seek(&left, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&left))
		differ(c, view, left.key, left.value,
		       "lacks what the message gives");
	cursor_close(&left);
	return txn_error(s->txn);
}

/* A view of another version, or one that is still behind, is made anew or
 * brought up when the store is opened for writing: nothing to compare. */
static void tell_behind(struct check *c, uint64_t current)
{
	for (size_t i = 0; views[i]; i++)
		if (!(current >> i & 1))
			check_find(c, (struct fsck_finding){
				.class = FSCK_VIEW_WRONG,
				.table = TABLE_VIEWS,
			}, "the view %s is not up to the log: it is made anew "
				   "when kithd starts", views[i]->name);
}

static uint64_t find_current(struct check *c)
{
	uint64_t current = 0;
	struct rows w;

	rows_start(&w, c, TABLE_VIEWS);
	while (rows_next(&w))
		for (size_t i = 0; views[i]; i++)
			if (!w.row.doubtful &&
			    kith_equal(w.row.key, kith_text(views[i]->name)) &&
			    view_is_current(views[i], w.row.value))
				current |= UINT64_C(1) << i;
	rows_end(&w);
	tell_behind(c, current);
	return current;
}

static enum kith_err compare_all(struct check *c, struct scratch *s,
				 uint64_t current)
{
	enum kith_err err = fold_log(c, s);

	for (size_t i = 0; !err && views[i]; i++)
		if (current >> i & 1 && views[i]->origin &&
		    !check_skips(c, (int)views[i]->table))
			err = compare(c, s, views[i]);
	return err;
}

void views_check(struct check *c)
{
	uint64_t current;
	struct kith_error e = { 0 };
	struct scratch s = { 0 };
	char folder[PATH_BYTES];
	enum kith_err err;

	/* What was not looked at cannot be compared. */
	if (check_skips(c, TABLE_VIEWS) || check_skips(c, TABLE_LOG) || c->err)
		return;
	current = find_current(c);
	err = home_file(c->config->home, "store/scratch", folder,
			sizeof(folder));
	if (!err)
		err = scratch_open(&s, folder, &e);
	if (!err)
		err = compare_all(c, &s, current);
	scratch_close(&s);
	scratch_remove(folder);
	if (err)
		c->err = kith_fail(&c->why, err, 0,
				   "the views could not be checked: %s",
				   e.code ? e.text : kith_strerror(err));
}
