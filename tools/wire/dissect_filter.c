/* Which events are shown. */
#include "tools/wire/dissect.h"

#include <errno.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/pick/select.h"

static int read_req(const char *text, struct dissect_filter *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n == 0 || n < INT32_MIN ||
	    n > INT32_MAX)
		return tool_fail(EXIT_MISUSED, "--req takes the number of a "
				 "request, not \"%s\"", text);
	out->has_req = true;
	out->req = (int32_t)n;
	return EXIT_DONE;
}

static int read_dir(const char *text, struct dissect_filter *out)
{
	out->has_dir = true;
	out->dir = !strcmp(text, "out") ? DISSECT_OUT : DISSECT_IN;
	if (out->dir == DISSECT_IN && strcmp(text, "in") != 0)
		return tool_fail(EXIT_MISUSED, "--dir is in or out, not \"%s\"",
				 text);
	return EXIT_DONE;
}

/* Each word that dissect_word gives. */
static bool is_type(const char *text)
{
	static const char *const others[] = { "end-err", "open",   "known",
					      "failed",	 "close",  "gap",
					      "lost",	 "beacon", NULL };

	for (int i = DISSECT_HELLO; i <= DISSECT_BROKEN; i++)
		if (!strcmp(text, dissect_what_name((enum dissect_what)i)))
			return true;
	for (int i = 0; others[i]; i++)
		if (!strcmp(text, others[i]))
			return true;
	return false;
}

static int read_type(const char *text, struct dissect_filter *out)
{
	if (!is_type(text))
		return tool_fail(EXIT_MISUSED, "there is no event \"%s\"; see "
				 "kith-wire(1)", text);
	out->type = strcmp(text, "end-err") ? text : "error";
	return EXIT_DONE;
}

static int read_feed(const char *text, struct dissect_filter *out)
{
	if (*text != '@' || strlen(text) <= SELECT_PREFIX_MIN)
		return tool_fail(EXIT_MISUSED, "--feed takes an @ID, or the "
				 "start of one with %d characters or more",
				 SELECT_PREFIX_MIN);
	out->has_feed = true;
	out->feed = text;
	return EXIT_DONE;
}

int dissect_filter_read(struct tool *t, struct dissect_filter *out)
{
	const char *req = tool_option(t, 'r'), *dir = tool_option(t, 'd');
	const char *type = tool_option(t, 't'), *feed = tool_option(t, 'i');
	uint64_t conn = 0;
	int code = EXIT_DONE;

	*out = (struct dissect_filter){ .name = tool_option(t, 'n') };
	if (!tool_number(t, 'c', 0, &conn) || conn > UINT32_MAX)
		return EXIT_MISUSED;
	out->has_conn = conn;
	out->conn = (uint32_t)conn;
	if (req)
		code = read_req(req, out);
	if (!code && dir)
		code = read_dir(dir, out);
	if (!code && type)
		code = read_type(type, out);
	if (!code && feed)
		code = read_feed(feed, out);
	return code;
}

/* Of the call that n is of, or a stray packet. */
static bool is_req(const struct dissect_event *e, int32_t n)
{
	int64_t of = e->packet.request;

	return e->what >= DISSECT_CALL && e->what <= DISSECT_STRAY &&
	       (of < 0 ? -of : of) == (n < 0 ? -(int64_t)n : n);
}

/* A name, or the namespace that it is in. */
static bool is_name(const struct dissect_event *e, const char *wanted)
{
	struct kith_slice name, want = kith_text(wanted);

	if (!e->call)
		return false;
	name = e->call->name;
	return name.n >= want.n && !memcmp(name.p, want.p, want.n) &&
	       (name.n == want.n || name.p[want.n] == '.');
}

static bool begins(const struct kith_feed_id *feed, const char *start)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(feed, id);
	return !strncmp(id, start, strlen(start));
}

/* A feed that the event speaks of, or whose side of the connection it is. */
static bool is_about(struct dissection *d, const struct heard *h,
		     const char *feed)
{
	struct gist_row row;

	if (!h->event)
		return h->conn && h->conn->has_id &&
		       begins(&h->conn->id, feed);
	gist_start(d->gist, h->event);
	while (gist_next(d->gist, &row))
		if (row.has_feed && begins(&row.feed, feed))
			return true;
	return false;
}

bool dissect_filter_has(struct dissection *d, const struct heard *h)
{
	const struct dissect_filter *f = &d->filter;
	const struct dissect_event *e = h->event;

	if (f->has_conn && (!h->conn || h->conn->number != f->conn))
		return false;
	if (f->has_dir && h->dir != f->dir)
		return false;
	if (f->type && strcmp(f->type, dissect_word(h)) != 0)
		return false;
	if (f->has_req && (!e || !is_req(e, f->req)))
		return false;
	if (f->name && (!e || !is_name(e, f->name)))
		return false;
	return !f->has_feed || is_about(d, h, f->feed);
}
