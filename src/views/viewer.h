/*
 * Who looks: what a view shows depends on it.
 *
 * Who is blocked by the viewer is hidden in every answer, and their names and
 * votes do not count; their messages stay stored.  Source: protocol/14
 * section 4, protocol/13 section 7.
 */
#ifndef VIEWS_VIEWER_H
#define VIEWS_VIEWER_H

#include "src/store/messages.h"

struct keys;
struct private_texts;

struct viewer {
	bool known; /* there is an identity that looks */
	struct kith_feed_id self;
	uint32_t *blocked, *followed; /* feed numbers, ascending; owned */
	size_t blocked_count, followed_count, blocked_room, followed_room;
	/* NULL: sees what is public; private.h gives them.  Never set where
	 * somebody else than our own person asks. */
	const struct keys *keys;
	struct private_texts *texts;
};

/* self NULL: nobody in particular, who sees all.  ENOMEM; a damaged page shows
 * in txn_error.  viewer_end in any case. */
KITH_CHECK enum kith_err viewer_start(struct viewer *v, struct txn *t,
				      const struct kith_feed_id *self);
void viewer_end(struct viewer *v);

/* Whether the viewer blocks, or follows, the feed with this number. */
bool viewer_hides(const struct viewer *v, uint32_t feed_number);
bool viewer_follows(const struct viewer *v, uint32_t feed_number);

#endif
