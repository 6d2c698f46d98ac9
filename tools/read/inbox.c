/* What concerns you: mentions, replies, likes, follows. */
#include "src/views/inbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/marks.h"
#include "src/views/private.h"
#include "tools/pick/live.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/print/show.h"
#include "tools/read/commands.h"
#include "tools/read/inbox.h"

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

/* --- what there is --- */

struct listing {
	struct reading r;
	unsigned reasons; /* items with any of them */
	uint64_t limit, shown;
	uint64_t mark;	 /* what came later is new */
	uint64_t upto;	 /* what came later is for the live part */
	struct live live;
	bool follow;
	struct inbox_item *kept; /* newest first: to be shown last */
	size_t kept_count, kept_room;
};

static void print(struct listing *l, const struct view_message *m,
		  unsigned reasons)
{
	(l->r.page.json ? record_item : print_item)(&l->r, m, reasons,
						    m->row->rx > l->mark);
	viewer_turn(&l->r.viewer);
}

static void show(struct listing *l, const struct inbox_item *item)
{
	struct message_row row;
	struct view_message m;

	if (reading_message(&l->r, item->at.rx, &row, &m))
		print(l, &m, item->reasons);
}

/* What is followed is shown oldest first. */
static int take(struct listing *l, const struct inbox_item *item)
{
	struct inbox_item *more;

	l->shown++;
	if (!l->follow) {
		show(l, item);
		return EXIT_DONE;
	}
	more = list_room(l->kept, l->kept_count, &l->kept_room, sizeof(*more));
	if (!more)
		return tool_fail(EXIT_FAILED, "out of memory");
	l->kept = more;
	l->kept[l->kept_count++] = *item;
	return EXIT_DONE;
}

static int take_pages(struct listing *l)
{
	struct inbox_query q = { .reasons = l->reasons,
				 .before = POSTING_LAST };
	struct inbox_item items[ROOM];
	int code = EXIT_DONE;
	size_t n;

	do {
		if (inbox_page(l->r.txn, &l->r.viewer, &q, items, ROOM, &n))
			return tool_fail(EXIT_FAILED, "out of memory");
		for (size_t i = 0; i < n && !code && l->shown < l->limit; i++)
			if (items[i].at.rx <= l->upto)
				code = take(l, &items[i]);
		if (n)
			q.before = items[n - 1].at;
	} while (n && !code && l->shown < l->limit);
	return code;
}

static int print_all(struct listing *l)
{
	const struct mark inbox = { .kind = MARK_INBOX };
	int code;

	l->mark = mark_get(l->r.txn, &inbox);
	code = take_pages(l);
	while (!code && l->kept_count)
		show(l, &l->kept[--l->kept_count]);
	return code;
}

/* --- what comes --- */

static int follow(struct listing *l)
{
	struct message_row row;
	struct view_message m;
	unsigned reasons = 0;
	int code;

	reading_pause(&l->r);
	while (!(code = live_next(&l->live, &m, &row))) {
		if (l->live.fresh)
			code = reading_move(&l->r, l->live.txn);
		if (!code && inbox_why(l->r.txn, &l->r.viewer, &row, &reasons))
			code = tool_fail(EXIT_FAILED, "the store cannot be "
					 "read further");
		if (code)
			break;
		if (reasons & l->reasons)
			print(l, &m, reasons);
	}
	live_end(&l->live);
	l->r.txn = NULL;
	return code;
}

/* From here on all that comes in is heard of; and all that came before is in
 * the views. */
static int hear(struct listing *l, struct tool *t)
{
	int code = live_start(&l->live, t);

	l->live.views = true;
	l->upto = l->live.last_rx;
	return code ? code : tool_open(t, NEEDS_VIEWS);
}

static int list(struct tool *t, unsigned reasons, const char *nothing)
{
	struct listing l = { .reasons = reasons, .upto = UINT64_MAX,
			     .follow = tool_option(t, 'f') };
	int code = EXIT_DONE;

	if (!reading_limit(t, LIMIT_DEFAULT, &l.limit))
		return EXIT_MISUSED;
	if (l.follow)
		code = hear(&l, t);
	if (code)
		return code;
	code = reading_begin(&l.r, t, l.follow);
	if (!code)
		code = print_all(&l);
	free(l.kept);
	if (!code && l.follow)
		code = follow(&l);
	else if (!code && !l.shown)
		reading_nothing(&l.r, "%s", nothing);
	return reading_end(&l.r, code);
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
