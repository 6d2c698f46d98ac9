/*
 * Two sides, feed by feed: which of both has more, and where they part.
 *
 * Feeds whose ends are the same need no question; of all others one id, and
 * only those that differ a search (part.h).  Of a live peer many feeds are
 * asked for at once: each search is begun anew with what is known by then,
 * until it lacks nothing.  One thread.
 */
#ifndef TOOLS_LOOK_COMPARE_H
#define TOOLS_LOOK_COMPARE_H

#include "src/source/part.h"
#include "tools/from/side.h"

enum compare_state {
	COMPARE_EQUAL, COMPARE_AHEAD, COMPARE_BEHIND, COMPARE_DIVERGED,
	COMPARE_UNKNOWN, COMPARE_ONLY_A, COMPARE_ONLY_B,
	COMPARE_STATES
};

/* What is known of one feed. */
struct compared {
	struct kith_feed_id feed;
	struct source_feed has[2];
	enum compare_state state;
	struct part part; /* EQUAL to UNKNOWN */
	/* Of each side the first message that the other lacks, as far as is
	 * known; 0: none. */
	uint64_t first[2];
	/* What else is to be known: a side lacks messages before its last, or
	 * sent or has what is no message.  Empty: nothing. */
	char problem[KITH_ERROR_TEXT_BYTES];
	bool forged; /* DIVERGED: not both are signed by the author */
};

/* The questions that wait to be put to a side together. */
struct compare_wave {
	struct source_place places[SOURCE_AHEAD_MAX];
	size_t count;
};

struct compare_search;

struct compare {
	struct tool *tool;
	struct side sides[2];
	struct kith_error error;
	struct side *broken; /* whose error that is */
	/* The feeds that are under way, in order, in a ring. */
	struct compare_search *searches, *now;
	size_t first, count;
	struct compare_wave waves[2];
};

/* Opens both, and looks at all feeds, or those of --feeds; names as for
 * side_open.  Refuses what cannot be compared.  An exit code after an error
 * text; compare_close in any case. */
int compare_open(struct compare *c, struct tool *t, const char *const names[2]);
void compare_close(struct compare *c);

/* Each feed that one of them knows, in order, once.  fn: an exit code,
 * EXIT_DONE to go on.  An exit code, after an error text if a side can be read
 * no more. */
int compare_run(struct compare *c,
		int (*fn)(void *arg, const struct compared *f), void *arg);

/* EXIT_FAILED: damage was found in one of them, and told. */
int compare_code(const struct compare *c);

/* "equal", "ahead", "behind", "diverged", "unknown", "only-a", "only-b". */
const char *compare_state_name(enum compare_state state);

#endif
