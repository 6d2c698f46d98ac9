/* What was heard, in words on one line. */
#include "tools/wire/dissect.h"

#include <stdarg.h>
#include <stdio.h>

#include "feeds/boxed.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/text/text.h"

enum { ROWS_SHOWN = 3, MICROS = 1000000 };

const char *dissect_word(const struct heard *h)
{
	static const char *const words[] = {
		[HEARD_START] = "start",   [HEARD_STOP] = "stop",
		[HEARD_OPEN] = "open",	   [HEARD_KNOWN] = "known",
		[HEARD_KEYS] = "keys",	   [HEARD_FAILED] = "failed",
		[HEARD_CLOSE] = "close",   [HEARD_GAP] = "gap",
		[HEARD_LOST] = "lost",	   [HEARD_BEACON] = "beacon",
	};

	return h->event ? dissect_what_name(h->event->what) : words[h->what];
}

static const char *event_layer(const struct dissect_event *e)
{
	switch (e->what) {
	case DISSECT_HELLO:
	case DISSECT_PROOF: return "shs";
	case DISSECT_FRAME:
	case DISSECT_FAREWELL: return "box";
	case DISSECT_SEALED: return "tcp";
	case DISSECT_BROKEN: return e->bytes ? "box" : "rpc";
	default: return "rpc";
	}
}

const char *dissect_layer(const struct heard *h)
{
	if (h->event)
		return event_layer(h->event);
	switch (h->what) {
	case HEARD_START:
	case HEARD_STOP:
	case HEARD_LOST: return "file";
	case HEARD_KNOWN:
	case HEARD_KEYS:
	case HEARD_FAILED: return "shs";
	case HEARD_BEACON: return "udp";
	default: return "tcp";
	}
}

void dissect_time(const struct dissection *d, int64_t time_us,
		  char out[static DISSECT_TIME_BYTES])
{
	int64_t us = time_us - d->first_us;

	if (us < 0)
		us = 0;
	snprintf(out, DISSECT_TIME_BYTES, "%lld.%06lld",
		 (long long)(us / MICROS), (long long)(us % MICROS));
}

static void put(struct kith_buf *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct kith_buf *out, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	kith_buf_text(out, text);
}

static void put_text(struct kith_buf *out, struct kith_slice s, size_t room)
{
	text_put_cut(out, s, room, false);
}

/* An id, whole or as lists have it. */
static void put_id(struct kith_buf *out, const char *id, bool whole)
{
	if (whole)
		kith_buf_text(out, id);
	else
		put(out, "%.*s…", TEXT_SHORT_CHARS, id);
}

static void put_feed(struct kith_buf *out, const struct kith_feed_id *id,
		     bool whole)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	put_id(out, text, whole);
}

static void put_blob(struct kith_buf *out, const struct kith_blob_id *id,
		     bool whole)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_blob_print(id, text);
	put_id(out, text, whole);
}

/* --- rows ----------------------------------------------------------------- */

static void put_note(struct kith_buf *out, const struct gist_row *row,
		     bool whole)
{
	const struct note *n = &row->note;

	put_feed(out, &row->feed, whole);
	if (whole)
		put(out, " (note %lld)", (long long)note_encode(n));
	if (!n->replicate)
		kith_buf_text(out, " is not wanted");
	else if (!n->sequence)
		kith_buf_text(out, n->receive ? " is wanted from the first on"
					      : ": nothing here, none wanted");
	else
		put(out, " up to %lu here, %s", (unsigned long)n->sequence,
		    n->receive ? "more is wanted" : "none wanted now");
}

static void put_content(struct kith_buf *out, struct kith_slice value)
{
	struct kith_slice content = json_get(value, "content");
	struct kith_slice type = json_plain(json_get(content, "type"));

	switch (kith_box_scheme(content)) {
	case KITH_BOX1: kith_buf_text(out, " (box1)"); return;
	case KITH_BOX2: kith_buf_text(out, " (box2)"); return;
	default: break;
	}
	if (!type.n)
		return;
	kith_buf_byte(out, ' ');
	put_text(out, type, 24);
}

static void put_message(struct kith_buf *out, const struct gist_row *row,
			bool whole)
{
	char id[KITH_REF_TEXT_BYTES];

	if (row->has_feed)
		put_feed(out, &row->feed, whole);
	else
		kith_buf_text(out, "a feed of no known format");
	put(out, ":%llu", (unsigned long long)row->sequence);
	if (row->has_id) {
		kith_msg_print(&row->id, id);
		kith_buf_byte(out, ' ');
		put_id(out, id, whole);
	}
	put_content(out, row->value);
	if (row->good) {
		kith_buf_text(out, ", signature ok");
		return;
	}
	kith_buf_text(out, ", BAD: ");
	put_text(out, kith_text(row->problem->text), 120);
}

