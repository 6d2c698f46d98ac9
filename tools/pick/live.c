#include "tools/pick/live.h"

#include <poll.h>
#include <stdio.h>

#include "feeds/json.h"
#include "src/views/follow.h"
#include "tools/pick/select.h"

/* Without a daemon only another kith can write: a look each second will do, as
 * it will for what stays behind the log. */
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
static int listen_live(struct live *l, int64_t received_us)
{
	struct tool *t = l->tool;
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	struct kith_error e = { 0 };
	enum kith_err err = tool_dial(t, &t->daemon, &e);

	kith_buf_text(&args, "[{\"live\":true,\"keys\":true,\"gt\":");
	json_put_number(&args, (double)received_us / 1000);
	kith_buf_text(&args, l->private ? ",\"private\":true}]" : "}]");
	if (!err)
		err = client_source(t->daemon, "createLogStream",
				    kith_bytes(&args), &e);
	kith_buf_free(&args);
	if (err && err != KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "%s", e.text);
	return EXIT_DONE;
}

static int start(struct live *l, struct tool *t, bool private)
{
	int64_t received_us = 0;
	int code;

	*l = (struct live){ .tool = t, .private = private };
	code = read_newest(l, &received_us);
	return code ? code : listen_live(l, received_us);
}

int live_start(struct live *l, struct tool *t)
{
	return start(l, t, false);
}

int live_start_private(struct live *l, struct tool *t)
{
	return start(l, t, true);
}

void live_opened(struct live *l, struct txn *t)
{
	l->opened = opened_last(t);
}

/* --- waiting --- */

/* Waits for news: an item of the daemon's live stream, or a while. */
static int wait_for_kithd(const struct live *l)
{
	bool lags = l->views || l->private;
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err = client_next(l->tool->daemon, lags ? LOOK_MS : -1,
					&item, &e);

	if (err && err != KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "kithd went away%s%s",
				 e.code ? ": " : "", e.text);
	return EXIT_DONE;
}

static int wait_for_news(const struct live *l)
{
	if (l->tool->daemon)
		return wait_for_kithd(l);
	poll(NULL, 0, LOOK_MS);
	/* Nobody else brings the views up, and opens. */
	return l->views || l->private ? tool_open(l->tool, NEEDS_VIEWS)
				      : EXIT_DONE;
}

/* --- looking --- */

static int look(struct live *l)
{
	if (l->txn && l->rows < SELECT_RENEW_ROWS)
		return EXIT_DONE;
	live_end(l);
	l->rows = 0;
	return store_read(l->tool->store, &l->txn)
		       ? tool_fail(EXIT_UNREADABLE, "the store cannot be read")
		       : EXIT_DONE;
}

/* Up to here what is shown of a message is complete. */
static uint64_t end_of(const struct live *l)
{
	struct follow_place place = { .position = UINT64_MAX };
	uint64_t opened = l->private ? private_position(l->txn) : UINT64_MAX;

	if (l->views)
		views_place(l->txn, &place);
	return opened < place.position ? opened : place.position;
}

static bool find_row(struct live *l, struct message_row *row)
{
	enum late late = l->private ? LATE_AGAIN : LATE_NONE;

	while (late == LATE_AGAIN)
		late = opened_late(l->txn, &l->opened, l->last_rx, row);
	if (late == LATE_MESSAGE)
		return true;
	if (!message_from(l->txn, l->last_rx + 1, row) || row->rx > end_of(l))
		return false;
	l->last_rx = row->rx;
	return true;
}

static bool find(struct live *l, struct view_message *out,
		 struct message_row *row)
{
	if (!find_row(l, row) || !views_read(l->txn, row, out))
		return false;
	l->fresh = l->rows++ == 0;
	return true;
}

int live_next(struct live *l, struct view_message *out,
	      struct message_row *row)
{
	enum kith_err err;
	int code;

	while (!(code = look(l))) {
		if (find(l, out, row))
			return EXIT_DONE;
		err = txn_error(l->txn);
		live_end(l);
		if (fflush(stdout))
			return EXIT_FAILED; /* main says why */
		code = err ? tool_fail(EXIT_FAILED, "the store cannot be read "
				       "further: %s", kith_strerror(err))
			   : wait_for_news(l);
		if (code)
			return code;
	}
	return code;
}

void live_end(struct live *l)
{
	txn_end(l->txn);
	l->txn = NULL;
}
