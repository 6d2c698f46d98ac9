#include "tools/carry/export_row.h"

#include "feeds/boxed.h"
#include "feeds/json.h"
#include "src/views/content.h"

static void put_boxed(struct kith_slice content, struct kith_buf *text)
{
	kith_buf_text(text, kith_box_scheme(content) == KITH_BOX2
				    ? "{\"boxed\":\"box2\",\"bytes\":"
				    : "{\"boxed\":\"box1\",\"bytes\":");
	kith_buf_uint(text, content.n - 2);
	kith_buf_byte(text, '}');
}

void export_row(const struct view_message *m, struct kith_buf *text,
		struct export_row *out)
{
	const struct message_row *row = m->row;
	struct kith_msg_id root;
	size_t n;

	kith_buf_reset(text);
	*out = (struct export_row){ .rx = row->rx, .seq = row->sequence,
				    .ts = m->claimed,
				    .rts = view_time_ms(m),
				    .content = m->content };
	kith_feed_print(&m->author, out->author);
	kith_msg_print(&row->id, out->id);
	if (json_kind(m->content) == JSON_KIND_STRING) {
		put_boxed(m->content, text);
		out->content = kith_bytes(text);
		return;
	}
	if (content_root(m->content, &root))
		kith_msg_print(&root, out->root);
	n = text->n;
	out->has_type = json_unescape(json_get(m->content, "type"), text);
	out->type = (struct kith_slice){ text->p + n, text->n - n };
}

static void put_field(struct kith_buf *out, struct kith_slice s)
{
	kith_buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			kith_buf_byte(out, '"');
		kith_buf_byte(out, s.p[i]);
	}
	kith_buf_byte(out, '"');
}

static void put_text(struct kith_buf *out, const char *text)
{
	kith_buf_byte(out, ',');
	if (*text)
		put_field(out, kith_text(text));
}

void export_csv(const struct export_row *row, struct kith_buf *out)
{
	kith_buf_uint(out, row->rx);
	put_text(out, row->author);
	kith_buf_byte(out, ',');
	kith_buf_uint(out, row->seq);
	put_text(out, row->id);
	kith_buf_byte(out, ',');
	if (row->has_type)
		put_field(out, row->type);
	kith_buf_byte(out, ',');
	json_put_number(out, row->ts);
	kith_buf_byte(out, ',');
	json_put_number(out, row->rts);
	put_text(out, row->root);
	kith_buf_byte(out, ',');
	put_field(out, row->content);
}

void export_csv_names(struct kith_buf *out)
{
	kith_buf_text(out, "rx,author,seq,id,type,ts,rts,root,content\n");
}
