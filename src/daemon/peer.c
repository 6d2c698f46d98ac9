#include "src/daemon/peer.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/daemon/blobs_talk.h"
#include "src/daemon/capture.h"
#include "src/daemon/daemon.h"
#include "src/daemon/dialer.h"
#include "src/daemon/fallback.h"
#include "src/daemon/methods.h"
#include "src/daemon/pace.h"
#include "src/daemon/peers.h"
#include "src/daemon/replicate.h"
#include "src/daemon/rpc.h"
#include "src/limits.h"
#include "src/log.h"

/* --- names --- */

const char *peer_state_name(const struct peer *p)
{
	static const char *const names[] = { "dialling", "handshake",
					     "connected", "parting", "closed" };

	return names[p->state];
}

void peer_print(const struct peer *p, char out[static PEER_TEXT_BYTES])
{
	char id[KITH_REF_TEXT_BYTES] = "unknown";

	if (p->known)
		kith_feed_print(&p->id, id);
	snprintf(out, PEER_TEXT_BYTES, "%s address=%s", id,
		 conn_name(p->conn));
}

/* One line about what a peer did; peers cannot fill the disk with them. */
static void tell_log(struct peer *p, struct log_limit *limit, const char *what,
		     const char *why)
{
	char text[PEER_TEXT_BYTES];

	peer_print(p, text);
	/* Local programs come and go all the time. */
	log_limited(limit, p->local ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
		    LOG_PEER, "%s peer=%s: %s", what, text, why);
}

/* --- leaving --- */

static void enter(struct peer *p, enum peer_state state)
{
	p->state = state;
	p->since_ms = net_now_ms(p->daemon->net);
	peers_changed(p->daemon);
}

static void close_requests(struct peer *p)
{
	struct request *r;

	while ((r = LIST_FIRST(&p->requests)))
		request_over(r, KITH_SLICE("the connection is closed"));
}

/* The state goes first, so that no request that is closed opens another. */
static void leave(struct peer *p, enum peer_state state)
{
	enter(p, state);
	close_requests(p);
	blobs_left(p);
}

void peer_flush(struct peer *p)
{
	struct kith_buf *out = &p->daemon->out;

	if (p->capture)
		capture_tick(p);
	session_output(p->session, out);
	p->sent += out->n;
	conn_send(p->conn, out);
}

void peer_drop(struct peer *p, const char *why)
{
	struct daemon *d = p->daemon;

	if (p->state == PEER_CLOSED)
		return;
	if (p->state == PEER_OPEN || p->state == PEER_PARTING)
		tell_log(p, &d->limits.comings, "disconnected", why);
	else
		tell_log(p, &d->limits.junk,
			 p->dialled ? "not connected" : "no handshake", why);
	capture_closed(p, why);
	leave(p, PEER_CLOSED);
	conn_close(p->conn);
	dialer_lost(d, p, why);
}

void peer_part(struct peer *p, const char *why)
{
	if (p->state != PEER_OPEN) {
		if (p->state != PEER_PARTING)
			peer_drop(p, why);
		return;
	}
	tell_log(p, &p->daemon->limits.comings, "parting", why);
	leave(p, PEER_PARTING);
	session_close(p->session);
	peer_flush(p);
}

/* The last goodbye is said or pointless: close when all is written.  What the
 * peer still sends does not put off the end. */
static void finish(struct peer *p)
{
	if (p->state == PEER_OPEN)
		leave(p, PEER_PARTING);
	peer_flush(p);
	conn_finish(p->conn);
}

/* --- talking --- */

/* Limits of protocol/04 section 8; local programs may say more. */
static struct session_limits limits_for(const struct peer *p)
{
	if (p->local)
		return (struct session_limits){ LIMIT_BODY_BYTES,
						LIMIT_EBT_BODY_BYTES,
						LIMIT_REQUESTS };
	return (struct session_limits){ LIMIT_CALL_BYTES, LIMIT_BODY_BYTES,
					LIMIT_REQUESTS };
}

static void remote_ended(struct request *r)
{
	if (r->ops->ended)
		r->ops->ended(r);
	else
		request_end(r);
}

static void remote_failed(struct request *r, struct kith_slice error)
{
	session_end(r->peer->session, r->number);
	request_over(r, error);
}

