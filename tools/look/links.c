/* kith links and kith backlinks: what a message refers to, and what refers to
 * something. */
#include "src/views/link_walk.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/content.h"
#include "src/views/private.h"
#include "src/views/viewer.h"
#include "tools/look/commands.h"
#include "tools/pick/newest.h"
#include "tools/print/list.h"
#include "tools/print/page.h"
#include "tools/print/show.h"
#include "tools/text/text.h"

enum { PATH_BYTES_MAX = 1 << 14, PATH_COLUMNS = 24, TYPE_COLUMNS = 10,
       PATHS_COLUMNS_MIN = 16, WHEN_COLUMNS = 24, FOUND_MAX = 1 << 22,
       WHOLE_COLUMNS = 124 /* with whole ids */ };

struct linking {
	struct tool *tool;
	struct list list;
	struct viewer viewer;
	struct page page;
	const char *member; /* only links in it; NULL: all */
	bool found;	    /* there was something to print */
	/* Of backlinks: a transaction that is renewed, and what is referred
	 * to. */
	struct txn *txn;
	unsigned rows;
	enum kith_err err; /* of an earlier transaction */
	struct kith_ref to;
	char channel[CHANNEL_TEXT_BYTES]; /* or, not empty, a channel */
};

static int begin(struct linking *k, struct tool *t)
{
	int code = EXIT_DONE;

	*k = (struct linking){ .tool = t, .member = tool_option(t, 'm') };
	if (!list_read(&k->list, t, UINT64_MAX, IDS_FULL))
		return EXIT_MISUSED;
	if (tool_option(t, 'p')) {
		code = tool_open(t, NEEDS_KEYS | NEEDS_VIEWS);
		if (!code && viewer_sees_private(&k->viewer, t->keys))
			code = tool_fail(EXIT_FAILED, "out of memory");
	}
	if (!code)
		code = page_begin(&k->page, t, false);
	list_fit(&k->list, t, &k->page, WHOLE_COLUMNS);
	return code;
}

/* nothing: what to say where there is none. */
static int end(struct linking *k, int code, const char *nothing)
{
	viewer_end(&k->viewer);
	code = page_end(&k->page, code);
	if (!code && !k->found && !k->tool->json)
		tool_note("%s", nothing);
	return code;
}

static bool is_in_member(const struct linking *k, const struct link *l)
{
	return !k->member || json_is(l->member, k->member);
}

/* --- links ---------------------------------------------------------------- */

static void put_target(const struct linking *k, const struct link *l,
		       struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	if (l->channel) {
		kith_buf_byte(out, '#');
		kith_buf_put(out, (struct kith_slice){
			(const uint8_t *)l->name, l->name_bytes });
		return;
	}
	ids_ref(k->list.ids, &l->ref, id);
	kith_buf_text(out, id);
}

static void record_link(const struct linking *k, const struct view_message *m,
			const struct link *l, struct kith_slice path)
{
	struct record r;

	list_record(&k->list, &r);
	record_feed(&r, "feed", &m->author);
	record_uint(&r, "seq", m->row->sequence);
	record_msg(&r, "id", &m->row->id);
	record_string(&r, "path", path);
	if (l->channel) {
		record_string(&r, "channel", (struct kith_slice){
			(const uint8_t *)l->name, l->name_bytes });
	} else {
		char id[KITH_REF_TEXT_BYTES];

		ids_ref(r.uris ? IDS_URI : IDS_FULL, &l->ref, id);
		record_text(&r, "to", id);
	}
	record_end(&r);
}

static void print_in_columns(const struct linking *k, struct kith_slice path,
			     struct kith_slice to)
{
	struct kith_buf safe = { .limit = PATH_BYTES_MAX * 6 };
	size_t columns = PATH_COLUMNS, width;

	text_put(&safe, path);
	width = text_width(kith_bytes(&safe));
	if (width > columns)
		columns = width;
	width = text_width(to) + 2;
	/* Of a place that does not fit the start is shown. */
	if (k->page.terminal && columns + width > k->page.columns)
		columns = k->page.columns > width + PATHS_COLUMNS_MIN
				  ? k->page.columns - width
				  : PATHS_COLUMNS_MIN;
	text_print_cut(stdout, kith_bytes(&safe), columns, true);
	printf("  ");
	text_print(stdout, to);
	putchar('\n');
	kith_buf_free(&safe);
}

static void print_link(const struct linking *k, const struct view_message *m,
		       const struct link *l)
{
	struct kith_buf path = { .limit = PATH_BYTES_MAX };
	struct kith_buf to = { .limit = PATH_BYTES_MAX };

	show_put_path(m->content, l, &path);
	if (k->tool->json) {
		record_link(k, m, l, kith_bytes(&path));
	} else {
		put_target(k, l, &to);
		print_in_columns(k, kith_bytes(&path), kith_bytes(&to));
	}
	kith_buf_free(&path);
	kith_buf_free(&to);
}

