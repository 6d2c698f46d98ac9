/* What those you follow wrote, newest first, thread by thread. */
#include "tools/read/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/contacts.h"
#include "src/views/content.h"
#include "src/views/link_walk.h"
#include "src/views/marks.h"
#include "src/views/private.h"
#include "src/views/thread.h"
#include "tools/pick/live.h"
#include "tools/pick/newest.h"
#include "tools/print/post.h"

enum { LIMIT_DEFAULT = 20, REPLIES_SHOWN = 2, ROOTS_MAX = 100000,
       POST_LINES = 20, REPLY_LINES = 10 };

/* What the options say, and how far we are. */
struct timeline {
	struct reading r;
	bool all, live;
	struct kith_slice channel; /* normalised; empty: any */
	char channel_text[CHANNEL_TEXT_BYTES];
	uint64_t limit, taken, shown;
	uint64_t mark; /* what came later is new */
	uint64_t upto; /* what came later is for the live part */
	struct newest list;
	struct kith_msg_id *roots; /* of the threads taken already; owned */
	size_t root_count, root_room;
};

static enum kith_err add_author(struct timeline *l,
				const struct kith_feed_id *id)
{
	enum kith_err err = KITH_OK;
	struct feed_row feed;
	struct term t;

	if (!feed_get(l->r.txn, id, &feed))
		return KITH_OK;
	for (size_t i = 0; !err && i < CONTENT_WRITTEN_TYPES; i++) {
		t = term_author_type(feed.number,
				     kith_text(content_written_types[i]));
		err = newest_add(&l->list, l->r.txn, &l->r.viewer, &t);
	}
	return err;
}

/* Ourselves and those we follow. */
static enum kith_err add_followed(struct timeline *l)
{
	struct contact c = { .from = l->r.viewer.self };
	enum kith_err err = add_author(l, &l->r.viewer.self);

	while (!err && contacts_of(l->r.txn, &c))
		if (c.edge == CONTACT_FOLLOW)
			err = add_author(l, &c.to);
	return err;
}

static enum kith_err add_everybody(struct timeline *l)
{
	enum kith_err err = KITH_OK;
	struct term t;

	for (size_t i = 0; !err && i < CONTENT_WRITTEN_TYPES; i++) {
		t = term_type(kith_text(content_written_types[i]));
		err = newest_add(&l->list, l->r.txn, &l->r.viewer, &t);
	}
	return err;
}

static enum kith_err open_list(struct timeline *l)
{
	struct term t;

	if (l->channel.n) {
		t = term_channel(l->channel);
		return newest_add(&l->list, l->r.txn, &l->r.viewer,
				  &t);
	}
	return l->all || !l->r.viewer.known ? add_everybody(l)
					    : add_followed(l);
}

/* True the first time. */
static bool note_root(struct timeline *l, const struct kith_msg_id *root)
{
	struct kith_msg_id *more;

	for (size_t i = 0; i < l->root_count; i++)
		if (kith_msg_equal(&l->roots[i], root))
			return false;
	if (l->root_count == ROOTS_MAX)
		return true;
	more = list_room(l->roots, l->root_count, &l->root_room, sizeof(*more));
	if (!more)
		return true;
	l->roots = more;
	l->roots[l->root_count++] = *root;
	return true;
}

static bool is_new(const struct timeline *l, const struct view_message *m)
{
	return l->mark && m->row->rx > l->mark &&
	       !(l->r.viewer.known &&
		 kith_feed_equal(&m->author, &l->r.viewer.self));
}

static void print_at(struct timeline *l, const struct kith_msg_id *id,
		     const char *margin)
{
	struct post_look look = { .margin = margin,
				  .lines = *margin ? REPLY_LINES
						   : POST_LINES };
	struct message_row row;
	struct view_message m;

	if (!reading_message_by_id(&l->r, id, &row, &m) || row.rx > l->upto)
		return;
	look.new = is_new(l, &m);
	post_print(&l->r, &m, &look);
}

/* What stands between the first message of a thread and its newest. */
static void print_gap(struct timeline *l, size_t hidden,
		      const struct kith_msg_id *root)
{
	struct kith_buf line = { .limit = PAGE_MEASURE * 4 };

	style_begin(&line, STYLE_FAINT);
	kith_buf_uint(&line, hidden);
	kith_buf_text(&line, hidden == 1 ? " more reply: `kith thread "
					 : " more replies: `kith thread ");
	style_end(&line, STYLE_FAINT);
	person_put_msg(l->r.txn, root, &line);
	style_text(&line, STYLE_FAINT, "`");
	putchar('\n');
	page_print(&l->r.page, kith_bytes(&line), "    ");
	kith_buf_free(&line);
}

