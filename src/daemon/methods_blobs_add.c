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
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/limits.h"

struct blob_adding {
	struct request request;
	struct daemon *daemon;
	struct blob_taking *taking;
	uint64_t bytes;
	bool open;  /* the request is */
	bool ended; /* by the program */
	const char *why; /* it was given up */
};

static void put_in_row(struct daemon *d, const struct blob_taken *taken)
{
	struct blob_row row = { .id = taken->id, .size = taken->bytes,
				.added_us = sharing_now_us(), .own = true };

	if (blob_is_empty(&taken->id))
		return;
	blobs_note(d, NOTE_CAME, &row, NULL);
	sharing_came(d, &taken->id, taken->bytes, false);
}

/* The program may be gone; what it gave is kept where it came whole. */
static void on_taken(void *user, const struct blob_taken *taken)
{
	struct blob_adding *a = user;
	struct daemon *d = a->daemon;

	if (!taken->err && !d->sharing.over)
		put_in_row(d, taken);
	if (taken->err == KITH_EFULL)
		sharing_disk_full(d);
	a->taking = NULL;
	if (!a->open)
		free(a);
	else if (taken->err)
		request_fail(&a->request, "Error", a->why ? a->why
							  : taken->why);
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
		blob_taking_drop(a->taking); /* which says why */
}

/* Ours never go, so there must be room beside those that do not. */
static bool fits(const struct blob_adding *a)
{
	struct keep_row row = { .size = a->bytes,
				.used_ms = sharing_now_us() / 1000 };

	return keep_ask(&a->daemon->sharing.keep, &row) != KEEP_NO;
}

static void on_ended(struct request *r)
{
	struct blob_adding *a = (struct blob_adding *)r;

	if (a->ended)
		return;
	if (!fits(a)) {
		give_up(a, "no room: blobs that are never removed fill "
			   "blobs.limit");
		return;
	}
	a->ended = true;
	blob_taking_finish(a->taking);
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
	if (!a->ended)
		blob_taking_drop(a->taking);
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
		session_error(p->session, call->request, "Error",
			      "not a valid hash");
		return;
	}
	how.user = a = calloc(1, sizeof(*a));
	if (a)
		a->taking = blob_taking_new(&how);
	if (!a || !a->taking) {
		free(a);
		session_error(p->session, call->request, "Error",
			      "out of memory");
		return;
	}
	a->daemon = p->daemon;
	a->open = true;
	request_open(&a->request, &ops, p, call->request);
}