/* Gives how many there are. */
static uint64_t print_links(struct linking *k,
			    const struct view_message *m, uint64_t limit)
{
	uint64_t shown = 0;
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	while (shown < limit && link_walk_next(&w, &l)) {
		if (!is_in_member(k, &l))
			continue;
		print_link(k, m, &l);
		k->found = true;
		shown++;
	}
	return shown;
}

static bool has_links(const struct linking *k, const struct view_message *m)
{
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l))
		if (is_in_member(k, &l))
			return true;
	return false;
}

/* Above the links of one of several. */
static void print_head(const struct linking *k, const struct view_message *m)
{
	char id[KITH_REF_TEXT_BYTES], feed[KITH_REF_TEXT_BYTES];

	if (k->tool->json || !has_links(k, m))
		return;
	ids_msg(k->list.ids, &m->row->id, id);
	ids_feed(IDS_SHORT, &m->author, feed);
	printf("%s  %s:%llu\n", id, feed, (unsigned long long)m->row->sequence);
}

static int links_of(struct linking *k, const struct selection *of)
{
	bool several = of->kind != SELECT_MESSAGE && of->first != of->last;
	struct message_row row;
	struct view_message m;
	uint64_t shown = 0;
	struct walk w;

	walk_start(&w, k->tool->store, of, k->list.reverse);
	while (shown < k->list.limit && !page_is_left() &&
	       walk_next(&w, &m, &row)) {
		viewer_turn(&k->viewer);
		if (!list_has(&k->list, &m) ||
		    !viewer_message(&k->viewer, w.txn, &row, &m))
			continue;
		if (several)
			print_head(k, &m);
		shown += print_links(k, &m, k->list.limit - shown);
	}
	walk_end(&w);
	return w.err ? tool_damaged(w.err) : EXIT_DONE;
}

int command_links(struct tool *t, int argc, char **argv)
{
	struct selection of;
	struct linking k;
	int code = select_for(t, argv[0], &of);

	(void)argc;
	if (code)
		return code;
	code = begin(&k, t);
	if (!code)
		code = links_of(&k, &of);
	return end(&k, code, "no references found there");
}

/* --- backlinks ------------------------------------------------------------ */

static bool same_ref(const struct kith_ref *a, const struct kith_ref *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case KITH_REF_FEED: return kith_feed_equal(&a->feed, &b->feed);
	case KITH_REF_MSG: return kith_msg_equal(&a->msg, &b->msg);
	case KITH_REF_BLOB: return !memcmp(a->blob.b, b->blob.b,
					   KITH_ID_BYTES);
	}
	return false;
}

static bool is_it(const struct linking *k, const struct link *l)
{
	if (!is_in_member(k, l))
		return false;
	if (*k->channel)
		return l->channel && l->name_bytes == strlen(k->channel) &&
		       !memcmp(l->name, k->channel, l->name_bytes);
	return !l->channel && same_ref(&l->ref, &k->to);
}

/* Appends where m refers to it, as a list in JSON or in words; false: it does
 * not, and only the start of the id is the same. */
static bool put_paths(const struct linking *k, const struct view_message *m,
		      struct kith_buf *out)
{
	struct kith_buf path = { .limit = PATH_BYTES_MAX };
	bool json = k->tool->json, found = false;
	struct link_walk w;
	struct link l;

	kith_buf_text(out, json ? "[" : "");
	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l)) {
		if (!is_it(k, &l))
			continue;
		kith_buf_reset(&path);
		show_put_path(m->content, &l, &path);
		kith_buf_text(out, !found ? "" : json ? "," : ", ");
		if (json)
			json_put_string(out, kith_bytes(&path));
		else
			kith_buf_put(out, kith_bytes(&path));
		found = true;
	}
	kith_buf_text(out, json ? "]" : "");
	kith_buf_free(&path);
	return found;
}

static void print_backlink(const struct linking *k,
			   const struct view_message *m,
			   struct kith_slice paths)
{
	char id[KITH_REF_TEXT_BYTES], feed[KITH_REF_TEXT_BYTES];
	struct kith_buf type = { .limit = PATH_BYTES_MAX };
	char when[TEXT_TIME_BYTES];
	struct record r;
	size_t taken;

