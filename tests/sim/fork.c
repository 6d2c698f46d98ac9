/*
 * One key in several places, with peers that meet them at random: no two
 * messages ever get one number.
 *
 * Places are real homes with the real way in, each in a process that may be
 * killed at any moment (fork_place.h).  Secrets, homes and backups are copied
 * while things go on, words are typed in again, two processes want one home,
 * clocks are wrong by 50 years.  Peers are copies of the feed and may be
 * behind.  The user tries to publish anywhere at any time, and keeps one rule:
 *
 *	where the state is ok and an old place is started or gone back to, it
 *	meets a peer that knows the newest message before anything is
 *	published there.
 *
 * A place that is never connected cannot know.  Nothing else is assumed; where
 * the state is not ok, publishing is tried at once.  A fork is two different
 * messages with one number, in any place or peer.  None may come of any seed;
 * to show that the test can fail, seeds without the guard must fork.
 *
 * FORK_SEEDS=N runs seeds 1 to N (100), FORK_SEED=N only that one, and tells
 * each step.
 */
#include <stdlib.h>
#include <unistd.h>

#include "src/gossip/own.h"
#include "tests/sim/fork_world.h"

enum {
	SEEDS = 100,
	BLIND_SEEDS = 20,
	STEPS = 70,
	STEP_MS = 1500,
	KILL_US = 1500
};

#define FIFTY_YEARS_US INT64_C(1577847600000000)

static const char *const kind_names[KINDS] = {
	"copied secret", "copied home", "restored backup", "words",
	"two processes", "killed at any moment", "clock set back",
};

/* --- what happens --------------------------------------------------------- */

static void copy_home(struct world *w, struct place *from)
{
	struct place *p = world_new_place(w);

	if (!p)
		return;
	if (access(from->home, F_OK))
		world_wake(w, from);
	world_copy_folder(w, from->home, p->home);
	w->counts->happened[COPIED_HOME]++;
}

static void back_up(struct world *w, struct place *from)
{
	if (access(from->home, F_OK))
		world_wake(w, from);
	snprintf(w->backup, sizeof(w->backup), "%s/backup-%d", w->folder,
		 w->homes++);
	world_copy_folder(w, from->home, w->backup);
}

static void restore(struct world *w)
{
	struct place *p = *w->backup ? world_new_place(w) : NULL;

	if (!p)
		return;
	world_copy_folder(w, w->backup, p->home);
	p->restored = true;
	w->counts->happened[RESTORED_BACKUP]++;
}

/* The key alone, from a file or from words: an empty store. */
static void adopt(struct world *w, enum kind kind)
{
	if (world_new_place(w))
		w->counts->happened[kind]++;
}

static void start_twice(struct world *w, struct place *p)
{
	struct place_start how = { .home = p->home, .seed = KEY };
	struct place_process second = { 0 };
	struct place_answer a;

	world_wake(w, p);
	if (place_start(&second, &how, &a) || a.code != KITH_EBUSY)
		world_broken(w, "two processes write one home");
	w->counts->happened[TWO_PROCESSES]++;
}

/* Killed while it publishes, takes a message, or is told something. */
static void kill_busy(struct world *w, struct place *p)
{
	struct place_ask q = { .op = PLACE_PUBLISH, .now_ms = w->now_ms,
			       .shift_us = p->shift_us };
	int n = (int)world_random(w, PEERS);
	uint64_t has = w->peers[n].tip.sequence;

	world_wake(w, p);
	if (world_random(w, 2) && world_would_publish(w, p)) {
		world_content(w, p, &q);
	} else if (p->tip < has) {
		const struct message *m =
			&w->messages[w->peers[n].messages[p->tip + 1]];

		world_meet(w, p, n);
		q.op = PLACE_GIVE;
		q.peer = n;
		q.n = m->n;
		memcpy(q.bytes, m->bytes, m->n);
	} else {
		world_meet(w, p, n);
		q.op = PLACE_TOLD;
		q.peer = n;
		q.sequence = has;
	}
	place_ask_and_kill(&p->process, &q, world_random(w, KILL_US));
	world_gone(p);
	w->counts->happened[KILLED]++;
	/* What it did before it died only its store knows. */
	world_read_all(w, p);
	place_kill(&p->process);
}

static void set_clock(struct world *w, struct place *p)
{
	static const int64_t shifts[] = { -FIFTY_YEARS_US, FIFTY_YEARS_US,
					  FIFTY_YEARS_US / 5, -3600000000,
					  60000000, 0 };

	p->shift_us = shifts[world_random(w, 6)];
	w->counts->happened[CLOCK_SET_BACK] += p->shift_us < 0;
}

static void happen(struct world *w, enum kind kind, struct place *p)
{
	switch (kind) {
	case COPIED_SECRET:
	case WORDS:
		adopt(w, kind);
		break;
	case COPIED_HOME:
		copy_home(w, p);
		break;
	case RESTORED_BACKUP:
		world_random(w, 2) ? back_up(w, p) : restore(w);
		break;
	case TWO_PROCESSES:
		start_twice(w, p);
		break;
	case KILLED:
		kill_busy(w, p);
		break;
	case CLOCK_SET_BACK:
		set_clock(w, p);
		break;
	case KINDS:
		break;
	}
}

static void stop(struct world *w, struct place *p)
{
	if (world_random(w, 2))
		place_stop(&p->process);
	else
		place_kill(&p->process);
	world_gone(p);
}

