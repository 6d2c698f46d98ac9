#include "src/views/query.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/content.h"
#include "src/views/follow.h"
#include "src/views/private.h"
#include "src/views/query_private.h"

/* What one look at the driver gave. */
enum look { LOOK_HIT, LOOK_MISS, LOOK_END };

/* Read from the end: what is sorted later is read as it lies. */
static bool backwards(const struct query_run *r)
{
	return r->query->descending && !r->plan.sorted;
}

/* --- drivers --- */

/* Where the lists are read next; a new transaction finds its place again. */
static bool seek_lists(struct query_run *r)
{
	const bool back = backwards(r);
	struct posting from = back ? r->plan.high : r->plan.low;

	if (r->started && r->plan.lists->placed)
		return lane_step(r->plan.lists, back);
	if (r->started)
		from = back ? posting_before(&r->at) : posting_after(&r->at);
	return lane_seek(r->plan.lists, &from, back);
}

static enum look look_at_lists(struct query_run *r, struct message_row *row)
{
	const struct plan *p = &r->plan;

	if (!seek_lists(r) ||
	    posting_compare(&p->lists->at, &p->low) < 0 ||
	    posting_compare(&p->lists->at, &p->high) > 0)
		return LOOK_END;
	r->at = p->lists->at;
	r->started = true;
	if (r->at.rx > r->as_of)
		return LOOK_MISS;
	return message_get(r->txn, r->at.rx, row) ? LOOK_HIT : LOOK_MISS;
}

/* Forwards: from row to row without a search for each. */
static bool scan_row(struct query_run *r, struct message_row *row)
{
	if (!r->scanning && r->plan.driver == DRIVER_FEED)
		scan_feed(&r->scan, r->txn, r->plan.feed_number, r->position);
	else if (!r->scanning)
		scan_log(&r->scan, r->txn, r->position);
	r->scanning = true;
	return scan_next(&r->scan, row);
}

/* The row at the position or beyond it. */
static bool row_at(struct query_run *r, bool back, struct message_row *row)
{
	if (!back)
		return scan_row(r, row);
	if (r->plan.driver == DRIVER_FEED)
		return message_to_sequence(r->txn, r->plan.feed_number,
					   r->position, row);
	return message_to(r->txn, r->position, row);
}

static enum look look_at_rows(struct query_run *r, struct message_row *row)
{
	const bool back = backwards(r);
	uint64_t here;

	if (!r->started)
		r->position = back ? r->plan.last : r->plan.first;
	r->started = true;
	if (r->position < r->plan.first || r->position > r->plan.last ||
	    !row_at(r, back, row))
		return LOOK_END;
	here = r->plan.driver == DRIVER_FEED ? row->sequence : row->rx;
	if (here < r->plan.first || here > r->plan.last)
		return LOOK_END;
	/* Below the first there is none: then the position is past the end. */
	r->position = back ? here - 1 : here + 1;
	return row->rx <= r->as_of ? LOOK_HIT : LOOK_MISS;
}

/* --- one message --- */

static enum look look(struct query_run *r, struct view_message *m,
		      struct message_row *row)
{
	enum look found = r->plan.driver == DRIVER_LISTS
				  ? look_at_lists(r, row)
				  : look_at_rows(r, row);

	if (found != LOOK_HIT)
		return found;
	if (viewer_hides(r->viewer, row->feed_number) ||
	    !viewer_message(r->viewer, r->txn, row, m))
		return LOOK_MISS;
	return filter_matches(r, r->filter, m, false) ? LOOK_HIT : LOOK_MISS;
}

static enum query_step bad(struct query_run *r, enum kith_err err,
			   const char *text)
{
	r->phase = PHASE_OVER;
	kith_fail(&r->error, err, 0, "%s", text);
	return QUERY_BAD;
}

static enum query_step check(struct query_run *r, enum query_step step)
{
	enum kith_err err = txn_error(r->txn);

	return err ? bad(r, err, kith_strerror(err)) : step;
}

/* --- all before the first: to sort or to count --- */

static enum kith_err count_channels(struct query_run *r,
				    const struct view_message *m)
{
	char name[CHANNEL_TEXT_BYTES];
	size_t n = content_channel(json_get(m->content, "channel"), name);

	return n ? tally_add(&r->tally, (struct kith_slice){
						(const uint8_t *)name, n })
		 : KITH_OK;
}

static enum kith_err count_message(struct query_run *r,
				   const struct view_message *m)
{
	char author[KITH_REF_TEXT_BYTES];

	if (r->query->emit == EMIT_COUNT) {
		r->total.count++;
		return KITH_OK;
	}
	switch (r->query->group) {
	case GROUP_TYPE:
		return tally_add(&r->tally,
				 json_plain(json_get(m->content, "type")));
	case GROUP_CHANNEL:
		return count_channels(r, m);
	default:
		kith_feed_print(&m->author, author);
		return tally_add(&r->tally, kith_text(author));
	}
}

