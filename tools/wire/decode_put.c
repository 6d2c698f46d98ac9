/* Explanations put together, member by member. */
#include "tools/wire/decode_private.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "feeds/json.h"
#include "tools/text/text.h"

struct kith_buf *decode_member(struct decode *d, const char *name)
{
	struct kith_buf *out = d->out;
	uint8_t last = out->n ? out->p[out->n - 1] : '{';

	/* A colon: the key was put by itself. */
	if (last != '{' && last != '[' && last != ':')
		kith_buf_byte(out, ',');
	if (name) {
		json_put_text(out, name);
		kith_buf_byte(out, ':');
	}
	return out;
}

void decode_text(struct decode *d, const char *name, const char *text)
{
	json_put_text(decode_member(d, name), text);
}

static void put_hex(struct kith_buf *out, struct kith_slice s)
{
	kith_buf_byte(out, '"');
	kith_buf_hex(out, s);
	kith_buf_byte(out, '"');
}

void decode_hex(struct decode *d, const char *name, struct kith_slice s)
{
	put_hex(decode_member(d, name), s);
}

bool decode_is_text(struct kith_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 0x7f ||
		    (s.p[i] < ' ' && s.p[i] != '\n' && s.p[i] != '\t' &&
		     s.p[i] != '\r'))
			return false;
	return text_is_utf8(s);
}

void decode_slice(struct decode *d, const char *name, struct kith_slice s)
{
	struct kith_buf *out = decode_member(d, name);

	if (decode_is_text(s)) {
		json_put_string(out, s);
		return;
	}
	kith_buf_text(out, "{\"hex\":");
	put_hex(out, s);
	kith_buf_byte(out, '}');
}

void decode_uint(struct decode *d, const char *name, uint64_t n)
{
	kith_buf_uint(decode_member(d, name), n);
}

void decode_int(struct decode *d, const char *name, int64_t n)
{
	kith_buf_int(decode_member(d, name), n);
}

void decode_number(struct decode *d, const char *name, double n)
{
	json_put_number(decode_member(d, name), n);
}

void decode_bool(struct decode *d, const char *name, bool yes)
{
	kith_buf_text(decode_member(d, name), yes ? "true" : "false");
}

void decode_json(struct decode *d, const char *name, struct kith_slice value)
{
	json_one_line(value.n ? value : KITH_SLICE("null"),
		      decode_member(d, name));
}

void decode_feed(struct decode *d, const char *name,
		 const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	decode_text(d, name, text);
}

void decode_msg(struct decode *d, const char *name,
		const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	decode_text(d, name, text);
}

void decode_key(struct decode *d, const char *name,
		const uint8_t key[static KITH_ID_BYTES])
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memcpy(id.b, key, sizeof(id.b));
	decode_feed(d, name, &id);
}

void decode_open(struct decode *d, const char *name, char mark)
{
	kith_buf_byte(decode_member(d, name), (uint8_t)mark);
}

void decode_close(struct decode *d, char mark)
{
	kith_buf_byte(d->out, (uint8_t)mark);
}

void decode_fail(struct decode *d, size_t at, const char *format, ...)
{
	char text[KITH_ERROR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)kith_fail(&d->problem, KITH_EFORMAT, at, "%s", text);
}

void decode_tree_begin(struct decode_tree *t, struct decode *d,
		       const char *name)
{
	*t = (struct decode_tree){ .d = d };
	(void)decode_member(d, name);
}

void decode_tree_open(struct decode_tree *t, char mark)
{
	assert(t->depth < DECODE_TREE_DEPTH_MAX);
	decode_open(t->d, NULL, mark);
	t->close[t->depth++] = mark == '[' ? ']' : '}';
}

void decode_tree_close(struct decode_tree *t)
{
	assert(t->depth);
	decode_close(t->d, t->close[--t->depth]);
}

void decode_tree_end(struct decode_tree *t, const struct decode_tree_end *end)
{
	struct kith_buf *out = t->d->out;

	if (out->n && out->p[out->n - 1] == ':')
		kith_buf_text(out, "null");
	while (t->depth)
		decode_tree_close(t);
	if (end->why->code)
		decode_fail(t->d, end->at + end->why->offset, "%s",
			    end->why->text);
	else if (end->used < end->n)
		decode_fail(t->d, end->at + end->used,
			    "more bytes behind the value");
}

const char *decode_format(enum kith_format format)
{
	static const char *const names[] = {
		[KITH_FORMAT_NONE] = "unknown",
		[KITH_CLASSIC] = "classic",
		[KITH_BENDYBUTT_V1] = "bendybutt-v1",
		[KITH_GABBYGROVE_V1] = "gabbygrove-v1",
		[KITH_BUTTWOO_V1] = "buttwoo-v1",
		[KITH_INDEXED_V1] = "indexed-v1",
		[KITH_CLOAKED] = "cloaked",
	};

	return names[format];
}
