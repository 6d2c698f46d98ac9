/* Who said these words, and where. */
#include "src/views/search.h"

#include "src/views/private.h"
#include "tools/pick/named.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/print/show.h"
#include "tools/read/commands.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

enum { LIMIT_DEFAULT = 20, QUERY_BYTES_MAX = 2 * SEARCH_QUERY_BYTES_MAX,
       MARKS_MAX = 64, TEXT_BYTES_MAX = 1 << 17, LINE_BYTES_MAX = 1 << 16,
       CONTEXT_BYTES = 60, SNIPPET_LINES = 2 };

struct searching {
	struct tool *tool;
	struct search *search;
	struct search_query query;
	struct kith_buf words;
	struct kith_feed_id author;
	struct reading r;
	bool private; /* what was said in private, and nothing else */
	uint64_t limit;
	int refused; /* the exit code where there is no such author */
};

/* --- what is asked --- */

/* As every command reads a feed. */
static bool find_author(void *arg, struct txn *t, struct kith_slice name,
			struct kith_feed_id *out, struct kith_error *e)
{
	struct searching *s = arg;
	struct look look = { .txn = t, .viewer = s->r.viewer };

	(void)e;
	s->refused = named_or_blocked(&look, name, out);
	return !s->refused;
}

static int read_author(struct searching *s)
{
	const char *name = tool_option(s->tool, 'a');

	if (!name)
		return EXIT_DONE;
	s->query.author = &s->author;
	return reading_select(&s->r, name, &s->author);
}

static int read_time(struct searching *s, int letter, uint64_t *out)
{
	const char *text = tool_option(s->tool, letter);

	if (text && !search_time(kith_text(text), out))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no day: give it as "
				 "2026-11-21, or a month or year", text);
	return EXIT_DONE;
}

static int read_sort(struct searching *s)
{
	const char *text = tool_option(s->tool, 's');

	if (text && strcmp(text, "time") != 0 && strcmp(text, "rank") != 0)
		return tool_fail(EXIT_MISUSED, "--sort is time or rank, not "
				 "\"%s\"", text);
	s->query.sort = text && !strcmp(text, "rank") ? SEARCH_BEST
						      : SEARCH_NEWEST;
	return EXIT_DONE;
}

static int read_options(struct searching *s, int argc, char **argv)
{
	const char *channel = tool_option(s->tool, 'c');
	int code = read_sort(s);

	for (int i = 0; i < argc; i++) {
		if (i)
			kith_buf_byte(&s->words, ' ');
		kith_buf_text(&s->words, argv[i]);
	}
	if (s->words.err)
		return tool_fail(EXIT_MISUSED, "this is more than %d bytes to "
				 "look for", SEARCH_QUERY_BYTES_MAX);
	s->query.text = kith_bytes(&s->words);
	s->query.author_named = find_author;
	s->query.arg = s;
	if (channel)
		s->query.channel = kith_text(channel);
	if (!code)
		code = read_time(s, 'S', &s->query.after_ms);
	if (!code)
		code = read_time(s, 'U', &s->query.before_ms);
	if (!code && !reading_limit(s->tool, LIMIT_DEFAULT, &s->limit))
		code = EXIT_MISUSED;
	return code;
}

/* --- catching up --- */

/* What cannot be added is missed in the answer, and no reason to give none.
 * Of what is private nobody else sweeps out the words that are gone. */
static void catch_up(struct searching *s)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES,
				      .sweep = s->private };
	struct progress progress;
	struct kith_error e = { 0 };
	enum kith_err err;

	progress_start(&progress, "read for the index", false);
	do {
		err = search_catch_up(s->search, s->tool->store, &slice, &e);
		progress_total(&progress, slice.total);
		progress_at(&progress, slice.done);
	} while (!err && slice.more);
	progress_end(&progress);
	if (err)
		tool_note("%s; what is not in the index yet is not found",
			  e.text);
}

/* --- showing --- */

static void print_head(struct searching *s, const struct view_message *m)
{
	struct kith_buf left = { .limit = LINE_BYTES_MAX };
	struct kith_buf right = { .limit = LINE_BYTES_MAX };

	person_put(&s->r.people, &m->author, &left);
	kith_buf_text(&left, "  ");
	post_put_time(&s->r, m, &left);
	person_put_msg(s->r.txn, &m->row->id, &right);
	page_print_sides(&s->r.page, kith_bytes(&left), kith_bytes(&right),
			 page_measure(&s->r.page));
	kith_buf_free(&left);
	kith_buf_free(&right);
}

/* Where to begin so that the first hit is seen: at a word, some way before. */
static size_t window_start(const struct kith_buf *text, size_t hit)
{
	size_t at = hit > CONTEXT_BYTES ? hit - CONTEXT_BYTES : 0;

	while (at && at < hit && text->p[at - 1] != ' ' &&
	       text->p[at - 1] != '\n')
		at++;
	return at;
}

