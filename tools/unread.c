/* What has come in since the person last read. */
#include <stdio.h>

#include "src/views/contacts.h"
#include "src/views/inbox.h"
#include "src/views/marks.h"
#include "tools/chore.h"
#include "tools/commands.h"
#include "tools/post.h"
#include "tools/record.h"
#include "tools/text.h"

enum { LINE_BYTES_MAX = 1024, LIMIT_DEFAULT = 20 };

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

/* Prints the oldest limit of them; gives how many there are. */
static uint64_t walk_posts(struct reading *r, uint64_t limit)
{
	const struct mark timeline = { .kind = MARK_TIMELINE };
	uint64_t rx = mark_get(r->txn, &timeline), n = 0;
	struct message_row row;
	struct view_message m;
	struct feed_row feed;

	while (mark_next_unread(r->txn, &r->viewer, &rx, &row)) {
		if (!feed_by_number(r->txn, row.feed_number, &feed) ||
		    !follows(r, &feed.id))
			continue;
		if (n++ >= limit)
			continue;
		views_message(&row, &feed, &m);
		print_one(r, &m);
	}
	return n;
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

static int print_all(struct reading *r, uint64_t limit)
{
	char count[TEXT_COUNT_BYTES];
	uint64_t posts = walk_posts(r, limit);
	size_t inbox = 0;
	int code = count_inbox(r, &inbox);

	if (code || r->page.json)
		return code;
	if (!posts && !inbox) {
		reading_nothing(r, "all is read");
		return EXIT_DONE;
	}
	printf("%s%s", posts ? "\n" : "", text_count(posts, "unread post",
						     count));
	printf(", %s in your inbox; `kith unread --mark` marks all as read\n",
	       text_count(inbox, "unread item", count));
	return EXIT_DONE;
}

static enum kith_err step(struct store *s, void *arg, bool *more,
			  struct kith_error *e)
{
	(void)arg;
	(void)more;
	return marks_read_all(s, e);
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

static int mark(struct tool *t)
{
	const struct chore chore = {
		.doing = "marked",
		.method = "kith.markRead",
		.args = KITH_SLICE("[]"),
		.read = read_reply,
		.step = step,
		.progress = progress,
	};

	/* One environment a process: the writer opens its own. */
	store_close(t->store);
	t->store = NULL;
	return chore_run(t, &chore);
}

int command_unread(struct tool *t, int argc, char **argv)
{
	struct reading r;
	uint64_t limit;
	int code;

	(void)argc;
	(void)argv;
	if (tool_option(t, 'm'))
		return mark(t);
	if (!reading_limit(t, LIMIT_DEFAULT, &limit))
		return EXIT_MISUSED;
	code = reading_begin(&r, t, false);
	if (!code)
		code = print_all(&r, limit);
	return reading_end(&r, code);
}
