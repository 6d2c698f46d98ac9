/*
 * What goes into a bundle: of which feed which messages, the nearest first.
 */
#ifndef TOOLS_CARRY_BUNDLE_PLAN_H
#define TOOLS_CARRY_BUNDLE_PLAN_H

#include "src/store/messages.h"
#include "tools/carry/bundle.h"

struct bundle_part {
	struct feed_row feed;
	int hops; /* as graph_hops */
	uint64_t first, last; /* of what goes in; last < first: nothing fits */
};

struct bundle_plan {
	struct bundle_part *parts; /* by hops, then by id */
	size_t count, room;
	uint64_t messages;
	uint64_t hidden; /* feeds whose authors block the reader */
	uint64_t left, left_feeds; /* messages that do not fit; of how many */
	uint64_t bytes; /* that it takes, where a limit was given */
};

struct bundle_wish {
	struct bundle_reach *reach;
	const struct depot_ranges *has; /* the reader, already */
	struct kith_feed_id reader;	/* format NONE: not known */
	uint64_t bytes_max;		/* of the bundle; 0: no limit */
};

/* The author blocks the reader, and is not asked for by name: whatever else was
 * asked for, the feed stays here. */
bool bundle_wish_hides(const struct bundle_wish *wish,
		       const struct kith_feed_id *author);

/* An exit code after an error text; bundle_plan_free in any case. */
int bundle_plan_make(struct bundle_plan *p, struct store *s,
		     const struct bundle_wish *wish);
void bundle_plan_free(struct bundle_plan *p);

#endif
