/* pcap and pcapng: recorded packets as events. */
#include "tools/wire/dissect.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/wire/address.h"
#include "src/wire/flows.h"
#include "src/wire/userlink.h"

/* Where beacons go; sealed ones: protocol/07 section 1. */
enum { BEACON_PORT = 8008, SEALED_BEACON_PORT = 26830 };

struct packets {
	struct dissection *d;
	struct flows *flows; /* user: struct conn */
	struct conns conns;  /* of packets that we wrote */
	uint32_t last;	     /* number given to a connection */
	bool told_link;	     /* that there is one that nobody knows here */
	const struct pcap_packet *packet;
	int code;
};

static struct heard heard_of(const struct packets *r, enum heard_what what,
			     struct conn *conn, enum dissect_dir dir)
{
	return (struct heard){
		.what = what,
		.time_us = r->packet ? r->packet->time_us
			   : conn    ? conn->last_us
				     : 0,
		.place = r->packet ? r->packet->at : 0,
		.conn = conn,
		.dir = dir,
	};
}

static void fail(struct packets *r)
{
	if (!r->code)
		r->code = tool_fail(EXIT_FAILED, "out of memory");
}

/* --- TCP ------------------------------------------------------------------ */

static void gap(struct packets *r, struct conn *c, enum dissect_dir dir,
		uint64_t bytes)
{
	struct heard h = heard_of(r, HEARD_GAP, c, dir);

	h.bytes = bytes;
	dissect_skip(c->dissect, dir, bytes);
	dissect_tell(r->d, &h);
	dissect_finding(r->d, h.place, "connection %lu: %llu bytes of what %s "
			"said were not recorded", (unsigned long)c->number,
			(unsigned long long)bytes,
			dir == DISSECT_OUT ? "the client" : "the server");
}

static void end_side(struct packets *r, struct conn *c, enum dissect_dir dir,
		     bool reset)
{
	struct heard h = heard_of(r, HEARD_CLOSE, c, dir);

	if (dissect_is_torn(c->dissect, dir))
		h.text = KITH_SLICE("in the middle of a frame");
	else
		h.text = reset ? KITH_SLICE("reset") : KITH_SLICE("FIN");
	dissect_tell(r->d, &h);
}

/* All that one direction has ready. */
static void drain(struct packets *r, struct flow *f, enum dissect_dir dir,
		  bool flush)
{
	struct tcp *t = dir == DISSECT_OUT ? &f->client_says : &f->server_says;
	struct conn *c = f->user;
	struct tcp_out out;
	enum tcp_step step;

	while ((step = tcp_next(t, flush, &out)) != TCP_MORE) {
		struct heard at = heard_of(r, HEARD_EVENT, c, dir);
		struct sealed s = { dir, at.time_us, at.place, out.bytes };

		if (step == TCP_BYTES)
			conn_hear(r->d, c, &s);
		else if (step == TCP_GAP)
			gap(r, c, dir, out.missing);
		else
			end_side(r, c, dir, out.reset);
	}
}

static void end_flow(struct packets *r, struct flow *f)
{
	drain(r, f, DISSECT_OUT, true);
	drain(r, f, DISSECT_IN, true);
	conn_end(r->d, f->user);
	flows_remove(r->flows, f);
}

/* In the words of a capture: who dialled, and the two ends. */
static void tell_open(struct packets *r, struct conn *c,
		      const struct flow *f, const struct segment *s)
{
	char client[ENDPOINT_TEXT_BYTES], server[ENDPOINT_TEXT_BYTES];
	struct heard h = heard_of(r, HEARD_OPEN, c, DISSECT_OUT);

	endpoint_print(&f->client, client);
	endpoint_print(&f->server, server);
	snprintf(c->at, sizeof(c->at), "%s -> %s", client, server);
	c->ongoing = !(s->flags & SEGMENT_SYN);
	dissect_tell(r->d, &h);
	if (!c->ongoing)
		return;
	dissect_skip(c->dissect, DISSECT_IN, 0);
	dissect_skip(c->dissect, DISSECT_OUT, 0);
}

static struct flow *open_flow(struct packets *r, const struct segment *s)
{
	struct flow *f, *oldest = flows_oldest(r->flows);

	if (oldest)
		end_flow(r, oldest);
	f = flows_add(r->flows, s);
	if (!f)
		return NULL;
	f->user = conn_new(r->d, ++r->last, true, r->packet->time_us);
	if (!f->user) {
		flows_remove(r->flows, f);
		return NULL;
	}
	tell_open(r, f->user, f, s);
	return f;
}

static void take_tcp(struct packets *r, const struct segment *s)
{
	struct flow *old, *f = flows_find(r->flows, s, &old);
	bool client;

	if (old)
		end_flow(r, old);
	if (!f && s->flags & SEGMENT_RST)
		return;
	if (!f)
		f = open_flow(r, s);
	if (!f) {
		fail(r);
		return;
	}
	client = flow_is_client(f, s);
	tcp_put(client ? &f->client_says : &f->server_says, s);
	drain(r, f, client ? DISSECT_OUT : DISSECT_IN, false);
}

/* --- UDP ------------------------------------------------------------------ */

static void take_udp(struct packets *r, const struct segment *s)
{
	struct heard h = heard_of(r, HEARD_BEACON, NULL, DISSECT_IN);
	char from[ENDPOINT_TEXT_BYTES];

	if (s->to.port != BEACON_PORT && s->to.port != SEALED_BEACON_PORT)
		return;
	endpoint_print(&s->from, from);
	h.at = from;
	h.bytes = s->length;
	if (s->to.port == BEACON_PORT && !address_check(s->bytes, NULL))
		h.text = s->bytes;
	dissect_tell(r->d, &h);
}

