/*
 * A second look at a stored message: where its members stand.
 *
 * What is stored has passed kith_msg_decode, so nothing is checked again: the
 * seven members have one order, and all but the content are of few forms.
 * Pure; never allocates.  Source: protocol/10 section 5.
 */
#ifndef FEEDS_STORED_H
#define FEEDS_STORED_H

#include "feeds/bytes.h"
#include "feeds/id.h"

struct msg_stored {
	struct kith_feed_id author;
	struct kith_slice timestamp, content; /* spans of canon */
};

/* canon: of a struct kith_msg, classic.  False: it is none, and *out is
 * untouched; of any bytes it looks at no others. */
bool msg_stored(struct kith_slice canon, struct msg_stored *out);

/* The content is an object, so nothing is boxed in it: that shows at its end,
 * at the price of one look.  canon as above. */
bool msg_stored_is_object(struct kith_slice canon);

#endif
