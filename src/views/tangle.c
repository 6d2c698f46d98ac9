#include "src/views/tangle.h"

#include <stdlib.h>

#include "src/views/postings.h"
#include "src/views/private.h"
#include "src/views/view.h"

/* Rows of a list that are looked at: others may name what they like, and who
 * waits for the answer holds the writer. */
enum { ROWS_MAX = 4 * TANGLE_LOOK_BACK };

/* Read from the newest back. */
struct look_back {
	struct txn *txn;
	const struct viewer *viewer;
	const char *name;
	const struct kith_msg_id *root;
	struct kith_msg_id ids[TANGLE_LOOK_BACK];
	bool followed[TANGLE_LOOK_BACK];
	size_t n;
	struct kith_msg_id named[TANGLE_LOOK_BACK]; /* not seen so far */
	size_t named_count;
	struct kith_tangle at; /* of the message looked at */
};

/* What stands in the open is not of a group, whatever it says. */
static bool in_tangle(struct look_back *l, const struct message_row *row)
{
	struct view_message m;

	return viewer_message(l->viewer, l->txn, row, &m) && m.boxed.n &&
	       !kith_tangle_read(m.content, l->name, &l->at) &&
	       !l->at.first && kith_msg_equal(&l->at.root, l->root);
}

/* All of a tangle name its root; but of many, few are of that of the
 * members. */
static struct term list_of(const struct look_back *l)
{
	const struct kith_ref ref = { .kind = KITH_REF_MSG, .msg = *l->root };

	return strcmp(l->name, "members")
		       ? term_link(&ref, RELATION_OTHER)
		       : term_type(KITH_SLICE("group/add-member"));
}

static bool was_named(const struct look_back *l, const struct kith_msg_id *id)
{
	for (size_t i = 0; i < l->named_count; i++)
		if (kith_msg_equal(&l->named[i], id))
			return true;
	return false;
}

/* What it follows comes later in the walk, or, where clocks differ, has come
 * already. */
static void name_those_before(struct look_back *l)
{
	for (size_t i = 0; i < l->at.n; i++) {
		for (size_t k = 0; k < l->n; k++)
			if (kith_msg_equal(&l->ids[k], &l->at.previous[i]))
				l->followed[k] = true;
		if (l->named_count < TANGLE_LOOK_BACK)
			l->named[l->named_count++] = l->at.previous[i];
	}
}

static void look(struct look_back *l)
{
	struct term term = list_of(l);
	struct message_row row;
	struct postings p;
	size_t left = ROWS_MAX;

	postings_open(&p, l->txn, l->viewer, &term);
	for (bool more = postings_seek_back(&p, &POSTING_LAST);
	     more && l->n < TANGLE_LOOK_BACK && left > 0;
	     more = postings_previous(&p), left--) {
		if (!message_get(l->txn, p.at.rx, &row) || !in_tangle(l, &row))
			continue;
		l->followed[l->n] = was_named(l, &row.id);
		l->ids[l->n++] = row.id;
		name_those_before(l);
	}
	postings_close(&p);
}

enum kith_err tangle_end(struct txn *t, const struct viewer *v,
			 const char *name, const struct kith_msg_id *root,
			 struct kith_tangle *out)
{
	struct look_back *l = calloc(1, sizeof(*l));

	if (!l)
		return KITH_ENOMEM;
	l->txn = t;
	l->viewer = v;
	l->name = name;
	l->root = root;
	*out = (struct kith_tangle){ .root = *root };
	look(l);
	for (size_t i = 0; i < l->n && out->n < TANGLE_TIPS_MAX; i++)
		if (!l->followed[i])
			out->previous[out->n++] = l->ids[i];
	if (!out->n)
		out->previous[out->n++] = *root;
	free(l);
	return txn_error(t);
}
