#include "src/views/search_query.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/private.h"

/* Queries hide by themselves whom the viewer blocks. */
static const struct viewer nobody;

/* What cannot be added is not found, as in every search. */
static void read_on(struct search_asker *a, struct search *s, bool sweep)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES,
				      .sweep = sweep };
	enum kith_err err;

	do
		err = search_catch_up(s, a->store, &slice, NULL);
	while (!err && slice.more && !a->over);
}

static enum kith_err catch_up(struct search_asker *a, uint64_t rx,
			      struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (!a->search)
		err = search_open(a->home, &a->search, e);
	if (err || (a->caught && rx <= a->caught))
		return err;
	read_on(a, a->search, false);
	a->caught = rx;
	return KITH_OK;
}

/* Nobody else sweeps out of it the words that are gone. */
static enum kith_err catch_up_private(struct search_asker *a, struct txn *t,
				      struct kith_error *e)
{
	bool first = !a->private;
	uint64_t last = opened_last(t);
	enum kith_err err = KITH_OK;

	if (first)
		err = search_open_private(a->home, a->keys, &a->private, e);
	if (err || (!first && last <= a->opened))
		return err;
	read_on(a, a->private, true);
	a->opened = last;
	return KITH_OK;
}

enum kith_err search_asker_catch_up(struct search_asker *a, struct txn *t,
				    struct kith_error *e)
{
	struct message_row newest;
	enum kith_err err = catch_up(a, message_to(t, UINT64_MAX, &newest)
						? newest.rx : 0, e);

	return err || !a->keys ? err : catch_up_private(a, t, e);
}

struct found {
	struct posting *at;
	size_t n, room;
};

static bool push(struct found *f, struct posting p)
{
	struct posting *more = list_room(f->at, f->n, &f->room, sizeof(*more));

	if (!more)
		return false;
	f->at = more;
	f->at[f->n++] = p;
	return true;
}

static int compare(const void *a, const void *b)
{
	return posting_compare(a, b);
}

static enum kith_err gather(struct search_hits *hits, size_t max,
			    struct found *f, struct kith_error *e)
{
	struct search_hit hit;

	while (search_next(hits, &hit)) {
		if (f->n == max)
			return kith_fail(e, KITH_ETOOBIG, 0, "more than %zu "
					 "messages have these words", max);
		if (!push(f, hit.at))
			return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	return search_hits_error(hits, e);
}

static enum kith_err find_in(struct search *s, struct txn *t,
			     struct kith_slice words, size_t max,
			     struct found *f, struct kith_error *e)
{
	struct search_query q = { .text = words };
	struct search_hits *hits = NULL;
	enum kith_err err = search_find(s, t, &q, &nobody, &hits, e);

	if (!err)
		err = gather(hits, max, f, e);
	search_hits_end(hits);
	return err;
}

static enum kith_err find(void *arg, struct txn *t, struct kith_slice words,
			  size_t max, struct posting **out, size_t *count,
			  struct kith_error *e)
{
	struct search_asker *a = arg;
	struct found f = { 0 };
	enum kith_err err = search_asker_catch_up(a, t, e);

	if (!err)
		err = find_in(a->search, t, words, max, &f, e);
	if (!err && a->keys)
		err = find_in(a->private, t, words, max, &f, e);
	if (err) {
		free(f.at);
		return err;
	}
	if (f.n)
		qsort(f.at, f.n, sizeof(*f.at), compare);
	*out = f.at;
	*count = f.n;
	return KITH_OK;
}

static bool has(struct search *s, struct txn *t, const struct view_message *m,
		struct kith_slice words)
{
	struct search_query q = { .text = words };
	struct search_hits *hits = NULL;
	bool found = !search_find(s, t, &q, &nobody, &hits, NULL) &&
		     search_has(hits, m);

	search_hits_end(hits);
	return found;
}

static bool matches(void *arg, const struct view_message *m,
		    struct kith_slice words)
{
	struct search_asker *a = arg;
	bool boxed = m->boxed.n, found = false;
	struct txn *t;

	if (boxed ? !a->keys : catch_up(a, m->row->rx, NULL) != KITH_OK)
		return false;
	if (store_read(a->store, &t))
		return false;
	if (!boxed)
		found = has(a->search, t, m, words);
	else if (!catch_up_private(a, t, NULL))
		found = has(a->private, t, m, words);
	txn_end(t);
	return found;
}

struct query_helpers search_helpers(struct search_asker *a)
{
	return (struct query_helpers){ .arg = a, .find = find,
				       .matches = matches };
}

void search_asker_clear(struct search_asker *a)
{
	search_close(a->search);
	search_close(a->private);
	a->search = a->private = NULL;
}
