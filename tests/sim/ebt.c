/*
 * EBT in a simulated world: 30 cores, cuts, restarts, follows, bad peers.
 *
 * A stall is a good core that 60 seconds after the last cut still lacks a
 * message that it wants and that a chain of good, connected cores that want
 * it too leads to, none of which knows of a fork of that feed.  No seed may
 * stall; and to show that the test can fail, with re-requesting switched off
 * seeds must.
 *
 * SIM_SEEDS=N runs seeds 1 to N (60), SIM_SEED=N only that one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/world.h"

enum {
	CHAOS_MS = 60000,    /* cuts and restarts */
	PUBLISH_MS = 40000,  /* after the last cut people still write */
	SETTLE_MS = 60000,   /* after the last cut nobody lacks anything */
	QUIET_MS = 5000,     /* and a little later nobody says anything */
	STEP_MS = 50,
	BACKLOG_MAX = 300,
	SEEDS = 60,
	BLIND_SEEDS = 10
};

/* --- a seed's world ------------------------------------------------------- */

static bool is_judged(const struct world_node *node)
{
	return node->manner == GOOD || node->manner == TWICE;
}

static void add_link(struct world *w, int a, int b)
{
	if (w->link_count == WORLD_LINKS_MAX || a == b)
		return;
	for (int i = 0; i < w->link_count; i++)
		if ((w->links[i].node[0] == a && w->links[i].node[1] == b) ||
		    (w->links[i].node[0] == b && w->links[i].node[1] == a))
			return;
	w->links[w->link_count++] = (struct world_link){
		.node = { a, b }, .latency_ms = 1 + world_random(w, 150)
	};
}

/* A tree, so that all are connected, and more links at random. */
static void make_links(struct world *w)
{
	int more = (int)world_random(w, WORLD_LINKS_MAX - WORLD_NODES);

	for (int i = 1; i < WORLD_NODES; i++)
		add_link(w, i, (int)world_random(w, (uint32_t)i));
	for (int i = 0; i < more; i++)
		add_link(w, (int)world_random(w, WORLD_NODES),
			 (int)world_random(w, WORLD_NODES));
}

/* Half of the seeds have bad peers; some have many. */
static void make_bad_peers(struct world *w)
{
	uint32_t bad = world_random(w, 2) ? world_random(w, 10) : 0;

	for (uint32_t i = 0; i < bad; i++)
		w->nodes[world_random(w, WORLD_NODES)].manner =
			TWICE + world_random(w, FORGER);
}

static void make_nodes(struct world *w)
{
	uint32_t wide = 20 + world_random(w, 81); /* percent of all feeds */

	for (int n = 0; n < WORLD_NODES; n++) {
		struct world_node *node = &w->nodes[n];

		node->log[n] = world_random(w, 3)
				       ? world_random(w, 10)
				       : world_random(w, BACKLOG_MAX);
		for (int i = 0; i < WORLD_NODES; i++)
			node->wants[i] = i == n || world_random(w, 100) < wide;
		w->blocks[n][world_random(w, WORLD_NODES)] =
			world_random(w, 4) == 0;
		w->blocks[n][n] = false;
	}
	/* Some know a part of others' feeds from before. */
	for (int n = 0; n < WORLD_NODES; n++)
		for (int i = 0; i < WORLD_NODES; i++)
			if (i != n && w->nodes[n].wants[i] &&
			    world_random(w, 4) == 0)
				w->nodes[n].log[i] =
					world_random(w, w->nodes[i].log[i] + 1);
}

/* Half of the nodes follow some feeds, which come first. */
static void make_follows(struct world *w)
{
	for (int n = 0; n < WORLD_NODES; n++)
		for (int i = 0; n % 2 && i < WORLD_NODES; i++)
			w->nodes[n].nears[i] = i == n ||
					       world_random(w, 4) == 0;
}

static struct world *make_world(uint64_t seed, int64_t stall_ms)
{
	struct world *w = world_new(seed, stall_ms);

	make_links(w);
	make_bad_peers(w);
	make_nodes(w);
	make_follows(w);
	for (int n = 0; n < WORLD_NODES; n++)
		world_start(w, n);
	return w;
}

/* --- what goes on in it --------------------------------------------------- */

/* One chance in so many steps. */
static bool once_in(struct world *w, uint32_t steps)
{
	return world_random(w, steps) == 0;
}

static void restart(struct world *w, int n)
{
	struct world_node *node = &w->nodes[n];

	if (!node->core) {
		world_start(w, n);
		return;
	}
	world_crash(w, n);
	if (world_random(w, 3) == 0)
		for (int p = 0; p < WORLD_NODES; p++)
			for (int i = 0; i < WORLD_NODES; i++)
				node->saved[p][i] = WORLD_UNKNOWN;
}

