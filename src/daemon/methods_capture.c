/* kith.captureStart, kith.captureStop, kith.captureStatus. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

/* Of somebody who ended the capture: answered when all of it is written. */
struct capture_waiter {
	struct request request;
	LIST_ENTRY(capture_waiter) all;
};

static void put_count(struct kith_buf *out, const char *name, uint64_t n)
{
	kith_buf_byte(out, ',');
	json_put_text(out, name);
	kith_buf_byte(out, ':');
	kith_buf_uint(out, n);
}

static void put_text(struct kith_buf *out, const char *name, const char *text)
{
	kith_buf_byte(out, ',');
	json_put_text(out, name);
	kith_buf_byte(out, ':');
	json_put_text(out, text);
}

/* How the capture is, or how the last one was. */
static struct kith_slice status(struct daemon *d)
{
	const struct capture *c = &d->capture;
	struct kith_buf *out = &d->item;

	kith_buf_reset(out);
	kith_buf_text(out, "{\"state\":");
	json_put_text(out, c->on ? "on" : c->ending ? "ending" : "off");
	put_text(out, "file", c->options.file);
	put_text(out, "keylog", c->options.keylog);
	put_count(out, "bytes", c->bytes);
	put_count(out, "limit", c->options.limit_bytes);
	put_count(out, "connections", c->conns);
	put_count(out, "lost", c->recording.all_lost);
	put_text(out, "why", c->why);
	kith_buf_byte(out, '}');
	return kith_bytes(out);
}

void method_capture_status(struct peer *p, const struct session_event *call)
{
	session_send(p->session, call->request, MUXRPC_JSON,
		     status(p->daemon));
}

/* --- kith.captureStart --- */

/* A path from / on; absent it is "". */
static bool read_path(struct kith_slice options, const char *name, char *out)
{
	struct kith_slice value = json_get(options, name);
	struct kith_buf text = { .limit = CAPTURE_PATH_BYTES - 1 };
	bool ok;

	*out = '\0';
	if (!value.n)
		return true;
	ok = json_unescape(value, &text) && text.n && text.p[0] == '/' &&
	     !memchr(text.p, 0, text.n);
	if (ok) {
		memcpy(out, text.p, text.n);
		out[text.n] = '\0';
	}
	kith_buf_free(&text);
	return ok;
}

static const char *read_options(struct kith_slice from,
				struct capture_options *o)
{
	struct kith_slice peer = json_get(from, "peer");
	struct kith_slice limit = json_get(from, "limit");

	*o = (struct capture_options){ .limit_bytes = CAPTURE_LIMIT_BYTES };
	if (!read_path(from, "file", o->file) ||
	    !read_path(from, "keylog", o->keylog))
		return "file and keylog must be paths, from / on";
	if (!*o->file && !*o->keylog)
		return "Param 0 must have a .file or a .keylog";
	if (limit.n && (!json_uint(limit, &o->limit_bytes) ||
			o->limit_bytes < CAPTURE_LIMIT_BYTES_MIN))
		return "limit must be a number of bytes, at least 65536";
	o->has_peer = peer.n;
	if (peer.n && !args_feed(peer, &o->peer))
		return "peer must be a feed's id";
	args_bool(from, "rotate", &o->turn);
	args_bool(from, "headers", &o->headers);
	return NULL;
}

void method_capture_start(struct peer *p, const struct session_event *call)
{
	struct capture_options options;
	struct kith_error e = { 0 };
	const char *wrong = read_options(args_get(call->args, 0), &options);

	if (wrong)
		call_refuse(p, call, "UsageError", wrong);
	else if (capture_start(p->daemon, &options, &e))
		call_refuse(p, call, "Error", e.text);
	else
		method_capture_status(p, call);
}

/* --- kith.captureStop --- */

static void stop_closed(struct request *r, struct kith_slice error)
{
	struct capture_waiter *w = (struct capture_waiter *)r;

	(void)error;
	LIST_REMOVE(w, all);
	free(w);
}

static const struct request_ops stop_ops = { .closed = stop_closed };

void capture_written(struct daemon *d)
{
	struct capture_waiter *w;

	while ((w = LIST_FIRST(&d->capture.waiters)))
		request_reply(&w->request, status(d));
}

void method_capture_stop(struct peer *p, const struct session_event *call)
{
	struct daemon *d = p->daemon;
	struct capture_waiter *w;

	if (!d->capture.on && !d->capture.ending) {
		call_refuse(p, call, "Error", "no capture is on: "
			    "`kith capture start` begins one");
		return;
	}
	capture_end(d, "asked to");
	w = calloc(1, sizeof(*w));
	if (!w) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	LIST_INSERT_HEAD(&d->capture.waiters, w, all);
	request_open(&w->request, &stop_ops, p, call->request);
}
