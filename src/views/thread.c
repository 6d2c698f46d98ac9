#include "src/views/thread.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/content.h"
#include "src/views/postings.h"
#include "src/views/private.h"
#include "src/views/thread_private.h"
#include "src/views/view.h"

/* A message may be found by each of its links, before doubles are dropped. */
enum { FOUND_MAX = 4 * THREAD_MESSAGES_MAX };

/* Found so far: those before from once each and by rx, those of the step that
 * is under way as they come. */
struct gather {
	struct txn *txn;
	const struct viewer *viewer;
	struct thread *thread;
	size_t from, room;
	enum kith_err err;
};

static int compare_rx(const void *a, const void *b)
{
	const struct thread_message *x = a, *y = b;

	return (x->rx > y->rx) - (x->rx < y->rx);
}

static bool hangs_on(struct kith_slice content, const struct kith_msg_id *on)
{
	struct content_places places;
	struct kith_msg_id place;

	content_places(content, &places);
	if (json_is(places.type, "vote"))
		return false;
	while (content_next_place(&places, &place))
		if (kith_msg_equal(&place, on))
			return true;
	return false;
}

/* Drops of this step what is there twice, or was before; and what is too much,
 * the newest here. */
static void drop_doubles(struct gather *g)
{
	struct thread *th = g->thread;
	struct thread_message *m = th->messages;
	size_t kept = g->from;

	if (th->count == g->from)
		return;
	qsort(m + g->from, th->count - g->from, sizeof(*m), compare_rx);
	for (size_t i = g->from; i < th->count; i++)
		if ((i == g->from || m[i].rx != m[i - 1].rx) &&
		    !bsearch(&m[i], m, g->from, sizeof(*m), compare_rx))
			m[kept++] = m[i];
	th->whole = th->whole && kept <= THREAD_MESSAGES_MAX;
	th->count = kept < THREAD_MESSAGES_MAX ? kept : THREAD_MESSAGES_MAX;
}

static void add(struct gather *g, const struct message_row *row,
		struct kith_slice content, uint64_t time_ms)
{
	struct thread *th = g->thread;
	struct thread_message *more;

	if (th->count == FOUND_MAX)
		drop_doubles(g);
	more = list_room(th->messages, th->count, &g->room, sizeof(*more));
	if (!more) {
		g->err = KITH_ENOMEM;
		return;
	}
	th->messages = more;
	th->messages[th->count++] = (struct thread_message){
		.rx = row->rx,
		.time_ms = time_ms,
		.id = row->id,
		.canon = row->canon,
		.content = content,
		.feed_number = row->feed_number,
		.parent = THREAD_NONE,
	};
}

static void add_from(struct gather *g, const struct kith_msg_id *on,
		     enum relation relation)
{
	const struct kith_ref ref = { .kind = KITH_REF_MSG, .msg = *on };
	struct term term = term_link(&ref, relation);
	struct kith_slice content;
	struct message_row row;
	struct postings p;

	postings_open(&p, g->txn, g->viewer, &term);
	for (bool more = postings_seek(&p, &POSTING_FIRST);
	     more && g->thread->whole && !g->err; more = postings_next(&p)) {
		if (!message_get(g->txn, p.at.rx, &row) ||
		    viewer_hides(g->viewer, row.feed_number))
			continue;
		content = viewer_content(g->viewer, g->txn, &row);
		if (hangs_on(content, on))
			add(g, &row, content, p.at.time_ms);
	}
	postings_close(&p);
}

/* In steps outwards: what hangs on the messages of the step before. */
static void gather_step(struct gather *g, const struct kith_msg_id *on,
			size_t n)
{
	static const enum relation relations[] = {
		RELATION_ROOT, RELATION_FORK, RELATION_BRANCH, RELATION_OTHER
	};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 4; k++)
			add_from(g, &on[i], relations[k]);
}

static bool add_root(struct gather *g)
{
	struct view_message m;
	struct message_row row;
	double ms;

	if (!message_by_id(g->txn, &g->thread->root, &row) ||
	    viewer_hides(g->viewer, row.feed_number) ||
	    !viewer_message(g->viewer, g->txn, &row, &m))
		return false;
	ms = view_time_ms(&m);
	add(g, &row, m.content, ms > 0 ? (uint64_t)ms : 0);
	return !g->err;
}

/* Copies the ids of the step before, since the messages move. */
static struct kith_msg_id *copy_ids(struct gather *g, size_t from)
{
	const struct thread *th = g->thread;
	size_t n = th->count - from;
	struct kith_msg_id *ids = malloc(n * sizeof(*ids));

	if (!ids)
		g->err = KITH_ENOMEM;
	for (size_t i = 0; ids && i < n; i++)
		ids[i] = th->messages[from + i].id;
	return ids;
}

