/* What concerns you: mentions, replies, likes, follows. */
#include "src/views/inbox.h"

#include <stdio.h>

#include "feeds/json.h"
#include "src/views/marks.h"
#include "tools/commands.h"
#include "tools/inbox.h"
#include "tools/post.h"
#include "tools/record.h"
#include "tools/show.h"

enum { LIMIT_DEFAULT = 20, LINE_BYTES_MAX = 1024, WHY_COLUMNS = 10,
       ROOM = 100 };

/* The weightiest reason names an item. */
static const struct {
	enum inbox_reason reason;
	const char *word;
} words[] = {
	{ INBOX_MENTION, "mention" }, { INBOX_REPLY, "reply" },
	{ INBOX_THREAD, "thread" },   { INBOX_VOTE, "like" },
	{ INBOX_FOLLOW, "follow" },   { INBOX_UNFOLLOW, "unfollow" },
	{ INBOX_BLOCK, "block" },
};

static const char *word_of(unsigned reasons)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (reasons & words[i].reason)
			return words[i].word;
	return "";
}

static void print_item(struct reading *r, const struct view_message *m,
		       unsigned reasons, bool new)
{
	struct kith_buf left = { .limit = LINE_BYTES_MAX };
	const char *word = word_of(reasons);

	style_text(&left, new ? STYLE_ALERT : STYLE_FAINT, word);
	for (size_t n = strlen(word); n < WHY_COLUMNS; n++)
		kith_buf_byte(&left, ' ');
	post_put_stamp(r, m, &left);
	post_print_line(r, m, kith_bytes(&left));
	kith_buf_free(&left);
}

static void record_item(struct reading *r, const struct view_message *m,
			unsigned reasons, bool new)
{
	struct kith_buf list = { .limit = LINE_BYTES_MAX };
	struct record to;

	kith_buf_byte(&list, '[');
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!(reasons & words[i].reason))
			continue;
		if (list.n > 1)
			kith_buf_byte(&list, ',');
		json_put_text(&list, words[i].word);
	}
	kith_buf_byte(&list, ']');
	record_begin(&to);
	show_record(&to, r->txn, m, true);
	reading_record_name(r, &to, &m->author);
	record_json(&to, "reasons", kith_bytes(&list));
	record_bool(&to, "unread", new);
	record_end(&to);
	kith_buf_free(&list);
}

/* Prints what there is for the reasons; *shown: how many. */
static int print_pages(struct reading *r, unsigned reasons, uint64_t limit,
		       uint64_t *shown)
{
	const struct mark inbox = { .kind = MARK_INBOX };
	struct inbox_query q = { .reasons = reasons, .before = POSTING_LAST };
	uint64_t mark = mark_get(r->txn, &inbox);
	struct inbox_item items[ROOM];
	struct message_row row;
	struct view_message m;
	size_t n;

	do {
		if (inbox_page(r->txn, &r->viewer, &q, items,
			       limit - *shown < ROOM ? limit - *shown : ROOM,
			       &n))
			return tool_fail(EXIT_FAILED, "out of memory");
		for (size_t i = 0; i < n; i++) {
			if (!reading_message(r, items[i].at.rx, &row, &m))
				continue;
			(r->page.json ? record_item : print_item)(
				r, &m, items[i].reasons, row.rx > mark);
			(*shown)++;
		}
		if (n)
			q.before = items[n - 1].at;
	} while (n && *shown < limit);
	return EXIT_DONE;
}

static int list(struct tool *t, unsigned reasons, const char *nothing)
{
	uint64_t limit, shown = 0;
	struct reading r;
	int code;

	if (!reading_limit(t, LIMIT_DEFAULT, &limit))
		return EXIT_MISUSED;
	code = reading_begin(&r, t, false);
	if (!code)
		code = print_pages(&r, reasons, limit, &shown);
	if (!code && !shown)
		reading_nothing(&r, "%s", nothing);
	return reading_end(&r, code);
}

int command_inbox(struct tool *t, int argc, char **argv)
{
	uint64_t limit;

	(void)argc;
	(void)argv;
	if (tool_option(t, 'p'))
		return reading_limit(t, LIMIT_DEFAULT, &limit)
			       ? inbox_private(t, limit) : EXIT_MISUSED;
	return list(t, INBOX_ALL, "nobody has answered, liked or followed yet: "
		    "`kith post TEXT` says something");
}

int command_mentions(struct tool *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return list(t, INBOX_MENTION, "nobody has mentioned you yet; `kith "
		    "inbox` shows all that concerns you");
}
