/*
 * The gist of what is said in calls: rows of what an item of a known method
 * means, for who listens and takes no part.
 *
 * Notes of EBT, messages with what is wrong with them, wants and haves of
 * blobs, what is asked for, the times of pings.  Reads with the readers that
 * the node itself uses.  Pure and stepped; never trusts what it reads.
 * Source: protocol/05 sections 2, 3, 5 and 12; protocol/06 sections 2 and 3;
 * protocol/16 section 3.6.
 */
#ifndef GOSSIP_GIST_H
#define GOSSIP_GIST_H

#include "feeds/message.h"
#include "src/gossip/history.h"
#include "src/gossip/notes.h"
#include "src/wire/dissect.h"

enum gist_kind {
	GIST_NOTE,    /* feed, note: what the sender has and would have */
	GIST_CLOCK,   /* feed, sequence: what the sender has */
	GIST_MESSAGE, /* a message, or what should be one */
	GIST_ASK,     /* for messages: history */
	GIST_BLOB,    /* a blob is asked for, or named */
	GIST_WANT,    /* blob, and distance: who wants it is so far away */
	GIST_HAVE,    /* blob, and its size */
	GIST_TIME,    /* of the sender's clock */
	GIST_IGNORED  /* an entry that receivers pass over: text */
};

struct gist_row {
	enum gist_kind kind;
	bool has_feed;
	struct kith_feed_id feed; /* of MESSAGE: its author */
	struct note note;	  /* NOTE */
	uint64_t sequence;	  /* CLOCK, MESSAGE */
	/* MESSAGE: what it says of itself, or only author and sequence, as far
	 * as they can be read, and why that is all. */
	bool good, has_id;
	struct kith_msg_id id;
	struct kith_slice value;	 /* the bare message */
	const struct kith_error *problem; /* unless good */
	struct history_args history;	  /* ASK */
	struct kith_blob_id blob;
	uint32_t distance; /* WANT: from 1 */
	uint64_t bytes;	   /* HAVE */
	double time_ms;	   /* TIME: since 1970 */
	struct kith_slice text; /* IGNORED: JSON */
};

struct gist;

/* hmac: the network's message key, or NULL; copied.  Gives; free with
 * gist_free.  NULL when out of memory. */
struct gist *gist_new(const uint8_t *hmac);
void gist_free(struct gist *g);

/* Begins with what e says; e must outlive the walk. */
void gist_start(struct gist *g, const struct dissect_event *e);

/* What became of a blob that was fetched: whether e, an end of blobs.get, ends
 * it as the one that was asked for. */
enum gist_blob {
	GIST_NO_BLOB,	 /* it is no such end, or not all was recorded */
	GIST_BLOB_GOOD,
	GIST_BLOB_WRONG /* other bytes */
};
enum gist_blob gist_fetched(const struct dissect_event *e);

/* The next row, borrowed until the next call; false: there are no more. */
bool gist_next(struct gist *g, struct gist_row *out);

#endif