static void put_ask(struct kith_buf *out, const struct gist_row *row,
		    bool whole)
{
	const struct history_args *a = &row->history;

	put_feed(out, &row->feed, whole);
	put(out, " from %llu on", (unsigned long long)(a->sequence
					? a->sequence : 1));
	if (a->limit >= 0)
		put(out, ", at most %lld", (long long)a->limit);
	if (a->live)
		kith_buf_text(out, ", live");
}

static void put_time(struct kith_buf *out, const struct gist_row *row,
		     const struct heard *h)
{
	double skew = row->time_ms - (double)h->time_us / 1e3;

	if (skew > -0.5 && skew < 0.5)
		skew = 0; /* not -0 */
	put(out, "its clock says %.0f ms", row->time_ms);
	if (h->time_us && skew > -1e12 && skew < 1e12)
		put(out, ", %+.0f ms to this one", skew);
}

void dissect_put_row(const struct gist_row *row, const struct heard *h,
		     bool whole, struct kith_buf *out)
{
	switch (row->kind) {
	case GIST_NOTE: put_note(out, row, whole); break;
	case GIST_CLOCK:
		put_feed(out, &row->feed, whole);
		put(out, " up to %llu", (unsigned long long)row->sequence);
		break;
	case GIST_MESSAGE: put_message(out, row, whole); break;
	case GIST_ASK: put_ask(out, row, whole); break;
	case GIST_BLOB: put_blob(out, &row->blob, whole); break;
	case GIST_WANT:
		kith_buf_text(out, "wants ");
		put_blob(out, &row->blob, whole);
		if (row->distance > 1)
			put(out, " for one %lu away",
			    (unsigned long)row->distance - 1);
		break;
	case GIST_HAVE:
		kith_buf_text(out, "has ");
		put_blob(out, &row->blob, whole);
		put(out, ", %llu bytes", (unsigned long long)row->bytes);
		break;
	case GIST_TIME: put_time(out, row, h); break;
	case GIST_IGNORED:
		kith_buf_text(out, "ignored: ");
		put_text(out, row->text, 60);
		break;
	}
}

/* True if there were any. */
static bool put_rows(struct dissection *d, const struct heard *h,
		     struct kith_buf *out)
{
	struct gist_row row;
	size_t n = 0;

	gist_start(d->gist, h->event);
	while (gist_next(d->gist, &row)) {
		if (n++ >= ROWS_SHOWN)
			continue;
		if (n > 1)
			kith_buf_text(out, "; ");
		dissect_put_row(&row, h, false, out);
	}
	if (n > ROWS_SHOWN)
		put(out, "; and %zu more", n - ROWS_SHOWN);
	return n;
}

/* --- packets -------------------------------------------------------------- */

static void put_body(const struct dissect_event *e, size_t room,
		     struct kith_buf *out)
{
	const struct muxrpc_packet *p = &e->packet;

	if (p->type == MUXRPC_BINARY)
		put(out, "%lu bytes", (unsigned long)p->length);
	else if (e->json.n)
		put_text(out, e->json, room);
	else if (!p->length)
		kith_buf_text(out, "empty");
	else
		put_text(out, p->body, room);
	if (p->type == MUXRPC_BINARY && e->call)
		put(out, " from %llu on", (unsigned long long)e->offset);
	if (p->type == MUXRPC_JSON && p->length && !e->json.n)
		kith_buf_text(out, p->body.n < p->length ? " (not kept whole)"
							 : " (no JSON)");
}

static void put_end(const struct dissect_event *e, size_t room,
		    struct kith_buf *out)
{
	enum gist_blob blob = gist_fetched(e);

	put_body(e, room, out);
	if (e->has_hash)
		put(out, ", %llu bytes in all", (unsigned long long)e->offset);
	if (blob != GIST_NO_BLOB)
		kith_buf_text(out, blob == GIST_BLOB_GOOD
				? ", the blob that was asked for"
				: ", BAD: not the blob that was asked for");
}

static void put_error(const struct dissect_event *e, size_t room,
		      struct kith_buf *out)
{
	struct kith_slice message = json_get(e->json, "message");

	if (json_kind(message) == JSON_KIND_STRING)
		put_text(out, message, room);
	else
		put_body(e, room, out);
}

