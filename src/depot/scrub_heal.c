/* What a session needs to know, and blobs that are written again. */
#include "src/depot/carry_file.h"
#include "src/depot/scrub_private.h"

/* Of what was read once, the rest that can be read now. */
static enum kith_err only_readable(struct depot_known *k,
				   const struct depot_ranges *there)
{
	struct depot_ranges *gone = depot_ranges_new();
	struct depot_range range, piece;
	enum kith_err err = gone ? KITH_OK : KITH_ENOMEM;
	size_t at = 0;

	while (!err && depot_ranges_next(k->ranges, &at, &range))
		while (!err && range.first <= range.last &&
		       depot_ranges_lack(there, &range, &piece)) {
			err = depot_ranges_add(gone, &piece);
			range.first = piece.last + 1;
		}
	for (at = 0; !err && depot_ranges_next(gone, &at, &range);)
		err = depot_ranges_remove(k->ranges, &range);
	depot_ranges_free(gone);
	return err;
}

enum kith_err scrub_remember(const struct scrub *s, struct depot_memory *m,
			     struct kith_error *e)
{
	const struct survey *l = s->survey;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < l->count; i++)
		for (size_t k = 0; !err && k < m->known_count; k++)
			if (m->known[k]->ranges &&
			    !strcmp(m->known[k]->id.name,
				    l->writers[i].id.name))
				err = only_readable(m->known[k],
						    l->writers[i].ranges);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

enum kith_err scrub_blobs(struct scrub *s, size_t *healed,
			  struct kith_error *e)
{
	struct carry_leave how = { .depot = s->survey->depot,
				   .blobs = s->blobs, .anew = true };
	struct kith_error why = { 0 };
	enum kith_err err;
	size_t n = 0;

	for (size_t i = 0; i < s->bad_count; i++) {
		how.id = s->bad[i];
		why = (struct kith_error){ 0 };
		err = s->blobs ? carry_leave(&how, &why) : KITH_ENOENT;
		n += !err;
		/* Whoever has it may write it. */
		if (err && err != KITH_ENOENT && err != KITH_EFORMAT)
			return kith_fail(e, err, 0, "%s", why.text);
	}
	*healed = n;
	return KITH_OK;
}
