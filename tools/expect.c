#include "tools/expect.h"

#include <stdlib.h>

#include <sodium.h>

enum { FIRST_CAPACITY = 1024, SLOTS_A_FEED = 2 };

struct expected {
	struct kith_feed_id feed;
	uint64_t next;
};

struct expect {
	struct store *store;
	struct expected *feeds;
	size_t count, capacity;
	uint32_t *slots; /* 0, or 1 + an index of feeds */
	size_t slot_count; /* a power of two */
	uint8_t key[crypto_shorthash_KEYBYTES]; /* ids are chosen by others */
};

struct expect *expect_new(struct store *store)
{
	struct expect *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->store = store;
	randombytes_buf(x->key, sizeof(x->key));
	return x;
}

void expect_free(struct expect *x)
{
	if (!x)
		return;
	free(x->feeds);
	free(x->slots);
	free(x);
}

/* The slot of feed, or the free one where it would stand. */
static uint32_t *find(const struct expect *x, const struct kith_feed_id *feed)
{
	uint8_t hash[crypto_shorthash_BYTES];
	size_t at;

	crypto_shorthash(hash, feed->b, sizeof(feed->b), x->key);
	at = (size_t)(kith_be64(hash) ^ feed->format);
	for (;; at++) {
		uint32_t *slot = &x->slots[at & (x->slot_count - 1)];

		if (!*slot || kith_feed_equal(&x->feeds[*slot - 1].feed, feed))
			return slot;
	}
}

/* Room for one feed more; false: there may be no more. */
static bool grow(struct expect *x)
{
	size_t capacity = x->capacity ? x->capacity * 2 : FIRST_CAPACITY;
	struct expected *feeds;
	uint32_t *slots;

	if (x->count < x->capacity)
		return true;
	if (x->capacity == EXPECT_FEEDS_MAX)
		return false;
	feeds = realloc(x->feeds, capacity * sizeof(*feeds));
	if (!feeds)
		return false;
	x->feeds = feeds;
	slots = calloc(capacity * SLOTS_A_FEED, sizeof(*slots));
	if (!slots)
		return false;
	free(x->slots);
	x->slots = slots;
	x->slot_count = capacity * SLOTS_A_FEED;
	x->capacity = capacity;
	for (size_t i = 0; i < x->count; i++)
		*find(x, &x->feeds[i].feed) = (uint32_t)i + 1;
	return true;
}

static uint64_t stored_next(const struct expect *x,
			    const struct kith_feed_id *feed)
{
	struct feed_row row = { 0 };
	struct txn *t;

	if (store_read(x->store, &t))
		return 1;
	feed_get(t, feed, &row);
	txn_end(t);
	return row.last + 1;
}

/* NULL: there is no room for another one. */
static struct expected *get(struct expect *x, const struct kith_feed_id *feed)
{
	uint32_t *slot = x->slots ? find(x, feed) : NULL;

	if (slot && *slot)
		return &x->feeds[*slot - 1];
	if (!grow(x))
		return NULL;
	x->feeds[x->count] = (struct expected){ *feed, stored_next(x, feed) };
	*find(x, feed) = (uint32_t)x->count + 1;
	return &x->feeds[x->count++];
}

bool expect_take(struct expect *x, const struct kith_feed_id *feed,
		 uint64_t sequence)
{
	struct expected *of = get(x, feed);

	if (!of)
		return sequence <= stored_next(x, feed);
	if (sequence > of->next)
		return false;
	if (sequence == of->next)
		of->next++;
	return true;
}

void expect_back(struct expect *x, const struct kith_feed_id *feed,
		 uint64_t sequence)
{
	struct expected *of = get(x, feed);

	if (of && sequence < of->next)
		of->next = sequence;
}