static void put_call(struct dissection *d, const struct heard *h, size_t room,
		     struct kith_buf *out)
{
	const struct dissect_event *e = h->event;

	if (!e->call)
		return;
	if (e->error.n) {
		kith_buf_text(out, "malformed: ");
		put_text(out, e->error, room);
		return;
	}
	put(out, "%s ", rpc_shape_name(e->call->shape));
	if (!put_rows(d, h, out))
		put_text(out, json_get(e->json, "args"), room);
}

static void put_packet(struct dissection *d, const struct heard *h,
		       size_t room, struct kith_buf *out)
{
	const struct dissect_event *e = h->event;

	put(out, "%+ld %s ", (long)e->packet.request, dissect_word(h));
	if (e->call && e->call->name.n) {
		put_text(out, e->call->name, 60);
		kith_buf_byte(out, ' ');
	}
	switch (e->what) {
	case DISSECT_CALL: put_call(d, h, room, out); break;
	case DISSECT_DATA:
	case DISSECT_REPLY:
		if (!put_rows(d, h, out))
			put_body(e, room, out);
		break;
	case DISSECT_ERROR: put_error(e, room, out); break;
	case DISSECT_END: put_end(e, room, out); break;
	default: put_body(e, room, out); break;
	}
}

static void put_event(struct dissection *d, const struct heard *h, size_t room,
		      struct kith_buf *out)
{
	const struct dissect_event *e = h->event;

	switch (e->what) {
	case DISSECT_HELLO:
	case DISSECT_PROOF:
		put(out, "%s, message %u of 4, %llu bytes", dissect_word(h),
		    e->message, (unsigned long long)e->bytes);
		break;
	case DISSECT_FRAME:
		put(out, "frame %llu, 34 + %llu bytes",
		    (unsigned long long)e->frame,
		    (unsigned long long)e->bytes - 34);
		break;
	case DISSECT_FAREWELL: kith_buf_text(out, "goodbye"); break;
	case DISSECT_SEALED:
		put(out, "%llu bytes sealed%s%s", (unsigned long long)e->bytes,
		    e->why ? ": " : "", e->why ? e->why : "");
		break;
	case DISSECT_GOODBYE: kith_buf_text(out, "goodbye"); break;
	case DISSECT_BROKEN:
		kith_buf_text(out, "cannot be read on: ");
		put_text(out, kith_text(e->why), 100);
		break;
	default: put_packet(d, h, room, out); break;
	}
}

/* --- the rest ------------------------------------------------------------- */

static void put_open(const struct dissection *d, const struct heard *h,
		     struct kith_buf *out)
{
	const struct conn *c = h->conn;

	(void)d;
	kith_buf_text(out, c->ongoing ? "open already: " : "open: ");
	put_text(out, kith_text(c->at), DISSECT_AT_BYTES);
	if (!c->has_id)
		return;
	kith_buf_byte(out, ' ');
	put_feed(out, &c->id, false);
}

static void put_why(const char *what, const struct heard *h,
		    struct kith_buf *out)
{
	kith_buf_text(out, what);
	if (!h->text.n)
		return;
	kith_buf_text(out, ": ");
	put_text(out, h->text, 120);
}

static void put_beacon(const struct heard *h, struct kith_buf *out)
{
	put(out, "beacon of %s: ", h->at);
	if (h->text.n)
		put_text(out, h->text, 200);
	else
		put(out, "%llu bytes, sealed or none that can be read",
		    (unsigned long long)h->bytes);
}

void dissect_put_words(struct dissection *d, const struct heard *h,
		       size_t room, struct kith_buf *out)
{
	switch (h->what) {
	case HEARD_EVENT: put_event(d, h, room, out); break;
	case HEARD_START: put_why("recorded by", h, out); break;
	case HEARD_STOP: put_why("the recording was ended", h, out); break;
	case HEARD_OPEN: put_open(d, h, out); break;
	case HEARD_KNOWN:
		kith_buf_text(out, "the other side is ");
		put_feed(out, &h->conn->id, false);
		break;
	case HEARD_KEYS: kith_buf_text(out, "its keys are known"); break;
	case HEARD_FAILED: put_why("the handshake failed", h, out); break;
	case HEARD_CLOSE: put_why("closed", h, out); break;
	case HEARD_GAP:
		put(out, "%llu bytes were not recorded",
		    (unsigned long long)h->bytes);
		break;
	case HEARD_LOST:
		put(out, "%llu lines were not written",
		    (unsigned long long)h->bytes);
		break;
	case HEARD_BEACON: put_beacon(h, out); break;
	}
}