/* One event; false: no more of them. */
static bool handle(struct peer *p, enum session_step step,
		   const struct session_event *event)
{
	struct request *r = event->user;

	switch (step) {
	case SESSION_CALL:
		rpc_call(p, event);
		break;
	case SESSION_DATA:
		if (r && r->ops->data)
			r->ops->data(r, event);
		break;
	case SESSION_REPLY:
		if (r && r->ops->data)
			r->ops->data(r, event);
		if (r)
			request_over(r, (struct kith_slice){ 0 });
		break;
	case SESSION_ERROR:
		if (r)
			remote_failed(r, event->body);
		break;
	case SESSION_END:
		if (r)
			remote_ended(r);
		break;
	case SESSION_CLOSED:
		finish(p);
		return false;
	case SESSION_BAD:
		if (p->state == PEER_OPEN)
			tell_log(p, &p->daemon->limits.junk, "unusable",
				 session_why(p->session));
		finish(p);
		return false;
	case SESSION_MORE:
		return false;
	}
	return p->state != PEER_CLOSED;
}

/* One read may hold thousands of calls: after each it is seen whether the
 * answers are taken, or the rest waits. */
static void talk(struct peer *p, struct kith_slice in)
{
	struct session_event event;
	enum session_step step;

	do {
		event = (struct session_event){ 0 };
		step = session_next(p->session, &in, &event);
	} while (handle(p, step, &event) && !peer_choke(p));
	if (!p->choked)
		return;
	kith_buf_put(&p->unheard, in);
	if (p->unheard.err)
		peer_drop(p, "out of memory");
}

void peer_hear(struct peer *p)
{
	struct kith_buf held = p->unheard;

	if (!peer_unchoke(p))
		return;
	if (p->capture)
		capture_tick(p);
	p->unheard = (struct kith_buf){ .limit = NET_READ_BYTES };
	talk(p, kith_bytes(&held));
	kith_buf_free(&held);
}

static void open_session(struct peer *p, const struct box_keys *keys)
{
	struct session_config config = { .keys = keys,
					 .limits = limits_for(p) };

	randombytes_buf(&config.factor, sizeof(config.factor));
	p->session = session_new(&config);
	if (!p->session) {
		peer_drop(p, "out of memory");
		return;
	}
	capture_session(p, keys);
	enter(p, PEER_OPEN);
	tell_log(p, &p->daemon->limits.comings, "connected",
		 p->dialled ? "dialled" : "accepted");
	if (p->local)
		return;
	peers_settle_twins(p);
	if (p->state != PEER_OPEN)
		return;
	own_join(&p->daemon->own.peers, &p->own);
	dialer_opened(p->daemon, p);
	replicate_opened(p);
	blobs_opened(p);
	ping_opened(p);
}

/* --- shaking hands --- */

