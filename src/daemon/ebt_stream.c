#include "src/daemon/ebt_stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/fallback.h"
#include "src/daemon/forks.h"
#include "src/daemon/peers.h"
#include "src/limits.h"

enum {
	BAD_NOTES_MAX = 3, /* in a row; protocol/05, bad input */
	BAD_REPEATS_MAX = 3, /* that are neither what we hold nor a fork of it */
	/* Sessions that a connection may begin: each looks at all feeds. */
	SESSIONS_BURST = 8,
	SESSION_MS = 5000
};

/* A call whose answer says nothing but that it came; one a connection. */
struct echo {
	struct request request;
	bool wanted; /* by the peer's stream of now */
};

struct ebt_stream {
	struct request request;
	struct ebt_peer *peer;
	uint32_t tag;	     /* of the inlet for what is next */
	uint32_t repeat_tag; /* and for what we have */
	struct rate compared;
	unsigned bad_notes, bad_repeats;
	bool called; /* by us */
	bool heard;  /* a frame came */
};

static struct ebt *core(const struct ebt_stream *s)
{
	return s->request.peer->daemon->replicate.ebt;
}

void ebt_stream_wake(struct ebt_stream *s)
{
	request_wake(&s->request);
}

void ebt_stream_hide(struct ebt_stream *s, const struct kith_feed_id *feed,
		     bool hide)
{
	if (ebt_hide(core(s), s->peer, feed, hide))
		log_error(LOG_PEER, "out of memory for a block");
}

bool ebt_stream_told(const struct ebt_stream *s,
		     const struct kith_feed_id *feed, uint64_t *sequence)
{
	return ebt_told(s->peer, feed, sequence);
}

bool ebt_stream_refused(const struct ebt_stream *s,
			const struct kith_feed_id *feed)
{
	return ebt_refuses(s->peer, feed);
}

/* --- in --- */

static void on_result(void *user, const struct ingest_result *result)
{
	struct ebt_stream *s = user;

	if (!intake_holds(result))
		replicate_refused(s->request.peer->daemon, s->peer, result);
}

/* Of what was only to be compared. */
static void on_repeat(void *user, const struct ingest_result *result)
{
	struct ebt_stream *s = user;

	if (result->verdict == INGEST_INVALID)
		s->bad_repeats++;
	else if (result->verdict == INGEST_FORK ||
		 result->verdict == INGEST_OWN)
		replicate_refused(s->request.peer->daemon, s->peer, result);
}

/* A message that we have, or another in its place?  That is evidence, while the
 * peer brings no forgeries. */
static void take_repeat(struct ebt_stream *s, struct kith_slice value,
			const struct kith_feed_id *author, uint64_t sequence)
{
	struct peer *p = s->request.peer;

	if (s->bad_repeats < BAD_REPEATS_MAX &&
	    forks_differ(p->daemon, &s->compared, author, sequence, value) &&
	    intake_add(p, s->repeat_tag, value))
		log_error(LOG_PEER, "out of memory for evidence of a fork");
}

/* Of our own feed also what is not next goes to ingest, which stops publishing
 * if we did not write it. */
static bool is_evidence(const struct daemon *d,
			const struct kith_feed_id *author,
			enum ebt_verdict verdict)
{
	return verdict == EBT_GAP && kith_feed_equal(author, &d->self);
}

static void hear_own(struct ebt_stream *s)
{
	struct peer *p = s->request.peer;
	uint64_t sequence;

	if (ebt_told(s->peer, &p->daemon->self, &sequence))
		own_feed_told(p, sequence);
}

static void take_message(struct ebt_stream *s, struct kith_slice value,
			 const struct kith_feed_id *author, uint64_t sequence)
{
	struct peer *p = s->request.peer;
	struct daemon *d = p->daemon;
	enum ebt_verdict verdict;
	enum kith_err err;

	verdict = ebt_message(core(s), s->peer, author, sequence,
			      daemon_now_ms(d));
	if (kith_feed_equal(author, &d->self))
		hear_own(s);
	if (verdict == EBT_KNOWN)
		take_repeat(s, value, author, sequence);
	if (verdict != EBT_TAKE && !is_evidence(d, author, verdict))
		return;
	err = intake_add(p, s->tag, value);
	if (err)
		ebt_refused(core(s), s->peer, author,
			    err == KITH_ETOOBIG ? EBT_INVALID : EBT_LACKING);
}