static void print_absent(struct timeline *l, const struct kith_msg_id *root)
{
	struct kith_buf line = { .limit = PAGE_MEASURE * 4 };
	struct message_row row;
	bool here = message_by_id(l->r.txn, root, &row);

	style_text(&line, STYLE_FAINT, "answers ");
	person_put_msg(l->r.txn, root, &line);
	style_text(&line, STYLE_FAINT, here ? ", whose author you block"
					    : ", which is not here");
	page_print(&l->r.page, kith_bytes(&line), "");
	kith_buf_free(&line);
}

static int print_thread(struct timeline *l, const struct kith_msg_id *root)
{
	struct thread th;
	enum kith_err err = thread_read(l->r.txn, &l->r.viewer, root, false,
					&th);
	size_t first = !err && th.have_root, hidden = 0;

	if (!err && l->shown)
		putchar('\n');
	if (!err && th.have_root)
		print_at(l, root, "");
	else if (!err)
		print_absent(l, root);
	if (!err && th.count > first + REPLIES_SHOWN)
		hidden = th.count - first - REPLIES_SHOWN;
	if (hidden)
		print_gap(l, hidden, root);
	for (size_t i = first + hidden; !err && i < th.count; i++) {
		if (th.messages[i].rx > l->upto)
			continue;
		putchar('\n');
		print_at(l, &th.messages[i].id, "    ");
	}
	thread_free(&th);
	return err ? tool_fail(EXIT_FAILED, "out of memory") : EXIT_DONE;
}

/* A thread; or, as a record, a message by its id. */
static int show(struct timeline *l, const struct kith_msg_id *id)
{
	struct message_row row;
	struct view_message m;
	int code = EXIT_DONE;

	if (!l->r.page.json)
		code = print_thread(l, id);
	else if (reading_message_by_id(&l->r, id, &row, &m))
		post_record(&l->r, &m);
	l->shown++;
	return code;
}

/* One message of the list: its thread, unless that stands there already. */
static int take(struct timeline *l, const struct view_message *m)
{
	struct kith_msg_id id = m->row->id;

	if (!l->r.page.json) {
		thread_top(l->r.txn, &l->r.viewer, &m->row->id, &id);
		if (!note_root(l, &id))
			return EXIT_DONE;
	} else if (l->live) {
		note_root(l, &id);
	}
	l->taken++;
	return l->live ? EXIT_DONE : show(l, &id);
}

static int print_list(struct timeline *l)
{
	struct message_row row;
	struct view_message m;
	struct posting at;
	int code = EXIT_DONE;

	if (open_list(l))
		return tool_fail(EXIT_FAILED, "out of memory");
	while (!code && l->taken < l->limit && newest_next(&l->list, &at))
		if (at.rx <= l->upto &&
		    reading_message(&l->r, at.rx, &row, &m) &&
		    content_is_written(m.content))
			code = take(l, &m);
	/* What goes on at its end has the newest last. */
	for (size_t i = l->live ? l->root_count : 0; !code && i-- > 0;)
		code = show(l, &l->roots[i]);
	return code;
}

static bool follows(struct timeline *l, const struct kith_feed_id *id)
{
	struct contact c = { .from = l->r.viewer.self, .to = *id };

	return !l->r.viewer.known || kith_feed_equal(id, &c.from) ||
	       (contacts_get(l->r.txn, &c) && c.edge == CONTACT_FOLLOW);
}

/* As the view of links has it. */
static bool in_channel(const struct timeline *l, const struct view_message *m)
{
	struct link_walk w;
	struct link link;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &link))
		if (link.channel &&
		    kith_equal((struct kith_slice){ (const uint8_t *)link.name,
						    link.name_bytes },
			       l->channel))
			return true;
	return false;
}

static bool is_wanted(struct timeline *l, const struct view_message *m)
{
	if (!content_is_written(m->content) ||
	    viewer_hides(&l->r.viewer, m->row->feed_number))
		return false;
	if (l->channel.n)
		return in_channel(l, m);
	return l->all || follows(l, &m->author);
}

