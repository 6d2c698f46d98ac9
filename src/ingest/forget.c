#include "src/ingest/forget.h"

#include <inttypes.h>

#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "src/views/view.h"

/* In one transaction: whoever publishes meanwhile waits for so many. */
enum { STEP_MESSAGES = 1024 };

static enum kith_err fail(struct kith_error *e, enum kith_err err)
{
	return kith_fail(e, err, 0, "not forgotten: %s", kith_strerror(err));
}

/* The feed's row, if it may be forgotten. */
static enum kith_err find(struct txn *t, const struct forgetting *f,
			  struct feed_row *feed, struct kith_error *e)
{
	struct publish_row publish;

	publish_get(t, &f->feed, &publish);
	if (publish.state != PUBLISH_NOT_OURS ||
	    kith_feed_equal(&f->feed, &f->self))
		return kith_fail(e, KITH_EDENIED, 0,
				 "this is a feed of your own: nothing of it is "
				 "ever forgotten");
	if (!feed_get(t, &f->feed, feed) && !txn_error(t))
		return kith_fail(e, KITH_ENOENT, 0,
				 "there is nothing of this feed here");
	return txn_error(t) ? fail(e, txn_error(t)) : KITH_OK;
}

/* One message to go, while it can still be looked at. */
struct leaving {
	struct message_place at;
	struct message_row row;
	struct view_message m; /* borrows canon */
	uint8_t canon[KITH_MSG_CANON_BYTES_MAX];
};

/* False: there is none, or it is damaged, which t knows. */
static bool look(struct txn *t, const struct feed_row *feed, uint64_t sequence,
		 struct leaving *l)
{
	if (!message_by_sequence(t, feed->number, sequence, &l->row) ||
	    l->row.canon.n > sizeof(l->canon))
		return false;
	l->at = (struct message_place){ .rx = l->row.rx,
					.feed_number = feed->number,
					.sequence = sequence };
	memcpy(l->at.id, l->row.id.b, sizeof(l->at.id));
	/* The row's own bytes last until the first view writes. */
	memcpy(l->canon, l->row.canon.p, l->row.canon.n);
	l->row.canon.p = l->canon;
	views_message(&l->row, feed, &l->m);
	return true;
}

static void take_away(struct txn *t, struct feed_row *feed,
		      const struct leaving *l, struct forget_count *out)
{
	views_fold(t, &l->m, VIEW_GONE);
	message_delete(t, &l->at);
	feed->bytes -= l->row.canon.n;
	out->messages++;
	out->bytes += l->row.canon.n;
}

/* What is left, and what that makes of the feed. */
static void settle(struct feed_row *feed)
{
	if (feed->first > feed->last) {
		feed->first = feed->last = feed->bytes = feed->lacks = 0;
		feed->last_id = (struct kith_msg_id){ feed->id.format, { 0 } };
		feed->last_claimed = 0;
	}
	if (feed->state == FEED_OK || feed->state == FEED_PARTIAL)
		feed->state = feed->first > 1 ? FEED_PARTIAL : FEED_OK;
}

/* Views that look for what an author said before see none of what is going. */
void forget_messages(struct txn *t, struct feed_row *feed,
		     const struct forget_range *range,
		     struct forget_count *out)
{
	struct feed_row going = *feed;
	uint64_t s = feed->first;
	struct leaving l;
	bool more = s <= range->last;

	*out = (struct forget_count){ 0 };
	going.first = range->last + 1;
	for (; more && !txn_error(t) && out->messages < range->most &&
	       txn_dirty(t) < INGEST_DIRTY_BYTES_MAX;
	     more = ++s <= range->last) {
		if (!look(t, feed, s, &l)) {
			feed->lacks -= feed->lacks > 0;
			continue;
		}
		more = range->before_ms == 0 ||
		       view_time_ms(&l.m) < range->before_ms;
		if (!more)
			break;
		if (!out->messages)
			feed_put(t, &going);
		take_away(t, feed, &l, out);
	}
	out->all = !more;
	feed->first = s;
	if (!txn_error(t))
		settle(feed);
}

static void count(struct forgetting *f, const struct forget_count *gone)
{
	atomic_fetch_add(&f->messages, gone->messages);
	atomic_fetch_add(&f->bytes, gone->bytes);
}

static enum kith_err forget(struct txn *t, struct forgetting *f, bool *more,
			    struct kith_error *e)
{
	struct forget_range range = { .most = STEP_MESSAGES };
	struct forget_count gone = { .all = true };
	struct feed_row feed = { 0 };
	enum kith_err err = find(t, f, &feed, e);

	if (err)
		return err;
	range.last = f->until < feed.last ? f->until : feed.last;
	if (f->until >= feed.last)
		feed.forgotten = true;
	if (range.last >= feed.first && !atomic_load(&f->messages))
		atomic_store(&f->total,
			     (size_t)(range.last - feed.first + 1));
	if (range.last && range.last >= feed.first)
		forget_messages(t, &feed, &range, &gone);
	if (txn_error(t) == KITH_EIO)
		return kith_fail(e, KITH_EIO, 0, "message %" PRIu64 " or what "
				 "points to it is damaged: `kith fsck` shows "
				 "it, and can repair it", feed.first);
	count(f, &gone);
	*more = !gone.all;
	feed_put(t, &feed);
	return KITH_OK;
}

enum kith_err forget_some(struct store *s, struct forgetting *f, bool *more,
			  struct kith_error *e)
{
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	*more = false;
	if (err)
		return fail(e, err);
	err = forget(t, f, more, e);
	if (err) {
		txn_end(t);
		return err;
	}
	err = txn_commit(t);
	return err ? fail(e, err) : KITH_OK;
}

static void take_mark(struct txn *t, struct feed_row *feed)
{
	feed->forgotten = false;
	if (feed->last)
		feed_put(t, feed);
	else
		feed_delete(t, feed);
}

enum kith_err forget_undo(struct store *s, const struct kith_feed_id *feed,
			  struct kith_error *e)
{
	struct feed_row row;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	if (err)
		return fail(e, err);
	if (!feed_get(t, feed, &row) || !row.forgotten) {
		err = txn_error(t);
		txn_end(t);
		return err ? fail(e, err)
			   : kith_fail(e, KITH_ENOENT, 0,
				       "this feed is not forgotten");
	}
	take_mark(t, &row);
	err = txn_commit(t);
	return err ? fail(e, err) : KITH_OK;
}
