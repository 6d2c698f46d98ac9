/* kith explain: why a feed is here, or is not, and what to do about it. */
#include "tools/people/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/ingest/guard.h"
#include "src/store/local.h"
#include "tools/people/commands.h"

enum { LIVE_BYTES_MAX = 1 << 20, ARGS_BYTES = KITH_REF_TEXT_BYTES + 64,
       REACH_HOPS = 64 };

const char *const explain_states[EXPLAIN_STATES] = {
	[EXPLAIN_HELD] = "held",
	[EXPLAIN_OWN] = "own",		   [EXPLAIN_BLOCKED] = "blocked",
	[EXPLAIN_FORGOTTEN] = "forgotten", [EXPLAIN_UNREACHED] = "unreached",
	[EXPLAIN_BEYOND] = "beyond",	   [EXPLAIN_FORKED] = "forked",
	[EXPLAIN_OFFLINE] = "offline",	   [EXPLAIN_FULL] = "full",
	[EXPLAIN_ALONE] = "alone",	   [EXPLAIN_REFUSED] = "refused",
	[EXPLAIN_BEHIND] = "behind",	   [EXPLAIN_UNWANTED] = "unwanted",
	[EXPLAIN_UNKNOWN] = "unknown",	   [EXPLAIN_WHOLE] = "whole",
};

/* --- the store ------------------------------------------------------------ */

static int look_at_graph(struct explain *x)
{
	struct social *s = NULL;
	enum kith_err err;

	x->hops = GRAPH_HOPS_FAR;
	if (!x->r->viewer.known)
		return EXIT_DONE;
	err = social_open(&s, x->r->txn, &x->r->viewer.self, REACH_HOPS);
	if (err)
		return tool_fail(err == KITH_ENOMEM ? EXIT_FAILED
						    : EXIT_UNREADABLE,
				 "the follow graph cannot be read: %s",
				 kith_strerror(err));
	x->hops = social_hops(s, &x->id);
	x->step_count = social_why(s, x->r->txn, &x->id, x->steps);
	social_close(s);
	return EXIT_DONE;
}

/* As everybody says it, also those whom the viewer hides. */
static void look_at_opinions(struct explain *x)
{
	const struct viewer nobody = { 0 };
	struct kith_feed_id who;
	struct followers f;

	followers_start(&f, x->r->txn, &nobody, &x->id, CONTACT_FOLLOW);
	while (followers_next(&f, &who))
		x->followers++;
	followers_end(&f);
	followers_start(&f, x->r->txn, &nobody, &x->id, CONTACT_BLOCK);
	while (followers_next(&f, &who)) {
		if (x->blockers < EXPLAIN_BLOCKERS_MAX)
			x->blocker[x->blockers] = who;
		x->blockers++;
	}
	followers_end(&f);
}

static void look_at_feed(struct explain *x)
{
	struct contact c = { .from = x->id, .to = x->r->viewer.self };

	feed_get(x->r->txn, &x->id, &x->feed);
	x->fork = proof_places(x->r->txn, &x->id);
	x->self = x->r->viewer.known &&
		  kith_feed_equal(&x->id, &x->r->viewer.self);
	x->blocks_us = x->r->viewer.known && !x->self &&
		       contacts_get(x->r->txn, &c) &&
		       c.edge == CONTACT_BLOCK;
	/* Another store says nothing of where we may write. */
	if (x->self && !x->r->tool->from)
		guard_get(x->r->txn, &x->id, &x->publish);
}

/* --- peers ---------------------------------------------------------------- */

static enum kith_err add_peer(struct explain *x, const struct explain_peer *p)
{
	struct explain_peer *more = list_room(x->peers, x->peer_count,
					      &x->peer_room, sizeof(*more));

	if (!more)
		return KITH_ENOMEM;
	x->peers = more;
	x->peers[x->peer_count++] = *p;
	return KITH_OK;
}

static bool is_connected(const struct explain *x, const struct kith_feed_id *id)
{
	for (size_t i = 0; i < x->connected; i++)
		if (kith_feed_equal(&x->peers[i].id, id))
			return true;
	return false;
}