/* False: the stream was ended. */
static void take_notes(struct ebt_stream *s, struct kith_slice body)
{
	struct kith_slice notes;
	enum kith_err err = json_check(body, &notes, NULL);

	if (!err)
		err = ebt_notes(core(s), s->peer, notes,
				daemon_now_ms(s->request.peer->daemon));
	if (!err) {
		s->bad_notes = 0;
		hear_own(s);
	} else if (err == KITH_ETOOBIG) {
		request_fail(&s->request, "Error", "too many feeds in a note");
	} else if (++s->bad_notes == BAD_NOTES_MAX) {
		request_fail(&s->request, "Error", "invalid notes");
	}
}

/* Any order of frames is taken: a message may come before the first notes. */
static void on_data(struct request *r, const struct session_event *event)
{
	struct ebt_stream *s = (struct ebt_stream *)r;
	struct kith_feed_id author;
	uint64_t sequence;

	s->heard = true;
	if (event->type != MUXRPC_JSON)
		return;
	if (msg_peek(event->body, &author, &sequence))
		take_message(s, event->body, &author, sequence);
	else
		take_notes(s, event->body);
}

/* --- out --- */

static void tell_hole(struct daemon *d)
{
	log_limited(&d->limits.store, LOG_LEVEL_ERROR, LOG_STORE,
		    "a message is missing or broken");
}

/* Stored bytes go out as they are. */
static void send_messages(struct ebt_stream *s, struct txn *t,
			  const struct ebt_out *out)
{
	struct message_row row;
	struct feed_row feed;

	if (!feed_get(t, &out->feed, &feed))
		return;
	for (uint64_t n = out->from; n <= out->to; n++) {
		if (!message_by_sequence(t, feed.number, n, &row)) {
			/* Else it was forgotten since ebt knew of it. */
			if (n >= feed.first)
				tell_hole(s->request.peer->daemon);
			return;
		}
		request_send_json(&s->request, row.canon);
	}
}

static void on_echoed(struct request *r, struct kith_slice error)
{
	struct echo *echo = (struct echo *)r;
	struct peer *p = r->peer;

	(void)error; /* npm refuses it: an answer, too */
	p->echo = NULL;
	if (echo->wanted)
		ebt_echoed(core(p->ebt), p->ebt->peer, daemon_now_ms(p->daemon));
	free(echo);
}

static const struct request_ops echo_ops = { .closed = on_echoed };

/* One that a former stream asked for does as well.  Without memory this session
 * doubts no more. */
static void ask_echo(struct peer *p)
{
	struct echo *echo = p->echo ? p->echo : calloc(1, sizeof(*echo));

	if (!p->echo && echo &&
	    request_call(&echo->request, &echo_ops, p, RPC_ASYNC, "whoami",
			 KITH_SLICE("[]"))) {
		free(echo);
		return;
	}
	p->echo = echo;
	if (echo)
		echo->wanted = true;
}

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct ebt_stream *s = (struct ebt_stream *)r;
	struct daemon *d = r->peer->daemon;
	struct ebt_out out = { .wake_ms = INT64_MAX };

	kith_buf_reset(&d->item);
	switch (ebt_next(core(s), s->peer, daemon_now_ms(d), &d->item, &out)) {
	case EBT_IDLE:
		return PRODUCED_ALL;
	case EBT_NOTES:
		request_send_json(r, kith_bytes(&d->item));
		break;
	case EBT_MESSAGES:
		send_messages(s, t, &out);
		break;
	case EBT_ECHO: ask_echo(r->peer); break;
	}
	return PRODUCED_SOME;
}

/* --- life --- */

/* Both sides dialled: the peer keeps one session of ebt, that of the newest
 * connection, which may be the one that was closed. */
static bool is_displaced(struct kith_slice error)
{
	struct kith_slice value;

	return !json_check(error, &value, NULL) &&
	       json_is(json_get(value, "message"), "reconnected to peer");
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct ebt_stream *s = (struct ebt_stream *)r;
	struct peer *p = r->peer;
	bool lacks_ebt = s->called && !s->heard && error.n;

	/* What strangers say is not worth a row. */
	if (s->heard && !peers_is_stranger(p))
		facts_save_clock(p->daemon, &p->id, s->peer);
	ebt_leave(core(s), s->peer);
	intake_close(p->daemon, s->tag);
	intake_close(p->daemon, s->repeat_tag);
	if (p->echo)
		p->echo->wanted = false;
	p->ebt = NULL;
	free(s);
	if (p->state != PEER_OPEN)
		return;
	if (is_displaced(error))
		replicate_ebt_displaced(p);
	else if (lacks_ebt)
		fallback_start(p);
	else
		replicate_await_ebt(p);
}

static const struct request_ops ops = {
	.data = on_data,
	.produce = on_produce,
	.closed = on_closed,
};

