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

/* False: there is none, or it is damaged, which t knows. */
static bool forget_one(struct txn *t, struct feed_row *feed, uint64_t sequence)
{
	struct message_place at = { .feed_number = feed->number,
				    .sequence = sequence };
	uint8_t canon[KITH_MSG_CANON_BYTES_MAX];
	struct view_message m;
	struct message_row row;

	if (!message_by_sequence(t, feed->number, sequence, &row) ||
	    row.canon.n > sizeof(canon))
		return false;
	at.rx = row.rx;
	memcpy(at.id, row.id.b, sizeof(at.id));
	feed->bytes -= row.canon.n;
	/* The row's own bytes last until the first view writes. */
	memcpy(canon, row.canon.p, row.canon.n);
	row.canon.p = canon;
	views_message(&row, feed, &m);
	views_fold(t, &m, VIEW_GONE);
	message_delete(t, &at);
	return true;
}

static void count(struct forgetting *f, uint64_t bytes)
{
	atomic_fetch_add(&f->messages, 1);
	atomic_fetch_add(&f->bytes, (size_t)bytes);
}

/* From the first on, as far as one transaction goes.  Views that look for what
 * an author said before see none of what is going. */
static void forget_chunk(struct txn *t, struct forgetting *f,
			 struct feed_row *feed, uint64_t last)
{
	uint64_t s = feed->first, stop = s + STEP_MESSAGES;

	feed->first = last + 1;
	feed_put(t, feed);
	for (; s <= last && s < stop &&
	       txn_dirty(t) < INGEST_DIRTY_BYTES_MAX; s++) {
		uint64_t bytes = feed->bytes;

		if (forget_one(t, feed, s))
			count(f, bytes - feed->bytes);
		if (txn_error(t))
			return;
	}
	feed->first = s;
}

/* What is left, and what that makes of the feed. */
static void settle(struct feed_row *feed)
{
	bool is_empty = feed->first > feed->last;

	if (is_empty) {
		feed->first = feed->last = feed->bytes = 0;
		feed->last_id = (struct kith_msg_id){ feed->id.format, { 0 } };
		feed->last_claimed = 0;
	}
	if (feed->state == FEED_OK || feed->state == FEED_PARTIAL)
		feed->state = feed->first > 1 ? FEED_PARTIAL : FEED_OK;
}

static enum kith_err forget(struct txn *t, struct forgetting *f, bool *more,
			    struct kith_error *e)
{
	struct feed_row feed;
	enum kith_err err = find(t, f, &feed, e);
	uint64_t last;

	if (err)
		return err;
	last = f->until < feed.last ? f->until : feed.last;
	if (f->until >= feed.last)
		feed.forgotten = true;
	if (last >= feed.first && !atomic_load(&f->messages))
		atomic_store(&f->total, (size_t)(last - feed.first + 1));
	if (last && last >= feed.first)
		forget_chunk(t, f, &feed, last);
	if (txn_error(t) == KITH_EIO)
		return kith_fail(e, KITH_EIO, 0, "message %" PRIu64 " or what "
				 "points to it is damaged: kith fsck shows it, "
				 "and can repair it", feed.first);
	*more = feed.first <= last;
	settle(&feed);
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
