#include "src/ingest/feed_cache.h"

#include <stdlib.h>

#include <sodium.h>

#include "src/ingest/guard.h"
#include "src/store/proofs.h"

enum { FIRST_CAPACITY = 64, SLOTS_A_FEED = 2 };

_Static_assert(FEED_CACHE_KEY_BYTES == crypto_shorthash_KEYBYTES,
	       "the key is libsodium's");

/* The slot of id, or the free one where it would stand. */
static uint32_t *find(const struct feed_cache *c, const struct kith_feed_id *id)
{
	uint8_t hash[crypto_shorthash_BYTES];
	size_t at;

	crypto_shorthash(hash, id->b, sizeof(id->b), c->key);
	at = (size_t)(kith_be64(hash) ^ id->format);
	for (;; at++) {
		uint32_t *slot = &c->slots[at & (c->slot_count - 1)];

		if (!*slot ||
		    kith_feed_equal(&c->feeds[*slot - 1].row.id, id))
			return slot;
	}
}

static bool grow(struct feed_cache *c)
{
	size_t capacity = c->capacity ? c->capacity * 2 : FIRST_CAPACITY;
	struct cached_feed *feeds;
	uint32_t *slots;

	if (c->count < c->capacity)
		return true;
	feeds = realloc(c->feeds, capacity * sizeof(*feeds));
	if (!feeds)
		return false;
	c->feeds = feeds;
	slots = calloc(capacity * SLOTS_A_FEED, sizeof(*slots));
	if (!slots)
		return false;
	free(c->slots);
	c->slots = slots;
	c->slot_count = capacity * SLOTS_A_FEED;
	c->capacity = capacity;
	for (size_t i = 0; i < c->count; i++)
		*find(c, &c->feeds[i].row.id) = (uint32_t)i + 1;
	return true;
}

static struct cached_feed *read_feed(struct feed_cache *c, struct txn *t,
				     const struct kith_feed_id *id)
{
	struct cached_feed *feed = &c->feeds[c->count++];
	struct publish_row publish;
	struct proof_places proofs = proof_places(t, id);

	feed_get(t, id, &feed->row);
	if (proofs.pair)
		feed->row.state = FEED_FORKED;
	if (c->self && kith_feed_equal(id, c->self))
		guard_get(t, id, &publish);
	else
		publish_get(t, id, &publish);
	feed->publish = publish.state;
	feed->branch = proofs.branch;
	feed->fork = proofs.pair;
	feed->changed = false;
	return feed;
}

struct cached_feed *feed_cache_get(struct feed_cache *c, struct txn *t,
				   const struct kith_feed_id *id)
{
	uint32_t *slot;

	if (!grow(c))
		return NULL;
	slot = find(c, id);
	if (*slot)
		return &c->feeds[*slot - 1];
	*slot = (uint32_t)c->count + 1;
	return read_feed(c, t, id);
}

void feed_cache_put(const struct feed_cache *c, struct txn *t)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->feeds[i].changed)
			feed_put(t, &c->feeds[i].row);
}

void feed_cache_clear(struct feed_cache *c)
{
	c->count = 0;
	if (c->slots)
		memset(c->slots, 0, c->slot_count * sizeof(*c->slots));
}

void feed_cache_free(struct feed_cache *c)
{
	free(c->feeds);
	free(c->slots);
	c->feeds = NULL;
	c->slots = NULL;
	c->count = c->capacity = c->slot_count = 0;
}
