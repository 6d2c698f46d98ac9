/* Private conversations, the newest first: kith inbox --private. */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/views/content.h"
#include "src/views/marks.h"
#include "src/views/postings.h"
#include "src/views/private.h"
#include "tools/pick/live.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/print/show.h"
#include "tools/read/inbox.h"

enum { LINE_BYTES_MAX = 4096, NAMED_MAX = 4 };

struct letters {
	struct reading *r;
	struct posting *found; /* newest first */
	size_t n, room;
	struct kith_msg_id *roots; /* of conversations that were shown */
	size_t root_count;
	uint64_t mark; /* what came later is new */
	uint64_t upto; /* what came later is for the live part */
};

/* --- what there is --- */

static bool keep(struct letters *l, const struct view_message *m)
{
	struct posting *more = list_room(l->found, l->n, &l->room,
					 sizeof(*more));
	double ms = view_time_ms(m);

	if (!more)
		return false;
	l->found = more;
	l->found[l->n++] = (struct posting){
		.time_ms = ms > 0 ? (uint64_t)ms : 0, .rx = m->row->rx };
	return true;
}

static int compare(const void *a, const void *b)
{
	return -posting_compare(a, b);
}

static bool find(struct letters *l)
{
	uint64_t number = 0, rx;
	struct message_row row;
	struct view_message m;
	bool room = true;

	while (room && opened_next(l->r->txn, &number, &rx))
		if (rx <= l->upto && message_get(l->r->txn, rx, &row) &&
		    !viewer_hides(&l->r->viewer, row.feed_number) &&
		    views_read(l->r->txn, &row, &m))
			room = keep(l, &m);
	if (l->n)
		qsort(l->found, l->n, sizeof(*l->found), compare);
	l->roots = room && l->n ? malloc(l->n * sizeof(*l->roots)) : NULL;
	l->root_count = 0;
	return room && (l->roots || !l->n);
}

/* What is said in a group is one conversation. */
static bool group_of(struct kith_slice content, struct kith_msg_id *out)
{
	struct kith_slice first = { 0 };
	size_t at = 0;

	return json_next_element(json_get(content, "recps"), &at, &first) &&
	       !kith_msg_parse(json_plain(first), out) &&
	       out->format == KITH_CLOAKED;
}

/* True the first time. */
static bool note_root(struct letters *l, const struct view_message *m)
{
	struct kith_msg_id root;

	if (!group_of(m->content, &root) && !content_root(m->content, &root))
		root = m->row->id;
	for (size_t i = 0; i < l->root_count; i++)
		if (kith_msg_equal(&l->roots[i], &root))
			return false;
	l->roots[l->root_count++] = root;
	return true;
}

/* --- who reads it --- */

static struct kith_slice id_of(struct kith_slice reader)
{
	return json_plain(json_kind(reader) == JSON_KIND_OBJECT
				  ? json_get(reader, "link") : reader);
}

static void put_reader(struct letters *l, const struct kith_ref *ref,
		       struct kith_buf *out)
{
	if (ref->kind == KITH_REF_FEED) {
		person_put(&l->r->people, &ref->feed, out);
	} else if (ref->kind == KITH_REF_MSG) {
		kith_buf_text(out, "the group ");
		person_put_msg(l->r->txn, &ref->msg, out);
	}
}

/* All but the viewer, and the author, who stands there already. */
static void put_readers(struct letters *l, const struct view_message *m,
			struct kith_buf *out)
{
	struct kith_slice recps = json_get(m->content, "recps"), one;
	size_t at = 0, named = 0, others = 0;
	struct kith_ref ref;

	while (json_next_element(recps, &at, &one)) {
		if (kith_ref_parse(id_of(one), &ref, NULL) ||
		    (ref.kind == KITH_REF_FEED &&
		     (kith_feed_equal(&ref.feed, &l->r->viewer.self) ||
		      kith_feed_equal(&ref.feed, &m->author))))
			continue;
		if (named == NAMED_MAX) {
			others++;
			continue;
		}
		kith_buf_text(out, named++ ? ", " : " to ");
		put_reader(l, &ref, out);
	}
	if (others) {
		kith_buf_text(out, " and ");
		kith_buf_uint(out, others);
		kith_buf_text(out, " more");
	}
}

