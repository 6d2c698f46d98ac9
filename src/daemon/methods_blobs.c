/*
 * Questions and words about single blobs: blobs.has, size, meta, want, push,
 * rm, and kith.blob.  A worker looks at the files; what changes a row goes by
 * the writer's thread.  Source: protocol/06 section 2.
 */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/blobs_keep.h"
#include "src/daemon/blobs_watch.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/pace.h"
#include "src/store/blob_words.h"

/* --- questions ------------------------------------------------------------ */

enum { SIZE_UNKNOWN = -1 };

struct blob_asking {
	struct request request;
	LIST_ENTRY(blob_asking) waiting; /* for its one blob */
	struct daemon *daemon;
	void (*answer)(struct blob_asking *a);
	bool many;	    /* an array was asked for */
	bool waits;	    /* in its list */
	bool running, over; /* over: the peer went, or is answered */
	size_t n;
	struct {
		struct kith_blob_id id;
		int64_t size;
	} of[];
};

static void free_asking(struct blob_asking *a)
{
	if (!a->running && a->over)
		free(a);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct blob_asking *a = (struct blob_asking *)r;

	(void)error;
	if (a->running)
		peer_blobs_asked(r->peer, 0, a->n);
	if (a->waits)
		LIST_REMOVE(a, waiting);
	a->waits = false;
	a->over = true;
	free_asking(a);
}

static const struct request_ops asking_ops = { .closed = on_closed };

static void look(void *arg)
{
	struct blob_asking *a = arg;
	uint64_t size;

	for (size_t i = 0; i < a->n; i++)
		a->of[i].size = blob_size(a->daemon->sharing.files,
					  &a->of[i].id, &size)
					? SIZE_UNKNOWN
					: (int64_t)size;
}

static void looked(void *arg)
{
	struct blob_asking *a = arg;
	struct daemon *d = a->daemon;

	a->running = false;
	if (a->over) {
		free_asking(a);
	} else {
		peer_blobs_asked(a->request.peer, 0, a->n);
		a->answer(a);
	}
	sharing_worked(d);
}

static void refuse_id(struct peer *p, const struct session_event *call,
		      struct kith_slice value)
{
	struct kith_slice text = json_plain(value);
	char why[160];

	if (!text.n)
		text = value;
	snprintf(why, sizeof(why), "invalid id:%.*s",
		 (int)(text.n < 128 ? text.n : 128), (const char *)text.p);
	call_refuse(p, call, "Error", why);
}

/* How many ids value has; 0 where it is one. */
static size_t count_ids(struct kith_slice value)
{
	struct kith_slice element;
	size_t at = 0, n = 0;

	while (json_next_element(value, &at, &element))
		n++;
	return n;
}

/* False: said so. */
static bool read_ids(struct blob_asking *a, struct peer *p,
		     const struct session_event *call, struct kith_slice value)
{
	struct kith_slice element = value;
	size_t at = 0;

	a->many = json_kind(value) == JSON_KIND_ARRAY;
	do {
		if (a->many && !json_next_element(value, &at, &element))
			break;
		if (kith_blob_parse(json_plain(element), &a->of[a->n].id)) {
			refuse_id(p, call, element);
			return false;
		}
		a->n++;
	} while (a->many);
	return true;
}

/* NULL: answered already. */
static struct blob_asking *ask(struct peer *p,
			       const struct session_event *call,
			       struct kith_slice value,
			       void (*answer)(struct blob_asking *a))
{
	size_t n = count_ids(value) + 1;
	struct blob_asking *a = calloc(1, sizeof(*a) + n * sizeof(a->of[0]));

	if (a && !read_ids(a, p, call, value)) {
		free(a);
		return NULL;
	}
	if (a) {
		a->daemon = p->daemon;
		a->answer = answer;
		request_open(&a->request, &asking_ops, p, call->request);
		a->running = !net_work(p->daemon->net, look, looked, a);
		if (a->running) {
			peer_blobs_asked(p, a->n, 0);
			return a;
		}
		request_fail(&a->request, "Error", "out of memory");
		return NULL;
	}
	call_refuse(p, call, "Error", "out of memory");
	return NULL;
}

static void reply_each(struct blob_asking *a,
		       void (*put)(struct kith_buf *out, int64_t size))
{
	struct kith_buf *out = &a->daemon->item;

	kith_buf_reset(out);
	if (a->many)
		kith_buf_byte(out, '[');
	for (size_t i = 0; i < a->n; i++) {
		if (i)
			kith_buf_byte(out, ',');
		put(out, a->of[i].size);
	}
	if (a->many)
		kith_buf_byte(out, ']');
	request_reply(&a->request, kith_bytes(out));
}

