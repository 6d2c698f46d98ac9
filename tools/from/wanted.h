/*
 * --feeds: which feeds of a source a person wants.
 *
 * A word is an id, a name that the user has for a feed, or the start of an id;
 * one that is known only where the source lies waits until that was looked at.
 */
#ifndef TOOLS_FROM_WANTED_H
#define TOOLS_FROM_WANTED_H

#include "tools/tool.h"

enum { WANTED_MAX = 256 };

struct wanted {
	bool all; /* nothing was named */
	size_t count, start_count;
	struct kith_feed_id ids[WANTED_MAX];
	struct kith_slice starts[WANTED_MAX]; /* of ids nobody here has */
};

/* Reads the option -F, --feeds, as often as it was given.  For names it opens
 * the user's home, where there is one; its store is closed again, so that it
 * may be a source.  An exit code after an error text. */
int wanted_read(struct wanted *w, struct tool *t);

/* EXIT_MISUSED after an error text: there are too many. */
int wanted_add(struct wanted *w, const struct kith_feed_id *id);

#endif
