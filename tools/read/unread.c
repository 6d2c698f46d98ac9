/* What has come in since the person last read. */
#include <stdio.h>

#include "src/views/contacts.h"
#include "src/views/inbox.h"
#include "src/views/marks.h"
#include "tools/pass/chore.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/read/commands.h"
#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 1024, LIMIT_DEFAULT = 20, ARGS_BYTES = 64 };

struct unread {
	struct reading r;
	uint64_t limit, posts;
	uint64_t listed; /* up to which receive number */
};

static bool follows(struct reading *r, const struct kith_feed_id *id)
{
	struct contact c = { .from = r->viewer.self, .to = *id };

	return contacts_get(r->txn, &c) && c.edge == CONTACT_FOLLOW;
}

static void print_one(struct reading *r, const struct view_message *m)
{
	struct kith_buf left = { .limit = LINE_BYTES_MAX };

	if (r->page.json) {
		post_record(r, m);
		return;
	}
	post_put_stamp(r, m, &left);
	post_print_line(r, m, kith_bytes(&left));
	kith_buf_free(&left);
}

/* Prints the oldest of them, and counts all. */
static void walk_posts(struct unread *u)
{
	const struct mark timeline = { .kind = MARK_TIMELINE };
	struct reading *r = &u->r;
	uint64_t rx = mark_get(r->txn, &timeline);
	struct message_row row;
	struct view_message m;
	struct feed_row feed;

	while (mark_next_unread(r->txn, &r->viewer, &rx, &row)) {
		if (!feed_by_number(r->txn, row.feed_number, &feed) ||
		    !follows(r, &feed.id))
			continue;
		if (u->posts++ >= u->limit)
			continue;
		views_message(&row, &feed, &m);
		print_one(r, &m);
		u->listed = row.rx;
	}
	if (u->posts <= u->limit)
		u->listed = mark_newest(r->txn);
}

/* Items of the inbox that came since; INBOX_PAGE_MAX: perhaps more. */
static int count_inbox(struct reading *r, size_t *n)
{
	static struct inbox_item items[INBOX_PAGE_MAX];
	const struct mark inbox = { .kind = MARK_INBOX };
	struct inbox_query q = {
		.reasons = INBOX_ALL,
		.before = POSTING_LAST,
		.above_rx = mark_get(r->txn, &inbox),
	};

	if (inbox_page(r->txn, &r->viewer, &q, items, INBOX_PAGE_MAX, n))
		return tool_fail(EXIT_FAILED, "out of memory");
	return EXIT_DONE;
}

static void print_counts(struct unread *u, size_t inbox)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char count[TEXT_COUNT_BYTES];

	kith_buf_text(&line, text_count(u->posts, "unread post", count));
	kith_buf_text(&line, ", ");
	kith_buf_text(&line, text_count(inbox, "unread item", count));
	kith_buf_text(&line, " in your inbox");
	if (!tool_option(u->r.tool, 'm'))
		kith_buf_text(&line, "; `kith unread --mark` marks them as "
				     "read");
	if (u->posts)
		putchar('\n');
	page_print(&u->r.page, kith_bytes(&line), "");
	kith_buf_free(&line);
}

static int print_all(struct unread *u)
{
	size_t inbox = 0;
	int code;

	walk_posts(u);
	code = count_inbox(&u->r, &inbox);
	if (code || u->r.page.json)
		return code;
	if (u->posts || inbox)
		print_counts(u, inbox);
	else
		reading_nothing(&u->r, "all is read");
	return EXIT_DONE;
}

static enum kith_err step(struct store *s, void *arg, bool *more,
			  struct kith_error *e)
{
	const uint64_t *upto = arg;

	(void)more;
	return marks_read(s, *upto, e);
}

/* It is done in a moment. */
static void progress(const void *arg, uint64_t *done, uint64_t *total)
{
	(void)arg;
	*done = *total = 0;
}

static void read_reply(void *arg, struct kith_slice reply)
{
	(void)arg;
	(void)reply;
}

/* Not what came in while the person was reading. */
static int mark(struct tool *t, uint64_t upto)
{
	char args[ARGS_BYTES];
	struct chore chore = {
		.arg = &upto,
		.doing = "marked",
		.method = "kith.markRead",
		.read = read_reply,
		.step = step,
		.progress = progress,
	};

	snprintf(args, sizeof(args), "[{\"upto\":%llu}]",
		 (unsigned long long)upto);
	chore.args = kith_text(args);
	return chore_run(t, &chore);
}

int command_unread(struct tool *t, int argc, char **argv)
{
	struct unread u = { 0 };
	int code;

	(void)argc;
	(void)argv;
	if (!reading_limit(t, LIMIT_DEFAULT, &u.limit))
		return EXIT_MISUSED;
	code = reading_begin(&u.r, t, false);
	if (!code)
		code = print_all(&u);
	code = reading_end(&u.r, code);
	return !code && tool_option(t, 'm') ? mark(t, u.listed) : code;
}
