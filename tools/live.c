#include "tools/live.h"

#include <poll.h>
#include <stdio.h>

#include "feeds/json.h"

/* Without a daemon only another kith can write: a look each second will do. */
enum { LOOK_MS = 1000, ARGS_BYTES_MAX = 128 };

static int read_newest(struct live *l, int64_t *received_us)
{
	struct message_row row = { 0 };
	struct txn *txn;

	if (store_read(l->tool->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (message_to(txn, UINT64_MAX, &row)) {
		l->last_rx = row.rx;
		*received_us = row.received_us;
	}
	txn_end(txn);
	return EXIT_DONE;
}

/* Opens the daemon's live stream.  It begins with what came after received_us,
 * so that nothing is missed until the daemon has read the request. */
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

int live_start(struct live *l, struct tool *t)
{
	int64_t received_us = 0;
	int code;

	*l = (struct live){ .tool = t };
	code = read_newest(l, &received_us);
	return code ? code : listen_live(t, received_us);
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

static void look(struct live *l)
{
	struct selection news = select_all;

	news.first = l->last_rx + 1;
	walk_start(&l->walk, l->tool->store, &news, false);
	l->walking = true;
}

int live_next(struct live *l, struct view_message *out,
	      struct message_row *row)
{
	enum kith_err err;
	int code = EXIT_DONE;

	while (!code) {
		if (!l->walking)
			look(l);
		if (walk_next(&l->walk, out, row)) {
			l->fresh = l->walk.rows == 0;
			l->last_rx = row->rx;
			return EXIT_DONE;
		}
		err = l->walk.err;
		live_end(l);
		if (fflush(stdout))
			return EXIT_FAILED; /* main says why */
		code = err ? tool_fail(EXIT_FAILED, "the store cannot be read "
				       "further: %s", kith_strerror(err))
			   : wait_for_news(l->tool->daemon);
	}
	return code;
}

void live_end(struct live *l)
{
	if (l->walking)
		walk_end(&l->walk);
	l->walking = false;
}
