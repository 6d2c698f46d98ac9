#include "tools/pass/retaining.h"

#include <stdlib.h>
#include <time.h>

#include "src/gossip/graph.h"
#include "src/views/contacts.h"

static bool list_near(struct graph *g, int max, struct retaining *r)
{
	struct kith_feed_id feed;
	size_t at = 0, n = 0;
	int hops;

	while (graph_next(g, max, &at, &feed, &hops))
		n++;
	r->near = calloc(n + 1, sizeof(*r->near));
	at = 0;
	while (r->near && r->near_count < n &&
	       graph_next(g, max, &at, &r->near[r->near_count], &hops))
		r->near_count++;
	return r->near;
}

static int find_near(struct tool *t, int max, struct retaining *r)
{
	struct graph *g = graph_new(&t->self);
	struct contact c = { 0 };
	struct txn *txn;
	bool found = g;

	if (store_read(t->store, &txn)) {
		graph_free(g);
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	}
	while (found && contacts_next(txn, &c))
		found = !graph_set(g, &c.from, &c.to, c.edge);
	found = found && !txn_error(txn) && list_near(g, max, r);
	txn_end(txn);
	graph_free(g);
	return found ? EXIT_DONE
		     : tool_fail(EXIT_FAILED, "the follow graph cannot be "
				 "read, or there is no memory for it");
}

static double wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec * 1000;
}

int retaining_start(struct tool *t, const struct network *rule, bool dry,
		    struct retaining *r)
{
	*r = (struct retaining){
		.days = (int64_t)rule->retention_days,
		.wall_ms = wall_ms(),
		.dry = dry,
	};
	return find_near(t, (int)rule->retention_hops - 1, r);
}

int retaining_count(struct tool *t, const struct network *rule,
		    struct retaining *r)
{
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;
	bool more = true;
	int code = retaining_start(t, rule, true, r);

	while (!code && !err && more)
		err = retain_some(t->store, r, &more, &e);
	free(r->near);
	r->near = NULL;
	return err ? tool_explain(&e, err) : code;
}
