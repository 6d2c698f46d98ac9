#include "src/views/view.h"

#include "feeds/json.h"
#include "src/views/contacts.h"
#include "src/views/rows_private.h"

/* A rebuild commits when its transaction is this large. */
enum { REBUILD_DIRTY_BYTES_MAX = 8 << 20 };

/*
 * TABLE_VIEWS: the name of a view, then
 *
 *	0-3   version
 *	4-11  receive number up to which it has folded the log, or WITH_LOG
 *
 * A view that is up to the log stays so, since every append folds: then its
 * row need not change with each commit.
 */
enum { ROW_BYTES = 12 };

#define WITH_LOG UINT64_MAX

const struct view *const views[] = { &view_contacts, &view_types, &view_links,
				     &view_says, NULL };

const enum store_table views_tables[] = { TABLE_CONTACTS, TABLE_POSTINGS,
					  TABLE_OPINIONS, TABLE_COUNT };

static const struct view *posting_origin(struct kith_slice key,
					 struct view_origin *out)
{
	struct posting at;

	if (!posting_read(key, &at))
		return NULL;
	out->rx = at.rx;
	for (size_t i = 0; views[i]; i++)
		if (views[i]->first_term &&
		    key.p[0] >= views[i]->first_term &&
		    key.p[0] <= views[i]->last_term)
			return views[i];
	return NULL;
}

static const struct view *opinion_origin(struct kith_slice key,
					 struct kith_slice value,
					 struct view_origin *out)
{
	struct opinion o;

	if (!opinion_read(key, value, &o))
		return NULL;
	out->feed_number = o.author;
	out->sequence = o.sequence;
	out->rx = o.rx;
	for (size_t i = 0; views[i]; i++)
		if (views[i]->opinions)
			return views[i];
	return NULL;
}

const struct view *views_origin(enum store_table table, struct kith_slice key,
				struct kith_slice value,
				struct view_origin *out)
{
	*out = (struct view_origin){ 0 };
	if (table == TABLE_POSTINGS)
		return posting_origin(key, out);
	if (table == TABLE_OPINIONS)
		return opinion_origin(key, value, out);
	for (size_t i = 0; views[i]; i++)
		if (views[i]->origin && views[i]->table == table &&
		    views[i]->origin(key, value, out))
			return views[i];
	return NULL;
}

static void put_row(struct txn *t, const struct view *view, uint64_t rx)
{
	uint8_t value[ROW_BYTES];

	kith_put_be32(value, view->version);
	kith_put_be64(value + 4, rx);
	txn_put(t, TABLE_VIEWS, kith_text(view->name),
		(struct kith_slice){ value, sizeof(value) });
}

bool view_is_current(const struct view *view, struct kith_slice row)
{
	return row.n == ROW_BYTES && kith_be32(row.p) == view->version &&
	       kith_be64(row.p + 4) == WITH_LOG;
}

/* False: the view's rows are of another version, or there are none. */
static bool get_row(struct txn *t, const struct view *view, uint64_t *rx)
{
	struct kith_slice value;

	if (!txn_get(t, TABLE_VIEWS, kith_text(view->name), &value) ||
	    value.n != ROW_BYTES || kith_be32(value.p) != view->version)
		return false;
	*rx = kith_be64(value.p + 4);
	return true;
}

static void fold_one(const struct view *view, struct txn *t,
		     const struct view_message *m, enum view_event event)
{
	struct rows r = { t, m, event == VIEW_GONE };

	if (!view->rows)
		view->fold(t, m, event);
	else if (event != VIEW_OPENED)
		view->rows(&r, m);
}

static void clear_terms(struct txn *t, const struct view *view)
{
	uint8_t first = (uint8_t)view->first_term;
	struct cursor c;
	bool more;

	do {
		uint8_t key[STORE_KEY_BYTES_MAX];
		struct kith_slice at = { key, 0 };

		cursor_open(&c, t, TABLE_POSTINGS);
		more = cursor_seek(&c, (struct kith_slice){ &first, 1 }) &&
		       c.key.p[0] <= view->last_term;
		if (more) {
			at.n = c.key.n;
			memcpy(key, c.key.p, at.n);
		}
		cursor_close(&c);
		if (more)
			txn_delete(t, TABLE_POSTINGS, at);
	} while (more);
}

static void clear(struct txn *t, const struct view *view)
{
	if (view->first_term)
		clear_terms(t, view);
	if (view->opinions)
		txn_clear(t, TABLE_OPINIONS);
	if (view->clear)
		view->clear(t);
}