/* --- what we wrote ourselves ---------------------------------------------- */

static struct conn *conn_of(struct packets *r, const struct userlink *u)
{
	struct conn *c = conns_find(&r->conns, u->conn);

	if (c)
		return c;
	c = conn_new(r->d, u->conn, u->out, r->packet->time_us);
	if (!c) {
		fail(r);
		return NULL;
	}
	snprintf(c->at, sizeof(c->at), "as it was written opened");
	conns_add(r->d, &r->conns, c);
	return c;
}

static void tell_event(struct packets *r, struct conn *c,
		       struct dissect_event *e)
{
	struct heard h = heard_of(r, HEARD_EVENT, c, e->dir);

	h.event = e;
	dissect_tell(r->d, &h);
}

static void take_handshake(struct packets *r, struct conn *c,
			   const struct userlink *u, struct kith_slice s)
{
	struct dissect_event e = { .dir = u->out ? DISSECT_OUT : DISSECT_IN,
				   .bytes = s.n, .said = s };
	bool client = u->out == c->we_dialled;

	e.what = s.n == 64 ? DISSECT_HELLO : DISSECT_PROOF;
	e.message = (s.n == 64 ? 1u : 3u) + (client ? 0u : 1u);
	e.ephemeral = s.n == 64 ? s.p + 32 : NULL;
	tell_event(r, c, &e);
}

/* A packet with its header; of a long one less than all of its body. */
static void take_packet(struct packets *r, struct conn *c,
			const struct userlink *u, struct kith_slice s)
{
	struct muxrpc_reader *reader = muxrpc_reader_new();
	enum dissect_dir dir = u->out ? DISSECT_OUT : DISSECT_IN;
	struct dissect_event e = { .what = DISSECT_GOODBYE, .dir = dir,
				   .bytes = s.n };
	struct muxrpc_packet p;
	enum muxrpc_step step;

	if (!reader) {
		fail(r);
		return;
	}
	step = muxrpc_next(reader, &s, &p);
	if (step == MUXRPC_HEADER) {
		p.body = s;
		if (p.body.n > p.length)
			p.body.n = p.length;
		dissect_packet(c->dissect, dir, r->packet->time_us, &p, &e);
	}
	if (step == MUXRPC_HEADER || step == MUXRPC_GOODBYE)
		tell_event(r, c, &e);
	else
		dissect_finding(r->d, r->packet->at, "a packet that is cut "
						     "off");
	muxrpc_reader_free(reader);
}

static void take_userlink(struct packets *r)
{
	struct kith_slice s = r->packet->bytes;
	struct userlink u;
	struct conn *c;

	if (!userlink_decode(&s, &u)) {
		dissect_finding(r->d, r->packet->at,
				"a packet of link type USER0, and not ours");
		return;
	}
	c = u.kind == USERLINK_NOTE ? NULL : conn_of(r, &u);
	if (c && u.kind == USERLINK_HANDSHAKE)
		take_handshake(r, c, &u, s);
	else if (c)
		take_packet(r, c, &u, s);
}

/* --- the file ------------------------------------------------------------- */

/* Once: a file mostly has no others. */
static void tell_link(struct packets *r)
{
	if (!r->told_link)
		dissect_finding(r->d, r->packet->at, "packets of link type %u, "
				"which is none that can be read",
				(unsigned)r->packet->link);
	r->told_link = true;
}

static void take(struct packets *r, const struct pcap_packet *p)
{
	struct segment s;

	r->packet = p;
	if (p->link == PCAP_LINK_USER0)
		take_userlink(r);
	else if (!segment_knows(p->link))
		tell_link(r);
	else if (!segment_read(p, &s))
		;
	else if (s.tcp)
		take_tcp(r, &s);
	else
		take_udp(r, &s);
	r->packet = NULL;
}

static int read_all(struct packets *r, struct pcap_reader *reader,
		    struct growing *g)
{
	enum pcap_step step = PCAP_MORE;
	struct pcap_packet packet;
	struct kith_slice in;

	while (!r->code && !r->d->stopped && step != PCAP_BAD &&
	       growing_next(g, &in))
		while (!r->code &&
		       (step = pcap_next(reader, &in, &packet)) == PCAP_PACKET)
			take(r, &packet);
	if (r->code)
		return r->code;
	if (step == PCAP_BAD)
		dissect_finding(r->d, pcap_at(reader), "%s; nothing behind it "
				"can be read", pcap_why(reader));
	else if (!pcap_is_whole(reader) && !r->d->follow && !r->d->stopped)
		dissect_finding(r->d, pcap_at(reader), "the file ends in the "
						       "middle of a packet");
	return EXIT_DONE;
}

int dissect_pcap(struct dissection *d, struct growing *g)
{
	struct packets *r = calloc(1, sizeof(*r));
	struct pcap_reader *reader = pcap_reader_new();
	struct flow *f;
	int code;

	if (r) {
		r->d = d;
		r->flows = flows_new();
	}
	if (!r || !reader || !r->flows) {
		code = tool_fail(EXIT_FAILED, "out of memory");
	} else {
		code = read_all(r, reader, g);
		while ((f = flows_last(r->flows)))
			end_flow(r, f);
		conns_clear(d, &r->conns);
	}
	pcap_reader_free(reader);
	if (r)
		flows_free(r->flows);
	free(r);
	return code;
}
