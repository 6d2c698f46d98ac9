/* Which feeds are looked at: all, or those that a person names. */
#include "tools/from/side.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "feeds/ref.h"
#include "tools/pick/select.h"

/* --- what it has ---------------------------------------------------------- */

static bool add_feed(void *arg, const struct source_feed *f)
{
	struct side *s = arg;
	struct source_feed *more = list_room(s->feeds, s->count, &s->room,
					     sizeof(*more));

	s->full = !more;
	if (!more)
		return false;
	s->feeds = more;
	s->feeds[s->count++] = *f;
	return true;
}

static int look_at_all(struct side *s)
{
	struct kith_error e = { 0 };
	enum kith_err err;

	err = source_clock(s->source, add_feed, s, &e);
	progress_end(&s->visit.progress);
	if (!err && s->full)
		err = KITH_ENOMEM;
	return err ? side_fail(s, &e, err) : EXIT_DONE;
}

static const struct source_feed *find(const struct side *s,
				      const struct kith_feed_id *id)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = source_compare(id, &s->feeds[middle].id);

		if (!order)
			return &s->feeds[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void side_feed(const struct side *s, const struct kith_feed_id *id,
	       struct source_feed *out)
{
	const struct source_feed *found = find(s, id);

	if (found)
		*out = *found;
	else
		*out = (struct source_feed){ .id = *id, .known = !s->asked };
}

/* --- the start of an id --------------------------------------------------- */

static bool begins(const struct kith_feed_id *id, struct kith_slice start)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	return strlen(text) >= start.n && !memcmp(text, start.p, start.n);
}

/* Listings end the start of an id so. */
static struct kith_slice without_ellipsis(struct kith_slice s)
{
	static const char mark[] = "\xe2\x80\xa6";

	if (s.n > 3 && !memcmp(s.p + s.n - 3, mark, 3))
		s.n -= 3;
	return s;
}

static int want_start(const struct side *sides, size_t n,
		      struct kith_slice start, struct wanted *w)
{
	const struct kith_feed_id *found = NULL;

	start = without_ellipsis(start);
	if (start.n <= SELECT_PREFIX_MIN || *start.p != '@')
		return tool_fail(EXIT_MISUSED, "%.*s is no feed id, the start "
				 "of one has %d characters or more, and there "
				 "is no store to know names by", (int)start.n,
				 (const char *)start.p, SELECT_PREFIX_MIN);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sides[i].count; j++) {
			const struct kith_feed_id *id = &sides[i].feeds[j].id;

			if (!begins(id, start) ||
			    (found && kith_feed_equal(found, id)))
				continue;
			if (found)
				return tool_fail(EXIT_NOT_FOUND, "several feeds "
						 "begin with %.*s: type more of "
						 "it", (int)start.n,
						 (const char *)start.p);
			found = id;
		}
	return found ? wanted_add(w, found)
		     : tool_fail(EXIT_NOT_FOUND, "no feed there begins with "
				 "%.*s, and none that you know is called so",
				 (int)start.n, (const char *)start.p);
}

/* --- those alone ---------------------------------------------------------- */

/* Asks for those alone. */
static int look_at_wanted(struct side *s, const struct wanted *w)
{
	struct source_feed feed;
	struct kith_error e = { 0 };

	for (size_t i = 0; i < w->count; i++) {
		enum kith_err err = source_feed(s->source, &w->ids[i], &feed,
						&e);

		if (err && err != KITH_ENOENT)
			return side_fail(s, &e, err);
		if (!err && !add_feed(s, &feed))
			return tool_fail(EXIT_FAILED, "out of memory");
	}
	return EXIT_DONE;
}

/* Keeps those alone of what was looked at. */
static void keep_wanted(struct side *s, const struct wanted *w)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < w->count; j++)
			if (kith_feed_equal(&s->feeds[i].id, &w->ids[j]))
				s->feeds[n++] = s->feeds[i];
	s->count = n;
}

static int compare_wanted(const void *left, const void *right)
{
	return source_compare(left, right);
}

int sides_look(struct side *sides, size_t n, struct wanted *w)
{
	bool all = !w || w->all, some = !all && !w->start_count;
	int code = EXIT_DONE;

	if (some)
		qsort(w->ids, w->count, sizeof(*w->ids), compare_wanted);
	for (size_t i = 0; !code && i < n; i++)
		code = some ? look_at_wanted(&sides[i], w)
			    : look_at_all(&sides[i]);
	if (all || some)
		return code;
	for (size_t i = 0; !code && i < w->start_count; i++)
		code = want_start(sides, n, w->starts[i], w);
	for (size_t i = 0; !code && i < n; i++)
		keep_wanted(&sides[i], w);
	return code;
}
