/* Which feeds are looked at: all, or those that a person names. */
#include "tools/side.h"

#include <stdlib.h>

#include "feeds/ref.h"
#include "tools/select.h"

enum { FIRST_ROOM = 256, WANTED_MAX = 256 }; /* feeds */

/* --- what it has ---------------------------------------------------------- */

static bool add_feed(void *arg, const struct source_feed *f)
{
	struct side *s = arg;

	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : FIRST_ROOM;
		struct source_feed *more = realloc(s->feeds,
						   room * sizeof(*more));

		s->full = !more;
		if (!more)
			return false;
		s->feeds = more;
		s->room = room;
	}
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

/* --- feeds by name -------------------------------------------------------- */

/* The feeds that were named. */
struct wanted {
	struct kith_feed_id ids[WANTED_MAX];
	size_t count;
};

static int want(struct wanted *w, const struct kith_feed_id *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (kith_feed_equal(&w->ids[i], id))
			return EXIT_DONE;
	if (w->count == WANTED_MAX)
		return tool_fail(EXIT_MISUSED, "--feeds takes %d feeds at most",
				 WANTED_MAX);
	w->ids[w->count++] = *id;
	return EXIT_DONE;
}

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
		return tool_fail(EXIT_MISUSED, "%.*s is no feed id, and the "
				 "start of one has %d characters or more",
				 (int)start.n, (const char *)start.p,
				 SELECT_PREFIX_MIN);
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
	return found ? want(w, found)
		     : tool_fail(EXIT_NOT_FOUND, "no feed there begins with "
				 "%.*s", (int)start.n, (const char *)start.p);
}

/* Takes the next id off a list with commas; false at the end. */
static bool next_word(const char **rest, struct kith_slice *word)
{
	size_t n = strcspn(*rest, ",");

	*word = (struct kith_slice){ (const uint8_t *)*rest, n };
	*rest += n + ((*rest)[n] == ',');
	return n;
}

/* Whole ids: *starts says that there are others, too, which are passed over
 * unless sides are given. */
static int read_wanted(const struct side *sides, size_t n,
		       const struct tool *t, struct wanted *w, bool *starts)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < t->chosen_count; i++) {
		const char *rest = t->chosen[i].value;
		struct kith_feed_id id;
		struct kith_slice word;

		if (t->chosen[i].letter != 'F')
			continue;
		while (!code && next_word(&rest, &word)) {
			if (!kith_feed_parse(word, &id))
				code = want(w, &id);
			else if (sides)
				code = want_start(sides, n, word, w);
			else
				*starts = true;
		}
	}
	return code;
}

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

int sides_look(struct side *sides, size_t n, const struct tool *t)
{
	static const struct wanted none;
	struct wanted w = none;
	bool starts = false, all = !tool_option(t, 'F');
	int code = read_wanted(NULL, 0, t, &w, &starts);

	qsort(w.ids, w.count, sizeof(*w.ids), compare_wanted);
	for (size_t i = 0; !code && i < n; i++)
		code = all || starts ? look_at_all(&sides[i])
				     : look_at_wanted(&sides[i], &w);
	if (!code && starts)
		code = read_wanted(sides, n, t, &w, &starts);
	for (size_t i = 0; !code && starts && i < n; i++)
		keep_wanted(&sides[i], &w);
	return code;
}