static void print_live(struct timeline *l, const struct view_message *m)
{
	struct post_look look = { .margin = "", .lines = POST_LINES };
	struct kith_buf line = { .limit = PAGE_MEASURE * 4 };
	struct kith_msg_id root;

	if (l->r.page.json) {
		post_record(&l->r, m);
		return;
	}
	if (l->shown++)
		putchar('\n');
	if (thread_root_of(m->content, &root)) {
		style_text(&line, STYLE_FAINT, "in the thread ");
		person_put_msg(l->r.txn, &root, &line);
		page_print(&l->r.page, kith_bytes(&line), "");
	}
	post_print(&l->r, m, &look);
	kith_buf_free(&line);
}

static int follow(struct timeline *l, struct live *live)
{
	struct message_row row;
	struct view_message m;
	int code;

	reading_pause(&l->r);
	while (!(code = live_next(live, &m, &row))) {
		if (live->fresh)
			code = reading_move(&l->r, live->txn);
		if (code)
			break;
		if (viewer_message(&l->r.viewer, l->r.txn, &row, &m) &&
		    is_wanted(l, &m))
			print_live(l, &m);
		viewer_turn(&l->r.viewer);
	}
	live_end(live);
	l->r.txn = NULL;
	return code;
}

static int explain_nothing(struct timeline *l)
{
	struct contact c = { .from = l->r.viewer.self };
	bool follows_any = false;

	while (!follows_any && contacts_of(l->r.txn, &c))
		follows_any = c.edge == CONTACT_FOLLOW;
	if (l->channel.n)
		reading_nothing(&l->r, "nothing in #%.*s yet: `kith channels` "
				"lists those in use", (int)l->channel.n,
				(const char *)l->channel.p);
	else if (l->all || !l->r.viewer.known)
		reading_nothing(&l->r, "no posts here yet: `kith connect "
				"ADDRESS` brings some, `kith post TEXT` writes "
				"one");
	else if (!follows_any)
		reading_nothing(&l->r, "nobody followed yet: `kith follow "
				"FEED`, and `kith timeline --all` shows what "
				"is here of anybody");
	else
		reading_nothing(&l->r, "those you follow have written nothing "
				"that is here: `kith peers` says who might "
				"have it");
	return EXIT_DONE;
}

static int run(struct timeline *l, struct live *live)
{
	struct mark timeline = { .kind = MARK_TIMELINE };
	int code;

	l->mark = mark_get(l->r.txn, &timeline);
	if (live)
		live_opened(live, l->r.txn);
	code = print_list(l);
	newest_end(&l->list);
	if (!code && !l->shown && !live)
		return explain_nothing(l);
	return !code && live ? follow(l, live) : code;
}

static int read_options(struct timeline *l, struct tool *t,
			const char *channel)
{
	l->all = tool_option(t, 'a');
	l->live = tool_option(t, 'f');
	if (channel)
		l->channel = (struct kith_slice){
			(const uint8_t *)l->channel_text,
			channel_normalize(kith_text(channel), l->channel_text),
		};
	if (channel && !l->channel.n)
		return tool_fail(EXIT_MISUSED, "\"%s\" is no name of a "
				 "channel: it is only punctuation", channel);
	return reading_limit(t, LIMIT_DEFAULT, &l->limit) ? EXIT_DONE
							  : EXIT_MISUSED;
}

/* From here on all that comes in is heard of; and all that came before is in
 * the views. */
static int hear(struct timeline *l, struct tool *t, struct live *news)
{
	bool private = tool_option(t, 'p');
	int code = private ? tool_open(t, NEEDS_KEYS) : EXIT_DONE;

	if (!code)
		code = private ? live_start_private(news, t)
			       : live_start(news, t);
	if (code)
		return code;
	l->upto = news->last_rx;
	return tool_open(t, NEEDS_VIEWS);
}

/* The shared end of timeline and channel. */
static int start(struct tool *t, const char *channel)
{
	struct timeline *l = calloc(1, sizeof(*l));
	struct live news;
	int code;

	if (!l)
		return tool_fail(EXIT_FAILED, "out of memory");
	l->upto = UINT64_MAX;
	code = read_options(l, t, channel);
	if (!code && l->live)
		code = hear(l, t, &news);
	if (!code) {
		code = tool_option(t, 'p')
			       ? reading_begin_private(&l->r, t, l->live)
			       : reading_begin(&l->r, t, l->live);
		if (!code)
			code = run(l, l->live ? &news : NULL);
		code = reading_end(&l->r, code);
	}
	free(l->roots);
	free(l);
	return code;
}

int command_timeline(struct tool *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return start(t, tool_option(t, 'c'));
}

int command_channel(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return start(t, argv[0]);
}
