#include <stdio.h>
#include <stdlib.h>

#include "src/views/names.h"
#include "src/views/search.h"
#include "src/views/view.h"
#include "tools/commands.h"
#include "tools/page.h"
#include "tools/progress.h"
#include "tools/select.h"
#include "tools/show.h"
#include "tools/text.h"
#include "tools/when.h"

enum { LIMIT_DEFAULT = 20, QUERY_BYTES_MAX = 2 * SEARCH_QUERY_BYTES_MAX,
       MARKS_MAX = 64, TEXT_BYTES_MAX = 1 << 17, LINE_BYTES_MAX = 1 << 16,
       CONTEXT_BYTES = 60, SNIPPET_LINES = 2 };

struct searching {
	struct tool *tool;
	struct search *search;
	struct search_query query;
	struct kith_buf words;
	struct kith_feed_id author;
	struct viewer viewer;
	struct page page;
	uint64_t limit;
	bool told; /* why there is no such author */
};

/* --- what is asked --- */

/* A name that one feed has, or a feed id or the beginning of one. */
static bool find_author(void *arg, struct txn *t, struct kith_slice name,
			struct kith_feed_id *out, struct kith_error *e)
{
	struct searching *s = arg;
	char text[KITH_REF_TEXT_BYTES] = "";
	struct name_feeds found;

	names_find(t, &s->viewer, NULL, name, &found);
	if (found.count == 1) {
		*out = found.feed[0];
		return true;
	}
	if (found.count) {
		kith_fail(e, KITH_EFORMAT, 0, "several are called so: give an "
			  "id, or enough of one");
		return false;
	}
	if (name.n < sizeof(text))
		memcpy(text, name.p, name.n);
	if (name.n && name.p[0] == '@' && *text) {
		s->told = select_feed(t, text, out);
		return !s->told;
	}
	kith_fail(e, KITH_ENOENT, 0, "nobody is called so here");
	return false;
}

static int read_author(struct searching *s, struct txn *t)
{
	const char *name = tool_option(s->tool, 'a');
	struct kith_error e = { 0 };

	if (!name)
		return EXIT_DONE;
	if (!find_author(s, t, kith_text(name), &s->author, &e))
		return s->told ? EXIT_NOT_FOUND
			       : tool_fail(EXIT_NOT_FOUND, "\"%s\": %s", name,
					   e.text);
	s->query.author = &s->author;
	return EXIT_DONE;
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
	if (!code && !tool_number(s->tool, 'n', LIMIT_DEFAULT, &s->limit))
		code = EXIT_MISUSED;
	return code;
}

/* --- catching up --- */

/* What cannot be added is missed in the answer, and no reason to give none. */
static void catch_up(struct searching *s)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES };
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

static void put_author(struct searching *s, struct txn *t,
		       const struct kith_feed_id *author, struct kith_buf *out)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	char id[TEXT_SHORT_BYTES];

	text_short_feed(author, id);
	style_begin(out, STYLE_NAME);
	if (name_of_feed(t, &s->viewer, author, &name)) {
		text_put(out, kith_bytes(&name));
		kith_buf_byte(out, ' ');
	}
	kith_buf_text(out, id);
	style_end(out, STYLE_NAME);
	kith_buf_free(&name);
}

static void print_head(struct searching *s, struct txn *t,
		       const struct view_message *m)
{
	struct kith_buf left = { .limit = LINE_BYTES_MAX };
	struct kith_buf right = { .limit = LINE_BYTES_MAX };
	char when[WHEN_BYTES], id[TEXT_SHORT_BYTES];

	put_author(s, t, &m->author, &left);
	when_put(s->page.now_ms, view_time_ms(m), when);
	kith_buf_text(&left, "  ");
	style_text(&left, STYLE_FAINT, when);
	text_short_msg(&m->row->id, id);
	style_text(&right, STYLE_FAINT, id);
	page_print_sides(&s->page, kith_bytes(&left), kith_bytes(&right),
			 page_measure(&s->page));
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

static void print_hit(struct searching *s, struct txn *t,
		      struct search_hits *hits, const struct view_message *m)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct search_mark marks[MARKS_MAX];
	size_t n = MARKS_MAX;

	print_head(s, t, m);
	search_mark(hits, m, &text, marks, &n);
	put_snippet(&line, &text, marks, n,
		    SNIPPET_LINES * page_measure(&s->page) - CONTEXT_BYTES);
	page_print(&s->page, kith_bytes(&line), "    ");
	kith_buf_free(&text);
	kith_buf_free(&line);
}

static void record_hit(struct searching *s, struct txn *t,
		       const struct view_message *m,
		       const struct search_hit *hit)
{
	struct record r;

	record_begin(&r);
	show_record(&r, t, m, true);
	if (s->query.sort == SEARCH_BEST)
		record_number(&r, "rank", hit->rank);
	record_end(&r);
}

static uint64_t show_hits(struct searching *s, struct txn *t,
			  struct search_hits *hits)
{
	struct search_hit hit;
	struct view_message m;
	struct feed_row feed;
	uint64_t n = 0;

	while (n < s->limit && search_next(hits, &hit)) {
		if (!feed_by_number(t, hit.row.feed_number, &feed))
			continue;
		views_message(&hit.row, &feed, &m);
		if (s->tool->json)
			record_hit(s, t, &m, &hit);
		else
			print_hit(s, t, hits, &m);
		n++;
	}
	return n;
}

/* --- all of it --- */

static int explain(const struct searching *s, const struct kith_error *e)
{
	if (s->told)
		return EXIT_NOT_FOUND;
	if (e->code != KITH_EFORMAT)
		return tool_fail(EXIT_FAILED, "%s", e->text);
	return tool_fail(EXIT_MISUSED, "%s%s", e->text,
			 s->query.text.n ? "; `kith help search` shows how to "
					   "ask" : "");
}

static int answer(struct searching *s, struct txn *t, bool *again)
{
	struct search_hits *hits = NULL;
	struct kith_error e = { 0 };
	enum kith_err err = search_find(s->search, t, &s->query, &s->viewer,
					&hits, &e);
	uint64_t n = 0;
	int code;

	if (!err) {
		code = page_begin(&s->page, s->tool, false);
		if (code) {
			search_hits_end(hits);
			return code;
		}
		n = show_hits(s, t, hits);
		err = search_hits_error(hits, &e);
		search_hits_end(hits);
		code = page_end(&s->page, EXIT_DONE);
	}
	*again = err == KITH_EIO && !n;
	if (err)
		return *again ? EXIT_FAILED : explain(s, &e);
	if (!n && !s->tool->json)
		tool_note("nothing is found");
	return code;
}

static int ask(struct searching *s, bool *again)
{
	struct txn *t;
	int code;

	*again = false;
	if (store_read(s->tool->store, &t))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (viewer_start(&s->viewer, t, s->tool->has_self ? &s->tool->self
							  : NULL))
		code = tool_fail(EXIT_FAILED, "out of memory");
	else
		code = read_author(s, t);
	if (!code)
		code = answer(s, t, again);
	viewer_end(&s->viewer);
	txn_end(t);
	return code;
}

/* Damage is found by reading: then the index is made anew, and asked again. */
static int run(struct searching *s)
{
	struct kith_error e = { 0 };
	bool again;
	int code;

	if (search_open(s->tool->home, &s->search, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
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
	struct searching s = { .tool = t, .words.limit = QUERY_BYTES_MAX };
	int code = read_options(&s, argc, argv);

	if (!code)
		code = run(&s);
	kith_buf_free(&s.words);
	return code;
}
