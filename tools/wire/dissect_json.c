/* One JSON object an event. */
#include "tools/wire/dissect.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/boxed.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/print/record.h"

enum { HEX_BYTES = 65 };

static void record_slice(struct record *r, const char *name,
			 struct kith_slice s)
{
	struct kith_buf quoted = { .limit = SIZE_MAX };

	json_put_string(&quoted, s);
	record_json(r, name, kith_bytes(&quoted));
	kith_buf_free(&quoted);
}

static void record_hex(struct record *r, const char *name,
		       const uint8_t *bytes, size_t n)
{
	char hex[HEX_BYTES];

	sodium_bin2hex(hex, sizeof(hex), bytes, n);
	record_text(r, name, hex);
}

static void record_binary(struct record *r, const char *name,
			  struct kith_slice s)
{
	char *text = malloc(BASE64_CHARS(s.n) + 1);

	if (!text)
		return;
	base64_encode(s, text);
	text[BASE64_CHARS(s.n)] = 0;
	record_text(r, name, text);
	free(text);
}

/* --- rows: an array of objects -------------------------------------------- */

static void put_member(struct kith_buf *b, const char *name)
{
	if (b->n && b->p[b->n - 1] != '{')
		kith_buf_byte(b, ',');
	json_put_text(b, name);
	kith_buf_byte(b, ':');
}

static void put_text(struct kith_buf *b, const char *name, const char *text)
{
	put_member(b, name);
	json_put_text(b, text);
}

static void put_uint(struct kith_buf *b, const char *name, uint64_t n)
{
	put_member(b, name);
	kith_buf_uint(b, n);
}

static void put_bool(struct kith_buf *b, const char *name, bool yes)
{
	put_member(b, name);
	kith_buf_text(b, yes ? "true" : "false");
}

static void put_feed(struct kith_buf *b, const struct gist_row *row)
{
	char text[KITH_REF_TEXT_BYTES];

	if (!row->has_feed)
		return;
	kith_feed_print(&row->feed, text);
	put_text(b, "feed", text);
}

static void put_blob(struct kith_buf *b, const struct gist_row *row)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_blob_print(&row->blob, text);
	put_text(b, "blob", text);
}

/* Without --private nothing says more of a box than this. */
static void put_boxed(struct kith_buf *b, enum kith_box box, size_t chars)
{
	put_member(b, "boxed");
	json_put_text(b, box == KITH_BOX2 ? "box2" : "box1");
	put_uint(b, "bytes", chars / 4 * 3);
}

static void put_message(struct kith_buf *b, const struct gist_row *row)
{
	struct kith_slice content = json_get(row->value, "content");
	struct kith_slice type = json_get(content, "type");
	enum kith_box box = kith_box_scheme(content);
	char text[KITH_REF_TEXT_BYTES];

	put_uint(b, "seq", row->sequence);
	if (row->has_id) {
		kith_msg_print(&row->id, text);
		put_text(b, "id", text);
	}
	if (box)
		put_boxed(b, box, json_plain(content).n);
	if (json_kind(type) == JSON_KIND_STRING) {
		put_member(b, "type");
		json_compact(type, b);
	}
	put_text(b, "state", row->good ? "ok" : "bad");
	if (!row->good)
		put_text(b, "problem", row->problem->text);
}

static void put_ask(struct kith_buf *b, const struct history_args *a)
{
	put_uint(b, "seq", a->sequence ? a->sequence : 1);
	if (a->limit >= 0)
		put_uint(b, "limit", (uint64_t)a->limit);
	put_bool(b, "live", a->live);
}

static void put_row(struct kith_buf *b, const struct gist_row *row)
{
	static const char *const kinds[] = {
		[GIST_NOTE] = "note",	  [GIST_CLOCK] = "clock",
		[GIST_MESSAGE] = "message", [GIST_ASK] = "ask",
		[GIST_BLOB] = "blob",	  [GIST_WANT] = "want",
		[GIST_HAVE] = "have",	  [GIST_TIME] = "time",
		[GIST_IGNORED] = "ignored",
	};

	kith_buf_byte(b, '{');
	put_text(b, "is", kinds[row->kind]);
	put_feed(b, row);
	switch (row->kind) {
	case GIST_NOTE:
		put_bool(b, "replicate", row->note.replicate);
		put_bool(b, "receive", row->note.receive);
		put_uint(b, "seq", row->note.sequence);
		break;
	case GIST_CLOCK: put_uint(b, "seq", row->sequence); break;
	case GIST_MESSAGE: put_message(b, row); break;
	case GIST_ASK: put_ask(b, &row->history); break;
	case GIST_BLOB: put_blob(b, row); break;
	case GIST_WANT:
		put_blob(b, row);
		put_uint(b, "distance", row->distance);
		break;
	case GIST_HAVE:
		put_blob(b, row);
		put_uint(b, "bytes", row->bytes);
		break;
	case GIST_TIME:
		put_member(b, "ts");
		json_put_number(b, row->time_ms);
		break;
	case GIST_IGNORED:
		put_member(b, "text");
		json_compact(row->text, b);
		break;
	}
	kith_buf_byte(b, '}');
}

