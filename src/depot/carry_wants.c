#include "src/depot/carry_wants.h"

#include "src/store/blobs.h"

enum kith_err carry_wants_said(const struct depot_carry *c,
			       struct carry_list *out)
{
	struct carry_blob blob = { 0 };
	enum kith_err err = KITH_OK;
	unsigned distance;
	size_t at = 0;

	while (!err && depot_notes_next_want(c->own, &at, &blob.id,
					     &distance)) {
		blob.hops = (uint8_t)(distance < CARRY_DISTANCE_MAX
				      ? distance - (distance > 0)
				      : BLOB_HOPS_NONE);
		err = carry_list_add(out, &blob);
	}
	if (!err)
		carry_list_join(out);
	return err;
}

bool depot_blobs_asked(const struct depot_carry *c)
{
	struct carry_list before = { 0 }, wanted = { 0 }, here = { 0 };
	enum kith_err err = carry_wants_said(c, &before);
	bool asked = false;

	if (!err)
		err = carry_list_rows(&wanted, &here, c->config->store);
	for (size_t i = 0; !err && !asked && i < wanted.n; i++)
		asked = !carry_list_find(&before, &wanted.blobs[i].id);
	carry_list_clear(&before);
	carry_list_clear(&wanted);
	carry_list_clear(&here);
	return asked;
}

/* What came meanwhile is not wanted any more, nor what was removed here. */
static enum kith_err only_absent(const struct depot_carry *c,
				 struct carry_list *l)
{
	struct blob_row row;
	struct txn *t;
	uint64_t size;
	size_t n = 0;
	enum kith_err err = store_read(c->config->store, &t);

	if (err)
		return err;
	for (size_t i = 0; i < l->n; i++) {
		struct carry_blob *b = &l->blobs[i];

		if (blob_row_get(t, &b->id, &row) &&
		    row.state == BLOB_REMOVED)
			continue;
		if (blob_size(c->config->blobs, &b->id, &size))
			l->blobs[n++] = *b;
	}
	l->n = n;
	txn_end(t);
	return KITH_OK;
}

enum kith_err carry_wants_find(const struct depot_carry *c,
			       const struct carry_list *before,
			       struct carry_list *out)
{
	struct carry_list here = { 0 };
	enum kith_err err = carry_list_rows(out, &here, c->config->store);

	carry_list_clear(&here);
	/* What older messages refer to was found before. */
	for (size_t i = 0; !err && c->log_from && i < before->n; i++)
		err = carry_list_add(out, &before->blobs[i]);
	if (!err && c->config->blob_hops >= 0)
		err = carry_list_messages(out, c->config,
					  c->config->blob_hops, c->log_from);
	if (err)
		return err;
	carry_list_join(out);
	err = only_absent(c, out);
	if (err || out->n <= CARRY_WANTS_MAX)
		return err;
	carry_list_order(out);
	out->n = CARRY_WANTS_MAX;
	carry_list_join(out);
	return KITH_OK;
}

enum kith_err carry_wants_say(struct depot_carry *c,
			      const struct carry_list *before,
			      const struct carry_list *wanted)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < before->n; i++)
		if (!carry_list_find(wanted, &before->blobs[i].id))
			err = depot_notes_want(c->own, &before->blobs[i].id,
					       0);
	for (size_t i = 0; !err && i < wanted->n; i++) {
		const struct carry_blob *b = &wanted->blobs[i];

		err = depot_notes_want(c->own, &b->id,
				       b->hops < CARRY_DISTANCE_MAX
					       ? b->hops + 1u
					       : CARRY_DISTANCE_MAX);
	}
	return err;
}