/* Feeds whose authors block this peer are not for it. */
static enum kith_err hide_blocked(struct ebt_stream *s, struct peer *p)
{
	struct replicate *r = &p->daemon->replicate;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < r->wanted_count; i++)
		if (graph_hides(r->graph, &r->wanted[i], &p->id))
			err = ebt_hide(r->ebt, s->peer, &r->wanted[i], true);
	return err;
}

/* What peers have of our own feed they are to say each time: it tells an old
 * copy of this store from the newest.  Gives how many entries are left. */
static size_t without_self(const struct daemon *d,
			   struct kith_clock_entry *saved, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!kith_feed_equal(&saved[i].feed, &d->self))
			saved[kept++] = saved[i];
	return kept;
}

static struct ebt_peer *join(struct peer *p, bool called)
{
	struct daemon *d = p->daemon;
	struct kith_clock_entry *saved = NULL;
	struct ebt_peer *joined;
	struct txn *t;
	size_t n = 0, known;

	/* Without the saved clock everything is asked for again. */
	if (!store_read(d->store, &t)) {
		if (clock_get(t, &p->id, &saved, &n))
			n = 0;
		txn_end(t);
	}
	known = without_self(d, saved, n);
	joined = ebt_join(d->replicate.ebt, &p->id, called, saved, known,
			  daemon_now_ms(d));
	free(saved);
	if (n)
		facts_forget_clock(d, &p->id);
	return joined;
}

static void abandon(struct peer *p, struct ebt_stream *s)
{
	if (s->peer)
		ebt_leave(p->daemon->replicate.ebt, s->peer);
	intake_close(p->daemon, s->tag);
	intake_close(p->daemon, s->repeat_tag);
	free(s);
}

/* NULL when out of memory. */
static struct ebt_stream *start(struct peer *p, bool called)
{
	struct ebt_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->called = called;
	s->tag = intake_open(p, on_result, s);
	s->repeat_tag = intake_open(p, on_repeat, s);
	s->peer = s->tag && s->repeat_tag ? join(p, called) : NULL;
	if (s->peer && !hide_blocked(s, p)) {
		ebt_peer_attach(s->peer, s);
		return s;
	}
	abandon(p, s);
	return NULL;
}

static void opened(struct ebt_stream *s)
{
	struct peer *p = s->request.peer;

	fallback_stop(p);
	p->ebt = s;
	p->ebt_due_ms = INT64_MAX;
	p->ebt_displaced = false;
	/* Messages are checked on their way in, by ingest. */
	session_allow(p->session, s->request.number, LIMIT_EBT_BODY_BYTES,
		      true);
	request_wake(&s->request);
}

void ebt_stream_call(struct peer *p)
{
	static const char ask[] = "[{\"version\":3,\"format\":\"classic\"}]";
	struct ebt_stream *s = start(p, true);

	if (!s)
		return;
	if (request_call(&s->request, &ops, p, RPC_DUPLEX, "ebt.replicate",
			 kith_text(ask))) {
		abandon(p, s);
		return;
	}
	opened(s);
}

/* True, with the text that peers know (protocol/05 section 4), if the
 * arguments are refused. */
static bool refuses_args(struct kith_slice args, char *why, size_t n)
{
	struct kith_slice options = args_get(args, 0);
	struct kith_slice format = json_get(options, "format");
	struct kith_slice name = json_plain(format);
	double version;

	if (!json_number(json_get(options, "version"), &version) ||
	    version != 3) {
		snprintf(why, n, "expected ebt.replicate({version: 3})");
		return true;
	}
	if (!format.n || json_is(format, "classic"))
		return false;
	snprintf(why, n, "Unknown format: %.*s",
		 (int)(name.n < n ? name.n : n), (const char *)name.p);
	return true;
}

/* Only what would begin a session counts: peers call once for each format that
 * they know. */
static bool refuses(struct peer *p, struct kith_slice args, char *why, size_t n)
{
	if (refuses_args(args, why, n))
		return true;
	if (rate_allows(&p->ebt_sessions, daemon_now_ms(p->daemon), SESSION_MS,
			SESSIONS_BURST))
		return false;
	snprintf(why, n, "too many sessions");
	return true;
}

void ebt_stream_serve(struct peer *p, const struct session_event *call)
{
	char why[64] = "out of memory";
	struct ebt_stream *s = NULL;

	if (!refuses(p, call->args, why, sizeof(why))) {
		if (p->ebt)
			request_fail(&p->ebt->request, "Error",
				     "reconnected to peer");
		s = start(p, false);
	}
	if (!s) {
		call_refuse(p, call, "Error", why);
		return;
	}
	request_open(&s->request, &ops, p, call->request);
	opened(s);
}
