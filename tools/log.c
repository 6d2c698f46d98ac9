#include "tools/commands.h"

#include <stdio.h>

#include "feeds/json.h"
#include "tools/live.h"
#include "tools/select.h"
#include "tools/show.h"

enum { LIMIT_DEFAULT = 20 };

/* What the options say. */
struct listing {
	struct tool *tool;
	const char *type; /* NULL: all */
	uint64_t limit;	  /* UINT64_MAX: all */
	bool reverse, follow, by;
};

static bool is_wanted(const struct listing *l, const struct view_message *m)
{
	return !l->type || json_is(json_get(m->content, "type"), l->type);
}

static void print(const struct listing *l, struct txn *t,
		  const struct view_message *m)
{
	struct record r;

	if (!l->tool->json) {
		show_line(t, m, l->by);
		return;
	}
	record_begin(&r);
	show_record(&r, t, m, true);
	record_end(&r);
}

static int unreadable(enum kith_err err)
{
	return tool_fail(EXIT_FAILED, "the store cannot be read further: %s; "
			 "what stands before is shown", kith_strerror(err));
}

/* Prints from the front of the walk, up to the limit. */
static int print_walk(const struct listing *l, const struct selection *of,
		      uint64_t *last_rx)
{
	struct message_row row;
	struct view_message m;
	struct walk w;
	uint64_t shown = 0;

	walk_start(&w, l->tool->store, of, l->reverse);
	while (shown < l->limit && walk_next(&w, &m, &row)) {
		if (row.rx > *last_rx)
			*last_rx = row.rx;
		if (!is_wanted(l, &m))
			continue;
		print(l, w.txn, &m);
		shown++;
	}
	walk_end(&w);
	return w.err ? unreadable(w.err) : EXIT_DONE;
}

/* Moves the front of *of up, so that only the newest limit messages that are
 * wanted are left. */
static int keep_newest(const struct listing *l, struct selection *of)
{
	struct message_row row;
	struct view_message m;
	struct walk w;
	uint64_t found = 0;

	walk_start(&w, l->tool->store, of, true);
	while (found < l->limit && walk_next(&w, &m, &row)) {
		if (!is_wanted(l, &m))
			continue;
		of->first = of->kind == SELECT_FEED ? row.sequence : row.rx;
		found++;
	}
	walk_end(&w);
	return w.err ? unreadable(w.err) : EXIT_DONE;
}

static int follow(const struct listing *l, const struct selection *of,
		  struct live *live)
{
	struct message_row row;
	struct view_message m;
	int code;

	while (!(code = live_next(live, &m, &row)))
		if (is_wanted(l, &m) &&
		    (of->kind == SELECT_ALL ||
		     kith_feed_equal(&m.author, &of->feed.id)))
			print(l, live->txn, &m);
	live_end(live);
	return code;
}

static int list(const struct listing *l, struct selection *of)
{
	struct live live = { 0 };
	int code = l->follow ? live_start(&live, l->tool) : EXIT_DONE;

	if (!code && !l->reverse && l->limit != UINT64_MAX)
		code = keep_newest(l, of);
	if (!code)
		code = print_walk(l, of, &live.last_rx);
	return !code && l->follow ? follow(l, of, &live) : code;
}

/* A named range is meant whole. */
static bool read_limit(struct tool *t, const struct selection *of,
		       uint64_t *out)
{
	const char *text = tool_option(t, 'n');
	bool whole = of->kind == SELECT_MESSAGE || of->range;

	if (text && !strcmp(text, "all")) {
		*out = UINT64_MAX;
		return true;
	}
	return tool_number(t, 'n', whole ? UINT64_MAX : LIMIT_DEFAULT, out);
}

int command_log(struct tool *t, int argc, char **argv)
{
	struct selection of = select_all;
	struct listing l = {
		.tool = t,
		.type = tool_option(t, 't'),
		.reverse = tool_option(t, 'r'),
		.follow = tool_option(t, 'f'),
	};
	int code = argc ? select_in(t->store, argv[0], &of) : EXIT_DONE;

	if (code)
		return code;
	if (!read_limit(t, &of, &l.limit))
		return EXIT_MISUSED;
	if (l.follow && l.reverse)
		return tool_fail(EXIT_MISUSED, "--follow goes on at the newest "
				 "message: it cannot be reversed");
	l.by = of.kind == SELECT_ALL;
	return list(&l, &of);
}
