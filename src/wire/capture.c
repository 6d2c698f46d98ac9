#include "src/wire/capture.h"

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/wire/capture_names.h"

/* --- writing --- */

static void put_name(struct kith_buf *b, const char *name)
{
	kith_buf_text(b, ",\"");
	kith_buf_text(b, name);
	kith_buf_text(b, "\":");
}

static void put_uint(struct kith_buf *b, const char *name, uint64_t n)
{
	put_name(b, name);
	kith_buf_uint(b, n);
}

/* Names of ours: nothing to escape. */
static void put_word(struct kith_buf *b, const char *name, const char *word)
{
	put_name(b, name);
	kith_buf_byte(b, '"');
	kith_buf_text(b, word);
	kith_buf_byte(b, '"');
}

/* Cuts between characters. */
static struct kith_slice cut_text(struct kith_slice s)
{
	if (s.n <= CAPTURE_TEXT_BYTES_MAX)
		return s;
	s.n = CAPTURE_TEXT_BYTES_MAX;
	while (s.n && (s.p[s.n] & 0xC0) == 0x80)
		s.n--;
	return s;
}

static void put_string(struct kith_buf *b, const char *name,
		       struct kith_slice text)
{
	if (!text.n)
		return;
	put_name(b, name);
	json_put_string(b, cut_text(text));
}

static void put_id(struct kith_buf *b, const struct capture_line *line)
{
	char id[KITH_REF_TEXT_BYTES];

	if (!line->has_id)
		return;
	kith_feed_print(&line->id, id);
	put_word(b, "id", id);
}

static void put_base64(struct kith_buf *b, struct kith_slice body)
{
	size_t n = BASE64_CHARS(body.n);
	uint8_t *to;

	put_name(b, "b");
	kith_buf_byte(b, '"');
	to = kith_buf_reserve(b, n);
	if (!to)
		return;
	base64_encode(body, (char *)to);
	b->n += n;
	kith_buf_byte(b, '"');
}

/* White space may stand between the values of JSON, and would end a line. */
static bool has_controls(struct kith_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20)
			return true;
	return false;
}

/* Puts the body as the last member of the line that begins at at; not if that
 * would not read back as the same bytes: for it is not JSON, or has space
 * around it, or nests too deep for one level more. */
static bool put_json(struct kith_buf *b, size_t at, struct kith_slice body)
{
	size_t before = b->n;
	struct kith_slice line, value;

	if (!body.n || has_controls(body))
		return false;
	put_name(b, "j");
	kith_buf_put(b, body);
	kith_buf_byte(b, '}');
	if (b->err)
		return true;
	line = (struct kith_slice){ b->p + at, b->n - at };
	if (!json_check(line, NULL, NULL)) {
		value = json_get(line, "j");
		if (value.n == body.n && value.p + value.n + 1 == b->p + b->n) {
			b->n--;
			return true;
		}
	}
	b->n = before;
	return false;
}

static void put_body(struct kith_buf *b, size_t at,
		     const struct capture_line *line)
{
	struct kith_slice body = line->body;

	if (!line->has_body)
		return;
	if (body.n > CAPTURE_BODY_BYTES_MAX)
		body.n = CAPTURE_BODY_BYTES_MAX;
	if (line->layer == CAPTURE_RPC && line->type == MUXRPC_JSON &&
	    body.n == line->bytes && put_json(b, at, body))
		return;
	put_base64(b, body);
}

static void put_packet(struct kith_buf *b, const struct capture_line *line)
{
	put_name(b, "req");
	kith_buf_int(b, line->request);
	if (line->stream)
		kith_buf_text(b, ",\"stream\":true");
	if (line->end)
		kith_buf_text(b, ",\"end\":true");
	put_word(b, "type", muxrpc_type_name(line->type));
}

static void put_start(struct kith_buf *b, const struct capture_line *line)
{
	put_uint(b, "ssbcap", line->version);
	put_string(b, "by", line->by);
	put_string(b, "of", line->of);
	put_id(b, line);
	put_uint(b, "own", line->own);
	put_uint(b, "feeds", line->feeds);
}

static void put_event(struct kith_buf *b, const struct capture_line *line)
{
	if (line->pair)
		put_uint(b, "pair", line->pair);
	put_string(b, "at", line->at);
	put_id(b, line);
	put_string(b, "why", line->why);
	if (line->bytes)
		put_uint(b, "n", line->bytes);
}

static void put_said(struct kith_buf *b, const struct capture_line *line)
{
	if (line->layer == CAPTURE_SHS)
		put_uint(b, "msg", line->message);
	if (line->layer == CAPTURE_RPC)
		put_packet(b, line);
	put_uint(b, "n", line->bytes);
}

void capture_encode(const struct capture_line *line, struct kith_buf *out)
{
	size_t at = out->n;

	kith_buf_text(out, "{\"t\":");
	kith_buf_int(out, line->t_us);
	if (line->layer != CAPTURE_FILE) {
		put_uint(out, "c", line->conn);
		put_word(out, "d", line->out ? "out" : "in");
	}
	put_word(out, "l", capture_layer_name(line->layer));
	if (line->event != CAPTURE_SAID)
		put_word(out, "e", capture_event_name(line->event));
	if (line->event == CAPTURE_START)
		put_start(out, line);
	else if (line->event != CAPTURE_SAID)
		put_event(out, line);
	else
		put_said(out, line);
	put_body(out, at, line);
	kith_buf_text(out, "}\n");
	if (out->err)
		out->n = at;
}
