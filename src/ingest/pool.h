/*
 * A pool of threads that check messages: batches go in, verdicts come out in
 * the same order.
 *
 * For whoever reads many messages and appends none; ingest has its own.  Shape,
 * canonical form and id of each message are found, and its signature if asked
 * for.  All calls are for one thread, the owner's.
 *
 *	while there is input:
 *		batch = pool_batch(p), or settle pool_next(p) first
 *		pool_put(batch, ...) until it is full, then pool_submit(p)
 *	while ((batch = pool_next(p))) settle it, pool_release(p)
 */
#ifndef INGEST_POOL_H
#define INGEST_POOL_H

#include "feeds/message.h"

enum { POOL_BATCH_MESSAGES = 64, POOL_BATCH_BYTES = 256 * 1024 };

struct pool_item {
	struct kith_slice value; /* as put; after pool_next */
	enum kith_format format;
	uint64_t tag;		 /* as put */
	enum kith_err code;	 /* of kith_msg_decode; error says why */
	bool valid;		 /* the signature, if it was asked for */
	struct kith_msg message; /* where code is OK */
	struct kith_error error;
	size_t offset, n;	 /* of value in the batch */
};

struct pool_batch {
	size_t count;
	struct pool_item items[POOL_BATCH_MESSAGES];
};

struct pool;

struct pool_config {
	unsigned threads;    /* 0: one a core */
	const uint8_t *hmac; /* 32 bytes or NULL; copied */
	bool signatures;     /* else they are not looked at */
};

/* Gives; pool_stop.  NULL: out of memory, or no more threads. */
struct pool *pool_start(const struct pool_config *config);
void pool_stop(struct pool *p);

/* Messages that may be in the making, under way and settled at a time. */
size_t pool_room(const struct pool *p);

/* The batch in the making; NULL: all are under way, pool_next must come. */
struct pool_batch *pool_batch(struct pool *p);

/* Copies one bare value into the batch in the making.  ETOOBIG: it is full,
 * pool_submit it; ENOMEM. */
KITH_CHECK enum kith_err pool_put(struct pool *p, struct kith_slice value,
				  enum kith_format format, uint64_t tag);

/* Hands the batch in the making to the threads, if there is anything in it. */
void pool_submit(struct pool *p);

/* The oldest batch that was submitted, when it is checked; NULL: none is under
 * way.  Valid until pool_release, which must come before the next call. */
const struct pool_batch *pool_next(struct pool *p);
void pool_release(struct pool *p);

#endif
