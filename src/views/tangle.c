#include "src/views/tangle.h"

#include <stdlib.h>

#include "src/views/postings.h"
#include "src/views/private.h"

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

static bool in_tangle(struct look_back *l, const struct message_row *row)
{
	return !kith_tangle_read(viewer_content(l->viewer, l->txn, row),
				 l->name, &l->at) &&
	       !l->at.first && kith_msg_equal(&l->at.root, l->root);
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
	const struct kith_ref ref = { .kind = KITH_REF_MSG, .msg = *l->root };
	struct term term = term_link(&ref, RELATION_OTHER);
	struct message_row row;
	struct postings p;

	postings_open(&p, l->txn, l->viewer, &term);
	for (bool more = postings_seek_back(&p, &POSTING_LAST);
	     more && l->n < TANGLE_LOOK_BACK; more = postings_previous(&p)) {
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
