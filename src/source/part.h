/*
 * Where two copies of a feed part.
 *
 * Messages name the one before them by its id, so that copies which have one
 * message in common have all before it in common too.  So the place where they
 * part is found by halves, and of copies without holes in 2 log2(n) questions
 * and four.  Where neither can be asked, that is said: nothing is guessed.
 *
 * Pure: asks by a call, and holds for whatever it is answered.  That the chain
 * is one is for others to check.  Source: protocol/16 sections 3.3 and 5.
 */
#ifndef SOURCE_PART_H
#define SOURCE_PART_H

#include "feeds/bytes.h"
#include "feeds/id.h"

/* What a copy has, as far as is known; last 0: nothing.  There may be holes
 * between. */
struct part_span {
	uint64_t first, last;
};

enum part_answer {
	PART_HAS,
	PART_LACKS, /* a hole, or it does not say */
	PART_STOP   /* no more questions */
};

/* The id of the message of a copy, 0 or 1, at a place of the feed. */
typedef enum part_answer part_ask(void *arg, int copy, uint64_t sequence,
				  struct kith_msg_id *out);

enum part_verdict {
	PART_EQUAL,
	PART_AHEAD,    /* the first has all of the second, and more */
	PART_BEHIND,   /* the other way round */
	PART_DIVERGED, /* they have other messages at one place */
	PART_UNKNOWN   /* no place that tells */
};

struct part {
	enum part_verdict verdict;
	/* The last place that was seen to be the same; 0: none was. */
	uint64_t same;
	/* DIVERGED: the first that was seen to differ, and the ids there: they
	 * part behind same, and not behind this.  UNKNOWN: what is not known
	 * ends here; 0: nothing is. */
	uint64_t until;
	struct kith_msg_id ids[2];
	unsigned asked; /* questions */
};

/* False: the answer was PART_STOP. */
bool part_find(const struct part_span copies[2], part_ask *ask, void *arg,
	       struct part *out);

#endif
