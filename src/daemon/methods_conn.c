/* conn.dbPeers, conn.disconnect, conn.peers; gossip.ping and its other name
 * conn.ping. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

void method_disconnect(struct peer *p, const struct session_event *call)
{
	struct kith_error e = { 0 };
	struct kith_slice text = json_plain(args_get(call->args, 0));
	struct kith_feed_id id;
	struct address a = { 0 };
	bool was_known;

	/* gossip clients name the feed, conn clients the address. */
	if (!kith_feed_parse(text, &id))
		memcpy(a.key, id.b, sizeof(a.key));
	else if (address_parse(text, &a, &e)) {
		call_refuse(p, call, "Error", e.text);
		return;
	}
	was_known = dialer_disconnect(p->daemon, &a);
	session_send(p->session, call->request, MUXRPC_JSON,
		     was_known ? KITH_SLICE("true") : KITH_SLICE("false"));
}

/* --- conn.peers --- */

struct watcher {
	struct request request;
	LIST_ENTRY(watcher) all;
};

/* As ssb-conn names them. */
static const char *conn_state(const struct peer *p)
{
	switch (p->state) {
	case PEER_DIALLING:
	case PEER_SHAKING: return "connecting";
	case PEER_OPEN: return "connected";
	default: return "disconnecting";
	}
}

static void put_address(struct kith_buf *out, const struct peer *p)
{
	char text[NET_NAME_BYTES + ADDRESS_TEXT_BYTES];
	struct address a = { .transport = ADDRESS_NET, .has_key = true };
	const char *port = strrchr(conn_name(p->conn), ':');

	snprintf(a.host, sizeof(a.host), "%s", conn_host(p->conn));
	a.port = (uint16_t)(port ? strtoul(port + 1, NULL, 10) : 0);
	memcpy(a.key, p->id.b, sizeof(a.key));
	address_print(&a, false, text);
	json_put_text(out, text);
}

static void put_fault(struct kith_buf *out, const struct daemon *d,
		      const uint8_t key[static 32])
{
	const struct dialer_fault *f = dialer_fault(d, key);

	if (!f)
		return;
	kith_buf_text(out, ",\"error\":");
	json_put_text(out, f->why);
	kith_buf_text(out, ",\"errorTime\":");
	json_put_number(out, f->at_ms);
}

static void put_peer(struct kith_buf *out, const struct peer *p)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&p->id, id);
	kith_buf_byte(out, '[');
	put_address(out, p);
	kith_buf_text(out, ",{\"key\":");
	json_put_text(out, id);
	kith_buf_text(out, ",\"state\":");
	json_put_text(out, conn_state(p));
	kith_buf_text(out, ",\"in\":");
	kith_buf_uint(out, p->received);
	kith_buf_text(out, ",\"out\":");
	kith_buf_uint(out, p->sent);
	put_fault(out, p->daemon, p->id.b);
	kith_buf_text(out, "}]");
}

/* Each item is the whole list. */
static enum produced on_produce(struct request *r, struct txn *t)
{
	struct daemon *d = r->peer->daemon;
	const char *comma = "";
	struct peer *p;

	(void)t;
	kith_buf_reset(&d->item);
	kith_buf_byte(&d->item, '[');
	LIST_FOREACH(p, &d->peers, all) {
		if (!p->known || p->local || p->state == PEER_CLOSED)
			continue;
		kith_buf_text(&d->item, comma);
		put_peer(&d->item, p);
		comma = ",";
	}
	kith_buf_byte(&d->item, ']');
	request_send_json(r, kith_bytes(&d->item));
	return PRODUCED_ALL;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct watcher *w = (struct watcher *)r;

	(void)error;
	LIST_REMOVE(w, all);
	free(w);
}

static const struct request_ops watch_ops = { .produce = on_produce,
					      .closed = on_closed };

void method_peers(struct peer *p, const struct session_event *call)
{
	struct watcher *w = calloc(1, sizeof(*w));

	if (!w) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	LIST_INSERT_HEAD(&p->daemon->watchers, w, all);
	request_open(&w->request, &watch_ops, p, call->request);
	request_wake(&w->request);
}

