/*
 * What the files of the source that is a live peer share: nobody else's.
 *
 * One thread, as the source.
 */
#ifndef SOURCE_PEER_OWN_H
#define SOURCE_PEER_OWN_H

#include "feeds/message.h"
#include "src/source/peer_ahead.h"
#include "src/source/peer_clock.h"

/* The stream that is open. */
struct peer_stream {
	bool open;
	struct kith_feed_id feed;
	uint64_t next; /* the sequence of what comes */
	uint64_t batch, left; /* asked for, and still to come; 0: all */
};

struct peer {
	struct client *client;
	struct kith_decoder *decoder;
	struct kith_msg message; /* of the decoder: the last that was read */
	bool asked; /* for its clock */
	struct peer_clock clock;
	struct peer_stream stream;
	struct peer_ahead ahead;
	unsigned silent;
	bool heard; /* of messages, a word at least */
	int silence_ms;
	/* The walk: which feed, its next message, and of those that came the
	 * highest, and how many. */
	size_t walked;
	uint64_t walk_next, walk_last, walk_count;
	bool walking; /* stream is the walk's */
	uint64_t given;
	char text[KITH_ERROR_TEXT_BYTES];
};

/* Opens the stream of a feed from a message on; limit 0: all there are.  EIO,
 * ENOMEM. */
KITH_CHECK enum kith_err peer_ask_history(struct peer *p,
					  const struct kith_feed_id *feed,
					  uint64_t sequence, uint64_t limit,
					  struct kith_error *e);

/* The next item of the stream, which must be of the feed: which it is, is in
 * p->message.  ENOENT: its end; EFORMAT: it is none; EIO. */
KITH_CHECK enum kith_err peer_take(struct peer *p, struct source_message *out,
				   struct kith_error *e);

/* Asks for the clock, once. */
KITH_CHECK enum kith_err peer_ask_clock(struct peer *p, struct kith_error *e);

/* The walk, as struct source_row has it. */
KITH_CHECK enum kith_err peer_next(void *of, enum source_step *step,
				   struct source_message *out,
				   struct source_finding *found,
				   struct kith_error *e);
KITH_CHECK enum kith_err peer_rewind(void *of, struct kith_error *e);

#endif
