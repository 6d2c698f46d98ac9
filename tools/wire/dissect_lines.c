/* Captures: lines of ssbcap(5) as events. */
#include "tools/wire/dissect.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/wire/box.h"

struct capture {
	struct dissection *d;
	struct kith_buf line; /* of one that came in pieces */
	struct kith_buf room; /* of capture_decode */
	uint64_t at;	      /* of the line, in the file */
	bool too_long;	      /* the rest of it is passed over */
	bool begun;	      /* a line could be read */
	struct conns conns;
};

static struct heard heard_of(const struct capture *c, enum heard_what what,
			     const struct capture_line *l, struct conn *conn)
{
	return (struct heard){
		.what = what,
		.time_us = l->t_us,
		.place = c->at,
		.conn = conn,
		.dir = l->out ? DISSECT_OUT : DISSECT_IN,
		.text = l->why,
		.bytes = l->bytes,
	};
}

static void tell(struct capture *c, enum heard_what what,
		 const struct capture_line *l, struct conn *conn)
{
	struct heard h = heard_of(c, what, l, conn);

	dissect_tell(c->d, &h);
}

static void tell_event(struct capture *c, const struct capture_line *l,
		       struct conn *conn, struct dissect_event *e)
{
	struct heard h = heard_of(c, HEARD_EVENT, l, conn);

	e->dir = h.dir;
	h.event = e;
	dissect_tell(c->d, &h);
}

/* --- layers --------------------------------------------------------------- */

static void take_file(struct capture *c, const struct capture_line *l)
{
	struct heard h = heard_of(c, HEARD_START, l, NULL);

	if (l->event == CAPTURE_LOST)
		h.what = HEARD_LOST;
	if (l->event == CAPTURE_STOP)
		h.what = HEARD_STOP;
	if (l->event == CAPTURE_START) {
		c->d->has_self = l->has_id;
		c->d->self = l->id;
		h.text = l->by;
	}
	dissect_tell(c->d, &h);
}

static struct conn *open_conn(struct capture *c, const struct capture_line *l)
{
	struct conn *conn = conn_new(c->d, l->conn, l->out, l->t_us);

	if (!conn)
		return NULL;
	conn->ongoing = l->event != CAPTURE_CONNECT &&
			l->event != CAPTURE_ACCEPT;
	conn->has_id = l->has_id;
	conn->id = l->id;
	snprintf(conn->at, sizeof(conn->at), "%.*s", (int)l->at.n,
		 (const char *)l->at.p);
	conns_add(c->d, &c->conns, conn);
	return conn;
}

/* Bytes of a raw capture, which may not have kept them. */
static void take_bytes(struct capture *c, const struct capture_line *l,
		       struct conn *conn)
{
	struct dissect_event e = { .what = DISSECT_SEALED, .bytes = l->bytes };
	struct sealed s = {
		.dir = l->out ? DISSECT_OUT : DISSECT_IN,
		.time_us = l->t_us,
		.place = c->at,
		.bytes = l->body,
	};

	conn_hear(c->d, conn, &s);
	if (l->body.n == l->bytes)
		return;
	e.bytes = l->bytes - l->body.n;
	e.at = conn->said[s.dir];
	dissect_skip(conn->dissect, s.dir, e.bytes);
	tell_event(c, l, conn, &e);
}

static void take_tcp(struct capture *c, const struct capture_line *l,
		     struct conn *conn)
{
	switch (l->event) {
	case CAPTURE_SAID: take_bytes(c, l, conn); break;
	case CAPTURE_CLOSE:
		tell(c, HEARD_CLOSE, l, conn);
		conns_remove(c->d, &c->conns, conn);
		break;
	default: tell(c, HEARD_OPEN, l, conn); break;
	}
}

static void take_shs(struct capture *c, const struct capture_line *l,
		     struct conn *conn)
{
	bool hello = l->message <= 2;
	struct dissect_event e = {
		.what = hello ? DISSECT_HELLO : DISSECT_PROOF,
		.at = conn->said[l->out],
		.bytes = l->bytes,
		.message = l->message,
		.said = l->body,
		.ephemeral = hello && l->body.n == 64 ? l->body.p + 32 : NULL,
	};

	if (l->event == CAPTURE_SAID) {
		tell_event(c, l, conn, &e);
	} else if (l->event == CAPTURE_DONE) {
		conn->has_id = l->has_id;
		conn->id = l->id;
		tell(c, HEARD_KNOWN, l, conn);
	} else {
		tell(c, HEARD_FAILED, l, conn);
	}
}

/* What was found when it was recorded is no damage of the capture. */
static void take_bad(struct capture *c, const struct capture_line *l,
		     struct conn *conn)
{
	struct dissect_event e = { .what = DISSECT_BROKEN };
	char why[160];

	snprintf(why, sizeof(why), "%.*s", (int)l->why.n,
		 (const char *)l->why.p);
	e.why = why;
	tell_event(c, l, conn, &e);
}

static void take_box(struct capture *c, const struct capture_line *l,
		     struct conn *conn)
{
	struct dissect_event e = {
		.what = DISSECT_FRAME,
		.at = conn->said[l->out],
		.bytes = l->bytes + BOX_HEADER_BYTES,
		.frame = conn->frames[l->out],
	};

