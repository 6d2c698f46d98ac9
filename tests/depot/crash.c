/*
 * A stick that is pulled out: two hosts exchange feeds over it, and one session
 * is cut at one of its changes.  What the stick may look like after that is
 * made, both hosts go on with it, and in the end both have everything, nothing
 * on the stick was asked of a person, and the next sessions write nothing.
 *
 *	crash				a sample of a few hundred states
 *	crash -n STATES [-s SEED] [-f FIRST] [-j JOBS]
 *	crash -o STATE [-s SEED]	only this one, and tells more
 *
 * A state is a change of one of the sessions, and what became of it and of what
 * was not synced: every prefix, every tear between sectors, losses by chance.
 * Sometimes the host dies with the stick, and remembers less of it.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/depot/script.h"

/* The sample has states of all kinds and of each round. */
enum { STATES = 300, STRIDE = 41, JOBS_MAX = 16, SHOWN_MAX = 10,
       WHY_BYTES = 320 };

struct state {
	uint64_t number;
	enum script_kind kind;
	size_t sync, change; /* of the script, of that session */
	struct medium_loss loss;
	bool forgets; /* the host */
};

/* Of one job; shared with the process that made it. */
struct job {
	uint64_t under_way, states, failures, twice;
	char why[WHY_BYTES];
};

struct run {
	struct script script;
	/* Of each session of each kind of script. */
	size_t changes[SCRIPT_KINDS][SCRIPT_SYNCS], all;
	size_t messages[SCRIPT_KINDS][SCRIPT_SYNCS];
	uint64_t seed, first, states, stride;
	bool loud;
};

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* --- states --------------------------------------------------------------- */

/* How many changes each session does, and how many messages it writes. */
static void measure(struct run *r, enum script_kind kind)
{
	size_t before = 0, count;

	script_begin(&r->script, kind);
	for (size_t i = 0; i < SCRIPT_SYNCS; i++) {
		script_to(&r->script, i);
		medium_settle(r->script.stick);
		script_to(&r->script, i + 1);
		count = script_count(r->script.stick).messages;
		r->messages[kind][i] = count - before;
		r->changes[kind][i] = medium_changes(r->script.stick);
		r->all += r->changes[kind][i];
		before = count;
	}
	script_end(&r->script);
}

/* Finds the change with this number of all. */
static void find_change(const struct run *r, struct state *s)
{
	while (s->change >= r->changes[s->kind][s->sync]) {
		s->change -= r->changes[s->kind][s->sync++];
		if (s->sync == SCRIPT_SYNCS) {
			s->sync = 0;
			s->kind++;
		}
	}
}

/* Each round goes over all changes: first nothing is lost but what was not
 * done, then all that was not synced is; after that it is left to chance, and
 * each eighth time the last write is torn. */
static struct state state_of(const struct run *r, uint64_t number)
{
	uint64_t round = number / r->all, chance = mix(r->seed ^ mix(number));
	struct state s = { .number = number, .change = number % r->all };

	find_change(r, &s);
	s.loss.seed = chance;
	s.loss.of = round > 1 ? MEDIUM_LOSES_SOME
			      : round ? MEDIUM_LOSES_ALL : MEDIUM_LOSES_NONE;
	if (round % 8 == 2) {
		s.loss.of = MEDIUM_LOSES_NONE;
		s.loss.torn = (size_t)(chance >> 8 & 0xff);
	}
	s.loss.ghosts = s.loss.of == MEDIUM_LOSES_SOME && (chance & 3) == 0;
	s.forgets = (chance >> 4 & 3) == 0;
	return s;
}

static void describe(const struct state *s, char *to, size_t n)
{
	static const char *const losses[] = { "nothing", "all", "some" };
	static const char *const kinds[] = { "plain", "rolling", "sealed" };

	snprintf(to, n, "state %llu: %s session %zu cut at change %zu, loses "
		 "%s of what is not synced%s, torn %zu%s",
		 (unsigned long long)s->number, kinds[s->kind], s->sync,
		 s->change, losses[s->loss.of],
		 s->loss.ghosts ? " with ghosts" : "", s->loss.torn, s->forgets ? ", the host forgets" : "");
}

/* --- one state ------------------------------------------------------------ */

static void cut_session(struct script *s, const struct state *state,
			bool loud)
{
	struct medium_loss loss = state->loss;
	struct medium *left;
	size_t tears;

	medium_settle(s->stick);
	medium_pull_at(s->stick, state->change);
	if (!host_sync_at(script_next(s), s->stick, NULL, NULL) &&
	    medium_changes(s->stick) > state->change)
		errx(3, "a session did not notice that the stick is gone");
	if (loud)
		medium_print(s->stick);
	tears = medium_tears(s->stick);
	loss.torn = loss.torn % (tears + 1);
	left = medium_left(s->stick, &loss);
	if (state->forgets)
		host_forget(script_next(s));
	medium_free(s->stick);
	s->stick = left;
}

