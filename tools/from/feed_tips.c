#include "tools/from/feed_tips.h"

#include <stdlib.h>

struct place {
	struct kith_feed_id feed; /* format NONE: empty */
	struct kith_tip tip;
};

struct feed_tips {
	struct place places[FEED_TIPS_MAX];
};

struct feed_tips *feed_tips_new(void)
{
	return calloc(1, sizeof(struct feed_tips));
}

void feed_tips_free(struct feed_tips *f)
{
	free(f);
}

void feed_tips_clear(struct feed_tips *f)
{
	memset(f->places, 0, sizeof(f->places));
}

/* Keys are as good as random. */
static size_t place_of(const struct kith_feed_id *feed)
{
	return kith_be32(feed->b) % FEED_TIPS_MAX;
}

const struct kith_tip *feed_tips_get(const struct feed_tips *f,
				     const struct kith_feed_id *feed)
{
	const struct place *p = &f->places[place_of(feed)];

	return kith_feed_equal(&p->feed, feed) ? &p->tip : NULL;
}

void feed_tips_put(struct feed_tips *f, const struct kith_feed_id *feed,
		   const struct kith_tip *tip)
{
	f->places[place_of(feed)] = (struct place){ *feed, *tip };
}
