/*
 * Contact messages: what one identity says of another.
 *
 * Pure; never allocates.  Source: protocol/05 section 11; protocol/13.
 */
#ifndef FEEDS_CONTACT_H
#define FEEDS_CONTACT_H

#include "feeds/bytes.h"
#include "feeds/id.h"

/* Values are stored and never change meaning. */
enum contact_edge {
	CONTACT_NONE = 0,
	CONTACT_FOLLOW = 1,
	CONTACT_UNFOLLOW = 2,
	CONTACT_BLOCK = 3
};

/* Reads a contact out of a message's content (canonical JSON); false: it is
 * none, or names no valid feed. */
bool contact_read(struct kith_slice content, struct kith_feed_id *to,
		  enum contact_edge *edge);

/* Appends the content of a contact message. */
void contact_write(struct kith_buf *b, const struct kith_feed_id *to,
		   enum contact_edge edge);

#endif