static void record_rows(struct record *r, struct dissection *d,
			const struct dissect_event *e)
{
	struct kith_buf rows = { .limit = SIZE_MAX };
	struct gist_row row;

	gist_start(d->gist, e);
	while (gist_next(d->gist, &row)) {
		kith_buf_byte(&rows, rows.n ? ',' : '[');
		put_row(&rows, &row);
	}
	if (rows.n) {
		kith_buf_byte(&rows, ']');
		record_json(r, "says", kith_bytes(&rows));
	}
	kith_buf_free(&rows);
}

/* --- events --------------------------------------------------------------- */

static void record_body(struct record *r, const struct dissect_event *e)
{
	if (e->json.n)
		record_json(r, "body", e->json);
	else if (e->packet.type == MUXRPC_STRING)
		record_slice(r, "body", e->packet.body);
	else
		record_binary(r, "base64", e->packet.body);
}

static void record_call(struct record *r, const struct dissect_event *e)
{
	const struct dissect_call *c = e->call;

	if (!c)
		return;
	if (c->name.n)
		record_slice(r, "name", c->name);
	if (e->what != DISSECT_CALL)
		return;
	record_text(r, "shape", rpc_shape_name(c->shape));
	if (e->error.n)
		record_slice(r, "problem", e->error);
	else
		record_json(r, "args", json_get(e->json, "args"));
}

/* How the bytes of items stand; at the end of a blob, whether it is the one. */
static void record_sum(struct record *r, const struct dissect_event *e)
{
	enum gist_blob blob = gist_fetched(e);

	if (!e->has_hash)
		return;
	record_uint(r, "offset", e->offset);
	record_hex(r, "hash", e->hash, sizeof(e->hash));
	if (blob != GIST_NO_BLOB)
		record_text(r, "state", blob == GIST_BLOB_GOOD ? "ok" : "bad");
}

static void record_packet(struct record *r, struct dissection *d,
			  const struct dissect_event *e)
{
	const struct muxrpc_packet *p = &e->packet;
	struct kith_slice message = json_get(e->json, "message");

	record_int(r, "req", p->request);
	record_bool(r, "stream", p->stream);
	record_bool(r, "end", p->end);
	record_text(r, "type", muxrpc_type_name(p->type));
	record_uint(r, "bytes", p->length);
	record_call(r, e);
	if (e->what == DISSECT_ERROR && json_kind(message) == JSON_KIND_STRING)
		record_json(r, "error", message);
	record_rows(r, d, e);
	record_sum(r, e);
	if (d->bodies)
		record_body(r, e);
}

static void record_event(struct record *r, struct dissection *d,
			 const struct dissect_event *e)
{
	if (e->what >= DISSECT_CALL && e->what <= DISSECT_STRAY) {
		record_packet(r, d, e);
		return;
	}
	record_uint(r, "bytes", e->bytes);
	if (e->message)
		record_uint(r, "message", e->message);
	if (e->ephemeral)
		record_hex(r, "ephemeral", e->ephemeral, 32);
	if (e->what == DISSECT_FRAME)
		record_uint(r, "frame", e->frame);
	if (e->why)
		record_text(r, "problem", e->why);
}

static void record_keys(struct record *r, const struct capture_keys *k)
{
	struct kith_buf text = { .limit = 2 * CAPTURE_KEYS_BYTES };

	capture_keys_encode(k, &text);
	if (text.n && !text.err)
		text.n--; /* the line feed */
	record_slice(r, "keys", kith_bytes(&text));
	if (text.p)
		sodium_memzero(text.p, text.cap);
	kith_buf_free(&text);
}

static void record_conn(struct record *r, const struct heard *h)
{
	const struct conn *c = h->conn;

	if (!c)
		return;
	if (h->what == HEARD_OPEN) {
		record_text(r, "at", c->at);
		record_bool(r, "ongoing", c->ongoing);
	}
	if (c->has_id)
		record_feed(r, "peer", &c->id);
}

static void record_rest(struct record *r, const struct heard *h)
{
	switch (h->what) {
	case HEARD_OPEN:
	case HEARD_KNOWN: record_conn(r, h); break;
	case HEARD_KEYS: record_keys(r, h->keys); break;
	case HEARD_GAP:
	case HEARD_LOST: record_uint(r, "bytes", h->bytes); break;
	case HEARD_BEACON:
		record_text(r, "at", h->at);
		record_uint(r, "bytes", h->bytes);
		break;
	default: break;
	}
	if (h->text.n)
		record_slice(r, "text", h->text);
}

static void show(struct dissection *d, const struct heard *h)
{
	struct record r = { 0 };

	record_begin(&r);
	record_uint(&r, "n", h->number);
	record_number(&r, "time", (double)h->time_us / 1e3);
	record_uint(&r, "place", h->place);
	if (h->conn) {
		record_uint(&r, "conn", h->conn->number);
		record_text(&r, "dir", h->dir == DISSECT_OUT ? "out" : "in");
	}
	record_text(&r, "layer", dissect_layer(h));
	record_text(&r, "what", dissect_word(h));
	if (h->event)
		record_event(&r, d, h->event);
	else
		record_rest(&r, h);
	record_end(&r);
}

const struct dissect_view dissect_json = { .begin = dissect_begin,
					   .show = show };
