/*
 * Whether views and plain loops over the log give the same answers to one
 * viewer.  What differs is written to standard error.
 */
#ifndef TESTS_VIEWS_AGREE_H
#define TESTS_VIEWS_AGREE_H

#include "src/views/viewer.h"
#include "tests/views/past.h"

struct agree {
	struct txn *txn;
	const struct past *past;
	const struct viewer *viewer;
	bool differs;
};

/* agree.c */
bool agree_on_names(struct agree *a);
bool agree_on_votes(struct agree *a);
bool agree_on_channels(struct agree *a);
/* agree_thread.c */
bool agree_on_threads(struct agree *a);
/* agree_social.c */
bool agree_on_inbox(struct agree *a);
bool agree_on_hops(struct agree *a);
bool agree_on_followers(struct agree *a);

/* Says what differs, of what; false. */
bool agree_differ(struct agree *a, const char *what, const struct kith_ref *of);

/* Who looks, for past_hides. */
const struct kith_feed_id *agree_self(const struct agree *a);

#endif
