#include "tools/read/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/private.h"
#include "src/views/search_query.h"
#include "tools/pick/live.h"
#include "tools/pick/select.h"
#include "tools/print/show.h"
#include "tools/text/text.h"

enum { LIMIT_DEFAULT = 20, EXCERPT_BYTES = 60, ITEM_BYTES_MAX = 1 << 20 };

struct asking {
	struct tool *tool;
	struct query *query;
	struct query_run *run;
	struct query_helpers helpers;
	struct search_asker search;
	struct txn *txn;
	uint64_t shown;
	bool follow, private;
	struct viewer viewer;
	uint64_t *kept; /* receive numbers, newest first: to be shown last */
	size_t kept_count, kept_room;
	char cursor[QUERY_CURSOR_BYTES]; /* of the last message; or empty */
};

/* --- errors --- */

/* The line of the query around a place, and a mark below it. */
static void point(struct kith_slice text, size_t at)
{
	size_t from = at, to = at;

	while (from && text.p[from - 1] != '\n' && at - from < EXCERPT_BYTES / 2)
		from--;
	while (to < text.n && text.p[to] != '\n' && to - from < EXCERPT_BYTES)
		to++;
	tool_note("  %.*s", (int)(to - from), (const char *)text.p + from);
	tool_note("  %*s^", (int)(at - from), "");
}

static int misread(struct kith_slice text, const struct kith_error *e)
{
	int code = tool_fail(EXIT_MISUSED, "%s", e->text);

	if (e->code != KITH_ENOMEM && e->offset <= text.n)
		point(text, e->offset);
	return code;
}

/* --- output --- */

static void print_json(const struct asking *a, enum query_step step,
		       const struct view_message *m)
{
	struct kith_buf item = { .limit = ITEM_BYTES_MAX };

	query_item(a->run, step, m, &item);
	text_print(stdout, kith_bytes(&item));
	fputc('\n', stdout);
	kith_buf_free(&item);
}

static void print_record(const struct asking *a, const struct view_message *m)
{
	struct record r;

	record_begin(&r);
	show_record(&r, a->txn, m, true);
	record_text(&r, "cursor", a->cursor);
	record_end(&r);
}

static void print_message(struct asking *a, const struct view_message *m)
{
	query_cursor(a->run, m, a->cursor);
	if (!query_is_whole(a->query))
		print_json(a, QUERY_MESSAGE, m);
	else if (a->tool->json)
		print_record(a, m);
	else
		show_line(a->txn, m, &(struct show){ .by = true });
}

static void print_group(const struct asking *a)
{
	struct kith_slice name;
	uint64_t count;

	if (a->tool->json) {
		print_json(a, QUERY_GROUP, NULL);
		return;
	}
	name = query_group(a->run, &count);
	printf("%llu", (unsigned long long)count);
	if (name.n)
		putchar('\t');
	text_print(stdout, name);
	putchar('\n');
}

/* --- reading --- */

static int unreadable(enum kith_err err)
{
	return tool_fail(EXIT_UNREADABLE, "the store cannot be read: %s",
			 kith_strerror(err));
}

static int renew(struct asking *a)
{
	enum kith_err err;

	if (a->run)
		query_pause(a->run);
	txn_end(a->txn);
	a->txn = NULL;
	err = store_read(a->tool->store, &a->txn);
	if (err)
		return unreadable(err);
	if (a->run)
		query_resume(a->run, a->txn);
	return EXIT_DONE;
}

/* What is followed is shown oldest first, whatever comes first. */
static int take(struct asking *a, const struct view_message *m)
{
	uint64_t *more;

	a->shown++;
	if (!a->follow || !query_is_descending(a->query)) {
		print_message(a, m);
		return EXIT_DONE;
	}
	more = list_room(a->kept, a->kept_count, &a->kept_room, sizeof(*more));
	if (!more)
		return unreadable(KITH_ENOMEM);
	a->kept = more;
	a->kept[a->kept_count++] = m->row->rx;
	return EXIT_DONE;
}

static void print_kept(struct asking *a)
{
	struct message_row row;
	struct view_message m;

	while (a->kept_count) {
		if (!message_get(a->txn, a->kept[--a->kept_count], &row) ||
		    !viewer_message(&a->viewer, a->txn, &row, &m))
			continue;
		print_message(a, &m);
		viewer_turn(&a->viewer);
	}
}

/* Prints until the end; what is live goes on for ever. */
static int answer(struct asking *a)
{
	struct message_row row;
	struct view_message m;
	int code = EXIT_DONE;

	while (!code) {
		enum query_step step = query_next(a->run, &m, &row);

		if (step == QUERY_MESSAGE)
			code = take(a, &m);
		else if (step == QUERY_GROUP)
			print_group(a);
		else if (step == QUERY_BAD)
			return tool_fail(EXIT_FAILED, "%s",
					 query_run_error(a->run)->text);
		else if (step == QUERY_END)
			return EXIT_DONE;
		if (code)
			break;
		if (step == QUERY_AGAIN ||
		    (step == QUERY_MESSAGE &&
		     a->shown % SELECT_RENEW_ROWS == 0))
			code = renew(a);
	}
	return code;
}