/* Returns whether something was cut. */
static bool disturb(struct world *w)
{
	struct world_link *link =
		&w->links[world_random(w, (uint32_t)w->link_count)];
	int n = (int)world_random(w, WORLD_NODES);
	int feed = (int)world_random(w, WORLD_NODES);
	bool cut = false;

	if (once_in(w, 6) && link->session) {
		world_cut(w, link);
		cut = true;
	}
	if (once_in(w, 40) && w->nodes[n].manner != LIAR) {
		restart(w, n);
		cut = true;
	}
	if (once_in(w, 10) && feed != n)
		world_want(w, n, feed, world_random(w, 2));
	if (once_in(w, 100) && w->nodes[n].log[feed])
		world_fork(w, n, feed,
			   world_random(w, w->nodes[n].log[feed]));
	return cut;
}

static void heal(struct world *w, uint32_t steps)
{
	for (int i = 0; i < w->link_count; i++)
		if (!w->links[i].session && once_in(w, steps))
			world_connect(w, &w->links[i]);
	for (int n = 0; n < WORLD_NODES; n++)
		if (!w->nodes[n].core && once_in(w, steps))
			world_start(w, n);
}

static void publish(struct world *w)
{
	for (uint32_t i = world_random(w, 3); i > 0; i--)
		world_publish(w, (int)world_random(w, WORLD_NODES));
}

static void live(struct world *w)
{
	int64_t last_cut_ms = 0;

	while (w->now_ms < last_cut_ms + SETTLE_MS) {
		if (w->now_ms < CHAOS_MS && disturb(w))
			last_cut_ms = w->now_ms;
		if (w->now_ms < last_cut_ms + PUBLISH_MS)
			publish(w);
		heal(w, w->now_ms < CHAOS_MS ? 60 : 10);
		world_run_until(w, w->now_ms + STEP_MS);
	}
}

/* --- judgement ------------------------------------------------------------ */

static bool may_carry(const struct world *w, int n, int feed)
{
	return is_judged(&w->nodes[n]) && w->nodes[n].core &&
	       w->nodes[n].wants[feed] && !w->blocks[feed][n] &&
	       w->nodes[n].limit[feed] == UINT32_MAX;
}

/* What each node should have of feed: the most that it or anybody has whom
 * such links lead to. */
static void spread(const struct world *w, int feed,
		   uint32_t has[WORLD_NODES])
{
	bool changed = true;

	for (int n = 0; n < WORLD_NODES; n++)
		has[n] = may_carry(w, n, feed) ? w->nodes[n].log[feed] : 0;
	while (changed) {
		changed = false;
		for (int i = 0; i < w->link_count; i++) {
			const struct world_link *link = &w->links[i];
			int a = link->node[0], b = link->node[1];
			uint32_t most = has[a] > has[b] ? has[a] : has[b];

			if (!link->session || has[a] == has[b] ||
			    !may_carry(w, a, feed) || !may_carry(w, b, feed))
				continue;
			has[a] = has[b] = most;
			changed = true;
		}
	}
}

/* Lacking (node, feed) pairs. */
static unsigned count_lacking(const struct world *w, bool tell)
{
	uint32_t has[WORLD_NODES];
	unsigned lacking = 0;

	for (int feed = 0; feed < WORLD_NODES; feed++) {
		spread(w, feed, has);
		for (int n = 0; n < WORLD_NODES; n++) {
			if (!may_carry(w, n, feed) ||
			    w->nodes[n].log[feed] >= has[n])
				continue;
			lacking++;
			if (tell)
				printf("node %d has %u of %u of feed %d\n", n,
				       w->nodes[n].log[feed], has[n], feed);
		}
	}
	return lacking;
}

static bool has_bad_peers(const struct world *w)
{
	for (int n = 0; n < WORLD_NODES; n++)
		if (w->nodes[n].manner != GOOD)
			return true;
	return false;
}

static void print_stats(uint64_t seed, const struct world_stats *s)
{
	printf("seed %" PRIu64 ": %" PRIu64 " taken, %" PRIu64
	       " repeated, %" PRIu64 " gaps, %" PRIu64 " forged, %" PRIu64
	       " notes frames of %" PRIu64 " bytes\n",
	       seed, s->taken, s->repeated, s->gaps, s->forged, s->notes,
	       s->note_bytes);
}

/* False: this seed fails. */
static bool run_seed(uint64_t seed, int64_t stall_ms, bool tell,
		     struct world_stats *total)
{
	struct world *w = make_world(seed, stall_ms);
	unsigned lacking;
	bool ok;

