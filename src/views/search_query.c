#include "src/views/search_query.h"

#include <stdlib.h>

/* Queries hide by themselves whom the viewer blocks. */
static const struct viewer nobody;

static enum kith_err catch_up(struct search_asker *a, uint64_t rx,
			      struct kith_error *e)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES };
	enum kith_err err = KITH_OK;

	if (!a->search)
		err = search_open(a->home, &a->search, e);
	if (err || (a->caught && rx <= a->caught))
		return err;
	/* What cannot be added is not found, as in every search. */
	do
		err = search_catch_up(a->search, a->store, &slice, NULL);
	while (!err && slice.more && !a->over);
	a->caught = rx;
	return KITH_OK;
}

enum kith_err search_asker_catch_up(struct search_asker *a, struct txn *t,
				    struct kith_error *e)
{
	struct message_row newest;

	return catch_up(a, message_to(t, UINT64_MAX, &newest) ? newest.rx : 0,
			e);
}

static bool push(struct posting **list, size_t *count, struct posting p)
{
	struct posting *more;

	/* Room doubles at each power of two. */
	if (!(*count & (*count - 1))) {
		more = realloc(*list, (*count ? 2 * *count : 1) * sizeof(p));
		if (!more)
			return false;
		*list = more;
	}
	(*list)[(*count)++] = p;
	return true;
}

/* Hits come newest first. */
static void turn_round(struct posting *list, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct posting p = list[i];

		list[i] = list[count - 1 - i];
		list[count - 1 - i] = p;
	}
}

static enum kith_err gather(struct search_hits *hits, size_t max,
			    struct posting **list, size_t *count,
			    struct kith_error *e)
{
	struct search_hit hit;

	while (search_next(hits, &hit)) {
		if (*count == max)
			return kith_fail(e, KITH_ETOOBIG, 0, "more than %zu "
					 "messages have these words", max);
		if (!push(list, count, hit.at))
			return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	return search_hits_error(hits, e);
}

static enum kith_err find(void *arg, struct txn *t, struct kith_slice words,
			  size_t max, struct posting **out, size_t *count,
			  struct kith_error *e)
{
	struct search_query q = { .text = words };
	struct search_asker *a = arg;
	struct search_hits *hits = NULL;
	struct posting *list = NULL;
	enum kith_err err = search_asker_catch_up(a, t, e);
	size_t n = 0;

	if (!err)
		err = search_find(a->search, t, &q, &nobody, &hits, e);
	if (!err)
		err = gather(hits, max, &list, &n, e);
	search_hits_end(hits);
	if (err) {
		free(list);
		return err;
	}
	turn_round(list, n);
	*out = list;
	*count = n;
	return KITH_OK;
}

static bool matches(void *arg, const struct view_message *m,
		    struct kith_slice words)
{
	struct search_query q = { .text = words };
	struct search_asker *a = arg;
	struct search_hits *hits = NULL;
	bool has = false;
	struct txn *t;

	if (catch_up(a, m->row->rx, NULL) || store_read(a->store, &t))
		return false;
	if (!search_find(a->search, t, &q, &nobody, &hits, NULL))
		has = search_has(hits, m);
	search_hits_end(hits);
	txn_end(t);
	return has;
}

struct query_helpers search_helpers(struct search_asker *a)
{
	return (struct query_helpers){ .arg = a, .find = find,
				       .matches = matches };
}

void search_asker_clear(struct search_asker *a)
{
	search_close(a->search);
	a->search = NULL;
}
