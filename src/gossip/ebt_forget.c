#include "src/gossip/ebt_private.h"

enum kith_err ebt_forget(struct ebt *e, const struct kith_feed_id *feed,
			 bool forget)
{
	enum kith_err err;
	uint32_t n;

	err = forget ? ebt_want(e, feed, false) : KITH_OK;
	if (!err)
		err = ebt_feed_take(e, feed, &n);
	if (!err)
		e->feeds[n].forgotten = forget;
	return err;
}

bool ebt_forgot(const struct ebt *e, const struct kith_feed_id *feed)
{
	uint32_t n = ebt_feed_find(e, feed);

	return n != EBT_NONE && e->feeds[n].forgotten;
}

enum kith_err ebt_removed(struct ebt *e, const struct kith_feed_id *feed,
			  uint64_t first)
{
	enum kith_err err;
	struct ebt_feed *f;
	uint32_t n;

	err = ebt_feed_take(e, feed, &n);
	if (err)
		return err;
	f = &e->feeds[n];
	f->first = first < NOTE_SEQUENCE_MAX ? (uint32_t)first
					     : NOTE_SEQUENCE_MAX;
	if (!first)
		f->committed = f->queued = 0;
	return KITH_OK;
}
