/*
 * Three nodes and two sticks, in any order, until all nodes are equal.
 *
 * Nodes are real homes with the real way in; sticks are media in memory that
 * lose what FAT may lose.  Messages come to any node at any time; sticks are
 * pulled out, are full or read only for a while, are copied by a file manager
 * that stops midway, and the copies used and merged again; nodes lose what they
 * remember of sticks.  In the end every node visits every stick until nobody
 * has news: then all hold the same, each message once, and it is all that was
 * given to any of them.
 *
 * DEPOT_SEEDS=N runs seeds 1 to N (12), DEPOT_SEED=N only that one, and tells
 * each step.
 */
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/host.h"

enum {
	NODES = 3,
	STICKS = 2,
	AUTHORS = 5,
	POSTS = 120,
	GIVEN_MAX = 12, /* at once */
	STEPS = 30,
	ROUNDS_MAX = 8,
	SEEDS = 12
};

#define TELL(w, ...)                                                           \
	do {                                                                   \
		if ((w)->loud)                                                 \
			printf(__VA_ARGS__);                                   \
	} while (0)

struct counts {
	unsigned long syncs, pulled, copied, merged, full, read_only, forgot;
	unsigned long messages, rounds;
};

struct world {
	struct author authors[AUTHORS];
	struct host nodes[NODES];
	struct medium *sticks[STICKS], *copy;
	unsigned copied; /* the stick that copy is of */
	uint64_t given[AUTHORS]; /* the last message that any node had first */
	uint64_t random;
	struct counts *counts;
	bool loud, failed;
};

static uint32_t pick(struct world *w, uint32_t n)
{
	w->random += 0x9e3779b97f4a7c15;
	w->random = (w->random ^ w->random >> 30) * 0xbf58476d1ce4e5b9;
	w->random = (w->random ^ w->random >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(w->random >> 33) % n;
}

/* --- what happens --------------------------------------------------------- */

/* A node has the next messages of a feed; of its own it is the only one. */
static void give(struct world *w, unsigned node)
{
	unsigned n = pick(w, 3) ? node : pick(w, AUTHORS);
	struct author *a = &w->authors[n];
	struct host *h = &w->nodes[n < NODES ? n : node];
	uint64_t has = host_has(h, author_id(a));
	uint64_t last = has + 1 + pick(w, GIVEN_MAX);

	if (last > POSTS)
		last = POSTS;
	if (has < last)
		host_give(h, a, has + 1, last);
	if (w->given[n] < last)
		w->given[n] = last;
	TELL(w, "author %u: up to %llu\n", n, (unsigned long long)last);
}

static enum kith_err visit(struct world *w, unsigned node, unsigned stick)
{
	struct depot_report report;
	struct kith_error e = { 0 };
	enum kith_err err =
		host_sync_at(&w->nodes[node], w->sticks[stick], &report, &e);

	w->counts->syncs++;
	w->counts->messages += report.in.messages;
	TELL(w, "node %u at stick %u: %llu in, %llu out %s%s\n", node, stick,
	     (unsigned long long)report.in.messages,
	     (unsigned long long)report.out.messages, err ? "! " : "",
	     e.text);
	return err;
}

/* Nobody is asked, whatever the stick went through. */
static void visit_well(struct world *w, unsigned node, unsigned stick)
{
	if (visit(w, node, stick))
		w->failed = true;
}

static void pull(struct world *w, unsigned node, unsigned stick)
{
	struct medium_loss loss = {
		.of = MEDIUM_LOSES_SOME,
		.ghosts = !pick(w, 3),
	};
	struct medium *left;

	medium_settle(w->sticks[stick]);
	medium_pull_at(w->sticks[stick], pick(w, 14));
	(void)!visit(w, node, stick);
	loss.seed = pick(w, UINT32_MAX);
	left = medium_left(w->sticks[stick], &loss);
	medium_free(w->sticks[stick]);
	w->sticks[stick] = left;
	w->counts->pulled++;
}

static void fill(struct world *w, unsigned node, unsigned stick)
{
	enum kith_err err;

	medium_set_capacity(w->sticks[stick], 0);
	err = visit(w, node, stick);
	if (err && err != KITH_EFULL)
		fail_msg("a full stick: %s", kith_strerror(err));
	medium_set_capacity(w->sticks[stick], UINT64_MAX);
	w->counts->full++;
}

static void lock(struct world *w, unsigned node, unsigned stick)
{
	struct folder *f =
		medium_folder(w->sticks[stick], FOLDER_APPENDS | FOLDER_LISTS);
	struct kith_error e = { 0 };
	enum kith_err err;

	medium_set_read_only(w->sticks[stick], true);
	err = host_sync(&w->nodes[node], f, NULL, &e);
	if (err && err != KITH_ENOENT) /* no depot is there yet */
		fail_msg("a read-only stick: %s", e.text);
	medium_set_read_only(w->sticks[stick], false);
	folder_free(f);
	w->counts->read_only++;
}

/* The copy lies somewhere, and comes back another day. */
static void copy(struct world *w, unsigned stick)
{
	if (w->copy) {
		if (pick(w, 2))
			medium_merge(w->sticks[w->copied], w->copy);
		else
			medium_merge(w->copy, w->sticks[w->copied]);
		if (pick(w, 2)) {
			struct medium *was = w->sticks[w->copied];

			w->sticks[w->copied] = w->copy;
			w->copy = was;
		}
		medium_free(w->copy);
		w->copy = NULL;
		w->counts->merged++;
		return;
	}
	w->copied = stick;
	w->copy = pick(w, 2) ? medium_copy(w->sticks[stick])
			     : medium_copy_some(w->sticks[stick],
						pick(w, UINT32_MAX));
	w->counts->copied++;
}

static void step(struct world *w)
{
	unsigned node = pick(w, NODES), stick = pick(w, STICKS);

	switch (pick(w, 16)) {
	case 0: case 1: case 2: case 3: case 4:
		give(w, node);
		break;
	case 5: case 6:
		pull(w, node, stick);
		break;
	case 7:
		copy(w, stick);
		break;
	case 8:
		fill(w, node, stick);
		break;
	case 9:
		lock(w, node, stick);
		break;
	case 10:
		host_forget(&w->nodes[node]);
		w->counts->forgot++;
		break;
	default:
		visit_well(w, node, stick);
	}
}

/* --- the end -------------------------------------------------------------- */

static bool is_whole(struct world *w)
{
	for (unsigned n = 0; n < NODES; n++)
		for (unsigned a = 0; a < AUTHORS; a++)
			if (host_has(&w->nodes[n], author_id(&w->authors[a])) !=
			    w->given[a])
				return false;
	return host_equal(&w->nodes[0], &w->nodes[1]) &&
	       host_equal(&w->nodes[0], &w->nodes[2]);
}

/* Everybody visits every stick, in any order: false where one wrote. */
static bool is_quiet(struct world *w)
{
	bool quiet = true;

	for (unsigned i = 0; i < NODES * STICKS; i++) {
		unsigned stick = i / NODES;

		medium_settle(w->sticks[stick]);
		visit_well(w, i % NODES, stick);
		quiet &= !medium_changes(w->sticks[stick]);
	}
	return quiet;
}

static const char *settle(struct world *w)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		w->counts->rounds++;
		if (!is_quiet(w))
			continue;
		return is_whole(w) ? NULL : "the nodes differ in the end";
	}
	return "sessions go on to write";
}

