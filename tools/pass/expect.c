#include "tools/pass/expect.h"

#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

enum { FIRST_CAPACITY = 1024, SLOTS_A_FEED = 2 };

struct expected {
	struct kith_feed_id feed;
	uint32_t number; /* of the feed in the store; 0: it had none of it */
	uint64_t stored, next; /* what it had is up to stored */
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
	assert(x->slots);
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

static struct expected look_up(const struct expect *x,
			       const struct kith_feed_id *feed)
{
	struct feed_row row = { 0 };
	struct txn *t;

	if (!store_read(x->store, &t)) {
		feed_get(t, feed, &row);
		txn_end(t);
	}
	return (struct expected){ .feed = *feed, .number = row.number,
				  .stored = row.last, .next = row.last + 1 };
}

/* NULL: there is no room for another one. */
static struct expected *get(struct expect *x, const struct kith_feed_id *feed)
{
	uint32_t *slot = x->slots ? find(x, feed) : NULL;

	if (slot && *slot)
		return &x->feeds[*slot - 1];
	if (!grow(x))
		return NULL;
	x->feeds[x->count] = look_up(x, feed);
	*find(x, feed) = (uint32_t)x->count + 1;
	return &x->feeds[x->count++];
}

/* What is stored was verified: the same bytes need not be again. */
static bool holds(const struct expect *x, const struct expected *of,
		  uint64_t sequence, struct kith_slice value)
{
	struct message_row row;
	struct txn *t;
	bool same;

	if (!of->number || sequence > of->stored || store_read(x->store, &t))
		return false;
	same = message_by_sequence(t, of->number, sequence, &row) &&
	       kith_equal(row.canon, value);
	txn_end(t);
	return same;
}

enum expect_fate expect_look(struct expect *x, const struct kith_feed_id *feed,
			     uint64_t sequence, struct kith_slice value)
{
	struct expected *of = get(x, feed), other;

	if (!of) {
		other = look_up(x, feed);
		of = &other;
	}
	if (sequence > of->next)
		return EXPECT_LATER;
	if (holds(x, of, sequence, value))
		return EXPECT_HELD;
	if (sequence == of->next)
		of->next++;
	return EXPECT_NOW;
}

void expect_back(struct expect *x, const struct kith_feed_id *feed,
		 uint64_t sequence)
{
	struct expected *of = get(x, feed);

	if (of && sequence < of->next)
		of->next = sequence;
}
