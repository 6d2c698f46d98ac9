/*
 * The views that follow the log: they read it in batches, each for all views
 * that stand at the same place, gather the rows in a sheaf, and put them in
 * sorted.  The place moves with the last row of the batch; a batch that is cut
 * short is gathered again, since rows that are there already do no harm.
 *
 * What is made anew is cleared first, slice by slice; its row in TABLE_VIEWS
 * tells how far that has come.
 */
#include <stdlib.h>

#include "src/views/follow.h"
#include "src/views/place.h"
#include "src/views/rows_private.h"

enum { VIEWS_MAX = 16, LOOK_EVERY = 32, FEEDS_KEPT = 1024,
       CLEAR_DIRTY_BYTES_MAX = 4 << 20 };

struct gather {
	struct store *store;
	struct sheaf sheaf; /* has memory while a batch is under way */
	bool putting; /* the batch is gathered */

	/* The batch: of which views, from where they stood. */
	bool takes[VIEWS_MAX];
	struct view_place from[VIEWS_MAX];
	uint64_t skipped[VIEWS_MAX];
	uint64_t at;	/* gathered up to here */
	uint64_t until; /* where another view stands */
	uint64_t removed; /* of the log, when it began */

	struct feed_row feeds[FEEDS_KEPT]; /* of the batch, by number */
};

static enum kith_err gather_open(struct store *s, void **out,
				 struct kith_error *e)
{
	struct gather *g = calloc(1, sizeof(*g));

	if (!g)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	g->store = s;
	*out = g;
	return KITH_OK;
}

static void gather_close(void *state)
{
	struct gather *g = state;

	sheaf_free(&g->sheaf);
	free(g);
}

static bool follows(size_t i)
{
	return views[i] && views[i]->rows;
}

/* One that stands beyond the end of the log has read another log: whatever it
 * has, it is made anew. */
static void get_place(struct txn *t, size_t i, struct view_place *out)
{
	place_get(t, views[i], out);
	if (out->position > message_end(t))
		*out = (struct view_place){ .state = VIEW_UNMADE };
}

static void drop_batch(struct gather *g)
{
	sheaf_free(&g->sheaf);
	g->putting = false;
}

/* --- clearing --- */

/* Removes rows of a table whose keys begin with a byte from first to last;
 * false: there are more. */
static bool clear_keys(struct txn *t, enum store_table table, uint8_t first,
		       uint8_t last, int64_t end_ms)
{
	struct cursor c;
	size_t n = 0;
	bool more, stop = false;

	cursor_open(&c, t, table);
	more = cursor_seek(&c, (struct kith_slice){ &first, 1 });
	while (more && c.key.p[0] <= last && !stop) {
		cursor_delete(&c);
		more = cursor_next(&c);
		stop = ++n % LOOK_EVERY == 0 &&
		       (rows_now_ms() >= end_ms ||
			txn_dirty(t) >= CLEAR_DIRTY_BYTES_MAX);
	}
	cursor_close(&c);
	return !stop;
}

static bool clear_rows(struct txn *t, const struct view *view, int64_t end_ms)
{
	bool done = true;

	if (view->first_term)
		done = clear_keys(t, TABLE_POSTINGS, (uint8_t)view->first_term,
				  (uint8_t)view->last_term, end_ms);
	if (done && view->opinions)
		done = clear_keys(t, TABLE_OPINIONS, 0, UINT8_MAX, end_ms);
	return done;
}

static enum kith_err clear_some(struct gather *g, int64_t end_ms)
{
	struct view_place place;
	enum kith_err err;
	struct txn *t;
	bool done = true;

	err = store_write(g->store, &t);
	if (err)
		return err;
	for (size_t i = 0; views[i] && done; i++) {
		if (!follows(i))
			continue;
		get_place(t, i, &place);
		if (place.state >= VIEW_FILLING)
			continue;
		done = clear_rows(t, views[i], end_ms);
		place = (struct view_place){ done ? VIEW_FILLING
						  : VIEW_CLEARING, 0, 0 };
		place_put(t, views[i], &place);
	}
	return txn_commit(t);
}