/* --- printing --- */

static bool is_new(const struct letters *l, const struct view_message *m)
{
	return m->row->rx > l->mark &&
	       !kith_feed_equal(&m->author, &l->r->viewer.self);
}

static void print_letter(struct letters *l, const struct view_message *m)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct kith_buf right = { .limit = LINE_BYTES_MAX };
	struct reading *r = l->r;

	post_put_stamp(r, m, &line);
	if (is_new(l, m))
		style_text(&line, STYLE_ALERT, "new ");
	person_put(&r->people, &m->author, &line);
	put_readers(l, m, &line);
	kith_buf_text(&line, ": ");
	post_put_gist(r, m, &line);
	person_put_msg(r->txn, &m->row->id, &right);
	page_print_sides(&r->page, kith_bytes(&line), kith_bytes(&right),
			 r->page.columns);
	kith_buf_free(&line);
	kith_buf_free(&right);
}

static void record_letter(struct letters *l, const struct view_message *m)
{
	struct record to;

	record_begin(&to);
	show_record(&to, l->r->txn, m, true);
	reading_record_name(l->r, &to, &m->author);
	record_bool(&to, "unread", is_new(l, m));
	record_end(&to);
}

/* Not what is only said of it, as likes are. */
static bool is_said(const struct view_message *m)
{
	return m->boxed.n &&
	       (content_is_written(m->content) ||
		json_is(json_get(m->content, "type"), "group/add-member"));
}

static void print(struct letters *l, const struct view_message *m)
{
	(l->r->page.json ? record_letter : print_letter)(l, m);
	viewer_turn(&l->r->viewer);
}

/* Moves to the front what is to be shown, newest first; gives how many. */
static size_t choose(struct letters *l, uint64_t limit)
{
	struct message_row row;
	struct view_message m;
	size_t kept = 0;

	for (size_t i = 0; i < l->n && kept < limit; i++) {
		if (reading_message(l->r, l->found[i].rx, &row, &m) &&
		    is_said(&m) && note_root(l, &m))
			l->found[kept++] = l->found[i];
		viewer_turn(&l->r->viewer);
	}
	return kept;
}

/* What goes on at its end has the newest last. */
static void print_all(struct letters *l, size_t n, bool turned)
{
	struct message_row row;
	struct view_message m;

	for (size_t i = 0; i < n; i++)
		if (reading_message(l->r, l->found[turned ? n - 1 - i : i].rx,
				    &row, &m))
			print(l, &m);
}

static int follow(struct letters *l, struct live *live)
{
	struct message_row row;
	struct view_message m;
	int code;

	reading_pause(l->r);
	while (!(code = live_next(live, &m, &row))) {
		if (live->fresh)
			code = reading_move(l->r, live->txn);
		if (code)
			break;
		if (reading_message(l->r, row.rx, &row, &m) && is_said(&m))
			print(l, &m);
		viewer_turn(&l->r->viewer);
	}
	live_end(live);
	l->r->txn = NULL;
	return code;
}

static int list(struct letters *l, uint64_t limit, struct live *live)
{
	const struct mark inbox = { .kind = MARK_INBOX };
	size_t n;

	if (!find(l))
		return tool_fail(EXIT_FAILED, "out of memory");
	l->mark = mark_get(l->r->txn, &inbox);
	n = choose(l, limit);
	print_all(l, n, live);
	if (live) {
		live_opened(live, l->r->txn);
		return follow(l, live);
	}
	if (!n)
		reading_nothing(l->r, "nobody has written to you in private "
				"yet; `kith dm WHOM` writes to somebody");
	return EXIT_DONE;
}

int inbox_private(struct tool *t, uint64_t limit)
{
	struct letters l = { .upto = UINT64_MAX };
	bool goes_on = tool_option(t, 'f');
	struct live live = { .tool = t };
	struct reading r;
	int code = goes_on ? live_start_private(&live, t) : EXIT_DONE;

	if (code)
		return code;
	if (goes_on)
		l.upto = live.last_rx;
	code = reading_begin_private(&r, t, goes_on);
	l.r = &r;
	if (!code)
		code = list(&l, limit, goes_on ? &live : NULL);
	free(l.found);
	free(l.roots);
	return reading_end(&r, code);
}
