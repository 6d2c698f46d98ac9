/* What those have who write to a depot, by their own words there. */
#include "src/depot/survey.h"
#include "tools/carry/bundle.h"
#include "tools/carry/sync.h"


/* All but us have the feed up to there at least. */
static uint64_t least(const struct survey *s, const struct kith_feed_id *feed)
{
	uint64_t n = UINT64_MAX;

	for (size_t i = 0; i < s->count; i++) {
		uint64_t last = depot_notes_has(s->writers[i].notes, feed);

		if (!s->writers[i].ours && last < n)
			n = last;
	}
	return n;
}

/* The first of the others: what it does not have, not all have. */
static const struct survey_writer *other(const struct survey *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->writers[i].ours)
			return &s->writers[i];
	return NULL;
}

static int add_shared(const struct survey *s, struct depot_ranges *has)
{
	const struct survey_writer *one = other(s);
	struct depot_range all = { .first = 1 };
	uint64_t last;
	size_t at = 0;

	while (one && depot_notes_next(one->notes, &at, &all.feed, &last)) {
		all.last = least(s, &all.feed);
		if (all.last && depot_ranges_add(has, &all))
			return tool_fail(EXIT_FAILED, "too many feeds for a "
					 "clock, or out of memory");
	}
	return EXIT_DONE;
}

static enum kith_err look(struct tool *t, struct folder *f, struct depot *d,
			  struct survey **out, struct kith_error *e)
{
	const struct survey_tell nobody = { 0 };
	enum kith_err err = depot_enter(f, t->home, NULL,
					(struct kith_slice){ 0 }, d, e);

	return err ? err : survey_new(d, &t->self, &nobody, out, e);
}

int bundle_depot_read(struct tool *t, const char *where,
		      struct depot_ranges *has)
{
	const struct sync_place place = { 0 };
	struct kith_error e = { 0 };
	struct survey *s = NULL;
	struct depot d = { 0 };
	struct folder *f;
	enum kith_err err;
	int code = sync_open(t, where, &place, &f);

	if (code)
		return code;
	err = look(t, f, &d, &s, &e);
	if (err)
		code = tool_fail(EXIT_UNREADABLE, "%s: %s", where,
				 *e.text ? e.text : kith_strerror(err));
	else
		code = add_shared(s, has);
	survey_free(s);
	depot_leave(&d);
	folder_free(f);
	return code;
}
