/*
 * One feed of `kith feeds`, and the conditions of its --where.
 */
#ifndef TOOLS_LOOK_FEEDS_H
#define TOOLS_LOOK_FEEDS_H

#include "src/store/messages.h"

struct feed_line {
	struct feed_row row;
	int hops; /* graph.h */
	bool stuck; /* what came next does not follow the last one here */
};

/* "ok", "wanted", "partial", "stuck", "forked", "blocked", "frozen" or
 * "forgotten". */
const char *feed_state_name(const struct feed_line *l);

/* feeds_where.c: a condition as state=forked, hops<=1 or messages>100. */
enum feed_member { FEED_MEMBER_STATE, FEED_MEMBER_HOPS, FEED_MEMBER_MESSAGES,
		   FEED_MEMBER_BYTES, FEED_MEMBER_FIRST, FEED_MEMBER_LAST };
enum feed_compare { FEED_IS, FEED_IS_NOT, FEED_LESS, FEED_LESS_OR_IS,
		    FEED_MORE, FEED_MORE_OR_IS };

struct feed_where {
	enum feed_member member;
	enum feed_compare compare;
	const char *state; /* of the state; a view of the text */
	int64_t number;	   /* of the others */
};

/* False, after an error text: misused. */
bool feed_where_read(const char *text, struct feed_where *out);
bool feed_where_holds(const struct feed_where *w, const struct feed_line *l);

#endif
