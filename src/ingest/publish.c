#include <inttypes.h>
#include <stdio.h>

#include "src/ingest/ingest_private.h"

enum { US_A_MS = 1000 };

static void deny(struct batch *b, const struct kith_feed_id *self,
		 struct ingest_done *done)
{
	struct publish_row row;

	publish_get(b->txn, self, &row);
	done->code = kith_fail(
		&done->error, KITH_EDENIED, 0, "%s",
		row.state == PUBLISH_FROZEN
			? row.reason
			: "this node did not make its key, and another place "
			  "may write with it: publish there, or make a new "
			  "identity with kith init in another home");
}

static enum kith_err append(struct ingest *in, struct batch *b,
			    struct cached_feed *feed, struct publish *p)
{
	int64_t now_ms = b->now_us / US_A_MS;
	struct kith_draft draft = {
		.format = feed->row.id.format,
		.content = { p->content, p->n },
		.now_ms = (double)now_ms,
	};
	struct kith_tip tip;
	struct kith_msg m;

	feed_tip(&feed->row, &tip);
	kith_decoder_reset(in->decoder);
	p->done.code = kith_msg_build(in->decoder, in->config.signer, &tip,
				      &draft, &m, &p->done.error);
	if (p->done.code)
		return KITH_OK;
	p->done.sequence = m.sequence;
	return batch_append(b, feed, &m, 0, &p->done.rx);
}

enum kith_err batch_publish(struct ingest *in, struct batch *b,
			    struct publish *p)
{
	const struct kith_signer *signer = in->config.signer;
	struct cached_feed *feed;

	if (!signer) {
		p->done.code = kith_fail(&p->done.error, KITH_EDENIED, 0,
					 "there is no key to publish with");
		return KITH_OK;
	}
	feed = feed_cache_get(&in->feeds, b->txn, kith_signer_id(signer));
	if (!feed)
		return KITH_ENOMEM;
	if (feed->publish == PUBLISH_OK)
		return append(in, b, feed, p);
	deny(b, &feed->row.id, &p->done);
	return KITH_OK;
}

static void freeze(struct batch *b, struct cached_feed *feed,
		   uint64_t sequence)
{
	struct publish_row row = { .state = PUBLISH_FROZEN,
				   .since_us = b->now_us };

	snprintf(row.reason, sizeof(row.reason),
		 "message %" PRIu64 " of this feed was not written here: its "
		 "key is in use elsewhere, or this store is an old copy; "
		 "publish in the other place only", sequence);
	publish_put(b->txn, &feed->row.id, &row);
	feed->publish = PUBLISH_FROZEN;
	log_error(LOG_INGEST, "publishing is frozen: %s", row.reason);
}

void batch_guard(struct batch *b, struct cached_feed *feed,
		 const struct kith_msg *m, enum kith_err chain,
		 struct ingest_result *r)
{
	if (chain == KITH_EEXIST && batch_holds(b, feed, m)) {
		r->verdict = INGEST_KNOWN;
		return;
	}
	if (feed->publish == PUBLISH_OK)
		freeze(b, feed, m->sequence);
	result_set(r, INGEST_OWN, KITH_EFORK,
		   "of our own feed and not written here: publishing froze");
}