static void put_has(struct kith_buf *out, int64_t size)
{
	kith_buf_text(out, size == SIZE_UNKNOWN ? "false" : "true");
}

static void answer_has(struct blob_asking *a)
{
	reply_each(a, put_has);
}

void method_blobs_has(struct peer *p, const struct session_event *call)
{
	ask(p, call, args_get(call->args, 0), answer_has);
}

static void put_size(struct kith_buf *out, int64_t size)
{
	if (size == SIZE_UNKNOWN)
		kith_buf_text(out, "null");
	else
		kith_buf_int(out, size);
}

static void answer_size(struct blob_asking *a)
{
	reply_each(a, put_size);
}

void method_blobs_size(struct peer *p, const struct session_event *call)
{
	ask(p, call, args_get(call->args, 0), answer_size);
}

static void answer_meta(struct blob_asking *a)
{
	struct blob_row row = { .added_us = 0 };
	struct txn *t;

	if (a->n != 1 || a->of[0].size == SIZE_UNKNOWN) {
		request_reply(&a->request, KITH_SLICE("null"));
		return;
	}
	if (daemon_read(a->daemon, &t)) {
		blob_row_get(t, &a->of[0].id, &row);
		txn_end(t);
	}
	kith_buf_reset(&a->daemon->item);
	blob_put_meta(&a->daemon->item, &a->of[0].id,
		      (uint64_t)a->of[0].size, row.added_us);
	request_reply(&a->request, kith_bytes(&a->daemon->item));
}

void method_blobs_meta(struct peer *p, const struct session_event *call)
{
	ask(p, call, args_get(call->args, 0), answer_meta);
}

/* --- wants and pushes ----------------------------------------------------- */

static struct blob_waiter_list *waiters(struct daemon *d,
					const struct kith_blob_id *id)
{
	return &d->sharing.waiters[id->b[0]];
}

void blob_waiters_tell(struct daemon *d, const struct kith_blob_id *id)
{
	struct blob_asking *a, *next;

	for (a = LIST_FIRST(waiters(d, id)); a; a = next) {
		next = LIST_NEXT(a, waiting);
		if (!memcmp(a->of[0].id.b, id->b, KITH_ID_BYTES))
			request_reply(&a->request, KITH_SLICE("true"));
	}
}

static void want(struct daemon *d, const struct kith_blob_id *id)
{
	struct blob_row row = { .id = *id };
	struct wants_own own = { .id = *id };

	if (wants_want(d->sharing.wants, &own, daemon_now_ms(d)))
		d->sharing.more = true;
	blobs_note(d, NOTE_ASKED, &row, NULL);
}

/* It waits, maybe for ever. */
static void answer_want(struct blob_asking *a)
{
	if (a->of[0].size == SIZE_UNKNOWN)
		want(a->daemon, &a->of[0].id);
	else
		request_reply(&a->request, KITH_SLICE("true"));
}

/* It waits from the beginning, since a blob may come while a worker looks. */
void method_blobs_want(struct peer *p, const struct session_event *call)
{
	struct blob_asking *a = ask(p, call, args_get(call->args, 0),
				    answer_want);

	if (!a)
		return;
	if (a->n != 1) {
		request_fail(&a->request, "Error", "invalid id:");
		return;
	}
	a->waits = true;
	LIST_INSERT_HEAD(waiters(p->daemon, &a->of[0].id), a, waiting);
}

/* What is not here is wanted, and pushed when it comes.  It may have come
 * behind the worker's back. */
static void answer_push(struct blob_asking *a)
{
	struct daemon *d = a->daemon;
	struct blob_row row = { 0 };
	uint64_t size;

	for (size_t i = 0; i < a->n; i++) {
		row.id = a->of[i].id;
		size = (uint64_t)a->of[i].size;
		if (a->of[i].size == SIZE_UNKNOWN &&
		    blob_size(d->sharing.files, &row.id, &size))
			want(d, &row.id);
		else if (wants_push(d->sharing.wants, &row.id, size,
				    daemon_now_ms(d)))
			log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_PEER,
				    "too many blobs are pushed");
		blobs_note(d, NOTE_PUSH, &row, NULL);
	}
	request_reply(&a->request, KITH_SLICE("false"));
}

void method_blobs_push(struct peer *p, const struct session_event *call)
{
	ask(p, call, args_get(call->args, 0), answer_push);
}