void peers_changed(struct daemon *d)
{
	struct watcher *w;

	LIST_FOREACH(w, &d->watchers, all)
		request_wake(&w->request);
}

/* --- conn.dbPeers --- */

static void put_known(struct kith_buf *out, struct daemon *d,
		      const struct dial_entry *entry)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	char text[ADDRESS_TEXT_BYTES], name[KITH_REF_TEXT_BYTES];

	memcpy(id.b, entry->address.key, sizeof(id.b));
	kith_feed_print(&id, name);
	address_print(&entry->address, false, text);
	kith_buf_byte(out, '[');
	json_put_text(out, text);
	kith_buf_text(out, ",{\"key\":");
	json_put_text(out, name);
	kith_buf_text(out, ",\"failure\":");
	kith_buf_uint(out, entry->failures);
	kith_buf_text(out, entry->state == DIAL_PAUSED ||
					   replicate_blocks(d, &id)
				   ? ",\"autoconnect\":false"
				   : ",\"autoconnect\":true");
	put_fault(out, d, id.b);
	kith_buf_text(out, "}]");
}

/* All that are known, connected or not, as ssb-conn has it. */
void method_db_peers(struct peer *p, const struct session_event *call)
{
	struct daemon *d = p->daemon;
	const struct dial_entry *entry;
	const char *comma = "";
	size_t at = 0;

	kith_buf_reset(&d->item);
	kith_buf_byte(&d->item, '[');
	while ((entry = dial_entry(d->dialer.dial, &at))) {
		kith_buf_text(&d->item, comma);
		put_known(&d->item, d, entry);
		comma = ",";
	}
	kith_buf_byte(&d->item, ']');
	session_send(p->session, call->request, MUXRPC_JSON,
		     kith_bytes(&d->item));
}

/* --- gossip.ping --- */

/* Clocks go to and fro: whoever answered serves next, after a while
 * (protocol/05 section 3). */
struct ping {
	struct request request;
	bool served; /* we sent a number and await the answer */
};

static void serve(struct ping *ping)
{
	struct kith_buf *out = &ping->request.peer->daemon->item;

	kith_buf_reset(out);
	json_put_number(out, daemon_wall_ms());
	request_send_json(&ping->request, kith_bytes(out));
}

static void ping_data(struct request *r, const struct session_event *event)
{
	struct ping *ping = (struct ping *)r;
	int64_t wait_ms = r->peer->daemon->config.ping_ms;

	(void)event; /* their clock is theirs */
	if (ping->served)
		wait_ms += wait_ms / 2; /* their turn, but not all take it */
	else
		serve(ping);
	ping->served = false;
	request_due_at(r, daemon_now_ms(r->peer->daemon) + wait_ms);
}

static void ping_due(struct request *r, int64_t now_ms)
{
	struct ping *ping = (struct ping *)r;

	(void)now_ms;
	serve(ping);
	ping->served = true;
}

static void ping_closed(struct request *r, struct kith_slice error)
{
	(void)error;
	free(r);
}

static const struct request_ops ping_ops = { .data = ping_data,
					     .due = ping_due,
					     .closed = ping_closed };

void method_ping(struct peer *p, const struct session_event *call)
{
	struct ping *ping = calloc(1, sizeof(*ping));

	if (ping)
		request_open(&ping->request, &ping_ops, p, call->request);
	else
		call_refuse(p, call, "Error", "out of memory");
}

void ping_opened(struct peer *p)
{
	struct ping *ping = p->dialled ? calloc(1, sizeof(*ping)) : NULL;

	if (!ping)
		return;
	if (request_call(&ping->request, &ping_ops, p, RPC_DUPLEX,
			 "gossip.ping", KITH_SLICE("[{\"timeout\":300000}]"))) {
		free(ping);
		return;
	}
	ping_due(&ping->request, 0);
}
