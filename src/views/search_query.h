/*
 * The part of search that queries use: their filter "text".
 *
 * Lets the index catch up by itself when it is asked of what is newer.
 */
#ifndef VIEWS_SEARCH_QUERY_H
#define VIEWS_SEARCH_QUERY_H

#include "src/views/query.h"
#include "src/views/search.h"

/* Embedded, zeroed but home and store, which it keeps views of. */
struct search_asker {
	const struct home *home;
	struct store *store;
	struct search *search; /* opened when first asked */
	uint64_t caught;       /* the index has been let catch up to there */
};

/* Keeps a view of a: search_asker_clear behind the last query. */
struct query_helpers search_helpers(struct search_asker *a);
void search_asker_clear(struct search_asker *a);

#endif