/* --- gathering --- */

static void read_places(struct txn *t, struct view_place *out)
{
	for (size_t i = 0; views[i]; i++)
		if (follows(i))
			get_place(t, i, &out[i]);
}

/* The views that are farthest behind, and where the next one waits. */
static void choose(struct gather *g)
{
	g->at = g->until = UINT64_MAX;
	for (size_t i = 0; views[i]; i++)
		if (follows(i) && g->from[i].position < g->at)
			g->at = g->from[i].position;
	for (size_t i = 0; views[i]; i++) {
		g->takes[i] = follows(i) && g->from[i].position == g->at;
		g->skipped[i] = 0;
		if (follows(i) && !g->takes[i] &&
		    g->from[i].position < g->until)
			g->until = g->from[i].position;
	}
}

/* False: a view must be cleared first. */
static bool begin(struct gather *g, struct txn *t)
{
	read_places(t, g->from);
	for (size_t i = 0; views[i]; i++)
		if (follows(i) && g->from[i].state < VIEW_FILLING)
			return false;
	choose(g);
	g->removed = message_removed(t);
	memset(g->feeds, 0, sizeof(g->feeds));
	sheaf_reset(&g->sheaf);
	return true;
}

/* NULL: it is missing. */
static const struct feed_row *feed_of(struct gather *g, struct txn *t,
				      uint32_t number)
{
	struct feed_row *kept = &g->feeds[number % FEEDS_KEPT];

	if (kept->number == number || feed_by_number(t, number, kept))
		return kept;
	*kept = (struct feed_row){ 0 };
	return NULL;
}

/* Adds the rows of one message; false: the sheaf is full. */
static bool add(struct gather *g, const struct view_message *m)
{
	struct sheaf_mark mark = sheaf_mark(&g->sheaf);
	struct rows r = { .into = &g->sheaf };
	bool skipped[VIEWS_MAX] = { false };

	for (size_t i = 0; views[i]; i++)
		if (g->takes[i]) {
			rows_run(&r, views[i], m);
			skipped[i] = r.skipped;
		}
	if (g->sheaf.full) {
		sheaf_back(&g->sheaf, mark);
		return false;
	}
	for (size_t i = 0; views[i]; i++)
		g->skipped[i] += skipped[i];
	return true;
}

/* Gathers from g->at on until end_ms; *all: the batch is whole. */
static enum kith_err gather_rows(struct gather *g, struct txn *t,
				 int64_t end_ms, bool *all)
{
	struct message_row row;
	const struct feed_row *feed;
	struct view_message m;

	for (size_t n = 1;; n++) {
		*all = g->at >= g->until || !message_from(t, g->at + 1, &row);
		if (txn_error(t))
			return txn_error(t);
		if (*all) {
			g->at = g->until < message_end(t) ? g->until
							  : message_end(t);
			return txn_error(t);
		}
		feed = feed_of(g, t, row.feed_number);
		if (!feed)
			return KITH_EIO;
		views_message(&row, feed, &m);
		*all = !add(g, &m);
		if (*all)
			return KITH_OK;
		g->at = row.rx;
		if (n % LOOK_EVERY == 0 && rows_now_ms() >= end_ms)
			return KITH_OK;
	}
}

/* --- putting in --- */

static bool still_there(const struct gather *g, struct txn *t)
{
	struct view_place now[VIEWS_MAX];

	if (message_removed(t) != g->removed)
		return false;
	read_places(t, now);
	for (size_t i = 0; views[i]; i++)
		if (g->takes[i] && !place_equal(&now[i], &g->from[i]))
			return false;
	return true;
}

static void move_places(struct gather *g, struct txn *t)
{
	struct view_place place;

	for (size_t i = 0; views[i]; i++) {
		if (!g->takes[i])
			continue;
		place = g->from[i];
		place.position = g->at;
		place.skipped += g->skipped[i];
		if (g->at >= message_end(t))
			place.state = VIEW_READY;
		if (!place_equal(&place, &g->from[i]))
			place_put(t, views[i], &place);
	}
}