	if (k->tool->json) {
		list_record(&k->list, &r);
		show_record(&r, k->txn, m, false);
		record_json(&r, "paths", paths);
		record_end(&r);
		return;
	}
	ids_msg(k->list.ids, &m->row->id, id);
	ids_feed(IDS_SHORT, &m->author, feed);
	text_time(view_time_ms(m), when);
	show_type(m, &type);
	printf("%s  %16s  %s  ", id, when, feed);
	text_print_cut(stdout, kith_bytes(&type), TYPE_COLUMNS, true);
	printf("  ");
	taken = text_width(kith_text(id)) + text_width(kith_text(feed)) +
		TYPE_COLUMNS + WHEN_COLUMNS;
	if (!k->page.terminal)
		text_print(stdout, paths);
	else
		text_print_cut(stdout, paths,
			       k->page.columns > taken + PATHS_COLUMNS_MIN
				       ? k->page.columns - taken
				       : PATHS_COLUMNS_MIN, false);
	putchar('\n');
	kith_buf_free(&type);
}

/* False: it was none. */
static bool show_backlink(struct linking *k, uint64_t rx)
{
	struct kith_buf paths = { .limit = 1 << 20 };
	struct message_row row;
	struct view_message m;
	bool is;

	viewer_turn(&k->viewer);
	is = message_get(k->txn, rx, &row) &&
	     viewer_message(&k->viewer, k->txn, &row, &m) &&
	     list_has(&k->list, &m) && put_paths(k, &m, &paths);
	if (is)
		print_backlink(k, &m, kith_bytes(&paths));
	k->found = k->found || is;
	kith_buf_free(&paths);
	return is;
}

static enum kith_err add_lists(const struct linking *k, struct newest *n)
{
	enum kith_err err = KITH_OK;
	struct term term;

	if (*k->channel) {
		term = term_channel(kith_text(k->channel));
		return newest_add(n, k->txn, &k->viewer, &term);
	}
	for (int i = 0; !err && i < RELATION_COUNT; i++) {
		term = term_link(&k->to, (enum relation)i);
		err = newest_add(n, k->txn, &k->viewer, &term);
	}
	return err;
}

/* Goes on in another transaction after SELECT_RENEW_ROWS rows, so that a long
 * listing does not hold back a writer.  False: the store cannot be read
 * further, or nobody reads what is printed. */
static bool renew(struct linking *k, struct newest *n)
{
	struct txn *next;

	if (page_is_left())
		return false;
	if (++k->rows < SELECT_RENEW_ROWS)
		return true;
	k->rows = 0;
	k->err = txn_error(k->txn);
	if (!k->err)
		k->err = store_read(k->tool->store, &next);
	if (k->err)
		return false;
	newest_move(n, next, &k->viewer);
	txn_end(k->txn);
	k->txn = next;
	return true;
}

/* Oldest first: all there are, backwards. */
static enum kith_err print_oldest(struct linking *k, struct newest *n)
{
	uint64_t *found = NULL, *more, shown = 0;
	size_t count = 0, room = 0;
	struct posting at;

	while (count < FOUND_MAX && renew(k, n) && newest_next(n, &at)) {
		more = list_room(found, count, &room, sizeof(*more));
		if (!more) {
			free(found);
			return KITH_ENOMEM;
		}
		found = more;
		found[count++] = at.rx;
	}
	while (count && shown < k->list.limit && renew(k, n))
		shown += show_backlink(k, found[--count]);
	free(found);
	return KITH_OK;
}

static int print_backlinks(struct linking *k)
{
	struct newest n = { 0 };
	struct posting at;
	uint64_t shown = 0;
	enum kith_err err = add_lists(k, &n);

	if (!err && k->list.reverse)
		err = print_oldest(k, &n);
	while (!err && !k->list.reverse && shown < k->list.limit &&
	       renew(k, &n) && newest_next(&n, &at))
		shown += show_backlink(k, at.rx);
	newest_end(&n);
	if (err == KITH_ENOMEM)
		return tool_fail(EXIT_FAILED, "out of memory");
	if (!err)
		err = k->err ? k->err : txn_error(k->txn);
	return err ? tool_damaged(err) : EXIT_DONE;
}

static int read_target(struct linking *k, const char *text)
{
	if (*text == '#')
		return channel_normalize(kith_text(text), k->channel)
			       ? EXIT_DONE
			       : tool_fail(EXIT_MISUSED, "\"%s\" names no "
					   "channel", text);
	return select_ref(k->tool, k->txn, text, &k->to);
}

int command_backlinks(struct tool *t, int argc, char **argv)
{
	struct linking k;
	int code = begin(&k, t);

	(void)argc;
	if (!code && store_read(t->store, &k.txn))
		code = tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (!code)
		code = read_target(&k, argv[0]);
	if (!code)
		code = print_backlinks(&k);
	txn_end(k.txn);
	return end(&k, code, "nothing that refers to it was found");
}