	if (l->event == CAPTURE_BAD) {
		take_bad(c, l, conn);
		return;
	}
	if (l->event == CAPTURE_GOODBYE) {
		e.what = DISSECT_FAREWELL;
		e.bytes = BOX_GOODBYE_BYTES;
	} else {
		e.frame = ++conn->frames[l->out];
	}
	tell_event(c, l, conn, &e);
}

static void take_packet(struct capture *c, const struct capture_line *l,
			struct conn *conn)
{
	struct muxrpc_packet p = {
		.type = l->type,
		.stream = l->stream,
		.end = l->end,
		.request = l->request,
		.length = l->bytes < UINT32_MAX ? (uint32_t)l->bytes
						: UINT32_MAX,
		.body = l->body,
	};
	struct dissect_event e;

	dissect_packet(conn->dissect, l->out ? DISSECT_OUT : DISSECT_IN,
		       l->t_us, &p, &e);
	e.frame = conn->frames[l->out];
	tell_event(c, l, conn, &e);
}

static void take_rpc(struct capture *c, const struct capture_line *l,
		     struct conn *conn)
{
	struct dissect_event e = { .what = DISSECT_GOODBYE,
				   .bytes = MUXRPC_HEADER_BYTES,
				   .frame = conn->frames[l->out] };

	if (l->event == CAPTURE_BAD)
		take_bad(c, l, conn);
	else if (l->event == CAPTURE_GOODBYE)
		tell_event(c, l, conn, &e);
	else
		take_packet(c, l, conn);
}

static bool opens(const struct capture_line *l)
{
	return l->layer == CAPTURE_TCP &&
	       (l->event == CAPTURE_CONNECT || l->event == CAPTURE_ACCEPT ||
		l->event == CAPTURE_ONGOING);
}

/* False: out of memory. */
static bool take(struct capture *c, const struct capture_line *l)
{
	struct conn *conn;

	if (l->layer == CAPTURE_FILE) {
		take_file(c, l);
		return true;
	}
	conn = opens(l) ? NULL : conns_find(&c->conns, l->conn);
	if (!conn)
		conn = open_conn(c, l);
	if (!conn)
		return false;
	switch (l->layer) {
	case CAPTURE_TCP: take_tcp(c, l, conn); break;
	case CAPTURE_SHS: take_shs(c, l, conn); break;
	case CAPTURE_BOX: take_box(c, l, conn); break;
	default: take_rpc(c, l, conn); break;
	}
	return true;
}

/* --- lines ---------------------------------------------------------------- */

static int take_line(struct capture *c, struct kith_slice text)
{
	struct kith_error e = { 0 };
	struct capture_line l;
	enum kith_err err;

	c->room.limit = text.n;
	kith_buf_reset(&c->room);
	err = capture_decode(text, &c->room, &l, &e);
	if (!err) {
		c->begun = true;
		return take(c, &l) ? EXIT_DONE
				   : tool_fail(EXIT_FAILED, "out of memory");
	}
	if (err == KITH_ENOMEM)
		return tool_fail(EXIT_FAILED, "out of memory");
	if (!c->begun)
		return tool_fail(EXIT_UNREADABLE, "this is neither a capture "
				 "nor pcap: its first line is none of "
				 "ssbcap(5): %s", e.text);
	if (err != KITH_ENOENT)
		dissect_finding(c->d, c->at + e.offset,
				"a line that is damaged: %s", e.text);
	return EXIT_DONE;
}

/* One more piece of a line. */
static void keep(struct capture *c, struct kith_slice piece)
{
	if (c->too_long)
		return;
	kith_buf_put(&c->line, piece);
	if (!c->line.err)
		return;
	c->too_long = true;
	dissect_finding(c->d, c->at, "a line that is too long");
}

static int end_line(struct capture *c, struct kith_slice last)
{
	int code = EXIT_DONE;

	if (!c->line.n && !c->too_long) {
		code = take_line(c, last);
	} else {
		keep(c, last);
		if (!c->too_long)
			code = take_line(c, kith_bytes(&c->line));
	}
	kith_buf_reset(&c->line);
	c->too_long = false;
	return code;
}

static int take_piece(struct capture *c, struct kith_slice in, uint64_t *at)
{
	const uint8_t *end;
	int code = EXIT_DONE;

	while (!code && in.n && (end = memchr(in.p, '\n', in.n))) {
		struct kith_slice line = { in.p, (size_t)(end - in.p) };

		code = end_line(c, line);
		*at += line.n + 1;
		in.p += line.n + 1;
		in.n -= line.n + 1;
		c->at = *at;
	}
	if (!code)
		keep(c, in);
	*at += in.n;
	return code;
}

int dissect_lines(struct dissection *d, struct growing *g)
{
	struct capture *c = calloc(1, sizeof(*c));
	struct kith_slice piece;
	uint64_t at = 0;
	int code = EXIT_DONE;

	if (!c)
		return tool_fail(EXIT_FAILED, "out of memory");
	c->d = d;
	c->line.limit = CAPTURE_LINE_BYTES_MAX;
	while (!code && !d->stopped && growing_next(g, &piece))
		code = take_piece(c, piece, &at);
	if (!code && !c->begun && !growing_failed(g))
		code = tool_fail(EXIT_UNREADABLE, "this is neither a capture "
				 "nor pcap: it has no whole line");
	if (!code && c->line.n && !d->follow)
		dissect_finding(d, c->at, "the last line is torn");
	conns_clear(d, &c->conns);
	kith_buf_free(&c->line);
	kith_buf_free(&c->room);
	free(c);
	return code;
}
