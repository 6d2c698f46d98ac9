#include "src/views/view.h"

#include "feeds/json.h"
#include "feeds/stored.h"
#include "src/views/contacts.h"
#include "src/views/follow.h"
#include "src/views/place.h"
#include "src/views/rows_private.h"

/* A fold of its own commits when its transaction is this large. */
enum { REFOLD_DIRTY_BYTES_MAX = 8 << 20 };

const struct view *const views[] = { &view_contacts, &view_types, &view_links,
				     &view_says, &view_private, NULL };

const struct view *view_named(struct kith_slice name)
{
	for (size_t i = 0; views[i]; i++)
		if (kith_equal(name, kith_text(views[i]->name)))
			return views[i];
	return NULL;
}

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

void views_fold(struct txn *t, const struct view_message *m,
		enum view_event event)
{
	struct rows r = { .out_of = t };

	for (size_t i = 0; views[i]; i++)
		if (!views[i]->rows)
			views[i]->fold(t, m, event);
		else if (event == VIEW_GONE)
			rows_run(&r, views[i], m);
}

/* A row of another form than classic messages have. */
static void walk_members(struct kith_slice canon, struct kith_slice *content,
			 struct kith_slice *claimed)
{
	struct kith_slice key, value;
	size_t at = 0;

	/* What is stored is canonical: each member is there once. */
	while ((!content->n || !claimed->n) &&
	       json_next_member(canon, &at, &key, &value))
		if (json_is(key, "content"))
			*content = value;
		else if (json_is(key, "timestamp"))
			*claimed = value;
}

static void set_claimed(struct view_message *m, struct kith_slice claimed)
{
	if (!json_number(claimed, &m->claimed))
		m->claimed = 0;
}

/* Without a look at the row of its feed. */
static bool read_stored(const struct message_row *row, struct view_message *out)
{
	struct msg_stored stored;

	if (row->format != KITH_CLASSIC || !msg_stored(row->canon, &stored))
		return false;
	*out = (struct view_message){ .row = row, .author = stored.author,
				      .content = stored.content };
	set_claimed(out, stored.timestamp);
	return true;
}

void views_message(const struct message_row *row, const struct feed_row *feed,
		   struct view_message *out)
{
	struct kith_slice claimed = { 0 };

	if (!read_stored(row, out)) {
		*out = (struct view_message){ .row = row };
		walk_members(row->canon, &out->content, &claimed);
		set_claimed(out, claimed);
	}
	out->author = feed->id;
}

bool views_read(struct txn *t, const struct message_row *row,
		struct view_message *out)
{
	struct feed_row feed;

	if (read_stored(row, out))
		return true;
	if (!feed_by_number(t, row->feed_number, &feed))
		return false;
	views_message(row, &feed, out);
	return true;
}

struct kith_slice view_type(const struct view_message *m)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(m->content, &at, &key, &value))
		if (json_is(key, "type"))
			return value;
	return (struct kith_slice){ 0 };
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

	while (txn_dirty(t) < REFOLD_DIRTY_BYTES_MAX) {
		*end = !message_from(t, *rx + 1, &row);
		if (*end)
			return KITH_OK;
		if (!feed_by_number(t, row.feed_number, &feed))
			return KITH_EIO;
		views_message(&row, &feed, &m);
		view->fold(t, &m, VIEW_ADDED);
		*rx = row.rx;
	}
	return KITH_OK;
}

/* One transaction's worth; *end when the view is up to the log. */
static enum kith_err refold_some(struct store *s, const struct view *view,
				 bool *end)
{
	struct view_place place;
	enum kith_err err;
	struct txn *t;

	err = store_write(s, &t);
	if (err)
		return err;
	place_get(t, view, &place);
	if (place.state == VIEW_UNMADE)
		view->clear(t);
	place.state = VIEW_FILLING;
	err = fold_some(t, view, &place.position, end);
	if (err) {
		txn_end(t);
		return err;
	}
	if (*end)
		place.position = WITH_LOG;
	place_put(t, view, &place);
	return txn_commit(t);
}

/* Whether the view has folded the whole log, without writing. */
static enum kith_err is_ready(struct store *s, const struct view *view,
			      bool *ready)
{
	struct view_place place;
	enum kith_err err;
	struct txn *t;

	err = store_read(s, &t);
	if (err)
		return err;
	place_get(t, view, &place);
	*ready = place.state == VIEW_READY;
	err = txn_error(t);
	txn_end(t);
	return err;
}

static enum kith_err refold(struct store *s, const struct view *view)
{
	bool end = false;
	enum kith_err err = is_ready(s, view, &end);

	while (!err && !end)
		err = refold_some(s, view, &end);
	return err;
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
		found = !view_named(c.key);
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
	if (txn_error(t) || txn_dirty(t))
		return txn_commit(t);
	txn_end(t);
	return KITH_OK;
}

enum kith_err views_start(struct store *s, struct kith_error *e)
{
	enum kith_err err = forget_unknown(s);

	if (err)
		return kith_fail(e, err, 0, "the views: %s",
				 kith_strerror(err));
	for (size_t i = 0; views[i]; i++) {
		err = views[i]->rows || views[i]->behind
			      ? KITH_OK : refold(s, views[i]);
		if (err)
			return kith_fail(e, err, 0,
					 "cannot bring the view %s up to the "
					 "log: %s", views[i]->name,
					 kith_strerror(err));
	}
	return KITH_OK;
}

enum kith_err views_catch_up(struct store *s, struct kith_error *e)
{
	enum kith_err err = views_start(s, e);
	struct follow *f = NULL;
	bool more = true;

	if (!err)
		err = follow_open(s, &f, e);
	while (!err && more)
		err = follow_some(f, FOLLOW_LONG_SLICE_MS, &more, e);
	follow_close(f);
	return err;
}
