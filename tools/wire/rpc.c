/* kith rpc: any call to kithd or a peer, and all that is said of it. */
#include "tools/wire/commands.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "src/client/link.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"
#include "tools/wire/remote.h"

/* A signal is looked for so often, in ms. */
enum { LOOK_MS = 200, LINE_BYTES_MAX = 1 << 20, READ_BYTES = 16 * 1024 };

struct rpc {
	struct tool *tool;
	const char *address;
	struct client *client;
	enum rpc_shape shape;
	int32_t request;
	int timeout_ms;	/* without a word of this call; < 0: for ever */
	int64_t heard_ms; /* when there was the last */
	bool frames, raw, exact; /* exact: not to a terminal */
	struct kith_buf line, text;
	bool input; /* more comes from standard input */
	bool we_ended, they_ended;
	int code;
};

/* --- what is printed --- */

/* What a body is in JSON: itself, if it is what its packet says, a text, or
 * base64. */
static void put_body(struct kith_buf *out, enum muxrpc_type type,
		     struct kith_slice body)
{
	if (type == MUXRPC_JSON && !json_check(body, &body, NULL)) {
		json_one_line(body, out);
	} else if (type != MUXRPC_BINARY && text_is_utf8(body)) {
		json_put_string(out, body);
	} else {
		size_t n = BASE64_CHARS(body.n);
		uint8_t *room;

		kith_buf_text(out, "{\"base64\":\"");
		room = kith_buf_reserve(out, n);
		if (room) {
			base64_encode(body, (char *)room);
			out->n += n;
		}
		kith_buf_text(out, "\"}");
	}
}

/* One packet: which way it went, and what it was. */
struct frame {
	bool out, stream, end;
	int32_t request; /* as its header has it */
	enum muxrpc_type type;
	struct kith_slice body;
};

static void record_frame(struct rpc *r, const struct frame *f)
{
	struct record to;

	record_begin(&to);
	record_text(&to, "direction", f->out ? "out" : "in");
	record_int(&to, "request", f->request);
	record_text(&to, "packet", muxrpc_type_name(f->type));
	record_bool(&to, "stream", f->stream);
	record_bool(&to, "end", f->end);
	record_uint(&to, "bytes", f->body.n);
	kith_buf_reset(&r->text);
	put_body(&r->text, f->type, f->body);
	record_json(&to, "body", kith_bytes(&r->text));
	record_end(&to);
}

static void note_frame(struct rpc *r, const struct frame *f)
{
	if (!r->frames)
		return;
	if (r->tool->json) {
		record_frame(r, f);
		return;
	}
	kith_buf_reset(&r->text);
	put_body(&r->text, f->type, f->body);
	fprintf(stderr, "%c %d %s%s%s %zu ", f->out ? '>' : '<',
		(int)f->request, muxrpc_type_name(f->type),
		f->stream ? " stream" : "", f->end ? " end" : "", f->body.n);
	text_print(stderr, kith_bytes(&r->text));
	fputc('\n', stderr);
}

static void print_item(struct rpc *r, const struct session_event *event)
{
	struct record to;

	if (r->raw && r->exact) {
		fwrite(event->body.p, 1, event->body.n, stdout);
		return;
	}
	kith_buf_reset(&r->text);
	put_body(&r->text, event->type, event->body);
	if (r->tool->json && !r->frames) {
		record_begin(&to);
		record_text(&to, "packet", muxrpc_type_name(event->type));
		record_json(&to, "body", kith_bytes(&r->text));
		record_end(&to);
	} else if (!r->tool->json) {
		text_print(stdout, kith_bytes(&r->text));
		putchar('\n');
		fflush(stdout);
	}
}

/* --- what we say --- */

static int say(struct rpc *r, struct kith_slice body, bool end)
{
	struct frame f = { .out = true, .stream = true, .end = end,
			   .request = -r->request, .type = MUXRPC_JSON,
			   .body = body };
	struct kith_error e = { 0 };
	enum kith_err err = end ? client_end(r->client, r->request, &e)
				: client_send(r->client, r->request,
					      MUXRPC_JSON, body, &e);

	note_frame(r, &f);
	r->we_ended = r->we_ended || end;
	return err ? remote_failed(r->address, err, &e) : EXIT_DONE;
}

