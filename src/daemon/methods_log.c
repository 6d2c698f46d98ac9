/* get, latestSequence and the streams of messages: protocol/08 section 4. */
#include <sodium.h>
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/opened.h"
#include "src/gossip/history.h"

/* --- one message --- */

static void not_found(struct peer *p, const struct session_event *call,
		      const struct kith_msg_id *id)
{
	char key[KITH_REF_TEXT_BYTES], text[160];

	kith_msg_print(id, key);
	snprintf(text, sizeof(text), "Key not found in database [%s]", key);
	call_refuse(p, call, "NotFoundError", text);
}

/* Which message, and how it is to be shown. */
struct get {
	struct kith_msg_id id;
	bool meta, private, has_key;
	struct kith_box_key key; /* its own */
};

/* In a query a + may have become a space. */
static bool read_key(struct kith_slice text, struct get *g)
{
	char key[KITH_BOX_KEY_TEXT_BYTES] = "";

	if (!text.n || text.n >= sizeof(key))
		return false;
	memcpy(key, text.p, text.n);
	for (char *space = strchr(key, ' '); space; space = strchr(space, ' '))
		*space = '+';
	if (!strchr(key, '.') && text.n + sizeof(".boxs") <= sizeof(key))
		memcpy(key + text.n, ".boxs", sizeof(".boxs"));
	g->has_key = !kith_box_key_parse(kith_text(key), &g->key);
	sodium_memzero(key, sizeof(key));
	return g->has_key;
}

/* %ID or %ID?unbox=KEY; the key may stand beside it, too. */
static bool read_get(struct kith_slice what, struct get *g)
{
	static const char unbox[] = "?unbox=";
	struct kith_slice id = what, key = { 0 };
	const uint8_t *mark;

	*g = (struct get){ .meta = false };
	if (json_kind(what) == JSON_KIND_OBJECT) {
		args_bool(what, "meta", &g->meta);
		args_bool(what, "private", &g->private);
		id = json_get(what, "id");
		key = json_plain(json_get(what, "unbox"));
	}
	id = json_plain(id);
	mark = id.n ? memchr(id.p, '?', id.n) : NULL;
	if (mark) {
		key = (struct kith_slice){ mark, (size_t)(id.p + id.n - mark) };
		if (key.n < sizeof(unbox) || memcmp(mark, unbox,
						    sizeof(unbox) - 1) != 0)
			return false;
		key.p += sizeof(unbox) - 1;
		key.n -= sizeof(unbox) - 1;
		id.n = (size_t)(mark - id.p);
	}
	return !kith_msg_parse(id, &g->id) && (!key.n || read_key(key, g));
}

static void put_value(struct peer *p, struct txn *t,
		      const struct message_row *row, const struct get *g,
		      struct kith_buf *out)
{
	const struct kith_box_key *key = g->has_key ? &g->key : NULL;

	if (key && opened_foreign(p->daemon, t, row->canon, key, out))
		return;
	if (key || g->private)
		opened_value(p->daemon, t, row, out);
	else
		kith_buf_put(out, row->canon);
}

static void answer_message(struct peer *p, const struct session_event *call,
			   struct txn *t, const struct message_row *row,
			   const struct get *g)
{
	struct kith_buf *out = &p->daemon->item;

	kith_buf_reset(out);
	if (g->meta)
		message_item_begin(row, out);
	put_value(p, t, row, g, out);
	if (g->meta)
		message_item_end(row, out);
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

void method_get(struct peer *p, const struct session_event *call)
{
	struct message_row row;
	struct get g;
	struct txn *t;

	if (!read_get(args_get(call->args, 0), &g)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must be of type \"msgId\"");
		return;
	}
	if (store_read(p->daemon->store, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	if (message_by_id(t, &g.id, &row))
		answer_message(p, call, t, &row, &g);
	else
		not_found(p, call, &g.id);
	txn_end(t);
	sodium_memzero(&g, sizeof(g));
}

void method_latest_sequence(struct peer *p, const struct session_event *call)
{
	char key[KITH_REF_TEXT_BYTES], text[160];
	struct kith_buf *out = &p->daemon->item;
	struct kith_feed_id id;
	struct feed_row row = { 0 };
	struct txn *t;

	if (!args_feed(args_get(call->args, 0), &id)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must be of type \"feedId\"");
		return;
	}
	if (store_read(p->daemon->store, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	if (!feed_get(t, &id, &row))
		row.last = 0;
	txn_end(t);
	if (!row.last) {
		kith_feed_print(&id, key);
		snprintf(text, sizeof(text), "not found:%s", key);
		call_refuse(p, call, "Error", text);
		return;
	}
	kith_buf_reset(out);
	kith_buf_uint(out, row.last);
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

/* --- streams --- */

static void serve_with_options(struct peer *p,
			       const struct session_event *call,
			       struct stream_options *o)
{
	struct kith_error e = { 0 };
	struct txn *t;

	if (store_read(p->daemon->store, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	if (!stream_options_read(o, args_get(call->args, 0), t, &e))
		stream_serve(p, call->request, o);
	else
		call_refuse(p, call, "TypeError", e.text);
	txn_end(t);
}

void method_log_stream(struct peer *p, const struct session_event *call)
{
	struct stream_options o;

	stream_options_init(&o);
	serve_with_options(p, call, &o);
}

void method_user_stream(struct peer *p, const struct session_event *call)
{
	struct stream_options o;

	stream_options_init(&o);
	o.by_feed = true;
	if (args_feed(json_get(args_get(call->args, 0), "id"), &o.feed))
		serve_with_options(p, call, &o);
	else
		call_refuse(p, call, "UsageError",
			    "Param 0 must have a .id of type \"feedId\"");
}

/* A feed whose author blocks the caller looks like one that we lack. */
void method_history_stream(struct peer *p, const struct session_event *call)
{
	struct kith_error e = { 0 };
	struct history_args args;
	struct stream_options o;

	if (history_args_decode(call->args, &args, &e)) {
		call_refuse(p, call, "TypeError", e.text);
		return;
	}
	replicate_asked_for_history(p);
	if (!p->local && graph_hides(p->daemon->replicate.graph, &args.id,
				     &p->id)) {
		session_end(p->session, call->request);
		return;
	}
	stream_options_init(&o);
	o.by_feed = true;
	o.feed = args.id;
	o.from = args.sequence;
	o.limit = args.limit;
	o.live = args.live;
	o.old = args.old;
	o.keys = args.keys;
	o.values = args.values;
	o.sync = false;
	o.guarded = !p->local;
	stream_serve(p, call->request, &o);
}
