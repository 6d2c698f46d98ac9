/*
 * Crashes, replayed: does what a workload does to its home once under a
 * recorder, then makes what a crash at each moment may leave on the disk, opens
 * it as kithd would and looks whether every promise is kept.
 *
 *	crash [-n STATES] [-s SEED] [-w WORKLOAD] [-j JOBS]
 *	crash -l	lists the workloads
 *
 * STATES of each workload: every prefix of what was done, every tear of its
 * last write between sectors, and losses of what was not synced; a sample of
 * them where there are more.  Each workload is also played with every sync
 * taken away, and with promises that come too soon: that must be noticed.
 */
#include <err.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feeds/message.h"
#include "src/log.h"
#include "tests/crash/check.h"
#include "tests/crash/disk.h"
#include "tests/crash/folder.h"
#include "tests/crash/scene.h"
#include "tests/crash/workload.h"

enum { JOBS_MAX = 16, STATES = 500, EARLY = 3, SHOWN_MAX = 5 };

extern char **environ;

/* One state, and what became of it; shared with the process that makes it. */
struct state {
	size_t index;	/* of all candidates */
	size_t done;	/* records */
	struct disk_loss loss;
	size_t states, failures;
	char why[256];
};

struct run {
	const struct workload *workload;
	struct disk *disk;
	struct truth truth;
	size_t wanted, candidates, losses; /* a record */
	uint64_t seed;
	unsigned jobs;
	bool broken; /* one failure is enough */
	char folder[FOLDER_PATH_BYTES];
	struct state *shared; /* one a job */
};

/* --- recording --- */

/* Runs the workload in a process of its own, whose calls pass the recorder. */
static void record(const struct workload *w, const char *folder,
		   const char *file)
{
	char disk[FOLDER_PATH_BYTES + 8], beside[FOLDER_PATH_BYTES + 8];
	const char *argv[] = { "crash", "-r", w->name, disk, beside, NULL };
	int status = -1;
	pid_t pid;

	snprintf(disk, sizeof(disk), "%s/disk", folder);
	snprintf(beside, sizeof(beside), "%s/beside", folder);
	if (mkdir(disk, 0700) || mkdir(beside, 0700))
		err(3, "%s", disk);
	folder_watch(disk);
	setenv("KITH_IO_RECORD", file, 1);
	/* posix_spawn does not write to its arguments. */
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL,
			(char **)(uintptr_t)argv, environ) ||
	    waitpid(pid, &status, 0) != pid || status)
		errx(3, "the workload %s failed", w->name);
	unsetenv("LD_PRELOAD");
}

static int list_workloads(void)
{
	for (const struct workload *w = workloads; w->name; w++)
		puts(w->name);
	return 0;
}

static int run_workload(const char *name, const char *disk,
			const char *beside)
{
	for (const struct workload *w = workloads; w->name; w++)
		if (!strcmp(w->name, name))
			w->run(disk, beside);
	return 0;
}

/* --- states --- */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* The n-th candidate after so many records; false: there are no more. */
static bool candidate(const struct run *r, size_t done, size_t n,
		      struct disk_loss *out)
{
	size_t count = disk_count(r->disk), tears = 0;

	*out = (struct disk_loss){ .seed = mix(r->seed ^ done << 20 ^ n) };
	/* A sync changes nothing that a prefix would show. */
	if (done && disk_at(r->disk, done - 1)->head.kind != RECORD_SYNC &&
	    n-- == 0)
		return true;
	while (done < count && disk_tear(r->disk, done, tears))
		tears++;
	if (n < tears) {
		out->torn = disk_tear(r->disk, done, n);
		return true;
	}
	n -= tears;
	out->of = n ? LOSS_SOME : LOSS_ALL;
	return n <= r->losses;
}

/* As many losses a record as it takes to have enough candidates. */
static void count_candidates(struct run *r)
{
	size_t count = disk_count(r->disk);
	struct disk_loss loss;

	r->losses = 1;
	r->candidates = 0;
	for (size_t done = 0; done <= count; done++)
		for (size_t n = 0; candidate(r, done, n, &loss); n++)
			r->candidates++;
	if (r->candidates >= r->wanted)
		return;
	r->losses += (r->wanted - r->candidates) / (count + 1) + 1;
	r->candidates += (r->losses - 1) * (count + 1);
}

static bool is_mark(const struct run *r, size_t done)
{
	return done && disk_at(r->disk, done - 1)->head.kind == RECORD_MARK;
}

/* Whether this candidate is in the sample; what a promise rests on always
 * is. */
static bool is_taken(const struct run *r, size_t index, size_t done,
		     const struct disk_loss *loss)
{
	if (r->broken || (loss->of == LOSS_ALL && is_mark(r, done)))
		return true;
	return mix(r->seed ^ mix(index)) % r->candidates < r->wanted;
}

static void fail_state(const struct run *r, struct state *s)
{
	static const char *const of[] = { "as done", "all lost", "some lost" };

	if (s->failures++ < SHOWN_MAX && !r->broken)
		printf("%s, seed %llu, state %zu: %zu records done, %s, "
		       "torn at %zu: %s\n",
		       r->workload->name, (unsigned long long)r->seed,
		       s->index, s->done, of[s->loss.of], s->loss.torn,
		       s->why);
}

static void try_state(const struct run *r, struct check *c, struct state *s,
		      const char *folder)
{
	char beside[FOLDER_PATH_BYTES + 8];
	size_t done = s->done;
	bool complete = false;

	folder_empty(folder);
	disk_leave(r->disk, done, &s->loss, folder);
	snprintf(beside, sizeof(beside), "%s/beside", r->folder);
	snprintf(c->why, sizeof(c->why), "what comes after does not work");
	if ((r->workload->after &&
	     !r->workload->after(folder, beside, &r->truth, done,
				 &complete)) ||
	    !check_home(c, folder, complete ? disk_count(r->disk) : done)) {
		memcpy(s->why, c->why, sizeof(s->why));
		fail_state(r, s);
	}
	s->states++;
}