/* Behind what the query has told: what comes in and passes. */
static int follow(struct asking *a, struct live *l)
{
	struct message_row row;
	struct view_message m;
	int code = EXIT_DONE;

	print_kept(a);
	fflush(stdout);
	l->last_rx = query_as_of(a->run);
	live_opened(l, a->txn);
	query_pause(a->run);
	txn_end(a->txn);
	a->txn = NULL;
	while (!code) {
		code = live_next(l, &m, &row);
		a->txn = l->txn;
		a->search.store = a->tool->store;
		if (!code && viewer_message(&a->viewer, a->txn, &row, &m) &&
		    query_hears(a->run, a->txn, &m)) {
			print_message(a, &m);
			fflush(stdout);
		}
		viewer_turn(&a->viewer);
		a->txn = NULL;
	}
	return code;
}

static int explain(struct asking *a)
{
	struct kith_buf plan = { .limit = ITEM_BYTES_MAX };

	query_explain(a->run, &plan);
	text_print(stdout, kith_bytes(&plan));
	putchar('\n');
	kith_buf_free(&plan);
	return EXIT_DONE;
}

static int start_and_answer(struct asking *a)
{
	struct kith_error e = { 0 };

	a->search.home = a->tool->home;
	a->search.store = a->tool->store;
	a->search.keys = a->private ? a->tool->keys : NULL;
	a->helpers = search_helpers(&a->search);
	if (query_start(a->query, a->txn, &a->viewer, &a->helpers, &a->run,
			&e))
		return tool_fail(EXIT_MISUSED, "%s", e.text);
	query_resume(a->run, a->txn);
	return tool_option(a->tool, 'e') ? explain(a) : answer(a);
}

static int begin(struct asking *a, struct live *l)
{
	int code = EXIT_DONE;
	enum kith_err err;

	if (a->follow)
		code = a->private ? live_start_private(l, a->tool)
				  : live_start(l, a->tool);
	if (!code && a->private)
		code = tool_open(a->tool, NEEDS_KEYS | NEEDS_VIEWS);
	if (!code)
		code = renew(a);
	if (code)
		return code;
	err = viewer_start(&a->viewer, a->txn, &a->tool->self);
	if (!err && a->private)
		err = viewer_sees_private(&a->viewer, a->tool->keys);
	return err ? unreadable(err) : EXIT_DONE;
}

static int ask(struct asking *a)
{
	struct live l = { .tool = a->tool };
	int code = begin(a, &l);

	if (!code)
		code = start_and_answer(a);
	if (!code && a->follow)
		code = follow(a, &l);
	query_end(a->run);
	viewer_end(&a->viewer);
	txn_end(a->txn);
	if (a->follow)
		live_end(&l);
	free(a->kept);
	return code;
}

/* --- options --- */

static int check_follow(const struct tool *t, const struct query *q)
{
	if (query_is_live(q))
		return tool_fail(EXIT_MISUSED, "for what comes in there is "
				 "--follow");
	if (tool_option(t, 'f') && query_counts(q))
		return tool_fail(EXIT_MISUSED, "what counts never ends if it "
				 "is followed");
	return EXIT_DONE;
}

static int take_options(struct tool *t, struct query *q)
{
	const char *limit = tool_option(t, 'n'), *after = tool_option(t, 'a');
	struct kith_error e = { 0 };
	uint64_t most;

	if (after && query_set_after(q, kith_text(after), &e))
		return tool_fail(EXIT_MISUSED, "%s", e.text);
	if (tool_option(t, 's'))
		query_set_scan(q);
	if (limit && !strcmp(limit, "all")) {
		query_set_limit(q, UINT64_MAX);
		return EXIT_DONE;
	}
	if (!tool_number(t, 'n', LIMIT_DEFAULT, &most))
		return EXIT_MISUSED;
	if (limit || (query_limit(q) == UINT64_MAX && !query_counts(q)))
		query_set_limit(q, most);
	return EXIT_DONE;
}

int command_query(struct tool *t, int argc, char **argv)
{
	struct asking a = { .tool = t, .private = tool_option(t, 'p') };
	struct kith_slice text = kith_text(argv[0]);
	struct kith_error e = { 0 };
	int code;
	(void)argc;

	if (query_parse(text, &a.query, &e))
		return misread(text, &e);
	a.follow = tool_option(t, 'f') && !tool_option(t, 'e');
	code = check_follow(t, a.query);
	if (!code)
		code = take_options(t, a.query);
	if (!code)
		code = ask(&a);
	if (!code && a.shown == query_limit(a.query) && !t->json)
		tool_note("there may be more: --after %s", a.cursor);
	query_free(a.query);
	search_asker_clear(&a.search);
	return code;
}
