#include "src/daemon/blobs_refs.h"

#include "src/daemon/daemon.h"
#include "src/views/link_walk.h"
#include "src/views/marks.h"
#include "src/views/private.h"

enum {
	PAUSE_MS = 100,	      /* behind a commit: what comes together */
	AGAIN_MS = 60000,     /* between two readings of all postings */
	AGAIN_CALM_MS = 2000, /* behind a change of the graph */
	FAILED_MS = 60000,
	SHUT_MS = 2000, /* behind what is not opened yet */
	NO_READER_MS = 1000,
	WAITING_MAX = 8192, /* notes; then those are written first */
	TURN_MS = 20,	      /* of the worker, */
	TURN_MESSAGES = 4096, /* and of the log */
	LINKS_OF_MESSAGE = LINKS_MAX
};

/* --- the worker: messages ------------------------------------------------- */

static bool has_room(const struct blob_refs *r)
{
	return r->n + LINKS_OF_MESSAGE <= BLOB_REFS_SLICE;
}

/* What it refers to; ids with these first bytes only, where they are given. */
static void take_message(struct blob_refs *r, struct txn *t,
			 const struct message_row *row, const uint8_t *id)
{
	struct view_message m;
	struct link_walk w;
	struct link l;

	if (!viewer_message(&r->viewer, t, row, &m))
		return;
	link_walk_start(&w, m.content);
	while (r->n < BLOB_REFS_SLICE && link_walk_next(&w, &l))
		if (!l.channel && l.ref.kind == KITH_REF_BLOB &&
		    (!id || !memcmp(l.ref.blob.b, id, 8)))
			r->found[r->n++] = (struct blob_ref){ l.ref.blob,
							      m.author };
}

/* A blob's id begins so, and almost nothing else that is written. */
static bool may_refer(struct kith_slice canon)
{
	static const char sigil[] = "\"&", uri[] = "\"ssb:blob";

	return memmem(canon.p, canon.n, sigil, sizeof(sigil) - 1) ||
	       memmem(canon.p, canon.n, uri, sizeof(uri) - 1);
}

static void read_log(struct blob_refs *r, struct txn *t, int64_t end_us)
{
	struct message_row row;

	r->more = false;
	for (int i = 0; message_from(t, r->seen.rx + 1, &row); i++) {
		if (i == TURN_MESSAGES || !has_room(r) ||
		    (i % 64 == 63 && sharing_now_us() > end_us)) {
			r->more = true;
			return;
		}
		if (may_refer(row.canon))
			take_message(r, t, &row, NULL);
		r->seen.rx = row.rx;
	}
}

/* In the order in which it was opened. */
static void read_opened(struct blob_refs *r, struct txn *t, int64_t end_us)
{
	uint64_t last = opened_last(t), rx;
	struct message_row row;

	if (r->seen.opened > last) /* they were made anew, or the newest went */
		r->seen.opened = last;
	while (has_room(r) && sharing_now_us() < end_us &&
	       opened_next(t, &r->seen.opened, &rx))
		if (message_get(t, rx, &row))
			take_message(r, t, &row, NULL);
	r->more = r->seen.opened < last;
}

/* --- the worker: postings ------------------------------------------------- */

/* False: the turn is over. */
static bool read_list(struct blob_refs *r, struct txn *t, int64_t end_us)
{
	struct postings list;
	struct message_row row;
	bool more;

	postings_open(&list, t, &r->viewer, &r->term);
	for (more = postings_seek(&list, &r->at); more;
	     more = postings_next(&list)) {
		r->at = list.at;
		if (!has_room(r) || sharing_now_us() > end_us)
			break;
		if (message_get(t, list.at.rx, &row))
			take_message(r, t, &row, r->term.b + 2);
	}
	postings_close(&list);
	return !more;
}

static void read_links(struct blob_refs *r, struct txn *t, int64_t end_us)
{
	static const uint8_t prefix[] = { TERM_LINK, KITH_REF_BLOB };

	r->more = true;
	if (r->term.n && !read_list(r, t, end_us))
		return;
	while (terms_next(t, &r->viewer,
			  (struct kith_slice){ prefix, sizeof(prefix) },
			  &r->term)) {
		r->at = POSTING_FIRST;
		if (!read_list(r, t, end_us))
			return;
	}
	r->by_links = false;
}

static void turn(void *arg)
{
	struct blob_refs *r = arg;
	int64_t end_us = sharing_now_us() + TURN_MS * 1000;
	struct txn *t;

	r->n = 0;
	r->more = true;
	if (store_read(r->daemon->store, &t))
		return;
	if (viewer_sees_private(&r->viewer, r->daemon->keys))
		r->viewer.keys = NULL; /* what is public is looked at */
	if (r->by_links)
		read_links(r, t, end_us);
	else
		read_log(r, t, end_us);
	if (!r->by_links && !r->more)
		read_opened(r, t, end_us);
	r->shut = !private_is_current(t);
	viewer_end(&r->viewer);
	txn_end(t);
}

/* --- the loop ------------------------------------------------------------- */

