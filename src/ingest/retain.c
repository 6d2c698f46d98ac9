#include "src/ingest/retain.h"

#include <stdlib.h>

#include "src/ingest/forget.h"
#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "src/views/view.h"

/* In one transaction: whoever publishes meanwhile waits for so many. */
enum { STEP_MESSAGES = 1024, STEP_FEEDS = 256, DAY_MS = 86400000 };

static int compare(const void *a, const void *b)
{
	const struct kith_feed_id *x = a, *y = b;

	if (x->format != y->format)
		return x->format < y->format ? -1 : 1;
	return memcmp(x->b, y->b, sizeof(x->b));
}

static bool is_near(const struct retaining *r, const struct kith_feed_id *id)
{
	return bsearch(id, r->near, r->near_count, sizeof(*id), compare);
}

/* The newest time that a near feed claims; 0: none says anything. */
static double newest_claimed(struct txn *t, const struct retaining *r)
{
	struct feed_row row;
	double newest = 0;

	for (size_t i = 0; i < r->near_count; i++)
		if (feed_get(t, &r->near[i], &row) && row.last_claimed > newest)
			newest = row.last_claimed;
	return newest;
}

static void start(struct txn *t, struct retaining *r)
{
	double now_ms = newest_claimed(t, r);

	if (r->wall_ms < now_ms)
		now_ms = r->wall_ms;
	r->before_ms = now_ms - (double)r->days * DAY_MS;
	qsort(r->near, r->near_count, sizeof(*r->near), compare);
	r->sorted = true;
	atomic_store(&r->total, (size_t)txn_count(t, TABLE_FEEDS));
}

/* Counts what forget_messages would remove. */
static void count_messages(struct txn *t, const struct feed_row *feed,
			   const struct forget_range *range,
			   struct forget_count *out)
{
	struct view_message m;
	struct message_row row;

	*out = (struct forget_count){ .all = true };
	for (uint64_t s = feed->first; s <= range->last; s++) {
		if (!message_by_sequence(t, feed->number, s, &row))
			continue;
		views_message(&row, feed, &m);
		if (view_time_ms(&m) >= range->before_ms)
			return;
		out->messages++;
		out->bytes += row.canon.n;
	}
}

/* Whether anything of it may go. */
static bool is_pruned(struct txn *t, const struct retaining *r,
		      const struct feed_row *feed)
{
	struct publish_row publish;

	if (feed->last <= feed->first || is_near(r, &feed->id))
		return false;
	publish_get(t, &feed->id, &publish);
	return publish.state == PUBLISH_NOT_OURS;
}

/* False: the feed is not through yet. */
static bool prune(struct txn *t, struct retaining *r, struct feed_row *feed,
		  size_t most)
{
	struct forget_range range = { feed->last - 1, r->before_ms, most };
	uint64_t first = feed->first;
	struct forget_count gone;

	if (r->dry) {
		count_messages(t, feed, &range, &gone);
	} else {
		forget_messages(t, feed, &range, &gone);
		if (feed->first != first)
			feed_put(t, feed);
	}
	if (!gone.messages)
		return gone.all;
	r->changed[r->changed_count++] = feed->id;
	atomic_fetch_add(&r->messages, gone.messages);
	atomic_fetch_add(&r->bytes, gone.bytes);
	if (gone.all)
		atomic_fetch_add(&r->feeds, 1);
	return gone.all;
}

static bool look_on(const struct txn *t, const struct retaining *r,
		    size_t before, size_t looked)
{
	return !txn_error(t) && looked < STEP_FEEDS &&
	       atomic_load(&r->messages) - before < STEP_MESSAGES &&
	       r->changed_count < RETAIN_CHANGED_MAX;
}

/* *more: there are feeds that were not looked at. */
static void retain(struct txn *t, struct retaining *r, bool *more)
{
	size_t before = atomic_load(&r->messages), looked = 0;
	struct feed_row feed;
	uint32_t number = r->number;
	bool through = true;

	while (through && look_on(t, r, before, looked++)) {
		*more = feed_next(t, &number, &feed);
		if (!*more)
			return;
		if (is_pruned(t, r, &feed))
			through = prune(t, r, &feed, STEP_MESSAGES);
		if (through) {
			r->number = number;
			atomic_fetch_add(&r->looked, 1);
		}
	}
	*more = true;
}

enum kith_err retain_some(struct store *s, struct retaining *r, bool *more,
			  struct kith_error *e)
{
	struct txn *t;
	enum kith_err err = r->dry ? store_read(s, &t) : store_write(s, &t);

	*more = false;
	r->changed_count = 0;
	if (!err) {
		if (!r->sorted)
			start(t, r);
		retain(t, r, more);
		err = txn_error(t);
		if (err || r->dry)
			txn_end(t);
		else
			err = txn_commit(t);
	}
	if (err == KITH_EIO)
		return kith_fail(e, err, 0, "a message or what points to it is "
				 "damaged: `kith fsck` shows which");
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}