static size_t window_end(const struct kith_buf *text, size_t start, size_t most)
{
	size_t at = start + most;

	if (at >= text->n)
		return text->n;
	while (at > start + most / 2 && text->p[at] != ' ' &&
	       text->p[at] != '\n')
		at--;
	while (at > start && (text->p[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* Line ends are the ends of members here, and no words. */
static void put_part(struct kith_buf *out, struct kith_slice part)
{
	for (size_t i = 0, from = 0; i <= part.n; i++) {
		if (i < part.n && part.p[i] != '\n')
			continue;
		text_put(out, (struct kith_slice){ part.p + from, i - from });
		if (i < part.n)
			kith_buf_text(out, " · ");
		from = i + 1;
	}
}

static struct kith_slice between(const struct kith_buf *text, size_t from,
				 size_t to)
{
	return (struct kith_slice){ text->p + from, to - from };
}

static void put_snippet(struct kith_buf *out, const struct kith_buf *text,
			const struct search_mark *marks, size_t n, size_t most)
{
	size_t start = n ? window_start(text, marks[0].at) : 0;
	size_t end = window_end(text, start, most), at = start;

	if (start)
		kith_buf_text(out, "… ");
	for (size_t i = 0; i < n && marks[i].at + marks[i].n <= end; i++) {
		put_part(out, between(text, at, marks[i].at));
		at = marks[i].at + marks[i].n;
		style_begin(out, STYLE_STRONG);
		put_part(out, between(text, marks[i].at, at));
		style_end(out, STYLE_STRONG);
	}
	put_part(out, between(text, at, end));
	if (end < text->n)
		kith_buf_text(out, " …");
}

static void print_hit(struct searching *s, struct search_hits *hits,
		      const struct view_message *m)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct search_mark marks[MARKS_MAX];
	size_t n = MARKS_MAX;

	print_head(s, m);
	search_mark(hits, m, &text, marks, &n);
	put_snippet(&line, &text, marks, n,
		    SNIPPET_LINES * page_measure(&s->r.page) - CONTEXT_BYTES);
	page_print(&s->r.page, kith_bytes(&line), "    ");
	kith_buf_free(&text);
	kith_buf_free(&line);
}

static void record_hit(struct searching *s, const struct view_message *m,
		       const struct search_hit *hit)
{
	struct record r;

	record_begin(&r);
	show_record(&r, s->r.txn, m, true);
	reading_record_name(&s->r, &r, &m->author);
	if (s->query.sort == SEARCH_BEST)
		record_number(&r, "rank", hit->rank);
	record_end(&r);
}

/* False: its feed is gone, or what was private is opened no more. */
static bool read_hit(struct searching *s, const struct search_hit *hit,
		     struct view_message *m)
{
	return viewer_message(&s->r.viewer, s->r.txn, &hit->row, m) &&
	       (!s->private || m->boxed.n);
}

static uint64_t show_hits(struct searching *s, struct search_hits *hits)
{
	struct search_hit hit;
	struct view_message m;
	uint64_t n = 0;

	while (n < s->limit && search_next(hits, &hit)) {
		if (!read_hit(s, &hit, &m))
			continue;
		if (s->tool->json)
			record_hit(s, &m, &hit);
		else
			print_hit(s, hits, &m);
		viewer_turn(&s->r.viewer);
		n++;
	}
	return n;
}

/* --- all of it --- */

static int explain(const struct searching *s, const struct kith_error *e)
{
	if (s->refused)
		return s->refused;
	if (e->code != KITH_EFORMAT)
		return tool_fail(EXIT_FAILED, "%s", e->text);
	return tool_fail(EXIT_MISUSED, "%s%s", e->text,
			 s->query.text.n ? "; `kith help search` shows how to "
					   "ask" : "");
}

static int answer(struct searching *s, bool *again)
{
	struct search_hits *hits = NULL;
	struct kith_error e = { 0 };
	enum kith_err err = search_find(s->search, s->r.txn, &s->query,
					&s->r.viewer, &hits, &e);
	uint64_t n = 0;

	if (!err) {
		n = show_hits(s, hits);
		err = search_hits_error(hits, &e);
		search_hits_end(hits);
	}
	*again = err == KITH_EIO && !n;
	if (err)
		return *again ? EXIT_FAILED : explain(s, &e);
	if (!n)
		reading_nothing(&s->r, "nothing is found: fewer words find "
				"more, and so do beginnings, \"garden*\"");
	return EXIT_DONE;
}

static int ask(struct searching *s, bool *again)
{
	int code = s->private ? reading_begin_private(&s->r, s->tool, false)
			      : reading_begin(&s->r, s->tool, false);

	*again = false;
	if (!code)
		code = read_author(s);
	if (!code)
		code = answer(s, again);
	return reading_end(&s->r, code);
}

/* What is private is opened before it is read for the index. */
static int open_index(struct searching *s)
{
	struct tool *t = s->tool;
	int code = s->private ? tool_open(t, NEEDS_KEYS | NEEDS_VIEWS)
			      : EXIT_DONE;
	struct kith_error e = { 0 };
	enum kith_err err;

	if (code)
		return code;
	err = s->private ? search_open_private(t->home, t->keys, &s->search, &e)
			 : search_open(t->home, &s->search, &e);
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

/* Damage is found by reading: then the index is made anew, and asked again. */
static int run(struct searching *s)
{
	int code = open_index(s);
	bool again;

	if (code)
		return code;
	catch_up(s);
	code = ask(s, &again);
	if (again) {
		catch_up(s);
		code = ask(s, &again);
		if (again)
			code = tool_fail(EXIT_FAILED, "the index cannot be "
					 "read");
	}
	search_close(s->search);
	return code;
}

int command_search(struct tool *t, int argc, char **argv)
{
	struct searching s = { .tool = t, .words.limit = QUERY_BYTES_MAX,
			       .private = tool_option(t, 'p') };
	int code = read_options(&s, argc, argv);

	if (!code)
		code = run(&s);
	kith_buf_free(&s.words);
	return code;
}
