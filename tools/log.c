#include "tools/commands.h"

#include <poll.h>
#include <stdio.h>

#include "feeds/json.h"
#include "tools/select.h"
#include "tools/show.h"

/* Without a daemon only another kith can write: a look each second will do. */
enum { LIMIT_DEFAULT = 20, LOOK_MS = 1000, ARGS_BYTES_MAX = 128 };

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

/* Waits for news: an item of the daemon's live stream, or a while. */
static int wait_for_news(struct client *daemon)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err;

	if (!daemon) {
		poll(NULL, 0, LOOK_MS);
		return EXIT_DONE;
	}
	err = client_next(daemon, -1, &item, &e);
	if (err)
		return tool_fail(EXIT_FAILED, "kithd went away%s%s",
				 e.code ? ": " : "", e.text);
	return EXIT_DONE;
}

static int print_new(const struct listing *l, const struct selection *of,
		     uint64_t *last_rx)
{
	struct selection news = select_all;
	struct message_row row;
	struct view_message m;
	struct walk w;

	news.first = *last_rx + 1;
	walk_start(&w, l->tool->store, &news, false);
	while (walk_next(&w, &m, &row)) {
		*last_rx = row.rx;
		if (is_wanted(l, &m) &&
		    (of->kind == SELECT_ALL ||
		     kith_feed_equal(&m.author, &of->feed.id)))
			print(l, w.txn, &m);
	}
	walk_end(&w);
	fflush(stdout);
	return w.err ? unreadable(w.err) : EXIT_DONE;
}

static int read_newest(struct tool *t, uint64_t *rx, int64_t *received_us)
{
	struct message_row row = { 0 };
	struct txn *txn;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (message_to(txn, UINT64_MAX, &row)) {
		*rx = row.rx;
		*received_us = row.received_us;
	}
	txn_end(txn);
	return EXIT_DONE;
}

/* Opens the daemon's live stream, before the log is read.  It begins with what
 * came after received_us, so that nothing is missed until the daemon has read
 * the request. */
static int listen_live(struct tool *t, int64_t received_us)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	struct kith_error e = { 0 };
	enum kith_err err = tool_dial(t, &t->daemon, &e);

	kith_buf_text(&args, "[{\"live\":true,\"keys\":true,\"gt\":");
	json_put_number(&args, (double)received_us / 1000);
	kith_buf_text(&args, "}]");
	if (!err)
		err = client_source(t->daemon, "createLogStream",
				    kith_bytes(&args), &e);
	kith_buf_free(&args);
	if (err && err != KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "%s", e.text);
	return EXIT_DONE;
}

static int follow(const struct listing *l, const struct selection *of,
		  uint64_t last_rx)
{
	int code = print_new(l, of, &last_rx);

	while (!code) {
		code = wait_for_news(l->tool->daemon);
		if (!code)
			code = print_new(l, of, &last_rx);
	}
	return code;
}

static int list(const struct listing *l, struct selection *of)
{
	uint64_t last_rx = 0;
	int64_t received_us = 0;
	int code = EXIT_DONE;

	if (l->follow)
		code = read_newest(l->tool, &last_rx, &received_us);
	if (!code && l->follow)
		code = listen_live(l->tool, received_us);
	if (!code && !l->reverse && l->limit != UINT64_MAX)
		code = keep_newest(l, of);
	if (!code)
		code = print_walk(l, of, &last_rx);
	return !code && l->follow ? follow(l, of, last_rx) : code;
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