static bool is_behind_cursor(const struct query_run *r, const struct place *at)
{
	int order;

	if (!r->query->after)
		return true;
	order = place_compare(at, &r->query->from);
	return r->query->descending ? order < 0 : order > 0;
}

static enum kith_err collect(struct query_run *r, const struct view_message *m)
{
	struct place at;

	if (query_counts(r->query))
		return count_message(r, m);
	at = place_of(r->query->order, m);
	return is_behind_cursor(r, &at) ? sorted_add(&r->sorted, &at)
					: KITH_OK;
}

static void collected(struct query_run *r)
{
	if (query_counts(r->query)) {
		tally_sort(&r->tally);
		r->phase = PHASE_GROUPS;
	} else {
		sorted_finish(&r->sorted);
		r->phase = PHASE_OLD;
	}
}

/* To look words up takes as long as to look at many messages. */
static int turn_rows(const struct query_run *r)
{
	return query_has_words(r->query) ? QUERY_TURN_ROWS / 64
					 : QUERY_TURN_ROWS;
}

static enum query_step collect_some(struct query_run *r,
				    struct view_message *m,
				    struct message_row *row)
{
	enum look found = LOOK_MISS;
	enum kith_err err = KITH_OK;

	for (int i = turn_rows(r); i > 0 && found != LOOK_END && !err; i--) {
		found = look(r, m, row);
		if (found == LOOK_HIT)
			err = collect(r, m);
	}
	if (err == KITH_ETOOBIG)
		return bad(r, err, query_counts(r->query)
				   ? "too many different groups to count"
				   : "too much to sort: give a page limit, or "
				     "order by rts");
	if (err)
		return bad(r, err, kith_strerror(err));
	if (found == LOOK_END)
		collected(r);
	return check(r, QUERY_AGAIN);
}

/* --- what was there --- */

static enum look look_at_sorted(struct query_run *r, struct view_message *m,
				struct message_row *row)
{
	if (r->sorted.next == r->sorted.count)
		return LOOK_END;
	return message_get(r->txn, r->sorted.places[r->sorted.next++].rx,
			   row) && viewer_message(r->viewer, r->txn, row, m)
		       ? LOOK_HIT : LOOK_MISS;
}

static enum query_step old_is_through(struct query_run *r)
{
	r->phase = r->query->live ? PHASE_LIVE : PHASE_OVER;
	return r->query->live ? QUERY_SYNC : QUERY_END;
}

static enum query_step next_old(struct query_run *r, struct view_message *m,
				struct message_row *row)
{
	enum look found = LOOK_MISS;

	for (int i = turn_rows(r); i > 0 && found == LOOK_MISS; i--)
		found = r->plan.sorted ? look_at_sorted(r, m, row)
				       : look(r, m, row);
	if (found == LOOK_MISS)
		return check(r, QUERY_AGAIN);
	if (found == LOOK_HIT) {
		r->left--;
		return QUERY_MESSAGE;
	}
	return check(r, old_is_through(r));
}

static enum query_step next_group(struct query_run *r)
{
	if (r->query->emit == EMIT_COUNT && !r->group) {
		r->group = &r->total;
		return QUERY_GROUP;
	}
	if (r->tally.next == r->tally.count || !r->left) {
		r->phase = PHASE_OVER;
		return QUERY_END;
	}
	r->left--;
	r->group = &r->tally.groups[r->tally.next++];
	return QUERY_GROUP;
}

/* --- what comes --- */

static enum kith_err refresh_reach(struct query_run *r, struct txn *t,
				   struct filter *f)
{
	enum kith_err err = KITH_OK;

	for (; f && !err; f = f->next) {
		if (f->kind == FILTER_HOPS) {
			reach_clear(&f->reach);
			err = reach_make(&f->reach, t, &r->viewer->self,
					 f->hops);
		} else {
			err = refresh_reach(r, t, f->first);
		}
	}
	return err;
}

/* Who is near, and who is hidden, may be others from this message on. */
static enum kith_err look_anew(struct query_run *r, struct txn *t,
			       const struct view_message *m)
{
	struct viewer v;
	enum kith_err err;

	if (!r->viewer->known || !json_is(json_get(m->content, "type"),
					  "contact"))
		return KITH_OK;
	if (kith_feed_equal(&m->author, &r->viewer->self)) {
		err = viewer_start(&v, t, &r->viewer->self);
		if (!err && r->viewer->keys)
			err = viewer_sees_private(&v, r->viewer->keys);
		viewer_end(&r->own);
		r->own = v;
		r->viewer = &r->own;
		if (err)
			return err;
	}
	return refresh_reach(r, t, r->filter);
}

