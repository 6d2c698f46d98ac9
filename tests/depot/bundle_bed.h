/*
 * Bundles for tests, and what is read from them.  Failing is a failing test.
 */
#ifndef DEPOT_BUNDLE_BED_H
#define DEPOT_BUNDLE_BED_H

#include "src/depot/bundle.h"

enum {
	BUNDLE_FILE_BYTES_MAX = 4 << 20,
	BUNDLE_BLOB_BYTES = 2 * BUNDLE_PIECE_BYTES + 1234,
	BUNDLE_ITEMS_MAX = 100
};

/* What was read: all items, printed one behind another. */
struct told {
	struct kith_buf text;
	size_t ends[BUNDLE_ITEMS_MAX]; /* of items in text */
	size_t count, damages;
	bool ended, whole;
	const char *none;
};

/* The same in each run. */
uint32_t next_random(uint32_t *x);

struct kith_feed_id feed_of(uint8_t n);
struct kith_blob_id blob_of(struct kith_slice bytes);

/* n bytes, the same each time, at most BUNDLE_BLOB_BYTES. */
struct kith_slice filler_of(size_t n);

/* Puts all pieces of a blob, and what w gives behind file. */
void put_blob(struct bundle_writer *w, struct kith_buf *file,
	      struct kith_slice bytes);

/* Bundles with one of each kind, messages and a blob; given. */
struct kith_buf bundle_small(void);
struct kith_buf bundle_large(void);

/* Hands the bytes in by as many as step; or all at once.  text is given. */
struct told told_by(struct kith_slice file, size_t step);
struct told told_all(const struct kith_buf *file);

/* The same was read; nothing is missing, up to the end. */
void assert_told_same(const struct told *a, const struct told *b);
void assert_told_whole(const struct told *t);

#endif
