/* What an answer looks like as JSON. */
#include "feeds/json.h"
#include "src/views/content.h"
#include "src/views/private.h"
#include "src/views/query_private.h"

static void put_id(struct kith_buf *out, const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	json_put_text(out, text);
}

/* As json_put_number(us / 1000) does, and sooner: up to this the doubles lie
 * so close that each thousandth has its own. */
static void put_milliseconds(struct kith_buf *out, int64_t us)
{
	const int64_t most = (int64_t)1 << 52;
	uint64_t rest = (uint64_t)(us % 1000);

	if (us < 1000 || us > most) {
		json_put_number(out, (double)us / 1000);
		return;
	}
	kith_buf_uint(out, (uint64_t)us / 1000);
	if (!rest)
		return;
	kith_buf_byte(out, '.');
	for (uint64_t unit = 100; rest; rest %= unit, unit /= 10)
		kith_buf_byte(out, (uint8_t)('0' + rest / unit));
}

static void put_kv(const struct query_run *r, const struct view_message *m,
		   struct kith_buf *out)
{
	char cursor[QUERY_CURSOR_BYTES];

	query_cursor(r, m, cursor);
	kith_buf_put(out, KITH_SLICE("{\"key\":"));
	put_id(out, &m->row->id);
	kith_buf_put(out, KITH_SLICE(",\"value\":"));
	view_message_put(m, NULL, out);
	kith_buf_put(out, KITH_SLICE(",\"timestamp\":"));
	put_milliseconds(out, m->row->received_us);
	kith_buf_put(out, KITH_SLICE(",\"cursor\":"));
	json_put_text(out, cursor);
	kith_buf_byte(out, '}');
}

static void put_message(const struct query_run *r,
			const struct view_message *m, struct kith_buf *out)
{
	switch (r->query->emit) {
	case EMIT_ID:
		put_id(out, &m->row->id);
		break;
	case EMIT_VALUE:
		view_message_put(m, NULL, out);
		break;
	case EMIT_CONTENT:
		if (m->boxed.n)
			content_put_shown(m->content, out);
		else
			kith_buf_put(out, m->content);
		break;
	default:
		put_kv(r, m, out);
		break;
	}
}

static void put_group(const struct query_run *r, struct kith_buf *out)
{
	static const char *const names[] = { "author", "type", "channel" };

	kith_buf_byte(out, '{');
	if (r->query->emit == EMIT_GROUPS) {
		json_put_text(out, names[r->query->group]);
		kith_buf_byte(out, ':');
		json_put_string(out, kith_bytes(&r->group->name));
		kith_buf_byte(out, ',');
	}
	kith_buf_text(out, "\"count\":");
	kith_buf_uint(out, r->group->count);
	kith_buf_byte(out, '}');
}

void query_item(const struct query_run *r, enum query_step step,
		const struct view_message *m, struct kith_buf *out)
{
	if (step == QUERY_MESSAGE)
		put_message(r, m, out);
	else if (step == QUERY_GROUP)
		put_group(r, out);
	else if (step == QUERY_SYNC)
		kith_buf_text(out, "{\"sync\":true}");
}

void query_cursor(const struct query_run *r, const struct view_message *m,
		  char out[static QUERY_CURSOR_BYTES])
{
	struct place at = place_of(r->query->order, m);

	cursor_write(r->query, &at, &m->row->id, out);
}