static enum kith_err take_entry(struct explain *x,
				const struct kith_feed_id *peer,
				int64_t sequence)
{
	const struct explain_peer p = {
		.id = *peer,
		.told = true,
		.refuses = sequence == KITH_CLOCK_REFUSED,
		.sequence = sequence > 0 ? (uint64_t)sequence : 0,
	};

	return is_connected(x, peer) ? KITH_OK : add_peer(x, &p);
}

/* What peers told when they were connected last. */
static enum kith_err look_at_clocks(struct explain *x)
{
	struct kith_feed_id peer = { 0 };
	struct kith_clock_entry *entries;
	enum kith_err err = KITH_OK;
	size_t n;

	while (!err && clock_next(x->r->txn, &peer)) {
		entries = NULL;
		err = clock_get(x->r->txn, &peer, &entries, &n);
		for (size_t i = 0; !err && i < n; i++)
			if (kith_feed_equal(&entries[i].feed, &x->id))
				err = take_entry(x, &peer, entries[i].sequence);
		free(entries);
	}
	return err;
}

static enum kith_err take_live_peer(struct explain *x, struct kith_slice said)
{
	struct explain_peer p = { .connected = true };
	enum kith_err err;

	if (!json_is(json_get(said, "state"), "connected") ||
	    kith_feed_parse(json_plain(json_get(said, "peer")), &p.id) ||
	    is_connected(x, &p.id))
		return KITH_OK;
	p.hidden = json_says_true(json_get(said, "hidden"));
	p.refuses = json_says_true(json_get(said, "refuses"));
	p.told = json_uint(json_get(said, "seq"), &p.sequence) || p.refuses;
	err = add_peer(x, &p);
	if (!err)
		x->connected++;
	return err;
}

/* From kithd, where it runs.  ENOMEM. */
static enum kith_err ask_kithd(struct explain *x)
{
	enum kith_err err = KITH_OK;
	char id[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct kith_slice reply, peer;
	struct client *c;
	size_t at = 0;

	x->live.limit = LIVE_BYTES_MAX;
	if (!x->r->tool->home || tool_dial(x->r->tool, &c, NULL))
		return KITH_OK;
	x->running = true;
	kith_feed_print(&x->id, id);
	snprintf(args, sizeof(args), "[{\"feed\":\"%s\"}]", id);
	if (!client_call(c, "kith.explain", kith_text(args), &reply, NULL))
		kith_buf_put(&x->live, reply);
	client_close(c);
	reply = json_get(kith_bytes(&x->live), "peers");
	while (!err && json_next_element(reply, &at, &peer))
		err = take_live_peer(x, peer);
	return err;
}

static void compare_peers(struct explain *x)
{
	for (size_t i = 0; i < x->peer_count; i++) {
		const struct explain_peer *p = &x->peers[i];

		if (!p->told || p->refuses)
			continue;
		x->most = p->sequence > x->most ? p->sequence : x->most;
		if (p->connected && p->sequence > x->feed.last &&
		    p->sequence - x->feed.last > x->behind)
			x->behind = p->sequence - x->feed.last;
	}
}

/* --- what follows --------------------------------------------------------- */

/* A refusal says something as long as its message is not here. */
static bool is_open(const struct explain *x, struct kith_slice refusal)
{
	uint64_t sequence;

	return json_uint(json_get(refusal, "seq"), &sequence) &&
	       sequence > x->feed.last;
}

struct kith_slice explain_refusal(const struct explain *x)
{
	struct kith_slice all = json_get(kith_bytes(&x->live), "refused");
	struct kith_slice newest = { NULL, 0 }, one;