/* A meeting that may be cut short anywhere, and the user may not wait for its
 * end. */
static void visit(struct world *w, struct place *p, int n)
{
	world_meet(w, p, n);
	if (!world_random(w, 4))
		world_publish(w, p);
	if (!world_random(w, 6))
		return;
	world_give(w, p, n,
		   world_random(w, 3) ? MESSAGES_MAX : 1 + world_random(w, 3));
	if (!world_random(w, 6))
		return;
	world_spread(w, p, n);
	if (world_random(w, 2))
		world_part(w, p, n);
}

/* Everyday life at one place. */
static void live(struct world *w, struct place *p)
{
	int n = (int)world_random(w, PEERS);

	switch (world_random(w, 8)) {
	case 0:
	case 1:
	case 2:
		world_publish(w, p);
		break;
	case 3:
	case 4:
	case 5:
		visit(w, p, n);
		break;
	case 6:
		if (p->sessions[n].open) {
			world_give(w, p, n, 1 + world_random(w, 4));
			world_spread(w, p, n);
		}
		break;
	default:
		stop(w, p);
	}
}

static void gossip(struct world *w)
{
	const struct peer *from = &w->peers[world_random(w, PEERS)];
	struct peer *to = &w->peers[world_random(w, PEERS)];

	while (to->tip.sequence < from->tip.sequence) {
		uint64_t before = to->tip.sequence;

		world_take(w, to, from->messages[before + 1]);
		if (to->tip.sequence == before)
			return;
	}
}

static void step(struct world *w, enum kind kind)
{
	struct place *p = &w->places[world_random(w, (uint32_t)w->place_count)];
	uint32_t what = world_random(w, 20);

	w->now_ms += world_random(w, STEP_MS);
	TELL(w, "%" PRId64 " place %d state %d tip %" PRIu64 " newest %" PRIu64
	     " what %u\n", w->now_ms, (int)(p - w->places), p->state, p->tip,
	     w->newest, what);
	if (what < 2)
		happen(w, kind, p);
	else if (what < 4)
		happen(w, (enum kind)world_random(w, KINDS), p);
	else if (what == 4)
		world_unfreeze(w, p);
	else if (what == 5)
		gossip(w);
	else
		live(w, p);
}

/* In the end the user settles in one place: all that is known anywhere comes
 * to it, and it goes on. */
static void settle(struct world *w)
{
	struct place *p = &w->places[w->place_count - 1];

	for (int i = 0; i < w->place_count; i++) {
		world_meet(w, &w->places[i], 0);
		world_give(w, &w->places[i], 0, MESSAGES_MAX);
		world_spread(w, &w->places[i], 0);
		world_part(w, &w->places[i], 0);
	}
	p->shift_us = 0;
	for (int round = 0; round < 2; round++) {
		w->now_ms += OWN_CLAIM_MS;
		world_meet(w, p, 0);
		world_give(w, p, 0, MESSAGES_MAX);
		world_publish(w, p);
		if (p->state == PUBLISH_FROZEN)
			world_unfreeze(w, p);
		world_part(w, p, 0);
	}
}

/* True: no fork. */
static bool run(uint64_t seed, bool unguarded, bool loud, struct counts *counts)
{
	enum kind kind = (enum kind)(seed % KINDS);
	uint64_t forks = counts->forks;
	struct world *w = world_new(seed, unguarded, counts);

	w->loud = loud;
	for (int i = 0; i < STEPS && counts->forks == forks; i++)
		step(w, kind);
	if (counts->forks == forks)
		settle(w);
	for (int i = 0; i < w->place_count && counts->forks == forks; i++)
		world_read_all(w, &w->places[i]);
	counts->useful += w->confirmed > 0;
	world_free(w);
	return counts->forks == forks;
}

static uint64_t number(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : fallback;
}

static void report(const struct counts *c, uint64_t blind_forked)
{
	printf("%" PRIu64 " scenarios: %" PRIu64 " forks\n"
	       "%" PRIu64 " messages published, %" PRIu64 " of them in places "
	       "that had to be confirmed, in %" PRIu64 " scenarios\n"
	       "%" PRIu64 " publishes refused, %" PRIu64 " of them while a "
	       "peer claimed more\n",
	       c->scenarios, c->forks, c->publishes, c->confirmed, c->useful,
	       c->refused, c->held);
	for (int i = 0; i < KINDS; i++)
		printf("%s: %" PRIu64 " times\n", kind_names[i],
		       c->happened[i]);
	printf("without the guard: %" PRIu64 " of %d scenarios fork\n",
	       blind_forked, BLIND_SEEDS);
}

int main(void)
{
	uint64_t seeds = number("FORK_SEEDS", SEEDS), blind_forked = 0;
	uint64_t only = number("FORK_SEED", 0);
	struct counts counts = { 0 }, blind = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (kith_init())
		return 1;
	if (only)
		return !run(only, getenv("FORK_BLIND"), true, &counts);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		if (!run(seed, false, false, &counts))
			printf("seed %" PRIu64 " forks\n", seed);
		if (seed % 1000 == 0)
			printf("%" PRIu64 " seeds so far\n", seed);
	}
	for (uint64_t seed = 1; seed <= BLIND_SEEDS; seed++)
		blind_forked += !run(seed, true, false, &blind);
	report(&counts, blind_forked);
	return counts.forks || !blind_forked ||
	       counts.useful * 2 < counts.scenarios;
}