static enum kith_err put_some(struct gather *g, int64_t end_ms)
{
	struct sheaf_item rest;
	enum kith_err err;
	struct txn *t;

	err = store_write(g->store, &t);
	if (err)
		return err;
	if (!still_there(g, t)) {
		err = txn_error(t);
		txn_end(t);
		drop_batch(g);
		return err;
	}
	/* What is left is for removing, which gives room again. */
	if (txn_room(t) == STORE_ROOM_NONE) {
		txn_end(t);
		drop_batch(g);
		return KITH_EFULL;
	}
	rows_put(t, &g->sheaf, end_ms);
	if (!sheaf_first(&g->sheaf, &rest)) {
		move_places(g, t);
		drop_batch(g);
	}
	if (!txn_error(t) && !txn_dirty(t)) {
		txn_end(t);
		return KITH_OK;
	}
	err = txn_commit(t);
	/* What was taken off the sheaf is not in. */
	if (err)
		drop_batch(g);
	return err;
}

/* --- a slice --- */

/* Begins a batch or gathers on; *clears: a view must be cleared first. */
static enum kith_err gather_some(struct gather *g, int64_t end_ms,
				 bool *clears)
{
	enum kith_err err;
	struct txn *t;
	bool all = false;

	err = store_read(g->store, &t);
	if (err)
		return err;
	if (!g->sheaf.bytes) {
		err = sheaf_alloc(&g->sheaf) ? KITH_OK : KITH_ENOMEM;
		*clears = !err && !begin(g, t);
	}
	if (!err && !*clears)
		err = gather_rows(g, t, end_ms, &all);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	if (err || *clears) {
		drop_batch(g);
		return err;
	}
	g->putting = !sheaf_end_run(&g->sheaf) || all;
	return KITH_OK;
}

/* What is made anew has nothing until it is up to the log. */
void views_place(struct txn *t, struct follow_place *out)
{
	struct view_place place;

	out->position = out->end = message_end(t);
	for (size_t i = 0; views[i]; i++) {
		if (!follows(i))
			continue;
		get_place(t, i, &place);
		if (place.position >= out->end && place.state != VIEW_READY)
			place.position = 0;
		if (place.position < out->position)
			out->position = place.position;
	}
}

static enum kith_err is_done(const struct gather *g, bool *done)
{
	struct follow_place place;
	enum kith_err err;
	struct txn *t;

	err = store_read(g->store, &t);
	if (err)
		return err;
	views_place(t, &place);
	*done = place.position == place.end;
	err = txn_error(t);
	txn_end(t);
	return err;
}

static enum kith_err gather_step(struct gather *g, int64_t end_ms)
{
	enum kith_err err = KITH_OK;
	bool clears = false;

	if (!g->putting)
		err = gather_some(g, end_ms, &clears);
	if (!err && clears)
		return clear_some(g, end_ms);
	if (!err && g->putting && rows_now_ms() < end_ms)
		err = put_some(g, end_ms);
	return err;
}

static enum kith_err gather_slice(void *state, int slice_ms, bool *more,
				  struct kith_error *e)
{
	struct gather *g = state;
	int64_t end_ms = rows_now_ms() + slice_ms;
	bool done = false;
	enum kith_err err = g->sheaf.bytes ? KITH_OK : is_done(g, &done);

	if (!err && !done)
		err = gather_step(g, end_ms);
	if (!err && !done && !g->sheaf.bytes)
		err = is_done(g, &done);
	*more = !done;
	if (err == KITH_EIO)
		return kith_fail(e, err, 0, "the message behind rx:%llu, or "
				 "what leads to it, is damaged: `kith fsck` "
				 "shows it, and can repair it",
				 (unsigned long long)g->at);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

static uint64_t gather_position(void *state, struct txn *t)
{
	struct follow_place place;
	(void)state;

	views_place(t, &place);
	return place.position;
}

const struct follower follower_views = {
	.name = "views",
	.gathers = true,
	.open = gather_open,
	.close = gather_close,
	.position = gather_position,
	.some = gather_slice,
};
