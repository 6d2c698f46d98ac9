/*
 * What became of the messages of an import, counted by reason, told line by
 * line where it matters, and summed up at the end.
 */
#ifndef TOOLS_PASS_TALLY_H
#define TOOLS_PASS_TALLY_H

#include "src/store/store.h"
#include "tools/pass/sink.h"
#include "tools/text/reasons.h"
#include "tools/tool.h"

enum { TALLY_GAPS_MAX = 5, TALLY_TOLD_MAX = 10 };

/* A feed of which messages are here, but not those before. */
struct tally_gap {
	struct kith_feed_id feed;
	uint64_t first, count; /* the least number seen; how many */
};

/* Where a message came from. */
struct tally_origin {
	uint64_t line;
	const char *name; /* of its file */
};

struct tally {
	bool json, trial;
	uint64_t accepted, known, gap, refused; /* refused: the next three */
	uint64_t forks, own, invalid;
	uint64_t left; /* read and not handed in: stopped before */
	struct reasons reasons;
	struct tally_gap gaps[TALLY_GAPS_MAX];
	uint64_t gap_feeds; /* feeds, where a feed's messages come together */
	struct kith_feed_id gap_feed;
	unsigned told;
};

/* Counts and tells a refusal. */
void tally_refuse(struct tally *t, const struct tally_origin *from,
		  enum ingest_verdict verdict, const char *why);

/* Counts a message that is left behind a gap. */
void tally_gap(struct tally *t, struct kith_slice value);

/* Anything but a refusal, a gap and a failure. */
void tally_good(struct tally *t, enum ingest_verdict verdict);

/* Prints the sums; store: for what is missing in front of gaps. */
void tally_print(const struct tally *t, struct store *store);

/* EXIT_DONE, or EXIT_FAILED if anything was refused or left. */
int tally_code(const struct tally *t);

#endif
