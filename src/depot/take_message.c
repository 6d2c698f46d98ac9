/* Lines of messages: which of them are ours to take. */
#include "feeds/message.h"
#include "feeds/peek.h"
#include "src/depot/take.h"
#include "src/store/proofs.h"

/* A message that was lost took so many bytes or more. */
enum { MESSAGE_BYTES_LEAST = 200 };

static enum kith_err add_range(struct depot_ranges *to,
			       const struct kith_feed_id *feed, uint64_t first,
			       uint64_t last)
{
	const struct depot_range range = { *feed, first, last };
	enum kith_err err = depot_ranges_add(to, &range);

	/* What is not remembered is read or written again. */
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

static enum kith_err end_run(struct take *t, struct session_feed *feed)
{
	uint64_t first = feed->run_first, last = feed->run_last;

	feed->run_first = feed->run_last = 0;
	return last ? add_range(t->known->ranges, &feed->id, first, last)
		    : KITH_OK;
}

/* Messages that are missing behind damage that has room for them were there, or
 * stand there again later on. */
static enum kith_err miss(struct take *t, const struct session_feed *feed,
			  uint64_t sequence)
{
	uint64_t count = sequence - feed->run_last - 1;

	if (!t->hurt || count > t->hurt / MESSAGE_BYTES_LEAST + 1)
		return KITH_OK;
	return add_range(t->claims, &feed->id, feed->run_last + 1,
			 sequence - 1);
}

/* It is readable there. */
static enum kith_err see(struct take *t, struct session_feed *feed,
			 uint64_t sequence)
{
	enum kith_err err = KITH_OK;

	if (feed->run_last && sequence == feed->run_last + 1) {
		feed->run_last = sequence;
		return KITH_OK;
	}
	if (feed->run_last && sequence > feed->run_last)
		err = miss(t, feed, sequence);
	if (!err)
		err = end_run(t, feed);
	feed->run_first = feed->run_last = sequence;
	return err;
}

enum kith_err take_runs(struct take *t)
{
	struct session_feeds *feeds = t->s->feeds;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < feeds->count; i++)
		err = end_run(t, &feeds->all[i]);
	return err;
}

/* What we hold is compared, for it may be another message of the same place,
 * which proves a fork. */
static enum kith_err is_ours(struct take *t, const struct session_feed *feed,
			     const struct take_origin *from,
			     struct kith_slice value, bool *same)
{
	struct message_row row;
	struct txn *txn;
	enum kith_err err;

	*same = true;
	if (from->sequence > feed->held || from->sequence < feed->first)
		return KITH_OK;
	err = store_read(t->s->config->store, &txn);
	if (err)
		return err;
	if (message_by_sequence(txn, feed->number, from->sequence, &row))
		*same = kith_equal(row.canon, value);
	txn_end(txn);
	return KITH_OK;
}

static enum kith_err take_known(struct take *t, const struct session_feed *feed,
				struct kith_slice value,
				const struct take_origin *from)
{
	bool same = true;
	enum kith_err err = is_ours(t, feed, from, value, &same);

	if (err)
		return err;
	if (!same && !t->s->config->dry_run)
		return take_hand_in(t, value, from);
	t->s->report->known++;
	return KITH_OK;
}

static enum kith_err take_next(struct take *t, struct session_feed *feed,
			       struct kith_slice value,
			       const struct take_origin *from)
{
	feed->next = from->sequence + 1;
	return take_hand_in(t, value, from);
}

static enum kith_err take_new(struct take *t, struct session_feed *feed,
			      struct kith_slice value,
			      const struct take_origin *from)
{
	enum kith_err err = see(t, feed, from->sequence);

	if (err)
		return err;
	if (!feed->reach)
		return take_leave_lying(t, from);
	if (from->sequence < feed->next)
		return take_known(t, feed, value, from);
	if (from->sequence > feed->next ||
	    feed->next - feed->held > TAKE_FEED_MESSAGES_MAX)
		return take_leave_lying(t, from);
	return take_next(t, feed, value, from);
}

static enum kith_err take_again(struct take *t, struct session_feed *feed,
				struct kith_slice value,
				const struct take_origin *from)
{
	if (!feed->wanted || from->sequence < feed->wanted ||
	    from->sequence > feed->until || from->sequence != feed->next ||
	    feed->next - feed->held > TAKE_FEED_MESSAGES_MAX)
		return KITH_OK;
	return take_next(t, feed, value, from);
}

