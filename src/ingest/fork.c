#include <inttypes.h>

#include "feeds/ref.h"
#include "src/ingest/ingest_private.h"
#include "src/store/proofs.h"

/* The message that we hold at a place, as one half of a proof. */
static bool held(struct batch *b, const struct cached_feed *feed,
		 uint64_t sequence, struct proof_message *out)
{
	struct message_row row;

	if (!message_by_sequence(b->txn, feed->row.number, sequence, &row))
		return false;
	*out = (struct proof_message){ row.id, row.received_us, row.source,
				       row.canon };
	return true;
}

/* The one that another branch has there. */
static bool branched(struct batch *b, const struct cached_feed *feed,
		     uint64_t sequence, struct proof_message *out)
{
	struct proof_row row;

	if (!proof_get(b->txn, &feed->row.id, sequence, &row))
		return false;
	*out = row.messages[0];
	return true;
}

/* An author may sign branches at one place after another. */
static void tell(struct batch *b, const struct proof_row *row)
{
	char feed[KITH_REF_TEXT_BYTES];

	kith_feed_print(&row->feed, feed);
	log_limited(b->forks, LOG_LEVEL_WARN, LOG_INGEST,
		    "%s feed=%s sequence=%" PRIu64,
		    row->count == 2 ? "a fork is proven" : "a fork is likely",
		    feed, row->sequence);
}

static void keep(struct batch *b, struct cached_feed *feed,
		 const struct proof_row *row)
{
	bool news = row->count == 1 || !feed->fork;

	if (row->count == 1) {
		feed->branch = row->sequence;
	} else {
		if (news || row->sequence < feed->fork)
			feed->fork = row->sequence;
		feed->changed = feed->changed ||
				feed->row.state != FEED_FORKED;
		feed->row.state = FEED_FORKED;
	}
	if (proof_put(b->txn, row) && news)
		tell(b, row);
}

void batch_fork(struct batch *b, struct cached_feed *feed,
		const struct kith_msg *m, uint32_t source)
{
	struct proof_message theirs = { m->id, b->now_us, source, m->canon };
	struct proof_row row = { .feed = feed->row.id,
				 .sequence = m->sequence };

	if (held(b, feed, m->sequence, &row.messages[0]) ||
	    branched(b, feed, m->sequence, &row.messages[0]))
		row.count = 1;
	if (row.count && kith_msg_equal(&row.messages[0].id, &m->id))
		return;
	row.messages[row.count++] = theirs;
	/* One message more says nothing new of a feed that is known to fork. */
	if (row.count == 2 || !feed->fork)
		keep(b, feed, &row);
}

void batch_settle_branch(struct batch *b, struct cached_feed *feed)
{
	struct proof_row row = { .feed = feed->row.id,
				 .sequence = feed->branch,
				 .count = 2 };

	feed->branch = 0;
	if (held(b, feed, row.sequence, &row.messages[0]) &&
	    branched(b, feed, row.sequence, &row.messages[1]) &&
	    !kith_msg_equal(&row.messages[0].id, &row.messages[1].id))
		keep(b, feed, &row);
}
