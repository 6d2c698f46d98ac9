/*
 * blobs.add: bytes from a local program into a blob of our own.  Its end says
 * how it went; other programs compute the id themselves.
 * Source: protocol/06 section 6.
 */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/blobs_keep.h"
#include "src/daemon/blobs_take.h"
#include "src/daemon/blobs_watch.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

struct blob_adding {
	struct request request;
	struct daemon *daemon;
	struct blob_taking *taking;
	uint64_t bytes;
	bool open;  /* the request is */
	bool ended; /* by the program */
	const char *why; /* it was given up */
	/* At the end there must be room. */
	struct keep_row held;
	bool reserved;		       /* held counts */
	bool waits;		       /* for a sweep, */
	bool swept;		       /* which was made for it */
	TAILQ_ENTRY(blob_adding) all_held;
};

static void put_in_row(struct blob_adding *a, const struct blob_taken *taken)
{
	struct daemon *d = a->daemon;
	struct blob_row row = { .id = taken->id, .size = taken->bytes,
				.added_us = sharing_now_us(), .own = true };

	if (blob_is_empty(&taken->id))
		return;
	blobs_note(d, NOTE_CAME, &row, &a->held);
	a->reserved = false;
	sharing_came(d, &taken->id, taken->bytes, false);
}

/* What is given up without a reason had no memory, or the disk says why. */
static const char *why_not(const struct blob_adding *a,
			   const struct blob_taken *taken)
{
	if (a->why)
		return a->why;
	return *taken->why ? taken->why : "out of memory";
}

/* The program may be gone; what it gave is kept where it came whole. */
static void on_taken(void *user, const struct blob_taken *taken)
{
	struct blob_adding *a = user;
	struct daemon *d = a->daemon;

	if (!taken->err && !d->sharing.over)
		put_in_row(a, taken);
	if (a->reserved)
		blobs_let_go(d, &a->held);
	if (taken->err == KITH_EFULL)
		sharing_disk_full(d);
	a->taking = NULL;
	if (!a->open)
		free(a);
	else if (taken->err)
		request_fail(&a->request, "Error", why_not(a, taken));
	else
		request_end(&a->request);
}

static void give_up(struct blob_adding *a, const char *why)
{
	a->why = why;
	a->ended = true;
	blob_taking_drop(a->taking);
}

static void on_data(struct request *r, const struct session_event *event)
{
	struct blob_adding *a = (struct blob_adding *)r;
	struct kith_buf *text = &a->daemon->item;
	struct kith_slice bytes = event->body;

	if (a->ended)
		return;
	if (event->type == MUXRPC_JSON) {
		kith_buf_reset(text);
		if (!json_unescape(bytes, text)) {
			give_up(a, "blobs.add takes bytes and strings only");
			return;
		}
		bytes = kith_bytes(text);
	}
	a->bytes += bytes.n;
	if (a->bytes >= (uint64_t)a->daemon->config.blob_max)
		give_up(a, "Cannot add blob, it's bigger than blobs.max");
	else if (!blob_taking_put(a->taking, bytes))
		give_up(a, NULL);
}

/* Of ours none goes to make room. */
static void ask(struct blob_adding *a)
{
	struct daemon *d = a->daemon;
	enum keep_answer answer = keep_ask(&d->sharing.keep, &a->held);
	bool own_sweep = !d->sharing.sweeping;

	a->waits = answer == KEEP_SWEEP && !a->swept &&
		   blob_sweep_start(d, &a->held);
	if (a->waits) {
		a->swept = own_sweep;
		TAILQ_INSERT_TAIL(&d->sharing.adds, a, all_held);
	} else if (answer != KEEP_YES) {
		give_up(a, "no room: blobs that are never removed fill "
			   "blobs.limit");
	} else {
		blobs_hold(d, &a->held);
		a->reserved = true;
		blob_taking_finish(a->taking);
	}
}

void blob_adds_go_on(struct daemon *d)
{
	struct blob_adding_list held = TAILQ_HEAD_INITIALIZER(held);
	struct blob_adding *a;

	TAILQ_CONCAT(&held, &d->sharing.adds, all_held);
	while ((a = TAILQ_FIRST(&held))) {
		TAILQ_REMOVE(&held, a, all_held);
		ask(a);
	}
}

static void on_ended(struct request *r)
{
	struct blob_adding *a = (struct blob_adding *)r;

	if (a->ended)
		return;
	a->ended = true;
	a->held = (struct keep_row){ .size = a->bytes,
				     .used_ms = sharing_now_us() / 1000 };
	ask(a);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct blob_adding *a = (struct blob_adding *)r;

	(void)error;
	a->open = false;
	if (!a->taking) {
		free(a);
		return;
	}
	blob_taking_alone(a->taking);
	if (a->waits)
		TAILQ_REMOVE(&a->daemon->sharing.adds, a, all_held);
	if (a->waits || !a->ended)
		blob_taking_drop(a->taking);
	a->waits = false;
}

static const struct request_ops ops = { .data = on_data, .ended = on_ended,
					.closed = on_closed };

void method_blobs_add(struct peer *p, const struct session_event *call)
{
	struct kith_slice value = args_get(call->args, 0);
	struct kith_blob_id id;
	bool named = !kith_blob_parse(json_plain(value), &id);
	struct blob_adding *a;
	struct blob_take how = {
		.daemon = p->daemon, .peer = p, .id = named ? &id : NULL,
		.limit = (uint64_t)p->daemon->config.blob_max,
		.done = on_taken,
	};

	if (!named && json_kind(value) == JSON_KIND_STRING) {
		call_refuse(p, call, "Error", "not a valid hash");
		return;
	}
	how.user = a = calloc(1, sizeof(*a));
	if (a)
		a->taking = blob_taking_new(&how);
	if (!a || !a->taking) {
		free(a);
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	a->daemon = p->daemon;
	a->open = true;
	request_open(&a->request, &ops, p, call->request);
}