bool query_hears(struct query_run *r, struct txn *t,
		 const struct view_message *m)
{
	enum kith_err err = look_anew(r, t, m);

	if (err)
		bad(r, err, kith_strerror(err));
	return !err && !viewer_hides(r->viewer, m->row->feed_number) &&
	       filter_matches(r, r->filter, m, true);
}

/* Who holds keys sees what is new once it was tried with them; and again what a
 * key opens that came later. */
static enum late next_opened(struct query_run *r, struct message_row *row)
{
	return r->viewer->keys ? opened_late(r->txn, &r->opened,
					     r->live_from - 1, row)
			       : LATE_NONE;
}

static bool next_new(struct query_run *r, struct message_row *row)
{
	if (!message_from(r->txn, r->live_from, row) ||
	    (r->viewer->keys && row->rx > private_position(r->txn)))
		return false;
	r->live_from = row->rx + 1;
	return true;
}

static enum query_step next_live(struct query_run *r, struct view_message *m,
				 struct message_row *row)
{
	for (int i = turn_rows(r); i > 0 && !r->error.code; i--) {
		enum late late = next_opened(r, row);

		if (late == LATE_AGAIN)
			break;
		if (late == LATE_NONE && !next_new(r, row))
			return check(r, QUERY_WAIT);
		if (viewer_message(r->viewer, r->txn, row, m) &&
		    query_hears(r, r->txn, m)) {
			r->left--;
			return QUERY_MESSAGE;
		}
	}
	return r->error.code ? QUERY_BAD : check(r, QUERY_AGAIN);
}

/* --- the whole --- */

enum query_step query_next(struct query_run *r, struct view_message *m,
			   struct message_row *row)
{
	if (!r->left && r->phase != PHASE_GROUPS)
		r->phase = PHASE_OVER;
	switch (r->phase) {
	case PHASE_COLLECT:
		return collect_some(r, m, row);
	case PHASE_OLD:
		return next_old(r, m, row);
	case PHASE_GROUPS:
		return next_group(r);
	case PHASE_LIVE:
		return next_live(r, m, row);
	default:
		return r->error.code ? QUERY_BAD : QUERY_END;
	}
}

void query_resume(struct query_run *r, struct txn *t)
{
	r->txn = t;
	if (r->plan.lists)
		lane_open(r->plan.lists, t, r->viewer);
}

void query_pause(struct query_run *r)
{
	if (r->txn && r->plan.lists)
		lane_close(r->plan.lists);
	if (r->scanning)
		scan_end(&r->scan);
	r->scanning = false;
	if (r->txn)
		viewer_turn(r->viewer);
	r->txn = NULL;
}

const struct kith_error *query_run_error(const struct query_run *r)
{
	return &r->error;
}

struct kith_slice query_group(const struct query_run *r, uint64_t *count)
{
	*count = r->group->count;
	return kith_bytes(&r->group->name);
}

uint64_t query_as_of(const struct query_run *r)
{
	return r->as_of;
}

/* A message of another store at the place of the cursor. */
static bool is_foreign(const struct query *q, struct txn *t)
{
	struct message_row row;

	return q->after && message_get(t, q->from.rx, &row) &&
	       memcmp(row.id.b, q->from_id, sizeof(q->from_id)) != 0;
}

static enum kith_err start(struct query_run *r, struct txn *t,
			   struct kith_error *e)
{
	const struct query *q = r->query;
	struct follow_place place;
	enum kith_err err;

	if (is_foreign(q, t))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "stale cursor: start again without it");
	views_place(t, &place);
	r->as_of = place.position;
	r->live_from = r->as_of + 1;
	r->opened = opened_last(t);
	if (q->as_of < r->as_of)
		r->as_of = q->as_of;
	err = plan_make(r, t, e);
	if (err)
		return err;
	r->phase = !q->old ? PHASE_LIVE :
		   r->plan.sorted || query_counts(q) ? PHASE_COLLECT :
						       PHASE_OLD;
	err = txn_error(t);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

enum kith_err query_start(struct query *q, struct txn *t,
			  const struct viewer *viewer,
			  const struct query_helpers *helpers,
			  struct query_run **out, struct kith_error *e)
{
	struct query_run *r = calloc(1, sizeof(*r));
	enum kith_err err;

	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "no memory for the query");
	r->query = q;
	r->filter = q->filter;
	r->helpers = helpers;
	r->viewer = viewer;
	r->left = q->limit;
	r->sorted.keep = q->limit < QUERY_SORT_MAX ? (size_t)q->limit
						   : QUERY_SORT_MAX;
	r->sorted.descending = q->descending;
	err = start(r, t, e);
	if (err)
		query_end(r);
	else
		*out = r;
	return err;
}

void query_end(struct query_run *r)
{
	if (!r)
		return;
	query_pause(r);
	lane_free(r->plan.lists);
	sorted_clear(&r->sorted);
	tally_clear(&r->tally);
	viewer_end(&r->own);
	free(r);
}