static int open_call(struct rpc *r, const char *name, struct kith_slice args)
{
	struct kith_buf body = { .limit = 2 * LINE_BYTES_MAX };
	struct kith_error e = { 0 };
	enum kith_err err = client_request(r->client, r->shape, name, args,
					   &r->request, &e);

	if (err)
		return remote_failed(r->address, err, &e);
	kith_buf_text(&body, "{\"name\":[\"");
	for (; *name; name++)
		kith_buf_text(&body, *name == '.' ? "\",\""
						  : (char[]){ *name, '\0' });
	kith_buf_text(&body, "\"],\"args\":");
	kith_buf_put(&body, args);
	kith_buf_text(&body, ",\"type\":\"");
	kith_buf_text(&body, rpc_shape_name(r->shape));
	kith_buf_text(&body, "\"}");
	note_frame(r, &(struct frame){ .out = true,
				       .stream = r->shape != RPC_ASYNC,
				       .request = -r->request,
				       .type = MUXRPC_JSON,
				       .body = kith_bytes(&body) });
	kith_buf_free(&body);
	return EXIT_DONE;
}

static int send_line(struct rpc *r, struct kith_slice line)
{
	struct kith_error e = { 0 };
	struct kith_slice value;

	if (json_check(line, &value, &e))
		return tool_fail(EXIT_MISUSED, "what is sent is JSON, a value "
				 "a line: %s (at byte %zu)", e.text, e.offset);
	return say(r, value, false);
}

/* Sends the lines that are there whole; the rest waits for its end. */
static int send_lines(struct rpc *r)
{
	const uint8_t *end;
	int code = EXIT_DONE;

	while (!code && r->line.n &&
	       (end = memchr(r->line.p, '\n', r->line.n))) {
		size_t n = (size_t)(end - r->line.p);

		if (n)
			code = send_line(r, (struct kith_slice){ r->line.p,
								 n });
		kith_buf_drop(&r->line, n + 1);
	}
	return code;
}

/* Standard input has something, or its end. */
static int take_input(struct rpc *r)
{
	uint8_t piece[READ_BYTES];
	ssize_t n = read(STDIN_FILENO, piece, sizeof(piece));
	int code;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return EXIT_DONE;
	if (n > 0) {
		kith_buf_put(&r->line,
			     (struct kith_slice){ piece, (size_t)n });
		return r->line.err ? tool_fail(EXIT_MISUSED, "a line has at "
					       "most %d bytes", LINE_BYTES_MAX)
				   : send_lines(r);
	}
	r->input = false;
	code = r->line.n ? send_line(r, kith_bytes(&r->line)) : EXIT_DONE;
	return code ? code : say(r, KITH_SLICE("true"), true);
}

/* --- what they say --- */

static int fail_with(struct rpc *r, const struct session_event *event)
{
	struct kith_error e = { 0 };

	(void)client_denied(r->client, event, &e);
	return tool_fail(EXIT_FAILED, "%s says: %s", r->address, e.text);
}

static void take_event(struct rpc *r, enum session_step step,
		       const struct session_event *event)
{
	bool ends = step == SESSION_END || step == SESSION_ERROR;
	struct frame f = { .stream = step == SESSION_CALL
					     ? event->shape != RPC_ASYNC
					     : r->shape != RPC_ASYNC,
			   .end = ends, .request = event->request,
			   .type = event->type, .body = event->body };

	note_frame(r, &f);
	if (event->request != r->request)
		return;
	r->heard_ms = link_now_ms();
	if (step == SESSION_DATA || step == SESSION_REPLY)
		print_item(r, event);
	if (step == SESSION_ERROR)
		r->code = fail_with(r, event);
	r->they_ended = step != SESSION_DATA;
	/* The session ends a stream in answer. */
	if (ends && f.stream && !r->we_ended &&
	    (step == SESSION_ERROR || r->shape == RPC_SOURCE)) {
		r->we_ended = true;
		note_frame(r, &(struct frame){ .out = true, .stream = true,
					       .end = true,
					       .request = -r->request,
					       .type = MUXRPC_JSON,
					       .body = KITH_SLICE("true") });
	}
}

/* Waits for a while until there is something to do. */
static void wait_for_any(const struct rpc *r)
{
	struct pollfd fds[2] = {
		{ .fd = client_socket(r->client), .events = POLLIN },
		{ .fd = r->input ? STDIN_FILENO : -1, .events = POLLIN },
	};

	(void)poll(fds, 2, LOOK_MS);
}

/* Whatever else the remote says, it says nothing of this. */
static bool is_late(const struct rpc *r)
{
	return r->timeout_ms >= 0 &&
	       link_now_ms() - r->heard_ms >= r->timeout_ms;
}

static bool input_is_there(const struct rpc *r)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return r->input && poll(&fd, 1, 0) > 0;
}

static int stop(struct rpc *r)
{
	if (r->shape != RPC_ASYNC && !r->they_ended)
		(void)say(r, KITH_SLICE("true"), true);
	return r->shape == RPC_ASYNC ? tool_fail(EXIT_FAILED, "interrupted")
				     : EXIT_DONE;
}

