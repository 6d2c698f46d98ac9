/* What was said on connections, layer by layer. */
#include "tools/wire/dissect.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "src/wire/pcap.h"
#include "tools/stream/interrupt.h"
#include "tools/wire/commands.h"

enum { LINE_BYTES_MAX = 64 << 20, TEXT_BYTES = 512 };

/* --- what is heard -------------------------------------------------------- */

static bool is_frame(const struct heard *h)
{
	return h->event && h->event->what == DISSECT_FRAME;
}

static void count(struct conn *c, const struct heard *h)
{
	c->last_us = h->time_us;
	if (!h->event)
		return;
	switch (h->event->what) {
	case DISSECT_HELLO:
	case DISSECT_PROOF:
	case DISSECT_FRAME:
	case DISSECT_FAREWELL:
	case DISSECT_SEALED: c->said[h->dir] += h->event->bytes; break;
	case DISSECT_CALL:
	case DISSECT_DATA:
	case DISSECT_REPLY:
	case DISSECT_END:
	case DISSECT_ERROR:
	case DISSECT_STRAY: c->packets[h->dir]++; break;
	default: break;
	}
}

void dissect_tell(struct dissection *d, struct heard *h)
{
	bool frames = d->view->all || (d->filter.type &&
				       !strcmp(d->filter.type, "frame"));

	if (!d->events++)
		d->first_us = h->time_us;
	h->number = d->events;
	if (h->conn)
		count(h->conn, h);
	if ((is_frame(h) && !frames) || !dissect_filter_has(d, h))
		return;
	d->shown++;
	d->view->show(d, h);
	if (d->follow)
		fflush(stdout);
}

void dissect_finding(struct dissection *d, uint64_t place, const char *format,
		     ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (d->findings++ < DISSECT_NOTES_MAX)
		tool_note("at byte %llu: %s", (unsigned long long)place, text);
}

/* --- the command ---------------------------------------------------------- */

static const struct dissect_view *const views[] = {
	&dissect_deep, &dissect_flow, &dissect_sum, &dissect_out, NULL
};

static int choose_view(struct dissection *d)
{
	const struct tool *t = d->tool;

	d->view = NULL;
	for (size_t i = 0; views[i]; i++) {
		if (!tool_option(t, views[i]->letter))
			continue;
		if (d->view)
			return tool_fail(EXIT_MISUSED, "one of --verbose, "
					 "--flow, --summary and --pcapng at a "
					 "time");
		d->view = views[i];
	}
	if (t->json && (!d->view || d->view == &dissect_deep))
		d->view = &dissect_json;
	if (!d->view)
		d->view = &dissect_list;
	return EXIT_DONE;
}

static int make_gist(struct dissection *d)
{
	const char *text = tool_option(d->tool, 'm');
	uint8_t hmac[KITH_HMAC_BYTES];

	if (text && !base64_decode(kith_text(text), hmac, sizeof(hmac)))
		return tool_fail(EXIT_MISUSED, "--hmac takes 32 bytes in "
				 "base64");
	d->gist = gist_new(text ? hmac : NULL);
	return d->gist ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}

static int prepare(struct dissection *d)
{
	struct tool *t = d->tool;
	int code;

	if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	d->follow = tool_option(t, 'f');
	d->bodies = tool_option(t, 'b');
	if (d->follow)
		interrupt_hold();
	code = choose_view(d);
	if (!code)
		code = dissect_filter_read(t, &d->filter);
	if (!code)
		code = make_gist(d);
	return code ? code : dissect_keys_read(t, &d->keys);
}

static int read_file(struct dissection *d, struct growing *g, const char *name)
{
	struct kith_slice first = growing_peek(g, PCAP_MAGIC_BYTES);
	int code;

	if (first.n >= PCAP_MAGIC_BYTES && pcap_is_magic(first.p))
		code = dissect_pcap(d, g);
	else
		code = dissect_lines(d, g);
	if (!code && growing_failed(g))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 growing_failed(g));
	return code;
}

static int show_file(struct dissection *d, const char *name)
{
	const char *shown = strcmp(name, "-") ? name : "standard input";
	struct growing *g = growing_open(name, d->follow);
	int code;

	if (!g)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", shown,
				 strerror(errno));
	code = d->view->begin(d);
	if (!code) {
		code = read_file(d, g, shown);
		if (d->view->end)
			code = d->view->end(d, code);
	}
	growing_close(g);
	if (d->findings > DISSECT_NOTES_MAX)
		tool_note("and %llu more like that",
			  (unsigned long long)d->findings - DISSECT_NOTES_MAX);
	if (!code && d->events && !d->shown)
		tool_note("no event of it is one that was asked for");
	return code ? code : d->findings ? EXIT_FAILED : EXIT_DONE;
}

int command_dissect(struct tool *t, int argc, char **argv)
{
	struct dissection d = { .tool = t, .line.limit = LINE_BYTES_MAX };
	int code = prepare(&d);

	if (!code) {
		code = page_begin(&d.page, t, d.follow);
		if (!code)
			code = show_file(&d, argc ? argv[0] : "-");
		code = page_end(&d.page, code);
	}
	gist_free(d.gist);
	dissect_keys_free(d.keys);
	kith_buf_free(&d.line);
	return code;
}