/* --- the world ------------------------------------------------------------ */

static void open_world(struct world *w, uint64_t seed)
{
	w->random = seed;
	w->failed = false;
	for (unsigned i = 0; i < NODES; i++) {
		host_open(&w->nodes[i], (uint8_t)(i + 1));
		for (unsigned a = 0; a < AUTHORS; a++)
			if (a != i)
				host_follow(&w->nodes[i],
					    author_id(&w->authors[a]));
	}
	for (unsigned i = 0; i < STICKS; i++)
		w->sticks[i] = medium_new();
	memset(w->given, 0, sizeof(w->given));
}

static void close_world(struct world *w)
{
	for (unsigned i = 0; i < NODES; i++)
		host_close(&w->nodes[i]);
	for (unsigned i = 0; i < STICKS; i++)
		medium_free(w->sticks[i]);
	medium_free(w->copy);
	w->copy = NULL;
}

static bool run(struct world *w, uint64_t seed)
{
	const char *why;

	open_world(w, seed);
	for (unsigned i = 0; i < STEPS; i++)
		step(w);
	why = settle(w);
	if (w->failed)
		why = "a session fails";
	close_world(w);
	if (why)
		printf("seed %llu: %s\n", (unsigned long long)seed, why);
	return !why;
}

static uint64_t number(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : fallback;
}

static void report(const struct counts *c, uint64_t seeds, uint64_t failed)
{
	printf("%llu seeds, %llu failed\n"
	       "%lu sessions, %lu messages taken in, %lu rounds to the end\n"
	       "%lu times pulled out, %lu copied and %lu merged, %lu full, "
	       "%lu read only, %lu forgotten\n",
	       (unsigned long long)seeds, (unsigned long long)failed, c->syncs,
	       c->messages, c->rounds, c->pulled, c->copied, c->merged,
	       c->full, c->read_only, c->forgot);
}

int main(void)
{
	uint64_t seeds = number("DEPOT_SEEDS", SEEDS), failed = 0;
	uint64_t only = number("DEPOT_SEED", 0);
	struct counts counts = { 0 };
	static struct world w;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (kith_init())
		return 1;
	host_in_memory();
	w.counts = &counts;
	w.loud = only;
	for (unsigned i = 0; i < AUTHORS; i++) {
		author_init(&w.authors[i], (uint8_t)(i + 1));
		author_post(&w.authors[i], POSTS);
	}
	for (uint64_t seed = only ? only : 1; seed <= (only ? only : seeds);
	     seed++)
		failed += !run(&w, seed);
	report(&counts, only ? 1 : seeds, failed);
	for (unsigned i = 0; i < AUTHORS; i++)
		author_clear(&w.authors[i]);
	return failed > 0;
}
