/*
 * Messages of a live peer, asked for many at once, so that the way to it and
 * back is gone once and not for each.
 *
 * What it answers is its word, kept as it came until the next are asked for.
 */
#ifndef SOURCE_PEER_AHEAD_H
#define SOURCE_PEER_AHEAD_H

#include "feeds/message.h"
#include "src/client/client.h"
#include "src/source/source.h"

enum {
	/* A message, and {key,value,timestamp} around it. */
	PEER_ITEM_BYTES_MAX = KITH_MSG_WIRE_BYTES_MAX + 256,
	PEER_AHEAD_MS = 60000 /* for all that are asked for at once */
};

struct peer_answer {
	struct source_place place;
	int32_t request;
	bool ended;
	bool silent; /* nothing came, not even an end */
	bool bad;    /* what came is empty, or too long */
	struct kith_buf item; /* the first that came; empty: none */
};

/* Embedded; all zero is empty. */
struct peer_ahead {
	struct peer_answer answers[SOURCE_AHEAD_MAX];
	size_t count;
};

/* Asks for n messages, SOURCE_AHEAD_MAX at most, and waits for what comes; one
 * for which nothing came until it was quiet for silence_ms, or for
 * PEER_AHEAD_MS in all, counts as not there.  EBUSY: not a word came; EIO: the
 * connection broke. */
KITH_CHECK enum kith_err peer_ahead_ask(struct peer_ahead *a, struct client *c,
					const struct source_place *places,
					size_t n, int silence_ms,
					struct kith_error *e);
void peer_ahead_free(struct peer_ahead *a);

/* NULL: it was not asked for last. */
const struct peer_answer *peer_ahead_of(const struct peer_ahead *a,
					const struct kith_feed_id *feed,
					uint64_t sequence);

/* The arguments of createHistoryStream; limit 0: all there are. */
void peer_put_history(struct kith_buf *args, const struct kith_feed_id *feed,
		      uint64_t sequence, uint64_t limit);

#endif
