/* add, createWriteStream: protocol/08 section 4. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/publishing.h"

/* --- add --- */

struct adding {
	struct request request;
	uint32_t tag;
};

static void add_closed(struct request *r, struct kith_slice error)
{
	struct adding *a = (struct adding *)r;

	(void)error;
	intake_close(r->peer->daemon, a->tag);
	free(a);
}

static const struct request_ops add_ops = { .closed = add_closed };

/* The receive number of a message that is held; 0: none. */
static uint64_t number_of(struct txn *t, const struct ingest_result *result)
{
	struct feed_row feed;
	struct message_row row;

	if (result->verdict == INGEST_ADDED)
		return result->rx;
	if (!feed_get(t, &result->author, &feed) ||
	    !message_by_sequence(t, feed.number, result->sequence, &row))
		return 0;
	return row.rx;
}

static void add_result(void *user, const struct ingest_result *result)
{
	struct adding *a = user;
	struct daemon *d = a->request.peer->daemon;
	struct txn *t;

	if (!intake_holds(result)) {
		request_fail(&a->request, ingest_verdict_error(result->verdict),
			     intake_why(result));
	} else if (store_read(d->store, &t)) {
		request_fail(&a->request, "Error", "cannot read the store");
	} else {
		kith_buf_reset(&d->item);
		if (publishing_item(t, number_of(t, result), &d->item))
			request_reply(&a->request, kith_bytes(&d->item));
		else
			request_fail(&a->request, "Error",
				     "cannot read the message back");
		txn_end(t);
	}
}

void method_add(struct peer *p, const struct session_event *call)
{
	struct kith_slice value = args_bare(args_get(call->args, 0));
	struct adding *a = calloc(1, sizeof(*a));
	enum kith_err err;

	if (a)
		a->tag = intake_open(p, add_result, a);
	if (!a || !a->tag) {
		free(a);
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	request_open(&a->request, &add_ops, p, call->request);
	err = intake_add(p, a->tag, value);
	if (err)
		request_fail(&a->request, "Error", kith_strerror(err));
}

/* --- createWriteStream --- */

struct write_stream {
	struct request request;
	uint32_t tag;
	bool ended; /* by the remote: no more items */
	uint64_t items, waiting, refused;
	char first[96]; /* why the first was refused */
};

static void write_closed(struct request *r, struct kith_slice error)
{
	struct write_stream *s = (struct write_stream *)r;

	(void)error;
	intake_close(r->peer->daemon, s->tag);
	free(s);
}

/* The end is told when all is committed: an error end if not all was. */
static void finish_if_done(struct write_stream *s)
{
	char text[192];

	if (!s->ended || s->waiting)
		return;
	if (!s->refused) {
		request_end(&s->request);
		return;
	}
	snprintf(text, sizeof(text),
		 "%" PRIu64 " of %" PRIu64 " messages refused, the first: %s",
		 s->refused, s->items, s->first);
	request_fail(&s->request, "Error", text);
}

static void note_refusal(struct write_stream *s, const char *why)
{
	if (!s->refused++)
		snprintf(s->first, sizeof(s->first), "%s", why);
}

static void write_result(void *user, const struct ingest_result *result)
{
	struct write_stream *s = user;

	s->waiting--;
	if (!intake_holds(result))
		note_refusal(s, intake_why(result));
	finish_if_done(s);
}

static void write_data(struct request *r, const struct session_event *event)
{
	struct write_stream *s = (struct write_stream *)r;
	enum kith_err err;

	s->items++;
	err = event->type == MUXRPC_JSON ?
		      intake_add(r->peer, s->tag, args_bare(event->body)) :
		      KITH_EFORMAT;
	if (err)
		note_refusal(s, kith_strerror(err));
	else
		s->waiting++;
}

static void write_ended(struct request *r)
{
	struct write_stream *s = (struct write_stream *)r;

	s->ended = true;
	finish_if_done(s);
}

static const struct request_ops write_ops = { .data = write_data,
					      .ended = write_ended,
					      .closed = write_closed };

void method_write_stream(struct peer *p, const struct session_event *call)
{
	struct write_stream *s = calloc(1, sizeof(*s));

	if (s)
		s->tag = intake_open(p, write_result, s);
	if (!s || !s->tag) {
		free(s);
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	request_open(&s->request, &write_ops, p, call->request);
}