/* Near enough, and not noted before as so near. */
static bool is_news(struct daemon *d, struct txn *t, const struct blob_ref *ref,
		    int hops)
{
	struct blob_row row;

	if (hops < 0 || hops > (int)d->config.blob_hops)
		return false;
	return !blob_row_get(t, &ref->id, &row) || row.hops > hops ||
	       (!hops && !row.own);
}

static void note_found(struct daemon *d, struct txn *t)
{
	struct blob_refs *r = &d->sharing.refs;
	struct blob_row row = { 0 };
	int hops;

	for (size_t i = 0; i < r->n; i++) {
		hops = graph_hops(d->replicate.graph, &r->found[i].author);
		if (!is_news(d, t, &r->found[i], hops))
			continue;
		row.id = r->found[i].id;
		row.hops = (uint8_t)hops;
		row.own = hops == 0;
		blobs_note(d, NOTE_NAMED, &row, NULL);
	}
}

/* With the notes or behind them, so that none is lost to a crash. */
static void note_seen(struct daemon *d)
{
	struct blob_refs *r = &d->sharing.refs;

	if (r->by_links || (r->seen.rx == r->noted.rx &&
			    r->seen.opened == r->noted.opened))
		return;
	r->noted = r->seen;
	blobs_note_seen(d, &r->seen);
}

/* What was found must not be lost, since it is not looked for again.  False:
 * there is no reader now. */
static bool note(struct daemon *d)
{
	struct txn *t;

	if (!daemon_read(d, &t))
		return false;
	note_found(d, t);
	note_seen(d);
	txn_end(t);
	d->sharing.refs.n = 0;
	return true;
}

static void turned(void *arg)
{
	struct blob_refs *r = arg;
	struct daemon *d = r->daemon;
	int64_t now_ms = daemon_now_ms(d);

	r->running = false;
	if (d->sharing.over)
		return;
	r->due_ms = r->more ? now_ms :
		    r->news ? now_ms + PAUSE_MS :
		    r->shut ? now_ms + SHUT_MS : INT64_MAX;
	if (!note(d))
		r->due_ms = now_ms + NO_READER_MS;
	sharing_worked(d);
}

void blob_refs_again(struct daemon *d)
{
	struct blob_refs *r = &d->sharing.refs;
	int64_t at_ms = daemon_now_ms(d) + AGAIN_MS;

	r->graph = graph_version(d->replicate.graph) - 1;
	if (r->again_ms < at_ms)
		r->again_ms = at_ms;
}

/* Others came into reach, or left it: their messages may be here. */
static void look_again(struct daemon *d, int64_t now_ms)
{
	struct blob_refs *r = &d->sharing.refs;
	uint64_t version = graph_version(d->replicate.graph);

	if (r->running || version == r->graph || now_ms < r->again_ms)
		return;
	r->graph = version;
	r->again_ms = now_ms + AGAIN_MS;
	r->by_links = true;
	r->term.n = 0;
	r->due_ms = now_ms;
}

int64_t blob_refs_deadline_ms(const struct daemon *d)
{
	const struct blob_refs *r = &d->sharing.refs;

	if (r->running || d->config.blob_hops < 0)
		return INT64_MAX;
	if (graph_version(d->replicate.graph) != r->graph &&
	    r->again_ms < r->due_ms)
		return r->again_ms;
	return r->due_ms;
}

void blob_refs_due(struct daemon *d, int64_t now_ms)
{
	struct blob_refs *r = &d->sharing.refs;

	if (now_ms < blob_refs_deadline_ms(d))
		return;
	if (r->n && !note(d)) {
		r->due_ms = now_ms + NO_READER_MS;
		return;
	}
	look_again(d, now_ms);
	if (now_ms < r->due_ms)
		return;
	if (d->sharing.notes.count > WAITING_MAX) {
		r->due_ms = now_ms + PAUSE_MS;
		return;
	}
	r->news = false;
	r->due_ms = INT64_MAX;
	r->running = !net_work(d->net, turn, turned, r);
	if (!r->running)
		r->due_ms = now_ms + FAILED_MS;
}

void blob_refs_look(struct daemon *d)
{
	struct blob_refs *r = &d->sharing.refs;

	int64_t soon_ms = daemon_now_ms(d) + PAUSE_MS;

	r->news = true;
	if (!r->running &&
	    (r->due_ms == INT64_MAX || (r->shut && r->due_ms > soon_ms)))
		r->due_ms = soon_ms;
}

/* The first time it takes the postings, which reach up to where the views
 * are. */
void blob_refs_start(struct daemon *d)
{
	const struct mark mark = { .kind = MARK_BLOBS };
	const struct mark opened = { .kind = MARK_BLOBS_OPENED };
	struct blob_refs *r = &d->sharing.refs;
	struct follow_place place;
	struct txn *t;

	r->daemon = d;
	r->due_ms = daemon_now_ms(d) + PAUSE_MS;
	r->again_ms = r->due_ms + AGAIN_CALM_MS;
	r->graph = graph_version(d->replicate.graph);
	if (!daemon_read(d, &t))
		return;
	r->seen.rx = mark_get(t, &mark);
	r->seen.opened = mark_get(t, &opened);
	r->noted = r->seen;
	views_place(t, &place);
	txn_end(t);
	if (r->seen.rx)
		return;
	r->by_links = true;
	r->seen.rx = place.position;
}
