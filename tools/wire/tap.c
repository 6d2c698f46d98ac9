#include "tools/wire/tap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "src/client/link.h"
#include "src/limits.h"
#include "src/wire/address.h"
#include "tools/from/ssb.h"
#include "tools/network.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"
#include "tools/wire/commands.h"

enum { TURN_MS = 200 /* between two looks at what ends it */ };

/* The command: a tap, and where its lines go. */
struct tapping {
	struct tool *tool;
	struct tap tap;
	struct address to;
	struct capture_file file, keylog;
	uint64_t limit_bytes;
	bool over;   /* nothing more is written */
	bool failed; /* something could not be */
	int64_t until_ms, wall_us, mono_us;
};

/* --- where and who --- */

/* HOST:PORT, [HOST]:PORT, or an address that says whose it is. */
static int read_place(const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	const char *from = *text == '[' ? text + 1 : text;
	const char *to = *text == '[' ? strchr(text, ']') : colon;
	char *end = NULL;
	unsigned long port;

	*out = (struct address){ 0 };
	if (!address_parse(kith_text(text), out, NULL)) {
		if (out->transport == ADDRESS_NET)
			return EXIT_DONE;
		return tool_fail(EXIT_MISUSED, "a tap stands on TCP, not on "
				 "%s", text);
	}
	*out = (struct address){ 0 };
	port = colon ? strtoul(colon + 1, &end, 10) : 0;
	if (!colon || !to || to > colon || !end || *end || end == colon + 1 ||
	    port > UINT16_MAX || (size_t)(to - from) >= sizeof(out->host))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no place to connect "
				 "to: HOST:PORT, or net:HOST:PORT~shs:KEY",
				 text);
	memcpy(out->host, from, (size_t)(to - from));
	out->port = (uint16_t)port;
	return EXIT_DONE;
}

static int add_key(struct tap *t, struct kith_signer *s)
{
	if (t->key_count == TAP_KEYS_MAX) {
		kith_signer_free(s);
		return tool_fail(EXIT_MISUSED, "more than %d keys",
				 TAP_KEYS_MAX);
	}
	t->keys[t->key_count++] = s;
	return EXIT_DONE;
}

static int read_keys(struct tapping *g)
{
	const struct tool *t = g->tool;
	struct kith_signer *s;
	int code = EXIT_DONE;

	for (size_t i = 0; !code && i < t->chosen_count; i++) {
		if (t->chosen[i].letter != 's')
			continue;
		code = ssb_secret_read(t->chosen[i].value, NULL, &s);
		if (!code)
			code = add_key(&g->tap, s);
	}
	if (code || !g->to.has_seed || !g->tap.key_count)
		return code;
	/* Whoever uses an invite comes by the key in it. */
	s = kith_signer_from_seed(g->to.seed);
	return s ? add_key(&g->tap, s) : tool_explain(NULL, KITH_ENOMEM);
}

static int find_server(struct tapping *g)
{
	struct tap *t = &g->tap;

	if (!t->key_count)
		return EXIT_DONE;
	if (!g->to.has_key)
		return tool_fail(EXIT_MISUSED, "with --key, --to must say who "
				 "the server is: net:HOST:PORT~shs:KEY");
	for (size_t i = 0; i < t->key_count; i++)
		if (!memcmp(kith_signer_id(t->keys[i])->b, g->to.key,
			    KITH_ID_BYTES))
			t->server = t->keys[i];
	if (t->server)
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "no --key is that of the server: a "
			 "client would see at once that somebody else "
			 "answers");
}

static int read_app_key(struct tapping *g)
{
	const char *text = tool_option(g->tool, 'a');

	if (base64_decode(kith_text(text ? text : NETWORK_APP_KEY),
			  g->tap.app_key, sizeof(g->tap.app_key)))
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "--app-key must be 32 bytes in base64");
}

static int read_options(struct tapping *g, struct address *at)
{
	const struct tool *t = g->tool;
	const char *listen = tool_option(t, 'L'), *to = tool_option(t, 't');
	uint64_t seconds = 0;
	int code;

	if (!listen || !to)
		return tool_fail(EXIT_MISUSED, "a tap needs --listen and --to; "
				 "see `kith help tap`");
	if (!tool_size(t, 'l', &g->limit_bytes) ||
	    !tool_number(t, 'd', 0, &seconds))
		return EXIT_MISUSED;
	if (!g->limit_bytes)
		g->limit_bytes = CAPTURE_LIMIT_BYTES;
	if (g->limit_bytes < CAPTURE_LIMIT_BYTES_MIN)
		return tool_fail(EXIT_MISUSED, "a capture takes at least 64K");
	g->until_ms = seconds && seconds < INT32_MAX
			      ? link_now_ms() + (int64_t)seconds * 1000
			      : INT64_MAX;
	code = read_place(listen, at);
	if (!code)
		code = read_place(to, &g->to);
	if (!code)
		code = read_app_key(g);
	if (!code)
		code = read_keys(g);
	return code ? code : find_server(g);
}

/* --- the file --- */

