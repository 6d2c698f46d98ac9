#include "tools/print/record.h"

#include <stdio.h>

#include "feeds/json.h"
#include "tools/pick/ids.h"
#include "tools/text/text.h"

enum { RECORD_BYTES_MAX = 64 << 20 };

static struct kith_buf *member(struct record *r, const char *name)
{
	if (r->line.n > 1)
		kith_buf_byte(&r->line, ',');
	json_put_text(&r->line, name);
	kith_buf_byte(&r->line, ':');
	return &r->line;
}

void record_begin(struct record *r)
{
	*r = (struct record){ .line.limit = RECORD_BYTES_MAX };
	kith_buf_byte(&r->line, '{');
}

void record_text(struct record *r, const char *name, const char *text)
{
	json_put_text(member(r, name), text);
}

void record_string(struct record *r, const char *name, struct kith_slice text)
{
	json_put_string(member(r, name), text);
}

void record_uint(struct record *r, const char *name, uint64_t n)
{
	kith_buf_uint(member(r, name), n);
}

void record_int(struct record *r, const char *name, int64_t n)
{
	kith_buf_int(member(r, name), n);
}

void record_number(struct record *r, const char *name, double n)
{
	json_put_number(member(r, name), n);
}

void record_bool(struct record *r, const char *name, bool yes)
{
	kith_buf_text(member(r, name), yes ? "true" : "false");
}

void record_feed(struct record *r, const char *name,
		 const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	ids_feed(r->uris ? IDS_URI : IDS_FULL, id, text);
	record_text(r, name, text);
}

void record_msg(struct record *r, const char *name,
		const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	ids_msg(r->uris ? IDS_URI : IDS_FULL, id, text);
	record_text(r, name, text);
}

void record_json(struct record *r, const char *name, struct kith_slice value)
{
	json_one_line(value.n ? value : KITH_SLICE("null"), member(r, name));
}

void record_end_to(struct record *r, FILE *to)
{
	kith_buf_byte(&r->line, '}');
	text_print(to, kith_bytes(&r->line));
	fputc(r->null ? '\0' : '\n', to);
	fflush(to);
	kith_buf_free(&r->line);
}

void record_end(struct record *r)
{
	record_end_to(r, stdout);
}
