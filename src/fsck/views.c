#include "src/fsck/check.h"

#include <stdlib.h>

#include "src/fsck/shadow.h"
#include "src/store/keys.h"

/*
 * Every view is folded anew (shadow.h) while the log is read, beside threads
 * that verify, and each table is compared by the sum of its rows.  Where sums
 * differ, what both have goes out of the shadow row by row, so that the order
 * in which damaged pages give their rows does not matter.
 */

/* --- folding -------------------------------------------------------------- */

void views_free(struct check *c)
{
	if (c->shadow)
		shadow_close(c->shadow);
	free(c->shadow);
	c->shadow = NULL;
}

/* What goes wrong here comes again in views_check, which tells. */
void views_begin(struct check *c)
{
	struct shadow *s;

	/* Behind a row that a check has died of, all is read with care. */
	if (check_skips(c, TABLE_VIEWS) || c->config->skip_rx || c->err)
		return;
	s = calloc(1, sizeof(*s));
	c->shadow = s;
	if (s && shadow_open(s, c, true, NULL))
		views_free(c);
}

void views_row(struct check *c, const struct message_row *row)
{
	if (c->shadow && shadow_fold(c->shadow, c, row))
		views_free(c);
}

/* With postings as rows. */
static enum kith_err fold_log(struct check *c, struct shadow *s)
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
		err = shadow_fold(s, c, &row);
	}
	rows_end(&w);
	return err ? err : shadow_fill(s);
}

/* --- what differs --------------------------------------------------------- */

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

static const struct view_place *place_of(const struct shadow *s,
					 const struct view *view)
{
	size_t i = 0;

	while (views[i] != view)
		i++;
	return &s->places[i];
}

/* Else it is made anew when the store is written: nothing to compare. */
static bool is_made(const struct shadow *s, const struct view *view)
{
	return place_of(s, view)->state >= (view->rows ? VIEW_FILLING
						       : VIEW_READY);
}

/* The row comes from a message that its view had only begun with: it may be
 * there or not. */
static bool is_ahead(const struct check *c, const struct shadow *s,
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
static bool name_row(const struct check *c, struct shadow *s,
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

static void differ(struct check *c, struct shadow *s, enum store_table table,
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

static void compare_row(struct check *c, struct shadow *s,
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

static void compare_left(struct check *c, struct shadow *s,
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

static enum kith_err compare(struct check *c, struct shadow *s,
			     enum store_table table)
{
	enum kith_err err = KITH_OK;
	struct rows w;

	rows_start(&w, c, (int)table);
	while (!err && rows_next(&w)) {
		compare_row(c, s, table, &w.row);
		err = shadow_step(s);
	}
	rows_end(&w);
	if (err)
		return err;
	compare_left(c, s, table);
	return txn_error(s->txn);
}

/* One that is behind follows, and one that is being made anew goes on. */
static void tell_unmade(struct check *c, const struct shadow *s)
{
	for (size_t i = 0; views[i]; i++)
		if (!views[i]->behind &&
		    (!views[i]->rows ? s->places[i].state != VIEW_READY
				     : s->places[i].state == VIEW_UNMADE))
			check_find(c, (struct fsck_finding){
				.class = FSCK_VIEW_WRONG,
				.table = TABLE_VIEWS,
			}, "the view %s is not up to the log: it is made anew "
				   "when kithd starts", views[i]->name);
}

static void read_places(struct check *c, struct shadow *s)
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

/* --- sums ----------------------------------------------------------------- */

/* False: of some rows it is not sure whether they are rows. */
static bool add_stored(struct check *c, enum store_table table,
		       struct row_sum *sum)
{
	bool sure = true;
	struct rows w;

	rows_start(&w, c, (int)table);
	while (rows_next(&w)) {
		row_sum_add(sum, row_sum_hash(sum, w.row.key, w.row.value));
		sure = sure && !w.row.doubtful;
	}
	rows_end(&w);
	return sure;
}

static void add_folded(struct shadow *s, enum store_table table,
		       struct row_sum *sum)
{
	struct cursor at;

	cursor_open(&at, s->txn, table);
	for (bool more = cursor_seek(&at, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&at))
		row_sum_add(sum, row_sum_hash(sum, at.key, at.value));
	cursor_close(&at);
}

static bool has_same_sum(struct check *c, struct shadow *s,
			 enum store_table table)
{
	struct row_sum stored = s->sum, folded = s->sum;

	stored.sum = stored.count = 0;
	if (table != TABLE_POSTINGS) {
		folded = stored;
		add_folded(s, table, &folded);
	}
	return add_stored(c, table, &stored) && !txn_error(s->txn) &&
	       row_sum_equal(&stored, &folded);
}

static enum kith_err fold_again(struct check *c, struct shadow *s,
				struct kith_error *e)
{
	enum kith_err err;

	shadow_close(s);
	err = shadow_open(s, c, false, e);
	return err ? err : fold_log(c, s);
}

static enum kith_err check_table(struct check *c, struct shadow *s,
				 enum store_table table, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (s->summed) {
		if (has_same_sum(c, s, table))
			return KITH_OK;
		err = fold_again(c, s, e);
	}
	return err ? err : compare(c, s, table);
}

static enum kith_err check_tables(struct check *c, struct shadow *s,
				  struct kith_error *e)
{
	bool good = s->summed && !s->partial && !shadow_fill(s);
	enum kith_err err = good ? KITH_OK : fold_again(c, s, e);

	for (size_t i = 0; !err && views_tables[i] != TABLE_COUNT; i++)
		if (!check_skips(c, (int)views_tables[i]))
			err = check_table(c, s, views_tables[i], e);
	return err;
}

void views_check(struct check *c)
{
	struct kith_error e = { 0 };
	enum kith_err err;

	/* What was not looked at cannot be compared. */
	if (check_skips(c, TABLE_VIEWS) || check_skips(c, TABLE_LOG) || c->err)
		return;
	if (!c->shadow)
		c->shadow = calloc(1, sizeof(*c->shadow));
	if (!c->shadow) {
		c->err = KITH_ENOMEM;
		return;
	}
	read_places(c, c->shadow);
	err = check_tables(c, c->shadow, &e);
	views_free(c);
	if (err)
		c->err = kith_fail(&c->why, err, 0,
				   "the views could not be checked: %s",
				   e.code ? e.text : kith_strerror(err));
}