/* Of a format that this program does not know, or of no message at all. */
static void take_odd(struct take *t, const struct depot_line *line)
{
	if (t->again)
		return;
	if (line->json.n > 5 && !memcmp(line->json.p, "{\"f\":", 5)) {
		t->s->report->far++;
		return;
	}
	t->refused++;
	t->s->report->refused++;
	session_finding(t->s, "%s/%06u.seg, byte %llu: no message",
			t->known->id.name, t->segment,
			(unsigned long long)line->offset);
}

static enum kith_err take_message(struct take *t, const struct depot_line *line)
{
	struct take_origin from = { .known = t->known,
				    .segment = t->segment,
				    .offset = line->offset,
				    .bytes = line->json.n };
	struct kith_feed_id id;
	struct session_feed *feed;
	size_t index;
	enum kith_err err;

	if (!msg_peek(line->json, &id, &from.sequence) || !from.sequence ||
	    from.sequence > KITH_SEQUENCE_MAX || id.format == KITH_FORMAT_NONE) {
		take_odd(t, line);
		return KITH_OK;
	}
	err = session_feed_get(t->s->feeds, &id, &index);
	if (err == KITH_ETOOBIG) {
		t->s->report->far += !t->again;
		return add_range(t->known->ranges, &id, from.sequence,
				 from.sequence);
	}
	if (err)
		return err;
	from.feed = (uint32_t)index;
	t->seen += !t->again;
	feed = &t->s->feeds->all[index];
	return t->again ? take_again(t, feed, line->json, &from)
			: take_new(t, feed, line->json, &from);
}

/* --- proofs of forks --- */

static enum kith_err has_proof(struct take *t, const struct kith_feed_id *feed,
			       uint64_t sequence, bool *has)
{
	struct proof_row row;
	struct txn *txn;
	enum kith_err err = store_read(t->s->config->store, &txn);

	if (err)
		return err;
	*has = proof_get(txn, feed, sequence, &row) && row.count == 2;
	txn_end(txn);
	return KITH_OK;
}

/* Whoever takes it in checks it. */
static enum kith_err take_proof(struct take *t, const struct depot_line *line)
{
	const struct depot_sink *sink = t->s->config->sink;
	struct kith_slice pair[2];
	struct depot_range mark;
	struct kith_feed_id id;
	uint64_t sequence;
	size_t index;
	bool has = false;
	enum kith_err err;

	if (!session_proof_read(line->json, pair, &id, &sequence) ||
	    pair[0].n > KITH_MSG_CANON_BYTES_MAX ||
	    pair[1].n > KITH_MSG_CANON_BYTES_MAX ||
	    t->proofs >= TAKE_PROOFS_MAX)
		return KITH_OK;
	t->proofs++;
	err = session_feed_get(t->s->feeds, &id, &index);
	if (err)
		return err == KITH_ETOOBIG ? KITH_OK : err;
	mark = session_proof_mark(&id, sequence);
	err = add_range(t->known->ranges, &mark.feed, sequence, sequence);
	if (!err && t->s->feeds->all[index].reach)
		err = has_proof(t, &id, sequence, &has);
	else
		has = true;
	if (err || has)
		return err;
	t->s->report->in.proofs++;
	return t->s->config->dry_run
		       ? KITH_OK
		       : sink->proof(sink->arg, pair[0], pair[1], t->s->e);
}

/* --- lines --- */

/* A segment says now and then what it holds, against the day when it is
 * damaged. */
static enum kith_err take_claim(struct take *t, const struct depot_line *line)
{
	struct depot_range range;

	if (depot_range_decode(line->json, &range))
		return KITH_OK;
	return add_range(t->claims, &range.feed, range.first, range.last);
}

enum kith_err take_line(struct take *t, const struct depot_line *line)
{
	switch (line->kind) {
	case DEPOT_MESSAGE: return take_message(t, line);
	case DEPOT_FORK: return t->again ? KITH_OK : take_proof(t, line);
	case DEPOT_RANGE: return t->again ? KITH_OK : take_claim(t, line);
	default: return KITH_OK;
	}
}