static int open_files(struct tapping *g, const char *path)
{
	const char *keylog = tool_option(g->tool, 'k');
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;

	/* The capture last: made in vain, it would stand in the way of the
	 * next attempt. */
	if (keylog)
		err = capture_file_append(&g->keylog, keylog, &e);
	if (!err && keylog && !capture_file_has_room(&g->keylog, &e))
		err = e.code;
	/* All of it: what grows leaves keys in memory that it gave back. */
	if (!err && keylog &&
	    !kith_buf_reserve(&g->tap.keylog, g->tap.keylog.limit))
		err = kith_fail(&e, KITH_ENOMEM, 0, "out of memory");
	if (!err && !strcmp(path, "-"))
		g->file.fd = dup(STDOUT_FILENO);
	else if (!err)
		err = capture_file_create(&g->file, path, &e);
	if (!err && !*g->file.path)
		snprintf(g->file.path, sizeof(g->file.path), "standard output");
	if (err)
		return tool_fail(EXIT_FAILED, "%s", e.text);
	g->tap.has_keylog = keylog;
	return EXIT_DONE;
}

static int64_t clock_us(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void set_time(struct tapping *g)
{
	g->tap.recording.now_us =
		g->wall_us + clock_us(CLOCK_MONOTONIC) - g->mono_us;
}

static void put_file_event(struct tapping *g, enum capture_event event,
			   const char *why)
{
	const struct kith_signer *server = g->tap.server;
	struct capture_line line = {
		.t_us = g->tap.recording.now_us,
		.layer = CAPTURE_FILE,
		.event = event,
		.version = CAPTURE_VERSION,
		.by = KITH_SLICE("kith " PACKAGE_VERSION),
		.of = server ? KITH_SLICE("tap") : KITH_SLICE("raw"),
		.why = why ? kith_text(why) : (struct kith_slice){ 0 },
		.has_id = server && event == CAPTURE_START,
	};

	if (line.has_id)
		line.id = *kith_signer_id(server);
	recording_put(&g->tap.recording, &line);
}

/* What is passed on is passed on in any case. */
static void stop_writing(struct tapping *g, const char *why)
{
	g->over = true;
	tool_note("the capture ends: %s", why);
}

static void write_keys(struct tapping *g)
{
	struct kith_buf *keys = &g->tap.keylog;
	struct kith_error e = { 0 };

	if (!keys->n)
		return;
	if (capture_file_put(&g->keylog, kith_bytes(keys), &e) ||
	    !capture_file_has_room(&g->keylog, &e)) {
		g->tap.has_keylog = false;
		g->failed = true;
		tool_note("no more keys are written: %s", e.text);
	}
	sodium_memzero(keys->p, keys->n);
	kith_buf_reset(keys);
}

static void write_lines(struct tapping *g)
{
	struct recording *r = &g->tap.recording;
	uint64_t room = g->limit_bytes - CAPTURE_STOP_BYTES - g->file.bytes;
	struct kith_error e = { 0 }, last = { 0 };

	write_keys(g);
	if (!g->over && r->lines.n > room) {
		recording_cut(r, (size_t)room);
		(void)kith_fail(&last, KITH_EFULL, 0, "the limit is reached");
	} else if (!g->over && r->lines.n &&
		   !capture_file_has_room(&g->file, &last)) {
		g->failed = true;
	}
	if (last.code)
		put_file_event(g, CAPTURE_STOP, last.text);
	if (!g->over && r->lines.n &&
	    capture_file_put(&g->file, kith_bytes(&r->lines), &e)) {
		stop_writing(g, e.text);
		g->failed = true;
	} else if (last.code) {
		stop_writing(g, last.text);
	}
	kith_buf_reset(&r->lines);
}

/* --- the loop --- */

static void accept_some(struct tap *t)
{
	char name[TAP_NAME_BYTES];
	int fd;

	while (t->pair_count < TAP_PAIRS_MAX && (fd = tap_accept(t, name)) >= 0)
		if (!tap_pair_new(t, fd, name))
			tool_note("out of memory: a client is turned away");
}

/* An end that nothing is wanted of is left out: poll would tell its hangup
 * again and again. */
static struct pollfd wanted(const struct tap_pair *p, const struct tap_end *e)
{
	short events = tap_pair_wants(p, e);

	return (struct pollfd){ .fd = events ? e->fd : -1, .events = events };
}

static nfds_t fill(const struct tap *t, struct pollfd *fds)
{
	struct tap_pair *p;
	nfds_t n = 1;

	fds[0] = (struct pollfd){
		.fd = t->pair_count < TAP_PAIRS_MAX ? t->listener : -1,
		.events = POLLIN,
	};
	LIST_FOREACH(p, &t->pairs, all) {
		fds[n++] = wanted(p, &p->client);
		fds[n++] = wanted(p, &p->server);
	}
	return n;
}

/* In the order of fill: none comes or goes meanwhile. */
static void move_pairs(struct tap *t, const struct pollfd *fds)
{
	const struct pollfd *at = fds + 1;
	struct tap_pair *p;

	LIST_FOREACH(p, &t->pairs, all) {
		if (at[0].revents && !p->over)
			tap_pair_ready(p, &p->client, at[0].revents);
		if (at[1].revents && !p->over)
			tap_pair_ready(p, &p->server, at[1].revents);
		at += 2;
	}
}

static void end_pairs(struct tapping *g)
{
	int64_t late_ms = link_now_ms() - LIMIT_HANDSHAKE_CLIENT_MS;
	struct tap_pair *p, *next;

	for (p = LIST_FIRST(&g->tap.pairs); p; p = next) {
		next = LIST_NEXT(p, all);
		if (g->tap.server && !p->client.keyed && p->since_ms < late_ms)
			tap_pair_end(p, "no handshake within 15 s");
		if (p->until_ms && p->until_ms < link_now_ms())
			tap_pair_end(p, "one side is gone");
		if (p->over && !p->met)
			tool_note("a client had to go: %s", p->why);
		if (p->over)
			tap_pair_free(p);
	}
}

static void run(struct tapping *g)
{
	struct pollfd fds[1 + 2 * TAP_PAIRS_MAX];
	nfds_t n;

	while (!interrupt_pending() && link_now_ms() < g->until_ms) {
		n = fill(&g->tap, fds);
		if (poll(fds, n, TURN_MS) < 0 && errno != EINTR)
			break;
		set_time(g);
		move_pairs(&g->tap, fds);
		end_pairs(g);
		if (fds[0].revents)
			accept_some(&g->tap);
		write_lines(g);
	}
}

static void finish(struct tapping *g)
{
	struct tap_pair *p, *next;

	set_time(g);
	for (p = LIST_FIRST(&g->tap.pairs); p; p = next) {
		next = LIST_NEXT(p, all);
		p->server_first = true;
		tap_pair_end(p, "the tap ends");
		tap_pair_free(p);
	}
	put_file_event(g, CAPTURE_STOP, "asked to");
	write_lines(g);
}

/* --- the command --- */

static void tell(const struct tapping *g, const char *name, uint16_t port,
		 const char *host)
{
	struct address a = { .port = port, .has_key = g->tap.server };
	char text[ADDRESS_TEXT_BYTES], keys[TEXT_COUNT_BYTES];

	if (!g->tap.server) {
		tool_note("listening on %s, without keys: sizes and times "
			  "only%s", name, tool_option(g->tool, 'b')
					  ? ", and the sealed bytes" : "");
		return;
	}
	snprintf(a.host, sizeof(a.host), "%s", *host ? host : "localhost");
	memcpy(a.key, kith_signer_id(g->tap.server)->b, sizeof(a.key));
	address_print(&a, false, text);
	tool_note("listening on %s for clients with %s", text,
		  text_count(g->tap.key_count - 1, "other key", keys));
}

static int begin(struct tapping *g, const char *path)
{
	char name[TAP_NAME_BYTES];
	struct address at = { 0 };
	uint16_t port = 0;
	int code = read_options(g, &at);

	if (!code)
		code = tap_resolve(&g->tap, g->to.host, g->to.port);
	if (!code)
		code = tap_listen(&g->tap, at.host, at.port, name, &port);
	if (!code)
		code = open_files(g, path);
	if (code)
		return code;
	g->tap.recording.headers = tool_option(g->tool, 'w') ||
				   (!g->tap.server && !tool_option(g->tool, 'b'));
	g->wall_us = clock_us(CLOCK_REALTIME);
	g->mono_us = clock_us(CLOCK_MONOTONIC);
	set_time(g);
	put_file_event(g, CAPTURE_START, NULL);
	write_lines(g);
	tell(g, name, port, at.host);
	return EXIT_DONE;
}

static void clear(struct tapping *g)
{
	if (g->tap.listener >= 0)
		close(g->tap.listener);
	if (g->tap.to)
		freeaddrinfo(g->tap.to);
	for (size_t i = 0; i < g->tap.key_count; i++)
		kith_signer_free(g->tap.keys[i]);
	kith_buf_free(&g->tap.recording.lines);
	kith_buf_free(&g->tap.keylog);
	capture_file_close(&g->file);
	capture_file_close(&g->keylog);
}

int command_tap(struct tool *t, int argc, char **argv)
{
	struct tapping g = {
		.tool = t,
		.tap = { .listener = -1,
			 .recording.lines.limit = CAPTURE_WAITING_BYTES_MAX,
			 .keylog.limit =
				 CAPTURE_KEYS_WAITING_BYTES_MAX },
		.file = { .fd = -1, .spare_bytes = TAP_SPARE_BYTES },
		.keylog = { .fd = -1, .spare_bytes = TAP_SPARE_BYTES },
	};
	int code;

	(void)argc;
	LIST_INIT(&g.tap.pairs);
	interrupt_hold();
	/* Whoever reads the capture may go: the tap goes on, and fails at its
	 * end. */
	signal(SIGPIPE, SIG_IGN);
	code = begin(&g, argv[0]);
	if (!code) {
		run(&g);
		finish(&g);
		code = g.failed ? EXIT_FAILED : EXIT_DONE;
	}
	clear(&g);
	return code;
}
