/* The feeds within so many follows of the one that looks. */
#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/query_private.h"
#include "src/views/social.h"

enum { FEEDS_MAX = 1 << 20 };

static int compare(const void *left, const void *right)
{
	const struct kith_feed_id *a = left, *b = right;

	if (a->format != b->format)
		return a->format < b->format ? -1 : 1;
	return memcmp(a->b, b->b, KITH_ID_BYTES);
}

static enum kith_err add(struct reach *r, const struct kith_feed_id *feed)
{
	struct kith_feed_id *more;

	if (r->count == FEEDS_MAX)
		return KITH_ETOOBIG;
	more = list_room(r->feeds, r->count, &r->capacity, sizeof(*more));
	if (!more)
		return KITH_ENOMEM;
	r->feeds = more;
	r->feeds[r->count++] = *feed;
	return KITH_OK;
}

enum kith_err reach_make(struct reach *r, struct txn *t,
			 const struct kith_feed_id *self, int hops)
{
	struct kith_feed_id feed;
	struct social *s;
	enum kith_err err = social_open(&s, t, self, hops);
	size_t at = 0;
	int distance;

	if (err)
		return err;
	while (!err && social_next(s, hops, &at, &feed, &distance))
		err = add(r, &feed);
	social_close(s);
	if (r->count)
		qsort(r->feeds, r->count, sizeof(*r->feeds), compare);
	return err;
}

void reach_clear(struct reach *r)
{
	free(r->feeds);
	*r = (struct reach){ 0 };
}

bool reach_has(const struct reach *r, const struct kith_feed_id *feed)
{
	return r->count && bsearch(feed, r->feeds, r->count,
				   sizeof(*r->feeds), compare);
}
