#include "src/views/follow.h"

#include <stdlib.h>

/* So few are worth nothing but time; and of many a share, so that each row of
 * the views is written anew a bounded number of times while they grow. */
enum { PAYS_LEAST = 256, PAYS_SHARE = 16, PAYS_MOST = 16384 };

enum { FOLLOWERS = 2 };

const struct follower *const followers[FOLLOWERS + 1] = {
	&follower_views, &follower_private, NULL
};

struct follow {
	struct store *store;
	void *states[FOLLOWERS];
};

enum kith_err follow_open(struct store *s, struct follow **out,
			  struct kith_error *e)
{
	struct follow *f = calloc(1, sizeof(*f));
	enum kith_err err = KITH_OK;

	if (!f)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	f->store = s;
	for (size_t i = 0; !err && followers[i]; i++)
		err = followers[i]->open(s, &f->states[i], e);
	if (err)
		follow_close(f);
	else
		*out = f;
	return err;
}

void follow_close(struct follow *f)
{
	if (!f)
		return;
	for (size_t i = 0; followers[i]; i++)
		if (f->states[i])
			followers[i]->close(f->states[i]);
	free(f);
}

enum kith_err follow_private(struct follow *f, const struct keys *k)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; followers[i] && !err; i++)
		if (followers[i]->keys)
			err = followers[i]->keys(f->states[i], k);
	return err;
}

enum kith_err follow_place(struct follow *f, struct follow_place *out)
{
	struct txn *t;
	enum kith_err err = store_read(f->store, &t);

	if (err)
		return err;
	out->position = out->end = out->gathered = message_end(t);
	for (size_t i = 0; followers[i]; i++) {
		uint64_t p = followers[i]->position(f->states[i], t);

		if (p < out->position)
			out->position = p;
		if (followers[i]->gathers && p < out->gathered)
			out->gathered = p;
	}
	err = txn_error(t);
	txn_end(t);
	return err;
}

bool follow_pays(const struct follow_place *p)
{
	uint64_t share = p->gathered / PAYS_SHARE;

	if (share > PAYS_MOST)
		share = PAYS_MOST;
	return p->end - p->gathered >=
	       (share > PAYS_LEAST ? share : PAYS_LEAST);
}

static enum kith_err let(struct follow *f, bool all, int slice_ms, bool *more,
			 struct kith_error *e)
{
	enum kith_err first = KITH_OK;

	*more = false;
	for (size_t i = 0; followers[i]; i++) {
		struct kith_error why = { 0 };
		bool rest = false;
		enum kith_err err = KITH_OK;

		if (all || followers[i]->gathers)
			err = followers[i]->some(f->states[i], slice_ms, &rest,
						 &why);
		if (err && !first)
			first = kith_fail(e, err, why.offset, "%s: %s",
					  followers[i]->name,
					  *why.text ? why.text
						    : kith_strerror(err));
		*more |= rest && !err;
	}
	return first;
}

enum kith_err follow_some(struct follow *f, int slice_ms, bool *more,
			  struct kith_error *e)
{
	return let(f, true, slice_ms, more, e);
}

enum kith_err follow_gather(struct follow *f, int slice_ms, bool *more,
			    struct kith_error *e)
{
	return let(f, false, slice_ms, more, e);
}
