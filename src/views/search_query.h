/*
 * The part of search that queries use: their filter "text".
 *
 * Lets the index catch up by itself when it is asked of what is newer.
 */
#ifndef VIEWS_SEARCH_QUERY_H
#define VIEWS_SEARCH_QUERY_H

#include <stdatomic.h>

#include "src/views/query.h"
#include "src/views/search.h"

/* Embedded, zeroed but home, store and keys, which it keeps views of. */
struct search_asker {
	const struct home *home;
	struct store *store;
	const struct keys *keys; /* what they opened is found, too; or NULL */
	struct search *search, *private; /* opened when first asked */
	uint64_t caught; /* the index has been let catch up to there */
	uint64_t opened; /* that of what is private, to this opening */
	atomic_bool over;      /* by any thread: give up catching up */
};

/* Lets the index catch up with what t sees: a query that is begun in t lets it
 * no more.  An error: there is no search. */
KITH_CHECK enum kith_err search_asker_catch_up(struct search_asker *a,
					       struct txn *t,
					       struct kith_error *e);

/* Keeps a view of a: search_asker_clear behind the last query. */
struct query_helpers search_helpers(struct search_asker *a);
void search_asker_clear(struct search_asker *a);

#endif
