/* friends: who follows and blocks whom, and how far everybody is.  What
 * contacts say is folded with the log, so nothing is waited for.
 * protocol/08 section 10. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/friends.h"
#include "src/daemon/methods.h"
#include "src/limits.h"
#include "src/views/contacts.h"

/* Absent, or a feed id; false: something else. */
static bool read_feed(struct kith_slice options, const char *name,
		      struct kith_feed_id *out, bool *given)
{
	struct kith_slice value = json_get(options, name);

	*given = value.n && json_kind(value) != JSON_KIND_NULL;
	return !*given || args_feed(value, out);
}

/* --- one edge --- */

static void answer_edge(struct peer *p, const struct session_event *call,
			enum contact_edge wanted)
{
	struct kith_slice o = args_get(call->args, 0);
	struct kith_buf *out = &p->daemon->item;
	struct kith_feed_id from, to;
	bool details = false, yes;

	if (!args_feed(json_get(o, "source"), &from) ||
	    !args_feed(json_get(o, "dest"), &to)) {
		call_refuse(p, call, "UsageError",
			    "Param 0 must have a .source and a .dest of type "
			    "\"feedId\"");
		return;
	}
	args_bool(o, "details", &details);
	yes = graph_get(p->daemon->replicate.graph, &from, &to) == wanted;
	kith_buf_reset(out);
	if (details)
		kith_buf_text(out, "{\"response\":");
	kith_buf_text(out, yes ? "true" : "false");
	if (details)
		kith_buf_text(out, ",\"private\":false}");
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

void method_is_following(struct peer *p, const struct session_event *call)
{
	answer_edge(p, call, CONTACT_FOLLOW);
}

void method_is_blocking(struct peer *p, const struct session_event *call)
{
	answer_edge(p, call, CONTACT_BLOCK);
}

/* --- all edges --- */

/* {dest:value}, of one source; or {source:value}, to one dest. */
static void put_some(struct kith_buf *out, struct txn *t,
		     const struct kith_feed_id *from,
		     const struct kith_feed_id *to)
{
	struct contact c = { 0 };
	const char *comma = "";

	if (from)
		c.from = *from;
	kith_buf_byte(out, '{');
	while (from ? contacts_of(t, &c) : contacts_next(t, &c)) {
		if (friends_is_of_itself(&c) ||
		    (to && !kith_feed_equal(&c.to, to)))
			continue;
		kith_buf_text(out, comma);
		friends_put_edge(out, from ? &c.to : &c.from,
				 friends_spell(c.edge, SPELL_TRUTH));
		comma = ",";
	}
	kith_buf_byte(out, '}');
}

/* What takes more than an answer may have is said so. */
static void answer(struct peer *p, const struct session_event *call,
		   struct kith_buf *out)
{
	if (out->err)
		call_refuse(p, call, "Error", "the answer is too large");
	else
		session_send(p->session, call->request, MUXRPC_JSON,
			     kith_bytes(out));
	kith_buf_free(out);
}

void method_friends_get(struct peer *p, const struct session_event *call)
{
	struct kith_slice o = args_get(call->args, 0);
	struct kith_buf out = { .limit = LIMIT_EBT_BODY_BYTES };
	struct contact c = { 0 };
	bool from, to;
	struct txn *t;

	if (!read_feed(o, "source", &c.from, &from) ||
	    !read_feed(o, "dest", &c.to, &to)) {
		call_refuse(p, call, "UsageError",
			    "source and dest must be of type \"feedId\"");
		return;
	}
	if (!daemon_read(p->daemon, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	if (from && to)
		kith_buf_text(&out, contacts_get(t, &c) ?
					    friends_spell(c.edge, SPELL_TRUTH) :
					    "null");
	else if (from || to)
		put_some(&out, t, from ? &c.from : NULL, to ? &c.to : NULL);
	else
		friends_put_edges(&out, t, SPELL_TRUTH);
	txn_end(t);
	answer(p, call, &out);
}

void method_friends_graph(struct peer *p, const struct session_event *call)
{
	struct kith_buf out = { .limit = LIMIT_EBT_BODY_BYTES };
	struct txn *t;

	if (!daemon_read(p->daemon, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	friends_put_edges(&out, t, SPELL_NUMBER);
	txn_end(t);
	answer(p, call, &out);
}

/* --- hops --- */

/* Seen from another feed; NULL: no memory. */
static struct graph *make_graph(struct txn *t,
				const struct kith_feed_id *start)
{
	struct graph *g = graph_new(start);
	enum kith_err err = g ? KITH_OK : KITH_ENOMEM;
	struct contact c = { 0 };

	while (!err && contacts_next(t, &c))
		err = graph_set(g, &c.from, &c.to, c.edge);
	if (!err)
		return g;
	graph_free(g);
	return NULL;
}

void method_hops(struct peer *p, const struct session_event *call)
{
	struct kith_slice o = args_get(call->args, 0);
	struct kith_buf out = { .limit = LIMIT_EBT_BODY_BYTES };
	struct graph *g = p->daemon->replicate.graph, *own = NULL;
	struct kith_feed_id start = p->daemon->self;
	struct distances d = { 0 };
	bool given, reverse = false;
	int max = friends_max(p, o);
	struct txn *t;

	args_bool(o, "reverse", &reverse);
	if (!read_feed(o, "start", &start, &given) || max < 0 || reverse) {
		call_refuse(p, call, "UsageError",
			    "start must be of type \"feedId\", max a number, "
			    "and reverse not set");
		return;
	}
	if (given && !daemon_read(p->daemon, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	if (given) {
		g = own = make_graph(t, &start);
		txn_end(t);
	}
	if (g && friends_measure(&d, g, max))
		friends_put_distances(&out, &d);
	else
		out.err = KITH_ENOMEM;
	graph_free(own);
	free(d.all);
	answer(p, call, &out);
}