static bool shake_begin(struct peer *p)
{
	struct daemon *d = p->daemon;
	struct shs_config config = {
		.self = d->signer,
		.server = p->dialled ? p->id.b : NULL,
	};

	memcpy(config.app_key, d->config.app_key, sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	p->shs = shs_new(&config);
	sodium_memzero(&config, sizeof(config));
	enter(p, PEER_SHAKING);
	return p->shs;
}

static void remember_key(struct peer *p)
{
	p->id.format = KITH_CLASSIC;
	memcpy(p->id.b, shs_remote(p->shs), KITH_ID_BYTES);
	p->known = true;
	p->local = !p->dialled && kith_feed_equal(&p->id, &p->daemon->self);
}

static void shake_done(struct peer *p)
{
	struct box_keys keys;

	shs_keys(p->shs, &keys);
	shs_free(p->shs);
	p->shs = NULL;
	open_session(p, &keys);
	sodium_memzero(&keys, sizeof(keys));
}

static enum shs_step shake_on(struct peer *p, struct kith_slice *in,
			      struct kith_buf *out)
{
	struct kith_slice taken = *in;
	size_t before = out->n;
	enum shs_step step = shs_next(p->shs, in, out);

	if (!p->capture)
		return step;
	taken.n -= in->n;
	capture_shook(p, false, taken);
	if (out->n > before)
		capture_shook(p, true,
			      (struct kith_slice){ out->p + before,
						   out->n - before });
	return step;
}

/* Goes on as far as in allows.  The server decides before its last message
 * whether the client is welcome; whoever is not sees only a hang-up. */
static void shake(struct peer *p, struct kith_slice *in)
{
	struct kith_buf *out = &p->daemon->out;
	enum shs_step step = shake_on(p, in, out);
	const char *why;

	if (step == SHS_ASK) {
		remember_key(p);
		capture_known(p);
		why = peers_refuse(p);
		if (why) {
			peer_drop(p, why);
			return;
		}
		shs_accept(p->shs);
		step = shake_on(p, in, out);
	}
	/* Each message has its own deadline on the server's side. */
	if (out->n && !p->dialled)
		p->since_ms = net_now_ms(p->daemon->net);
	p->sent += out->n;
	conn_send(p->conn, out);
	if (step == SHS_DONE)
		shake_done(p);
	else if (step == SHS_BAD)
		peer_drop(p, shs_why(p->shs));
}

/* --- the connection's events --- */

static void on_connected(void *user, enum kith_err code, const char *why)
{
	struct peer *p = user;
	struct kith_slice nothing = { 0 };

	if (!code)
		capture_opened(p);
	if (code)
		peer_drop(p, why);
	else if (shake_begin(p))
		shake(p, &nothing);
	else
		peer_drop(p, "out of memory");
	daemon_settle(p->daemon);
}

static void on_bytes(void *user, struct kith_slice in)
{
	struct peer *p = user;

	p->active_ms = net_now_ms(p->daemon->net);
	p->received += in.n;
	if (p->capture)
		capture_tick(p);
	if (p->state == PEER_SHAKING)
		shake(p, &in);
	if (p->state == PEER_OPEN || p->state == PEER_PARTING)
		talk(p, in);
	daemon_settle(p->daemon);
}

static void on_drained(void *user)
{
	struct peer *p = user;

	daemon_settle(p->daemon);
}

/* Without code the stream ended in order. */
static void on_ended(void *user, enum kith_err code, const char *why)
{
	struct peer *p = user;

	if (p->capture)
		p->capture->ended = true;
	if (p->session && session_eof(p->session))
		why = "goodbye";
	else if (!code && p->dialled && p->state == PEER_SHAKING)
		why = "it hung up in the handshake: it has another key, is of "
		      "another network, or does not want us";
	peer_drop(p, why);
	daemon_settle(p->daemon);
}

static void on_closed(void *user)
{
	struct peer *p = user;
	struct daemon *d = p->daemon;

	capture_closed(p, "stopping");
	p->state = PEER_CLOSED;
	close_requests(p);
	blobs_left(p);
	fallback_stop(p);
	own_leave(&d->own.peers, &p->own);
	LIST_REMOVE(p, all);
	shs_free(p->shs);
	session_free(p->session);
	kith_buf_free(&p->unheard);
	free(p);
	/* The last one to go ends the loop. */
	if (d->stopping)
		daemon_settle(d);
}

static const struct conn_events events = { on_connected, on_bytes, on_drained,
					   on_ended, on_closed };

/* --- coming --- */

static struct peer *peer_new(struct daemon *d)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->daemon = d;
	p->unheard.limit = NET_READ_BYTES;
	p->requests_due_ms = p->ebt_due_ms = INT64_MAX;
	p->active_ms = net_now_ms(d->net);
	LIST_INIT(&p->requests);
	TAILQ_INIT(&p->ready);
	TAILQ_INIT(&p->blobs.waiting);
	LIST_INSERT_HEAD(&d->peers, p, all);
	return p;
}

void peer_accept(struct daemon *d, struct conn *c, bool unix_socket)
{
	const char *why = peers_turn_away(d, conn_host(c), unix_socket);
	struct peer *p = why ? NULL : peer_new(d);

	if (!p) {
		log_limited(&d->limits.junk, LOG_LEVEL_INFO, LOG_PEER,
			    "turned away address=%s: %s", conn_name(c),
			    why ? why : "out of memory");
		conn_close(c);
		return;
	}
	p->conn = c;
	conn_attach(c, &events, p);
	if (unix_socket) {
		p->id = d->self;
		p->known = p->local = true;
		open_session(p, NULL);
		daemon_settle(d);
		return;
	}
	capture_opened(p);
	if (!shake_begin(p)) {
		peer_drop(p, "out of memory");
	} else if (!load_over(d)) {
		peer_pause(p);
	}
	daemon_settle(d);
}

enum kith_err peer_dial(struct daemon *d, const struct address *a)
{
	struct peer *p = peer_new(d);

	if (!p)
		return KITH_ENOMEM;
	p->conn = conn_dial(d->net, a->host, a->port, &events, p);
	if (!p->conn) {
		LIST_REMOVE(p, all);
		free(p);
		return KITH_ENOMEM;
	}
	p->dialled = p->known = true;
	p->id.format = KITH_CLASSIC;
	memcpy(p->id.b, a->key, KITH_ID_BYTES);
	enter(p, PEER_DIALLING);
	return KITH_OK;
}
