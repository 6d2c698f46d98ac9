#include "src/views/social.h"
#include "tools/carry/bundle.h"
#include "tools/pick/named.h"

int bundle_reach_read(struct bundle_reach *r, struct store *s,
		      const struct kith_feed_id *self)
{
	struct graph *g = graph_new(self);
	struct txn *txn;
	enum kith_err err;

	if (store_read(s, &txn)) {
		graph_free(g);
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	}
	err = g ? social_graph(txn, g) : KITH_ENOMEM;
	txn_end(txn);
	if (err) {
		graph_free(g);
		return tool_fail(EXIT_FAILED, "the follow graph cannot be "
				 "read: %s", kith_strerror(err));
	}
	graph_free(r->graph);
	r->graph = g;
	return EXIT_DONE;
}

static int read_names(struct bundle_reach *r, struct tool *t)
{
	struct look l;
	int code = look_begin(&l, t);

	for (size_t i = 0; !code && i < t->chosen_count; i++)
		if (t->chosen[i].letter == 'f')
			code = named_or_blocked(&l,
						kith_text(t->chosen[i].value),
						&r->named[r->named_count++]);
	look_end(&l);
	return code;
}

int bundle_reach_begin(struct bundle_reach *r, struct tool *t)
{
	int code;

	*r = (struct bundle_reach){ .all = tool_option(t, 'a') };
	code = tool_open(t, NEEDS_HOME | NEEDS_STORE | NEEDS_SELF);
	if (!code)
		code = network_read(t->home, &r->network);
	if (!code && tool_option(t, 'f'))
		code = read_names(r, t);
	if (!code)
		code = bundle_reach_read(r, t->store, &t->self);
	return code;
}

void bundle_reach_end(struct bundle_reach *r)
{
	graph_free(r->graph);
	r->graph = NULL;
}

static bool is_named(const struct bundle_reach *r,
		     const struct kith_feed_id *feed)
{
	for (size_t i = 0; i < r->named_count; i++)
		if (kith_feed_equal(&r->named[i], feed))
			return true;
	return false;
}

bool bundle_reach_has(struct bundle_reach *r, const struct kith_feed_id *feed)
{
	int hops;

	if (r->named_count)
		return is_named(r, feed);
	if (r->all)
		return true;
	hops = graph_hops(r->graph, feed);
	return hops >= 0 && (uint64_t)hops <= r->network.hops;
}