void views_fold(struct txn *t, const struct view_message *m,
		enum view_event event)
{
	for (size_t i = 0; views[i]; i++)
		fold_one(views[i], t, m, event);
}

void views_message(const struct message_row *row, const struct feed_row *feed,
		   struct view_message *out)
{
	*out = (struct view_message){
		.row = row,
		.author = feed->id,
		.content = json_get(row->canon, "content"),
	};
	if (!json_number(json_get(row->canon, "timestamp"), &out->claimed))
		out->claimed = 0;
}

double view_time_ms(const struct view_message *m)
{
	double received_ms = (double)m->row->received_us / 1000;

	return m->claimed < received_ms ? m->claimed : received_ms;
}

/* Folds rows above *rx until the transaction is large or the log ends, and
 * moves *rx; *end tells which.  EIO: a message whose feed is missing. */
static enum kith_err fold_some(struct txn *t, const struct view *view,
			       uint64_t *rx, bool *end)
{
	struct view_message m;
	struct message_row row;
	struct feed_row feed;

	while (txn_dirty(t) < REBUILD_DIRTY_BYTES_MAX) {
		*end = !message_from(t, *rx + 1, &row);
		if (*end)
			return KITH_OK;
		if (!feed_by_number(t, row.feed_number, &feed))
			return KITH_EIO;
		views_message(&row, &feed, &m);
		fold_one(view, t, &m, VIEW_ADDED);
		*rx = row.rx;
	}
	return KITH_OK;
}

/* One transaction's worth; *end when the view is up to the log. */
static enum kith_err catch_up_some(struct store *s, const struct view *view,
				   bool *end)
{
	enum kith_err err;
	uint64_t rx = 0;
	struct txn *t;

	err = store_write(s, &t);
	if (err)
		return err;
	if (!get_row(t, view, &rx))
		clear(t, view);
	err = fold_some(t, view, &rx, end);
	if (err) {
		txn_end(t);
		return err;
	}
	put_row(t, view, *end ? WITH_LOG : rx);
	return txn_commit(t);
}

/* Whether the view has folded the whole log, without writing. */
static enum kith_err is_current(struct store *s, const struct view *view,
				bool *current)
{
	enum kith_err err;
	uint64_t rx = 0;
	struct txn *t;

	err = store_read(s, &t);
	if (err)
		return err;
	*current = get_row(t, view, &rx) && rx == WITH_LOG;
	err = txn_error(t);
	txn_end(t);
	return err;
}

static enum kith_err catch_up(struct store *s, const struct view *view)
{
	bool end = false;
	enum kith_err err = is_current(s, view, &end);

	while (!err && !end)
		err = catch_up_some(s, view, &end);
	return err;
}

static bool is_known(struct kith_slice name)
{
	for (size_t i = 0; views[i]; i++)
		if (kith_equal(name, kith_text(views[i]->name)))
			return true;
	return false;
}

/* The name of a view that a newer kith folded and this one will not. */
static bool find_unknown(struct txn *t, struct kith_buf *name)
{
	struct cursor c;
	bool found = false;

	kith_buf_reset(name);
	cursor_open(&c, t, TABLE_VIEWS);
	for (bool more = cursor_seek(&c, (struct kith_slice){ 0 });
	     more && !found; more = cursor_next(&c)) {
		found = !is_known(c.key);
		if (found)
			kith_buf_put(name, c.key);
	}
	cursor_close(&c);
	return found && !name->err;
}

/* Their rows must not say any more that they are up to the log. */
static enum kith_err forget_unknown(struct store *s)
{
	struct kith_buf name = { .limit = STORE_KEY_BYTES_MAX };
	enum kith_err err;
	struct txn *t;

	err = store_write(s, &t);
	if (err)
		return err;
	while (find_unknown(t, &name))
		txn_delete(t, TABLE_VIEWS, kith_bytes(&name));
	kith_buf_free(&name);
	return txn_commit(t);
}

enum kith_err views_catch_up(struct store *s, struct kith_error *e)
{
	enum kith_err err = forget_unknown(s);

	if (err)
		return kith_fail(e, err, 0, "the views: %s",
				 kith_strerror(err));
	for (size_t i = 0; views[i]; i++) {
		err = catch_up(s, views[i]);
		if (err)
			return kith_fail(e, err, 0,
					 "cannot bring the view %s up to the "
					 "log: %s", views[i]->name,
					 kith_strerror(err));
	}
	return KITH_OK;
}