/* bound: messages that may lie there twice. */
static bool judge(struct script *s, size_t bound, size_t *twice, char *why,
		  size_t n)
{
	struct script_lines lines;

	if (!script_settle(s, why, n))
		return false;
	script_to(s, SCRIPT_SYNCS);
	if (!script_settle(s, why, n) || !script_whole(s, why, n))
		return false;
	lines = script_count(s->stick);
	*twice = lines.twice;
	if (lines.twice > bound) {
		snprintf(why, n, "%zu of %zu messages are there twice",
			 lines.twice, lines.messages);
		return false;
	}
	return true;
}

static bool try_state(struct run *r, const struct state *state, size_t *twice,
		      char *why, size_t n)
{
	size_t bound;
	bool good;

	script_begin(&r->script, state->kind);
	script_to(&r->script, state->sync);
	cut_session(&r->script, state, r->loud);
	/* What one session writes may be there again; ghosts are messages of
	 * another place. */
	bound = state->loss.ghosts ? SIZE_MAX
				   : r->messages[state->kind][state->sync];
	good = judge(&r->script, bound, twice, why, n);
	if (r->loud)
		for (unsigned i = 0; i < SCRIPT_HOSTS; i++)
			fputs(r->script.hosts[i].findings, stdout);
	script_end(&r->script);
	return good;
}

static void work(struct run *r, struct job *job, unsigned n, unsigned jobs)
{
	for (uint64_t i = n; i < r->states; i += jobs) {
		struct state state = state_of(r, r->first + i * r->stride);
		char text[WHY_BYTES], why[WHY_BYTES] = "";
		size_t twice = 0;

		job->under_way = state.number;
		job->states++;
		if (!try_state(r, &state, &twice, why, sizeof(why))) {
			describe(&state, text, sizeof(text));
			if (job->failures++ < SHOWN_MAX)
				printf("%s: %s\n", text, why);
		}
		job->twice += twice;
	}
}

/* --- all of them ---------------------------------------------------------- */

static pid_t start(struct run *r, struct job *job, unsigned n, unsigned jobs)
{
	pid_t pid = fork();

	if (pid < 0)
		err(3, "fork");
	if (pid)
		return pid;
	work(r, job, n, jobs);
	fflush(stdout);
	_exit(0);
}

static uint64_t wait_for(pid_t pid, struct job *job)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(3, "waitpid");
	if (!status)
		return job->failures;
	printf("state %llu: the process ends with %d\n",
	       (unsigned long long)job->under_way, status);
	return job->failures + 1;
}

static int run_all(struct run *r, unsigned jobs)
{
	struct job *all = mmap(NULL, jobs * sizeof(*all),
			       PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t failures = 0, states = 0, twice = 0;
	time_t began = time(NULL);
	pid_t pids[JOBS_MAX];

	if (all == MAP_FAILED)
		err(3, "mmap");
	for (unsigned i = 0; i < jobs; i++)
		pids[i] = start(r, &all[i], i, jobs);
	for (unsigned i = 0; i < jobs; i++) {
		failures += wait_for(pids[i], &all[i]);
		states += all[i].states;
		twice += all[i].twice;
	}
	printf("%zu changes in %d sessions, %llu states, %llu failed; %llu "
	       "messages lie twice; %ld s\n", r->all,
	       SCRIPT_KINDS * SCRIPT_SYNCS, (unsigned long long)states,
	       (unsigned long long)failures, (unsigned long long)twice,
	       (long)(time(NULL) - began));
	return failures || states != r->states;
}

static int run_one(struct run *r, uint64_t number)
{
	struct state state = state_of(r, number);
	char text[WHY_BYTES] = "";
	size_t twice = 0;
	bool good;

	r->loud = r->script.loud = true;
	describe(&state, text, sizeof(text));
	puts(text);
	*text = '\0';
	good = try_state(r, &state, &twice, text, sizeof(text));
	printf("%s %s, %zu twice\n", good ? "good" : "FAILED", text, twice);
	return !good;
}

int main(int argc, char **argv)
{
	static struct run r = {
		.states = STATES, .stride = STRIDE, .seed = 1,
	};
	uint64_t one = UINT64_MAX;
	unsigned jobs = 2;
	int option, status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "n:s:f:j:o:")) != -1) {
		uint64_t n = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'n': r.states = n; r.stride = 1; break;
		case 's': r.seed = n; break;
		case 'f': r.first = n; break;
		case 'o': one = n; break;
		case 'j': jobs = n && n < JOBS_MAX ? (unsigned)n : 1; break;
		default: return 2;
		}
	}
	if (kith_init())
		return 3;
	host_in_memory();
	script_init(&r.script);
	for (int kind = 0; kind < SCRIPT_KINDS; kind++)
		measure(&r, (enum script_kind)kind);
	if (!r.all)
		errx(3, "no session writes");
	status = one == UINT64_MAX ? run_all(&r, jobs) : run_one(&r, one);
	script_clear(&r.script);
	return status;
}
