#include "src/views/rebuild.h"

#include <stdatomic.h>

#include "src/views/place.h"

static const char *const states[] = {
	[VIEW_UNMADE] = "unmade",
	[VIEW_CLEARING] = "clearing",
	[VIEW_FILLING] = "filling",
	[VIEW_READY] = "ready",
};

void view_status(struct txn *t, const struct view *view,
		 struct view_status *out)
{
	uint64_t end = message_end(t);
	struct view_place place;

	place_get(t, view, &place);
	if (place.position > end)
		place.position = end; /* it goes with the log */
	*out = (struct view_status){
		.state = states[place.state],
		.version = view->version,
		.position = place.position,
		.behind = end - place.position,
		.skipped = place.skipped,
	};
}

static uint64_t count_rows(struct txn *t, enum store_table table,
			   uint8_t first, uint8_t last)
{
	struct cursor c;
	uint64_t n = 0;

	cursor_open(&c, t, table);
	for (bool more = cursor_seek(&c, (struct kith_slice){ &first, 1 });
	     more && c.key.p[0] <= last; more = cursor_next(&c))
		n++;
	cursor_close(&c);
	return n;
}

uint64_t view_rows(struct txn *t, const struct view *view)
{
	uint64_t n = 0;

	if (view->behind)
		return txn_count(t, TABLE_OPENED) +
		       txn_count(t, TABLE_PRIVATE_POSTINGS) +
		       txn_count(t, TABLE_PRIVATE_OPINIONS);
	if (!view->rows)
		return txn_count(t, view->table);
	if (view->first_term)
		n = count_rows(t, TABLE_POSTINGS, (uint8_t)view->first_term,
			       (uint8_t)view->last_term);
	return view->opinions ? n + txn_count(t, TABLE_OPINIONS) : n;
}

/* From now on it is one to be cleared and filled. */
static enum kith_err begin(struct store *s, struct rebuild *r,
			   struct kith_error *e)
{
	struct view_place place = { .state = VIEW_CLEARING };
	enum kith_err err;
	struct txn *t;

	if (!r->view->rows && !r->view->behind)
		return kith_fail(e, KITH_EDENIED, 0, "the view %s is folded "
				 "with each message: `kith fsck --rebuild` "
				 "makes it anew", r->view->name);
	err = store_write(s, &t);
	if (!err) {
		place_put(t, r->view, &place);
		err = txn_commit(t);
	}
	r->begun = !err;
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

/* How far it is; what comes in meanwhile need not be waited for. */
static enum kith_err look(struct rebuild *r, bool *more)
{
	struct follow_place place;
	enum kith_err err = follow_place(r->follow, &place);
	uint64_t total = atomic_load(&r->total);

	if (err)
		return err;
	if (!total)
		total = place.end;
	if (place.position > total)
		place.position = total;
	atomic_store(&r->done, place.position);
	atomic_store(&r->total, total);
	*more = *more && place.position < total;
	return KITH_OK;
}

enum kith_err rebuild_some(struct store *s, struct rebuild *r, bool *more,
			   struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	*more = false;
	if (r->view && !r->begun)
		err = begin(s, r, e);
	if (!err)
		err = follow_some(r->follow, r->slice_ms, more, e);
	if (err)
		return err;
	err = look(r, more);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}
