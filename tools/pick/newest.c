#include "tools/pick/newest.h"

#include <stdlib.h>

#include "feeds/list.h"

enum kith_err newest_add(struct newest *n, struct txn *t,
			 const struct viewer *v, const struct term *term)
{
	struct postings *more = list_room(n->lists, n->count, &n->room,
					  sizeof(*more));

	if (!more)
		return KITH_ENOMEM;
	n->lists = more;
	postings_open(&n->lists[n->count++], t, v, term);
	return KITH_OK;
}

/* All lists stand at a place, or before it. */
static void seek(struct newest *n, const struct posting *to)
{
	for (size_t i = 0; i < n->count; i++)
		postings_seek_back(&n->lists[i], to);
}

void newest_move(struct newest *n, struct txn *t, const struct viewer *v)
{
	for (size_t i = 0; i < n->count; i++) {
		struct term term = n->lists[i].term;

		postings_close(&n->lists[i]);
		postings_open(&n->lists[i], t, v, &term);
	}
	if (n->begun)
		seek(n, &n->last);
}

/* All that stand on the one last given move on. */
static void move(struct newest *n)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->lists[i].found &&
		    !posting_compare(&n->lists[i].at, &n->last))
			postings_previous(&n->lists[i]);
}

bool newest_next(struct newest *n, struct posting *out)
{
	const struct postings *newest = NULL;

	if (n->begun)
		move(n);
	else
		seek(n, &POSTING_LAST);
	n->begun = true;
	for (size_t i = 0; i < n->count; i++)
		if (n->lists[i].found &&
		    (!newest ||
		     posting_compare(&n->lists[i].at, &newest->at) > 0))
			newest = &n->lists[i];
	if (newest)
		*out = n->last = newest->at;
	return newest;
}

void newest_end(struct newest *n)
{
	for (size_t i = 0; i < n->count; i++)
		postings_close(&n->lists[i]);
	free(n->lists);
	*n = (struct newest){ 0 };
}