	live(w);
	lacking = count_lacking(w, tell);
	w->watch_notes = true;
	world_run_until(w, w->now_ms + QUIET_MS);
	ok = lacking == 0 && (w->stats.late_notes == 0 || has_bad_peers(w));
	if (tell)
		print_stats(seed, &w->stats);
	if (tell && !ok)
		printf("seed %" PRIu64 ": %u feeds lacking, %" PRIu64
		       " late notes; SIM_SEED=%" PRIu64 " shows it again\n",
		       seed, lacking, w->stats.late_notes, seed);
	total->taken += w->stats.taken;
	total->repeated += w->stats.repeated;
	total->gaps += w->stats.gaps;
	total->forged += w->stats.forged;
	total->notes += w->stats.notes;
	total->note_bytes += w->stats.note_bytes;
	world_free(w);
	return ok;
}

static bool all_settle(uint64_t seeds)
{
	struct world_stats total = { 0 };
	struct world_stats again = { 0 };
	uint64_t failed = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		if (run_seed(seed, EBT_STALL_MS, false, &total))
			continue;
		run_seed(seed, EBT_STALL_MS, true, &again);
		failed++;
	}
	printf("%" PRIu64 " of %" PRIu64 " seeds settle; %" PRIu64
	       " taken, %" PRIu64 " repeated, %" PRIu64 " gaps, %" PRIu64
	       " forged, %" PRIu64 " notes frames of %" PRIu64 " bytes\n",
	       seeds - failed, seeds, total.taken, total.repeated, total.gaps,
	       total.forged, total.notes, total.note_bytes);
	return failed == 0;
}

/* The test itself is tested: without asking again, some must stall. */
static bool some_stall_without_asking_again(void)
{
	struct world_stats total = { 0 };
	int stalled = 0;

	for (uint64_t seed = 1; seed <= BLIND_SEEDS; seed++)
		stalled += !run_seed(seed, INT64_MAX, false, &total);
	printf("%d of %d seeds stall with re-requesting switched off\n",
	       stalled, BLIND_SEEDS);
	return stalled > 0;
}

/* --- a first sync --------------------------------------------------------- */

enum { FIRST_FEEDS = 20, FIRST_NEAR = 5, FIRST_MESSAGES = 2000,
       FIRST_MS = 60000 };

/* Node 0 is new, follows the last feeds of those that node 1 has, and calls or
 * is called. */
static struct world *make_first_sync(bool calls)
{
	struct world *w = world_new(1, EBT_STALL_MS);

	for (int i = 2; i < 2 + FIRST_FEEDS; i++) {
		w->nodes[1].log[i] = FIRST_MESSAGES;
		w->nodes[0].wants[i] = w->nodes[1].wants[i] = true;
		w->nodes[0].nears[i] = i >= 2 + FIRST_FEEDS - FIRST_NEAR;
	}
	w->nodes[0].wants[0] = w->nodes[0].nears[0] = true;
	w->link_count = 1;
	w->links[0] = (struct world_link){ .node = { !calls, calls },
					   .latency_ms = 50 };
	world_start(w, 0);
	world_start(w, 1);
	return w;
}

/* All near feeds are here before the first far one is begun. */
static bool near_comes_first(bool calls)
{
	struct world *w = make_first_sync(calls);
	int64_t near_ms = 0, far_ms = INT64_MAX, all_ms;
	bool ok = world_connect(w, &w->links[0]);

	while (w->now_ms < FIRST_MS) {
		world_run_until(w, w->now_ms + 1);
		for (int i = 2; i < 2 + FIRST_FEEDS; i++)
			if (!w->nodes[0].nears[i] && w->nodes[0].log[i] &&
			    w->now_ms < far_ms)
				far_ms = w->now_ms;
	}
	all_ms = 0;
	for (int i = 2; i < 2 + FIRST_FEEDS; i++) {
		int64_t came_ms = w->came_ms[0][i];

		ok = ok && w->nodes[0].log[i] == FIRST_MESSAGES;
		if (w->nodes[0].nears[i] && came_ms > near_ms)
			near_ms = came_ms;
		if (came_ms > all_ms)
			all_ms = came_ms;
	}
	printf("first sync, %s: near feeds whole after %" PRId64
	       " ms, the first far message after %" PRId64
	       " ms, all after %" PRId64 " ms\n",
	       calls ? "calling" : "called", near_ms, far_ms, all_ms);
	world_free(w);
	return ok && near_ms <= far_ms;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

int main(void)
{
	uint64_t only = from_environment("SIM_SEED", 0);
	struct world_stats total = { 0 };
	bool ok;

	if (only)
		return !run_seed(only, EBT_STALL_MS, true, &total);
	ok = all_settle(from_environment("SIM_SEEDS", SEEDS));
	ok = near_comes_first(true) && near_comes_first(false) && ok;
	return !(some_stall_without_asking_again() && ok);
}
