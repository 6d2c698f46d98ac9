#include "tools/from/order.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/list.h"
#include "src/gossip/lookup.h"

struct seen {
	struct kith_feed_id feed;
	uint64_t last;
	bool mixed;
};

struct order {
	struct lookup by_feed;
	struct seen *feeds;
	uint32_t count;
	size_t capacity;
};

struct order *order_new(void)
{
	struct order *o = calloc(1, sizeof(*o));
	uint8_t key[LOOKUP_KEY_BYTES];

	randombytes_buf(key, sizeof(key));
	if (o)
		lookup_set_key(&o->by_feed, key);
	return o;
}

void order_free(struct order *o)
{
	if (!o)
		return;
	lookup_clear(&o->by_feed);
	free(o->feeds);
	free(o);
}

static struct seen *find(const struct order *o, const struct kith_feed_id *feed,
			 uint32_t hash)
{
	uint32_t at = 0, number;

	while ((number = lookup_next(&o->by_feed, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&o->feeds[number].feed, feed))
			return &o->feeds[number];
	return NULL;
}

static uint32_t hash_of(const struct order *o, const struct kith_feed_id *feed)
{
	return lookup_hash(&o->by_feed, feed->b, sizeof(feed->b));
}

static enum kith_err make_room(struct order *o)
{
	struct seen *grown;

	if (o->count == ORDER_FEEDS_MAX)
		return KITH_ETOOBIG;
	grown = list_room(o->feeds, o->count, &o->capacity, sizeof(*grown));
	if (!grown)
		return KITH_ENOMEM;
	o->feeds = grown;
	return lookup_reserve(&o->by_feed);
}

enum kith_err order_see(struct order *o, const struct kith_feed_id *feed,
			uint64_t sequence)
{
	uint32_t hash = hash_of(o, feed);
	struct seen *seen = find(o, feed, hash);
	enum kith_err err;

	if (seen) {
		seen->mixed = seen->mixed || sequence < seen->last;
		seen->last = sequence;
		return KITH_OK;
	}
	err = make_room(o);
	if (err)
		return err;
	o->feeds[o->count] = (struct seen){ .feed = *feed, .last = sequence };
	lookup_put(&o->by_feed, hash, o->count++);
	return KITH_OK;
}

bool order_is_mixed(const struct order *o, const struct kith_feed_id *feed)
{
	const struct seen *seen = find(o, feed, hash_of(o, feed));

	return seen && seen->mixed;
}
