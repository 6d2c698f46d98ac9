#include "tools/from/wanted.h"

#include "tools/from/visit.h"
#include "tools/pick/ids.h"
#include "tools/pick/select.h"

static int too_many(void)
{
	return tool_fail(EXIT_MISUSED, "--feeds takes %d feeds at most",
			 WANTED_MAX);
}

int wanted_add(struct wanted *w, const struct kith_feed_id *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (kith_feed_equal(&w->ids[i], id))
			return EXIT_DONE;
	if (w->count == WANTED_MAX)
		return too_many();
	w->ids[w->count++] = *id;
	return EXIT_DONE;
}

/* --- words ---------------------------------------------------------------- */

/* Takes the next word off a list with commas; false at the end. */
static bool next_word(const char **rest, struct kith_slice *word)
{
	*rest += strspn(*rest, ",");
	*word = (struct kith_slice){ (const uint8_t *)*rest,
				     strcspn(*rest, ",") };
	*rest += word->n;
	return word->n;
}

static int take_word(struct wanted *w, struct kith_slice word)
{
	struct kith_feed_id id;

	if (ids_feed_read(word, &id))
		return wanted_add(w, &id);
	if (w->start_count == WANTED_MAX)
		return too_many();
	w->starts[w->start_count++] = word;
	return EXIT_DONE;
}

static int take_words(struct wanted *w, const struct tool *t)
{
	struct kith_slice word;
	int code = EXIT_DONE;

	for (size_t i = 0; i < t->chosen_count; i++) {
		const char *rest = t->chosen[i].value;

		if (t->chosen[i].letter != 'F')
			continue;
		while (!code && next_word(&rest, &word))
			code = take_word(w, word);
	}
	return code;
}

/* --- what the user calls so ----------------------------------------------- */

/* Whether there is a store at all: a source can be read without any. */
static bool has_store(const struct home *own)
{
	struct store_options o = { .write = false };
	struct store *s = NULL;
	bool has = own && !store_open(own, &o, &s, NULL);

	store_close(s);
	return has;
}

static bool may_begin_id(struct kith_slice word)
{
	return word.n > SELECT_PREFIX_MIN && *word.p == '@';
}

/* What nobody here is called stays, if an id may begin so. */
static int take_names(struct wanted *w, const struct tool *t)
{
	size_t n = w->start_count;
	int code = EXIT_DONE;

	w->start_count = 0;
	for (size_t i = 0; !code && i < n; i++) {
		struct kith_slice word = w->starts[i];
		bool found = true, may_begin = may_begin_id(word);
		struct kith_feed_id id;

		code = select_feed(t, word, &id, may_begin ? &found : NULL);
		if (!code && found)
			code = wanted_add(w, &id);
		else if (!code)
			w->starts[w->start_count++] = word;
	}
	return code;
}

int wanted_read(struct wanted *w, struct tool *t)
{
	struct home *own = NULL;
	int code;

	w->all = !tool_option(t, 'F');
	w->count = w->start_count = 0;
	code = take_words(w, t);
	if (code || !w->start_count)
		return code;
	if (!visit_home(t, &own))
		return EXIT_UNREADABLE;
	if (!has_store(own))
		return EXIT_DONE;
	code = tool_open(t, NEEDS_VIEWS);
	if (!code)
		code = take_names(w, t);
	/* A process opens a store once. */
	store_close(t->store);
	t->store = NULL;
	return code;
}
