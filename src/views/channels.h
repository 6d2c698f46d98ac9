/*
 * Channels: which there are, how busy, and who subscribed.
 *
 * A message is in a channel by its channel member or by a hashtag link; names
 * are normalised (feeds/channel.h).  The page of one is its posting list
 * (term_channel).  What counts is written to be read (content.h), by nobody
 * whom the viewer blocks.
 */
#ifndef VIEWS_CHANNELS_H
#define VIEWS_CHANNELS_H

#include "src/views/opinions.h"
#include "src/views/postings.h"
#include "src/views/viewer.h"

struct channel_row {
	uint8_t name[TERM_TEXT_BYTES_MAX]; /* normalised, without '#' */
	size_t name_bytes;
	uint64_t messages;
	struct posting newest; /* where messages > 0 */
	bool subscribed;       /* by the viewer */
	uint64_t followed; /* how many whom the viewer follows subscribed */
};

static inline struct kith_slice channel_name(const struct channel_row *c)
{
	return (struct kith_slice){ c->name, c->name_bytes };
}

/* Walks all that have messages or subscriptions, by name; embedded. */
struct channels {
	struct txn *txn;
	const struct viewer *viewer;
	struct term term; /* where the walk of messages stands, and */
	struct opinion opinion; /* that of subscriptions */
	bool more_terms, more_opinions;
};

/* Keeps a view of v. */
void channels_start(struct channels *c, struct txn *t, const struct viewer *v);
bool channels_next(struct channels *c, struct channel_row *out);

/* One, by its name as typed, with '#' or not; false: it is no name.  A channel
 * that nobody uses has zeros. */
bool channel_get(struct txn *t, const struct viewer *v, struct kith_slice name,
		 struct channel_row *out);

#endif