static void gather_nested(struct gather *g)
{
	struct thread *th = g->thread;

	for (int i = 0; i < THREAD_CLIMB_MAX && th->count > g->from &&
			th->whole && !g->err; i++) {
		size_t n = th->count - g->from;
		struct kith_msg_id *ids = copy_ids(g, g->from);

		g->from = th->count;
		qsort(th->messages, g->from, sizeof(*th->messages),
		      compare_rx);
		if (ids)
			gather_step(g, ids, n);
		free(ids);
		if (!g->err)
			drop_doubles(g);
	}
}

enum kith_err thread_read(struct txn *t, const struct viewer *v,
			  const struct kith_msg_id *root, bool nested,
			  struct thread *out)
{
	struct gather g = { .txn = t, .viewer = v, .thread = out };

	*out = (struct thread){ .root = *root, .whole = true };
	out->have_root = add_root(&g);
	g.from = out->count;
	if (!g.err)
		gather_step(&g, root, 1);
	if (!g.err)
		drop_doubles(&g);
	if (!g.err && nested)
		gather_nested(&g);
	return g.err ? g.err : thread_order(t, out);
}

void thread_free(struct thread *th)
{
	free(th->messages);
	free(th->missing);
	*th = (struct thread){ 0 };
}

bool thread_root_of(struct kith_slice content, struct kith_msg_id *root)
{
	return content_root(content, root);
}

void thread_top(struct txn *t, const struct viewer *v,
		const struct kith_msg_id *from, struct kith_msg_id *out)
{
	struct kith_msg_id at = *from, root;
	struct message_row row;

	for (int i = 0; i < THREAD_CLIMB_MAX &&
			message_by_id(t, &at, &row) &&
			content_root(viewer_content(v, t, &row), &root);
	     i++)
		at = root;
	*out = at;
}

/* --- replies --- */

/* The newest first. */
static void put_tips(const struct thread *th, struct thread_reply *out)
{
	for (size_t i = th->count; i-- && out->branch_count < THREAD_TIPS_MAX;)
		if (th->messages[i].tip)
			out->branch[out->branch_count++] = th->messages[i].id;
}

static void copy_from_root(struct txn *t, const struct viewer *v,
			   struct thread_reply *out, struct kith_slice content)
{
	struct message_row row;

	if (message_by_id(t, &out->root, &row))
		content = viewer_content(v, t, &row);
	out->recps = json_get(content, "recps");
	out->channel = json_get(content, "channel");
	if (json_kind(out->recps) != JSON_KIND_ARRAY)
		out->recps.n = 0;
	if (json_kind(out->channel) != JSON_KIND_STRING)
		out->channel.n = 0;
}

/* What begins a thread of its own is answered within it. */
static void choose_root(struct thread_reply *out, struct kith_slice content,
			const struct kith_msg_id *to, bool fork)
{
	struct kith_msg_id old, root;
	bool has_root = content_root(content, &root);

	out->root = has_root ? root : *to;
	if (content_msg(json_get(content, "fork"), &old))
		out->root = *to;
	if (!fork || !has_root)
		return;
	out->forks = true;
	out->fork = root;
	out->root = *to;
}

enum kith_err thread_reply(struct txn *t, const struct viewer *v,
			   const struct kith_msg_id *to, bool fork,
			   struct thread_reply *out)
{
	struct kith_slice content;
	struct message_row row;
	struct thread th;
	enum kith_err err;

	if (!message_by_id(t, to, &row))
		return KITH_ENOENT;
	*out = (struct thread_reply){ 0 };
	content = viewer_content(v, t, &row);
	choose_root(out, content, to, fork);
	err = thread_read(t, v, &out->root, false, &th);
	if (!err)
		put_tips(&th, out);
	thread_free(&th);
	if (!out->branch_count)
		out->branch[out->branch_count++] = *to;
	copy_from_root(t, v, out, content);
	return err;
}

static void put_id(struct kith_buf *out, const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	json_put_text(out, text);
}

static void put_member(struct kith_buf *out, const char *name,
		       struct kith_slice value)
{
	if (!value.n)
		return;
	kith_buf_text(out, name);
	kith_buf_put(out, value);
}

void thread_reply_write(const struct thread_reply *r, struct kith_buf *out)
{
	kith_buf_text(out, ",\"root\":");
	put_id(out, &r->root);
	if (r->forks) {
		kith_buf_text(out, ",\"fork\":");
		put_id(out, &r->fork);
	}
	kith_buf_text(out, ",\"branch\":[");
	for (size_t i = 0; i < r->branch_count; i++) {
		if (i)
			kith_buf_byte(out, ',');
		put_id(out, &r->branch[i]);
	}
	kith_buf_byte(out, ']');
	put_member(out, ",\"channel\":", r->channel);
	put_member(out, ",\"recps\":", r->recps);
}
