#include "feeds/contact.h"
#include "src/ingest/guard.h"
#include "src/ingest/ingest_private.h"

enum { US_A_MS = 1000 };

/* Whoever is followed is forgotten no more. */
static void remember(struct ingest *in, struct batch *b,
		     const struct kith_msg *m)
{
	struct cached_feed *feed;
	struct kith_feed_id to;
	enum contact_edge edge;

	if (!contact_read(m->content, &to, &edge) || edge != CONTACT_FOLLOW)
		return;
	feed = feed_cache_get(&in->feeds, b->txn, &to);
	if (!feed || !feed->row.forgotten)
		return;
	feed->row.forgotten = false;
	feed->changed = true;
}

/* Gives the content to be signed. */
static enum kith_err write_content(struct ingest *in, struct publish *p,
				   const struct ingest_writing *w,
				   struct kith_slice *out)
{
	enum kith_err err;

	*out = (struct kith_slice){ p->content, p->n };
	if (!p->hook)
		return KITH_OK;
	kith_buf_reset(&in->hooked);
	err = p->hook->write(p->arg, w, *out, &in->hooked, &p->done.error);
	if (!err && in->hooked.err)
		err = kith_fail(&p->done.error, in->hooked.err, 0, "%s",
				kith_strerror(in->hooked.err));
	*out = kith_bytes(&in->hooked);
	return err;
}

static enum kith_err append(struct ingest *in, struct batch *b,
			    struct cached_feed *feed, struct publish *p)
{
	int64_t now_ms = b->now_us / US_A_MS;
	struct ingest_writing w = { .txn = b->txn,
				    .signer = in->config.signer };
	struct kith_draft draft = {
		.format = feed->row.id.format,
		.now_ms = (double)now_ms,
	};
	struct kith_msg m;
	enum kith_err err;

	feed_tip(&feed->row, &w.tip);
	kith_decoder_reset(in->decoder);
	p->done.code = write_content(in, p, &w, &draft.content);
	if (!p->done.code)
		p->done.code = kith_msg_build(in->decoder, w.signer, &w.tip,
					      &draft, &m, &p->done.error);
	if (p->done.code)
		return txn_error(b->txn);
	p->done.sequence = m.sequence;
	err = batch_append(b, feed, &m, 0, &p->done.rx);
	if (!err)
		remember(in, b, &m);
	if (!err && p->hook && p->hook->written)
		p->hook->written(p->arg, &w, &m);
	return err ? err : txn_error(b->txn);
}

enum kith_err batch_publish(struct ingest *in, struct batch *b,
			    struct publish *p)
{
	const struct kith_signer *signer = in->config.signer;
	struct cached_feed *feed;
	struct publish_row row;

	if (!signer) {
		p->done.code = kith_fail(&p->done.error, KITH_EDENIED, 0,
					 "there is no key to publish with");
		return KITH_OK;
	}
	feed = feed_cache_get(&in->feeds, b->txn, kith_signer_id(signer));
	if (!feed)
		return KITH_ENOMEM;
	if (b->room < STORE_ROOM_OWN) {
		p->done.code = kith_fail(
			&p->done.error, KITH_EFULL, 0,
			"the store has reached its limit: make room with "
			"`kith forget` or `kith retention`, or raise "
			"store.limit");
		return KITH_OK;
	}
	guard_get(b->txn, &feed->row.id, &row);
	if (txn_error(b->txn))
		return txn_error(b->txn);
	p->done.code = guard_check(&row, feed->row.last, &p->done.error);
	if (!p->done.code && b->clock_ahead)
		p->done.code = kith_fail(&p->done.error, KITH_EDENIED, 0,
					 "the clock of this machine is more "
					 "than 40 years ahead: set it, since a "
					 "message that claims the future "
					 "cannot be taken back");
	return p->done.code ? KITH_OK : append(in, b, feed, p);
}

/* What m, which came from outside, says of where our feed is written.  A place
 * that is empty here contradicts nothing. */
static bool read_news(struct batch *b, const struct cached_feed *feed,
		      const struct kith_msg *m, struct guard_news *news)
{
	struct message_row held;
	struct kith_tip tip;

	feed_tip(&feed->row, &tip);
	switch (kith_chain(&tip, m)) {
	case KITH_OK:
		news->event = GUARD_NEXT;
		return true;
	case KITH_EGAP:
		news->event = GUARD_BEYOND;
		return true;
	case KITH_EFORK:
		news->event = GUARD_CONTRARY;
		return true;
	case KITH_EEXIST:
		news->event = GUARD_CONTRARY;
		return message_by_sequence(b->txn, feed->row.number,
					   m->sequence, &held) &&
		       !kith_msg_equal(&m->id, &held.id);
	default:
		return false;
	}
}

void batch_guard(struct batch *b, struct cached_feed *feed,
		 const struct kith_msg *m)
{
	struct guard_news news = { .sequence = m->sequence,
				   .tip = feed->row.last,
				   .now_us = b->now_us };
	struct publish_row row;

	if (!read_news(b, feed, m, &news))
		return;
	guard_get(b->txn, &feed->row.id, &row);
	if (!guard_step(&row, &news))
		return;
	publish_put(b->txn, &feed->row.id, &row);
	if (feed->publish == row.state)
		return;
	feed->publish = row.state;
	log_warn(LOG_INGEST, "publishing state=%s: %s",
		 guard_state_name(row.state), row.reason);
}
