/*
 * Tangles: messages that name those of the same tangle which they follow.
 *
 * Source: protocol/12 section 3.1; protocol/13 section 3.
 */
#ifndef VIEWS_TANGLE_H
#define VIEWS_TANGLE_H

#include "feeds/group.h"
#include "src/views/viewer.h"

enum {
	TANGLE_LOOK_BACK = 256, /* messages of it that are looked at */
	TANGLE_TIPS_MAX = 16	/* that the next one names: the newest */
};

/* Where the next message of a group's tangle stands, as v, which sees private
 * messages, sees it: behind all that nothing follows, among the newest.
 * ENOMEM; EIO. */
KITH_CHECK enum kith_err tangle_end(struct txn *t, const struct viewer *v,
				    const char *name,
				    const struct kith_msg_id *root,
				    struct kith_tangle *out);

#endif
