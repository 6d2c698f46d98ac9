/*
 * A first look at what a peer sends: whose message, and which.
 *
 * For deciding whether it is wanted at all, before any of it is checked.
 * Pure; never allocates.  Source: protocol/05 section 5.
 */
#ifndef FEEDS_PEEK_H
#define FEEDS_PEEK_H

#include "feeds/bytes.h"
#include "feeds/id.h"

/* Author and sequence, from the front of a message in any spelling; value may
 * be any bytes.  False if it is not a message: an object with a string author
 * and an integer sequence.  author->format is KITH_FORMAT_NONE when the string
 * is not the id of a feed of a known format. */
bool msg_peek(struct kith_slice value, struct kith_feed_id *author,
	      uint64_t *sequence);

#endif
