/*
 * What a person asks, as an expression of SQLite FTS5.
 *
 *	words      all of them            "a phrase"   in this order
 *	beginn*    what begins so         a OR b       one of them
 *	NOT a, -a  without it             ( )          what belongs together
 *	author:ID  channel:NAME           before:DAY  after:DAY
 *
 * Every word is quoted, so that nothing of it is read by SQLite.
 * Pure.  Source: SQLite FTS5, section 3.
 */
#ifndef VIEWS_SEARCH_PARSE_H
#define VIEWS_SEARCH_PARSE_H

#include "src/views/search.h"

/* Something in the text that is looked for, or is to be absent. */
struct search_phrase {
	struct kith_slice text; /* of the query */
	bool prefix, absent;
	size_t offset; /* in the query */
};

struct search_parsed {
	struct kith_buf match; /* the expression; empty: nothing asked */
	struct search_phrase phrases[SEARCH_PHRASES_MAX];
	size_t count;
	uint64_t after_ms, before_ms; /* 0: open */
};

/* Who is meant by author: in a query; a number of nobody, if the log has none
 * of it.  False: e says why. */
typedef bool (*search_author_fn)(void *arg, struct kith_slice name,
				 uint32_t *feed_number, struct kith_error *e);

/* out: zeroed; search_parsed_clear in any case.  EFORMAT: e says what is wrong
 * and where; ETOOBIG: longer or more than the limits of search.h; ENOMEM. */
KITH_CHECK enum kith_err search_parse(struct kith_slice text,
				      search_author_fn author, void *arg,
				      struct search_parsed *out,
				      struct kith_error *e);
void search_parsed_clear(struct search_parsed *p);

/* Joins another condition to p->match: a term of the column `who`. */
void search_parsed_and(struct search_parsed *p, struct kith_slice who);

#endif
