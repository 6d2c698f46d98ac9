/* kith.query, and messagesByType and createFeedStream compiled onto the same:
 * protocol/14 section 3.6; protocol/08 section 4. */
#include <math.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

/* --- kith.query --- */

static void send_as_asked(struct query_source *s, const struct view_message *m)
{
	struct kith_buf *item = &s->daemon->item;

	kith_buf_reset(item);
	query_item(s->run, QUERY_MESSAGE, m, item);
	query_source_send(s, kith_bytes(item));
}

static const struct query_source_kind asked = { .message = send_as_asked };

/* The query as an object, or as JSON in a string; behind it, {"private":true}:
 * what we can open is found, and shown open. */
void method_query(struct peer *p, const struct session_event *call)
{
	struct kith_slice what = args_get(call->args, 0);
	struct kith_buf text = { .limit = QUERY_TEXT_BYTES_MAX };
	struct query_source *s = calloc(1, sizeof(*s));

	if (!s) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	if (json_kind(what) == JSON_KIND_STRING &&
	    json_unescape(what, &text))
		what = kith_bytes(&text);
	if (!what.n)
		what = KITH_SLICE("null");
	s->limit = -1;
	args_bool(args_get(call->args, 1), "private", &s->private);
	query_source_start(s, &asked, what, p, call);
	kith_buf_free(&text);
}

/* --- streams of messages --- */

struct messages_source {
	struct query_source source;
	bool keys, values, rts;
};

static void put_message(struct messages_source *s,
			const struct view_message *m, struct kith_buf *item)
{
	char key[KITH_REF_TEXT_BYTES];

	if (!s->keys) {
		query_source_put_value(&s->source, m, item);
		return;
	}
	if (!s->values) {
		kith_msg_print(&m->row->id, key);
		json_put_text(item, key);
		return;
	}
	query_source_put_item(&s->source, m, item);
	if (!s->rts || item->err)
		return;
	item->n--; /* the brace that ends it */
	kith_buf_text(item, ",\"rts\":");
	json_put_number(item, view_time_ms(m));
	kith_buf_byte(item, '}');
}

static void send_message(struct query_source *q, const struct view_message *m)
{
	struct messages_source *s = (struct messages_source *)q;
	struct kith_buf *item = &q->daemon->item;

	kith_buf_reset(item);
	put_message(s, m, item);
	query_source_send(q, kith_bytes(item));
}

static const struct query_source_kind messages = { .message = send_message };

void query_put_options(struct kith_buf *text, const struct stream_options *o,
		       const char *order)
{
	kith_buf_text(text, ",\"scan\":true,\"order\":\"");
	kith_buf_text(text, order);
	if (o->reverse)
		kith_buf_text(text, " desc");
	kith_buf_text(text, "\",\"live\":\"");
	kith_buf_text(text, !o->live || o->reverse ? "old" :
			    o->old		   ? "both" : "new");
	kith_buf_byte(text, '"');
}

void query_put_receipt(struct kith_buf *text, const struct stream_options *o)
{
	if (!o->from && o->to == UINT64_MAX)
		return;
	kith_buf_text(text, ",\"rx\":{\"gte\":");
	kith_buf_uint(text, o->from);
	if (o->to != UINT64_MAX) {
		kith_buf_text(text, ",\"lte\":");
		kith_buf_uint(text, o->to);
	}
	kith_buf_byte(text, '}');
}

/* Takes the options and starts; text is a query that lacks its end. */
static void serve(struct peer *p, const struct session_event *call,
		  const struct stream_options *o, struct kith_buf *text,
		  bool rts)
{
	struct messages_source *s = calloc(1, sizeof(*s));

	if (o->limit >= 0) {
		kith_buf_text(text, ",\"page\":{\"limit\":");
		kith_buf_int(text, o->limit);
		kith_buf_byte(text, '}');
	}
	kith_buf_byte(text, '}');
	if (!s || text->err) {
		free(s);
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	s->keys = o->keys || !o->values;
	s->values = o->values;
	s->rts = rts;
	s->source.limit = o->limit;
	s->source.quiet = !o->sync;
	s->source.private = o->private;
	query_source_start(&s->source, &messages, kith_bytes(text), p, call);
}

bool query_read_options(struct peer *p, const struct session_event *call,
			struct stream_options *o)
{
	struct kith_error e = { 0 };
	enum kith_err err;
	struct txn *t;

	stream_options_init(o);
	if (!daemon_read(p->daemon, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return false;
	}
	err = stream_options_read(o, args_get(call->args, 0), t, &e);
	txn_end(t);
	if (err)
		call_refuse(p, call, "TypeError", e.text);
	return !err;
}

void method_by_type(struct peer *p, const struct session_event *call)
{
	struct kith_slice what = args_get(call->args, 0);
	struct kith_slice type = json_get(what, "type");
	struct kith_buf text = { .limit = QUERY_TEXT_BYTES_MAX };
	struct stream_options o;

	if (json_kind(what) == JSON_KIND_STRING)
		type = what;
	if (json_kind(type) != JSON_KIND_STRING || type.n == 2) {
		session_end(p->session, call->request);
		return;
	}
	if (!query_read_options(p, call, &o))
		return;
	kith_buf_text(&text, "{\"type\":");
	kith_buf_put(&text, type);
	query_put_receipt(&text, &o);
	query_put_options(&text, &o, "rx");
	serve(p, call, &o, &text, false);
	kith_buf_free(&text);
}

/* Range members are times: of the stream's order. */
static bool put_times(struct kith_buf *text, struct kith_slice options)
{
	static const char *const names[] = { "gt", "gte", "lt", "lte" };
	bool any = false;
	double value;

	for (size_t i = 0; i < 4; i++) {
		value = (double)NAN;
		if (!args_number(options, names[i], &value))
			return false;
		if (isnan(value))
			continue;
		kith_buf_text(text, any ? "," : ",\"rts\":{");
		json_put_text(text, names[i]);
		kith_buf_byte(text, ':');
		json_put_number(text, value);
		any = true;
	}
	if (any)
		kith_buf_byte(text, '}');
	return true;
}

void method_feed_stream(struct peer *p, const struct session_event *call)
{
	struct kith_buf text = { .limit = QUERY_TEXT_BYTES_MAX };
	struct stream_options o;

	if (!query_read_options(p, call, &o))
		return;
	kith_buf_text(&text, "{\"filter\":{}");
	query_put_options(&text, &o, "rts");
	if (put_times(&text, args_get(call->args, 0)))
		serve(p, call, &o, &text, true);
	else
		call_refuse(p, call, "TypeError", "a range is of numbers");
	kith_buf_free(&text);
}