static int talk(struct rpc *r)
{
	struct session_event event = { 0 };
	struct kith_error e = { 0 };
	enum session_step step;
	enum kith_err err;
	int code;

	r->heard_ms = link_now_ms();
	while (!r->they_ended) {
		if (interrupt_pending())
			return stop(r);
		err = client_event(r->client, 0, &step, &event, &e);
		if (!err) {
			take_event(r, step, &event);
		} else if (err != KITH_EBUSY) {
			return remote_failed(r->address, err, &e);
		} else if (input_is_there(r)) {
			code = take_input(r);
			if (code)
				return code;
			r->heard_ms = link_now_ms();
		} else {
			wait_for_any(r);
		}
		if (!r->they_ended && is_late(r))
			return remote_late(r->address, r->timeout_ms);
	}
	if (!r->we_ended && r->shape != RPC_ASYNC)
		(void)say(r, KITH_SLICE("true"), true);
	return r->code;
}

/* --- before --- */

static bool shape_named(struct kith_slice name, enum rpc_shape *out)
{
	for (int i = RPC_ASYNC; i <= RPC_DUPLEX; i++)
		if (kith_equal(name, kith_text(rpc_shape_name(
					     (enum rpc_shape)i)))) {
			*out = (enum rpc_shape)i;
			return true;
		}
	*out = RPC_ASYNC;
	return kith_equal(name, KITH_SLICE("sync"));
}

/* The type that the remote's manifest has; async where it does not say. */
static enum rpc_shape shape_in(struct kith_slice manifest, const char *name)
{
	enum rpc_shape shape;
	char part[64];

	for (size_t n; *name; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		if (n >= sizeof(part))
			return RPC_ASYNC;
		memcpy(part, name, n);
		part[n] = '\0';
		manifest = json_get(manifest, part);
	}
	(void)shape_named(json_plain(manifest), &shape);
	return shape;
}

static void guess_shape(struct rpc *r, const char *name)
{
	struct kith_slice manifest;

	if (client_call(r->client, "manifest", KITH_SLICE("[]"), &manifest,
			NULL))
		r->shape = RPC_ASYNC;
	else
		r->shape = shape_in(manifest, name);
}

static int read_options(struct rpc *r)
{
	const char *type = tool_option(r->tool, 't');

	if (type && !shape_named(kith_text(type), &r->shape))
		return tool_fail(EXIT_MISUSED, "--type is async, source, sink "
				 "or duplex, not \"%s\"", type);
	r->frames = tool_option(r->tool, 'f');
	r->raw = tool_option(r->tool, 'r');
	r->exact = !isatty(STDOUT_FILENO);
	if (r->raw && r->tool->json)
		return tool_fail(EXIT_MISUSED, "either --raw or --json");
	return remote_timeout(r->tool, 0, &r->timeout_ms) ? EXIT_DONE
							  : EXIT_MISUSED;
}

static bool is_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9') || *p == '.' || *p == '_' ||
		      *p == '-'))
			return false;
	return *name && strlen(name) < 256;
}

static int check_call(const char *name, struct kith_slice *args)
{
	struct kith_error e = { 0 };

	if (!is_name(name))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no name of a call: "
				 "one looks like blobs.has", name);
	if (json_check(*args, args, &e))
		return tool_fail(EXIT_MISUSED, "the arguments are no JSON: %s "
				 "(at byte %zu)", e.text, e.offset);
	return json_kind(*args) == JSON_KIND_ARRAY
		       ? EXIT_DONE
		       : tool_fail(EXIT_MISUSED, "the arguments are a JSON "
				   "array: '[]', '[{\"live\":true}]'");
}

static int run(struct rpc *r, const char *name, struct kith_slice args)
{
	bool streams;
	int code;

	if (!tool_option(r->tool, 't'))
		guess_shape(r, name);
	streams = r->shape != RPC_ASYNC;
	if (!r->timeout_ms)
		r->timeout_ms = streams ? -1 : CLIENT_TIMEOUT_MS;
	r->input = r->shape == RPC_SINK || r->shape == RPC_DUPLEX;
	interrupt_hold();
	code = open_call(r, name, args);
	return code ? code : talk(r);
}

int command_rpc(struct tool *t, int argc, char **argv)
{
	struct rpc r = { .tool = t, .address = argv[0],
			 .line.limit = LINE_BYTES_MAX,
			 .text.limit = 2 * CLIENT_BODY_BYTES_MAX };
	struct kith_slice args = argc > 2 ? kith_text(argv[2])
					  : KITH_SLICE("[]");
	struct network network;
	int code = read_options(&r);

	if (!code)
		code = check_call(argv[1], &args);
	if (!code)
		code = remote_open(t, argv[0], &network, &r.client);
	if (!code)
		code = run(&r, argv[1], args);
	client_close(r.client);
	kith_buf_free(&r.line);
	kith_buf_free(&r.text);
	return code;
}