/* One process's share of the states, those behind s->index. */
static void work(struct run *r, unsigned job, size_t after)
{
	struct check c = { .truth = &r->truth };
	struct state *s = &r->shared[job];
	size_t count = disk_count(r->disk), index = 0, taken = 0;
	struct disk_loss loss;
	char folder[FOLDER_PATH_BYTES];

	c.signer = scene_signer();
	c.decoder = kith_decoder_new(NULL);
	folder_make(folder);
	for (size_t done = 0; done <= count; done++) {
		if (done)
			disk_do(r->disk, done - 1);
		for (size_t n = 0; candidate(r, done, n, &loss); n++) {
			if (!is_taken(r, ++index, done, &loss) ||
			    taken++ % r->jobs != job || index <= after)
				continue;
			s->index = index;
			s->done = done;
			s->loss = loss;
			try_state(r, &c, s, folder);
			if (r->broken && s->failures)
				done = count;
		}
	}
	folder_remove(folder);
}

/* Forks a worker, again behind the state that killed the one before. */
static void work_to_the_end(struct run *r, unsigned job)
{
	struct state *s = &r->shared[job];
	int status;
	pid_t pid;

	for (size_t after = 0;; after = s->index) {
		pid = fork();
		if (pid < 0)
			err(3, "fork");
		if (!pid) {
			work(r, job, after);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid)
			err(3, "wait");
		if (!status)
			return;
		snprintf(s->why, sizeof(s->why), "died of %d", status);
		fail_state(r, s);
	}
}

static void work_all(struct run *r)
{
	pid_t pids[JOBS_MAX];
	int status;

	for (unsigned job = 0; job < r->jobs; job++) {
		pids[job] = fork();
		if (pids[job] < 0)
			err(3, "fork");
		if (!pids[job]) {
			work_to_the_end(r, job);
			_exit(0);
		}
	}
	for (unsigned job = 0; job < r->jobs; job++)
		if (waitpid(pids[job], &status, 0) != pids[job] || status)
			errx(3, "a worker ended with %d", status);
}

/* The recorder saw everything: the disk that was played is the one that is
 * there. */
static void check_recording(const char *file, const char *folder)
{
	struct disk *d = disk_load(file, false);

	for (size_t i = 0; i < disk_count(d); i++)
		disk_do(d, i);
	if (!disk_equals(d, folder))
		errx(3, "the recording is not complete");
	disk_free(d);
}

/* Plays a recording; the failures. */
static size_t play(struct run *r, const char *file, bool lazy, size_t early)
{
	size_t states = 0, failures = 0;

	r->broken = lazy || early;
	r->disk = disk_load(file, lazy);
	truth_read(&r->truth, r->disk, early);
	count_candidates(r);
	memset(r->shared, 0, JOBS_MAX * sizeof(*r->shared));
	work_all(r);
	for (unsigned job = 0; job < r->jobs; job++) {
		states += r->shared[job].states;
		failures += r->shared[job].failures;
	}
	if (!r->broken)
		printf("%s: %zu records, %zu states, %zu failed\n",
		       r->workload->name, disk_count(r->disk), states,
		       failures);
	truth_clear(&r->truth);
	disk_free(r->disk);
	return failures;
}

/* The same with something broken on purpose. */
static bool notices(struct run *r, const char *file, const char *what,
		    bool lazy, size_t early)
{
	bool noticed = play(r, file, lazy, early);

	printf("%s: %s: %s\n", r->workload->name, what,
	       noticed ? "noticed" : "NOT NOTICED");
	return noticed;
}

static bool run_all(struct run *r)
{
	char file[FOLDER_PATH_BYTES + 16], disk[FOLDER_PATH_BYTES + 8];
	bool good;

	folder_make(r->folder);
	snprintf(file, sizeof(file), "%s.recording", r->folder);
	record(r->workload, r->folder, file);
	snprintf(disk, sizeof(disk), "%s/disk", r->folder);
	check_recording(file, disk);
	good = !play(r, file, false, 0);
	good = notices(r, file, "without its syncs", true, 0) && good;
	good = notices(r, file, "promising too soon", false, EARLY) && good;
	unlink(file);
	folder_remove(r->folder);
	return good;
}

int main(int argc, char **argv)
{
	struct run r = { .wanted = STATES, .seed = 1, .jobs = 2 };
	const char *only = NULL;
	bool good = true;
	int option;

	if (kith_init())
		return 1;
	log_set_level(LOG_LEVEL_ERROR);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	while ((option = getopt(argc, argv, "n:s:w:j:r:l")) != -1)
		switch (option) {
		case 'n': r.wanted = strtoull(optarg, NULL, 10); break;
		case 's': r.seed = strtoull(optarg, NULL, 10); break;
		case 'w': only = optarg; break;
		case 'j': r.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'r': return run_workload(optarg, argv[optind],
						 argv[optind + 1]);
		case 'l': return list_workloads();
		default: return 2;
		}
	if (!r.jobs || r.jobs > JOBS_MAX)
		r.jobs = JOBS_MAX;
	r.shared = mmap(NULL, JOBS_MAX * sizeof(*r.shared),
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);
	if (r.shared == MAP_FAILED)
		err(3, "mmap");
	for (r.workload = workloads; r.workload->name; r.workload++)
		if (!only || !strcmp(only, r.workload->name))
			good = run_all(&r) && good;
	return good ? 0 : 1;
}