/* --- words ---------------------------------------------------------------- */

/* Belongs to the writer until it is done, even if the caller goes away. */
struct saying {
	struct request request;
	struct intake_task task;
	struct blob_task say;
	struct blob_row was;
	bool plain; /* blobs.rm, whose answer says nothing */
	bool done, over;
};

static void saying_closed(struct request *r, struct kith_slice error)
{
	struct saying *s = (struct saying *)r;

	(void)error;
	s->over = true;
	if (s->done)
		free(s);
}

static const struct request_ops saying_ops = { .closed = saying_closed };

static struct saying *of_task(struct intake_task *task)
{
	char *embedded = (char *)task - offsetof(struct saying, task);

	return (struct saying *)(void *)embedded;
}

/* On the writer's thread, where nobody changes the row in between. */
static enum kith_err run(struct store *store, void *task, struct kith_error *e)
{
	struct saying *s = of_task(task);
	struct txn *t;
	enum kith_err err = store_read(store, &t);

	if (err)
		return kith_fail(e, err, 0, "cannot read the store");
	blob_row_get(t, &s->say.id, &s->was);
	txn_end(t);
	return blob_say(store, &s->say, e);
}

static void put_flag(struct kith_buf *out, const char *name, bool value)
{
	kith_buf_text(out, name);
	kith_buf_text(out, value ? "true" : "false");
}

static void reply_said(struct saying *s)
{
	struct kith_buf *out = &s->request.peer->daemon->item;

	kith_buf_reset(out);
	put_flag(out, "{\"changed\":", s->say.changed);
	put_flag(out, ",\"here\":", s->say.here);
	put_flag(out, ",\"pinned\":", s->say.row.pinned);
	kith_buf_byte(out, '}');
	request_reply(&s->request,
		      s->plain ? KITH_SLICE("true") : kith_bytes(out));
}

static void take_up(struct daemon *d, const struct saying *s)
{
	if (blobs_are_counted(d)) {
		sharing_noted(d, &s->was, &s->say.row);
	} else {
		d->sharing.recount = true;
		sharing_wanted(d, &s->was, &s->say.row, 0);
	}
	if (s->was.state != BLOB_HERE && s->say.row.state == BLOB_HERE)
		sharing_came(d, &s->say.id, s->say.row.size, false);
	if (s->say.word == BLOB_WORD_RM)
		wants_gone(d->sharing.wants, &s->say.id);
}

static void reply_error(struct saying *s, const struct ingest_done *outcome)
{
	bool away = outcome->code == KITH_ENOENT;

	/* Other programs look for the word. */
	request_fail(&s->request, "Error",
		     away && s->plain ? "ENOENT: this blob is not here"
				      : outcome->error.text);
}

static void said(struct daemon *d, struct intake_task *task,
		 const struct ingest_done *outcome)
{
	struct saying *s = of_task(task);

	s->done = true;
	if (!outcome->code && !blob_is_empty(&s->say.id))
		take_up(d, s);
	if (s->over)
		free(s);
	else if (outcome->code)
		reply_error(s, outcome);
	else
		reply_said(s);
}

static void say(struct peer *p, const struct session_event *call,
		const struct blob_task *what, bool plain)
{
	struct saying *s = calloc(1, sizeof(*s));

	if (!s) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	s->say = *what;
	s->say.blobs = p->daemon->sharing.files;
	s->say.now_us = sharing_now_us();
	s->plain = plain;
	s->task.done = said;
	request_open(&s->request, &saying_ops, p, call->request);
	if (intake_run(p->daemon, run, &s->task)) {
		s->done = true;
		request_fail(&s->request, "Error", "out of memory");
	}
}

void method_blobs_rm(struct peer *p, const struct session_event *call)
{
	struct kith_slice value = args_get(call->args, 0);
	struct blob_task what = { .word = BLOB_WORD_RM };

	if (kith_blob_parse(json_plain(value), &what.id))
		refuse_id(p, call, value);
	else
		say(p, call, &what, true);
}

void method_blob_word(struct peer *p, const struct session_event *call)
{
	struct kith_slice arg = args_get(call->args, 0);
	struct kith_slice id = json_get(arg, "id");
	struct blob_task what = { 0 };

	if (kith_blob_parse(json_plain(id), &what.id))
		refuse_id(p, call, id);
	else if (!blob_word_by_name(json_plain(json_get(arg, "word")),
				    &what.word))
		call_refuse(p, call, "Error",
			    "there is no such word for a blob");
	else
		say(p, call, &what, false);
}
