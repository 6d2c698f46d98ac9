/*
 * Ids: what names a feed, a message, a blob.
 *
 * A feed or message id carries its format: the same key under two formats is
 * two feeds.  The types differ so that one cannot be passed for another.
 */
#ifndef FEEDS_ID_H
#define FEEDS_ID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "feeds/export.h"

enum { KITH_ID_BYTES = 32 };

/* Values are stored and never change meaning. */
enum kith_format {
	KITH_FORMAT_NONE = 0,
	KITH_CLASSIC = 1,
	KITH_BENDYBUTT_V1 = 2,
	KITH_GABBYGROVE_V1 = 3,
	KITH_BUTTWOO_V1 = 4,
	KITH_INDEXED_V1 = 5,
	KITH_CLOAKED = 6 /* messages only: the id of a private group */
};

struct kith_feed_id {
	enum kith_format format;
	uint8_t b[KITH_ID_BYTES]; /* Ed25519 public key */
};

struct kith_msg_id {
	enum kith_format format;
	uint8_t b[KITH_ID_BYTES]; /* hash */
};

struct kith_blob_id {
	uint8_t b[KITH_ID_BYTES]; /* SHA-256 of its bytes */
};

/* What a peer says it has of one feed: a sequence, 0 for nothing of it, or
 * KITH_CLOCK_REFUSED for a feed that it does not want. */
enum { KITH_CLOCK_REFUSED = -1 };
struct kith_clock_entry {
	struct kith_feed_id feed;
	int64_t sequence;
};

/* Ids are public: memcmp is right here. */
static inline bool kith_feed_equal(const struct kith_feed_id *a,
				   const struct kith_feed_id *b)
{
	return a->format == b->format && !memcmp(a->b, b->b, KITH_ID_BYTES);
}

static inline bool kith_msg_equal(const struct kith_msg_id *a,
				  const struct kith_msg_id *b)
{
	return a->format == b->format && !memcmp(a->b, b->b, KITH_ID_BYTES);
}

#endif
