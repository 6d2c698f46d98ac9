/*
 * The feeds of one write transaction: each row is read once and written once.
 *
 * The writer's thread.  Filled from the transaction, emptied at its end.
 */
#ifndef INGEST_FEED_CACHE_H
#define INGEST_FEED_CACHE_H

#include "src/store/local.h"
#include "src/store/messages.h"

enum { FEED_CACHE_KEY_BYTES = 16 };

struct cached_feed {
	struct feed_row row;
	enum publish_state publish; /* NOT_OURS for all others */
	uint64_t branch; /* place where another branch is known; 0: none */
	uint64_t fork;	 /* lowest place that is proven to fork; 0: none */
	bool changed;
};

/* All zero but key and self is an empty cache. */
struct feed_cache {
	struct cached_feed *feeds;
	size_t count, capacity;
	uint32_t *slots; /* 0, or 1 + an index of feeds */
	size_t slot_count; /* a power of two */
	uint8_t key[FEED_CACHE_KEY_BYTES]; /* random: ids are chosen by peers */
	const struct kith_feed_id *self; /* our identity, or NULL */
};

/* The feed called id, read from t when first asked for; valid until the next
 * call.  NULL when out of memory. */
struct cached_feed *feed_cache_get(struct feed_cache *c, struct txn *t,
				   const struct kith_feed_id *id);

/* Writes the rows that changed. */
void feed_cache_put(const struct feed_cache *c, struct txn *t);

/* Forgets all; keeps the memory. */
void feed_cache_clear(struct feed_cache *c);

void feed_cache_free(struct feed_cache *c);

#endif