	for (size_t at = 0; json_next_element(all, &at, &one);) {
		if (is_open(x, one))
			return one;
		if (!newest.n)
			newest = one;
	}
	return newest;
}

static bool is_told_by_connected(const struct explain *x)
{
	for (size_t i = 0; i < x->peer_count; i++)
		if (x->peers[i].connected && x->peers[i].told &&
		    x->peers[i].sequence)
			return true;
	return false;
}

static bool is_refused_by_connected(const struct explain *x)
{
	for (size_t i = 0; i < x->connected; i++)
		if (!x->peers[i].refuses)
			return false;
	return x->connected > 0;
}

static enum explain_state judge(const struct explain *x)
{
	const bool unwanted = is_refused_by_connected(x);
	const struct {
		enum explain_state state;
		bool is;
	} all[] = {
		{ EXPLAIN_HELD, x->publish.state != PUBLISH_NOT_OURS &&
				x->publish.state != PUBLISH_OK },
		{ EXPLAIN_UNWANTED, x->self && unwanted },
		{ EXPLAIN_OWN, x->self },
		{ EXPLAIN_BLOCKED, x->hops == GRAPH_HOPS_BLOCKED },
		{ EXPLAIN_FORGOTTEN, x->feed.forgotten },
		{ EXPLAIN_UNREACHED, x->hops == GRAPH_HOPS_FAR },
		{ EXPLAIN_BEYOND, x->hops > (int)x->network.hops },
		{ EXPLAIN_FORKED, x->fork.pair != 0 },
		{ EXPLAIN_OFFLINE, !x->running },
		{ EXPLAIN_FULL, json_says_true(json_get(kith_bytes(&x->live),
							"sated")) },
		{ EXPLAIN_ALONE, !x->connected },
		{ EXPLAIN_REFUSED, is_open(x, explain_refusal(x)) },
		{ EXPLAIN_BEHIND, x->behind != 0 },
		{ EXPLAIN_UNWANTED, unwanted },
		{ EXPLAIN_UNKNOWN, !is_told_by_connected(x) },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].is)
			return all[i].state;
	return EXPLAIN_WHOLE;
}

/* Nothing is to be done: it is here, and nobody said that there is more. */
static bool is_well(const struct explain *x)
{
	return x->state == EXPLAIN_OWN || x->state == EXPLAIN_WHOLE ||
	       (x->state == EXPLAIN_UNKNOWN && x->feed.last) ||
	       (x->state == EXPLAIN_UNWANTED && x->feed.last && !x->self) ||
	       ((x->state == EXPLAIN_OFFLINE || x->state == EXPLAIN_ALONE) &&
		x->feed.last && x->most <= x->feed.last);
}

/* --- the command ---------------------------------------------------------- */

static int gather(struct explain *x)
{
	enum kith_err err;
	int code = EXIT_DONE;

	x->network.hops = NETWORK_HOPS;
	if (x->r->tool->home)
		code = network_read(x->r->tool->home, &x->network);
	if (code)
		return code;
	reading_pause(x->r);
	err = ask_kithd(x);
	if (err)
		return tool_fail(EXIT_FAILED, "%s", kith_strerror(err));
	code = reading_resume(x->r);
	if (code)
		return code;
	look_at_feed(x);
	look_at_opinions(x);
	code = look_at_graph(x);
	if (code)
		return code;
	err = look_at_clocks(x);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "what peers told cannot be "
				 "read: %s", kith_strerror(err));
	compare_peers(x);
	x->state = judge(x);
	x->well = is_well(x);
	return EXIT_DONE;
}

static int run(struct explain *x, const char *text)
{
	int code = reading_select(x->r, text, &x->id);

	if (!code)
		code = gather(x);
	if (code)
		return code;
	if (x->r->page.json)
		explain_record(x);
	else
		explain_print(x);
	return x->well ? EXIT_DONE : EXIT_FAILED;
}

int command_explain(struct tool *t, int argc, char **argv)
{
	struct explain *x = calloc(1, sizeof(*x));
	struct reading r;
	int code;

	(void)argc;
	if (!x)
		return tool_fail(EXIT_FAILED, "out of memory");
	x->r = &r;
	code = reading_begin(&r, t, false);
	if (!code)
		code = run(x, argv[0]);
	kith_buf_free(&x->live);
	free(x->peers);
	free(x);
	return reading_end(&r, code);
}
