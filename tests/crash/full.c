/*
 * Disks that fill up: plays a scene again and again, and each time lets another
 * call that needs the disk fail, for a while or until the scene has seen it.
 *
 *	full [-n POINTS] [-s SEED] [-j JOBS] [-p POINT]
 *
 * Whatever fails: reading goes on, publishing says why it does not, nothing
 * that was acknowledged is lost, nothing is damaged, and with room again the
 * node goes on by itself within five seconds.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feeds/message.h"
#include "src/store/signals.h"
#include "tests/crash/check.h"
#include "tests/crash/folder.h"
#include "tests/crash/scene.h"
#include "tests/support/disk_io.h"

enum {
	POINTS = 60,
	JOBS = 16,
	ROUNDS = 8,
	RESTART = 5,
	RESUME_MS = 5000,
	PATIENCE_S = 60, /* with a point */
	LIMIT_EVERY = 16, /* points with a real limit on the size of files */
	TRIES = 3
};

/* What became of a point; shared with the process that plays it. */
struct outcome {
	pid_t pid;
	long calls, failures;
	long resume_ms; /* the longest */
	unsigned stops; /* how often it could not write for a while */
};

struct play {
	size_t point;
	struct disk_fault fault;
	rlim_t room; /* bytes a file may have; 0: no limit */
	struct scene scene;
	struct truth truth;
	size_t pending; /* messages that were added and have no outcome */
	struct outcome *outcome;
};

__attribute__((format(printf, 2, 3), noreturn))
static void fail(const struct play *p, const char *format, ...)
{
	va_list list;

	printf("point %zu: errno %d after %ld calls, %ld times, done %d: ",
	       p->point, p->fault.err, p->fault.pass, p->fault.count,
	       p->fault.done);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	puts("");
	fflush(stdout);
	_exit(1);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the disk --- */

static void spoil(struct play *p)
{
	struct rlimit limit;

	if (!p->room) {
		disk_fail(&p->fault);
		return;
	}
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = p->room;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void mend(struct play *p)
{
	const struct disk_fault none = { 0 };
	struct rlimit limit;

	p->outcome->calls += disk_calls();
	p->outcome->failures += disk_failures();
	disk_fail(&none);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* --- what is acknowledged --- */

static struct truth_feed *own(struct play *p)
{
	return truth_feed(&p->truth, kith_signer_id(p->scene.signer));
}

/* Up to a sequence: where the disk failed at the end of a commit, a message
 * that was not acknowledged may stand before the one that is. */
static void note_own(struct play *p, uint64_t sequence)
{
	struct truth_feed *f = own(p);
	struct message_row row;
	struct feed_row feed;
	struct txn *t;

	if (store_read(p->scene.store, &t))
		fail(p, "what was published cannot be read");
	feed_get(t, &f->id, &feed);
	while (f->count < sequence) {
		if (!message_by_sequence(t, feed.number, f->count + 1, &row))
			fail(p, "what was published is not there");
		truth_note(f, &row.id, 0);
	}
	txn_end(t);
}

/* All that friends write is known; what of it is held must stay. */
static void note_friends(struct play *p)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_msg m;

	for (int a = 0; a < SCENE_FRIENDS; a++) {
		struct author *friend = &p->scene.friends[a];
		struct truth_feed *f = truth_feed(&p->truth,
						  author_id(friend));

		while (f->count < friend->count) {
			kith_decoder_reset(d);
			scene_must(kith_msg_decode(
					   d, KITH_CLASSIC,
					   author_message(friend,
							  f->count + 1),
					   &m, NULL), NULL);
			truth_note(f, &m.id, SIZE_MAX);
		}
	}
	kith_decoder_free(d);
}

static void note_result(struct play *p, const struct ingest_result *r)
{
	p->pending--;
	if (r->verdict != INGEST_ADDED && r->verdict != INGEST_KNOWN)
		fail(p, "a message was refused: %s", r->why);
	truth_feed(&p->truth, &r->author)->held[r->sequence - 1] = 0;
}

/* --- doing --- */

/* Publishes and waits for the outcome, and takes what comes with it.  False: it
 * was refused. */
static bool publish(struct play *p, int i)
{
	struct ingest_done done;

	scene_publish(&p->scene, i);
	for (;;) {
		ingest_wait_some(p->scene.ingest);
		if (!ingest_done(p->scene.ingest, &done))
			fail(p, "publishing has no outcome");
		for (size_t k = 0; k < done.count; k++)
			note_result(p, &done.results[k]);
		if (done.results)
			continue;
		if (!done.code)
			note_own(p, done.sequence);
		else if (!strstr(done.error.text, "not written: "))
			fail(p, "refused: %s", done.error.text);
		return !done.code;
	}
}

static void hear(struct play *p, int round)
{
	scene_write(&p->scene, round, (size_t)round % 4);
	note_friends(p);
	p->pending += scene_hear(&p->scene);
	ingest_flush(p->scene.ingest);
}

static bool in_trouble(struct play *p)
{
	struct ingest_trouble why;

	return ingest_trouble(p->scene.ingest, &why);
}

static void check_reading(struct play *p)
{
	struct feed_row feed = { 0 };
	struct txn *t;
	enum kith_err err = store_read(p->scene.store, &t);

	/* Written, and not known to be on the disk: that must not be told. */
	if (err && p->fault.done == FAULT_ALL)
		return;
	if (err)
		fail(p, "cannot read: %s", kith_strerror(err));
	feed_get(t, &own(p)->id, &feed);
	if (feed.last < own(p)->count)
		fail(p, "what was published is not there any more");
	txn_end(t);
}

/* The disk takes nothing; then it does again. */
static void see_it_through(struct play *p, int round)
{
	struct ingest_done done;
	long since_ms;

	check_reading(p);
	if (publish(p, round) && in_trouble(p))
		fail(p, "published, and nothing can be written");
	hear(p, round); /* so that something waits */
	mend(p);
	since_ms = now_ms();
	while (p->pending) {
		ingest_wait_some(p->scene.ingest);
		if (!ingest_done(p->scene.ingest, &done))
			fail(p, "%zu wait, and nothing happens", p->pending);
		for (size_t i = 0; i < done.count; i++)
			note_result(p, &done.results[i]);
	}
	since_ms = now_ms() - since_ms;
	if (in_trouble(p))
		fail(p, "all is in, and nothing can be written");
	if (since_ms > p->outcome->resume_ms)
		p->outcome->resume_ms = since_ms;
	if (since_ms > RESUME_MS)
		fail(p, "it went on after %ld ms", since_ms);
	p->outcome->stops++;
	if (!publish(p, round))
		fail(p, "publishing is refused with room again");
}

/* Each publish shows whether the disk takes writes, until all is in. */
static void play_round(struct play *p, int round)
{
	publish(p, round);
	hear(p, round);
	do {
		publish(p, round);
	} while (p->pending && !in_trouble(p));
	if (in_trouble(p))
		see_it_through(p, round);
}

static void open_scene(struct play *p)
{
	struct kith_error e = { 0 };
	bool made;

	if (scene_open(&p->scene, &made, &e)) {
		if (!*e.text)
			fail(p, "it does not open, and does not say why");
		scene_close(&p->scene);
		mend(p);
		e = (struct kith_error){ 0 };
		if (scene_open(&p->scene, &made, &e))
			fail(p, "it does not open with room again: %s",
			     e.text);
	}
	own(p)->own = 0;
}

/* What waits is lost by a stop, and heard again. */
static void restart(struct play *p)
{
	scene_close(&p->scene);
	p->pending = 0;
	open_scene(p);
}

static void play(struct play *p, const char *folder)
{
	struct check c = { .truth = &p->truth };

	scene_init(&p->scene, folder);
	p->scene.patient = true;
	own(p)->more = true;
	if (!p->room)
		spoil(p);
	open_scene(p);
	for (int round = 0; round < ROUNDS; round++) {
		if (p->room && round == 1)
			spoil(p);
		if (round == RESTART)
			restart(p);
		play_round(p, round);
	}
	scene_close(&p->scene);
	mend(p);
	c.signer = p->scene.signer;
	c.decoder = kith_decoder_new(NULL);
	if (!check_home(&c, folder, 1))
		fail(p, "%s", c.why);
}

/* --- all of them --- */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static void choose(struct play *p, uint64_t seed, long calls)
{
	static const int errs[] = { ENOSPC, EDQUOT, EFBIG, EIO, EROFS };
	static const long counts[] = { 1, 2, 3, 10, LONG_MAX, LONG_MAX };
	uint64_t x = mix(seed ^ mix(p->point));

	if (!calls)
		return; /* the one that counts */
	if (p->point % LIMIT_EVERY == 0) {
		p->room = (rlim_t)(200000 + x % 200000);
		return;
	}
	p->fault.pass = (long)(x % (uint64_t)calls);
	p->fault.err = errs[(x >> 32) % 5];
	p->fault.count = counts[(x >> 40) % 6];
	p->fault.done = (x >> 48) % 3;
}

static pid_t begin(size_t point, uint64_t seed, long calls,
		   struct outcome *outcome)
{
	struct play p = { .point = point, .outcome = outcome };
	char folder[FOLDER_PATH_BYTES + 24];
	pid_t pid = fork();

	if (pid < 0)
		err(3, "fork");
	if (pid)
		return pid;
	snprintf(folder, sizeof(folder), "%s/%zu", getenv("KITH_IO_ROOT"),
		 point);
	choose(&p, seed, calls);
	alarm(PATIENCE_S);
	play(&p, folder);
	_exit(0);
}

struct run {
	size_t first, points, jobs;
	uint64_t seed;
	struct outcome *outcomes; /* of all that may be played */
	size_t begun, running, failed, missed;
	long calls; /* of a scene on a good disk */
};

/* Waits for a point. */
static void end(struct run *r)
{
	size_t i = r->first;
	int status;
	pid_t pid = wait(&status);

	if (pid < 0)
		err(3, "wait");
	r->running--;
	r->failed += status != 0;
	if (status && !WIFEXITED(status))
		printf("a point died of %d\n", status);
	while (i < r->begun && r->outcomes[i].pid != pid)
		i++;
	/* Its scene was shorter than the one that was counted. */
	if (!status && i < r->begun && !r->outcomes[i].failures &&
	    !r->outcomes[i].stops)
		r->missed++;
}

static void run_points(struct run *r)
{
	size_t most = r->first + TRIES * r->points;

	r->outcomes[0].pid = begin(0, 0, 0, r->outcomes);
	r->running = 1;
	end(r);
	if (r->failed)
		errx(1, "the scene fails on a good disk");
	r->calls = r->outcomes[0].calls;
	for (r->begun = r->first; r->begun < most; r->begun++) {
		if (r->running == r->jobs)
			end(r);
		while (r->running && r->begun - r->first - r->missed ==
					     r->points)
			end(r);
		if (r->begun - r->first - r->missed == r->points)
			break;
		r->outcomes[r->begun].pid = begin(r->begun, r->seed, r->calls,
						  &r->outcomes[r->begun]);
		r->running++;
	}
	while (r->running)
		end(r);
}

static int tell(const struct run *r)
{
	struct outcome sum = { 0 };

	for (size_t i = r->first; i < r->begun; i++) {
		sum.failures += r->outcomes[i].failures;
		sum.stops += r->outcomes[i].stops;
		if (r->outcomes[i].resume_ms > sum.resume_ms)
			sum.resume_ms = r->outcomes[i].resume_ms;
	}
	printf("%zu points of %ld calls: %ld calls failed, %u stops, gone on "
	       "after %ld ms at most; %zu points failed\n",
	       r->begun - r->first - r->missed, r->calls, sum.failures,
	       sum.stops, sum.resume_ms, r->failed);
	return r->failed || !sum.failures || !sum.stops;
}

/* Plays the points; the shared object is there. */
static int run_all(struct run *r)
{
	size_t n = (r->first + TRIES * r->points) * sizeof(struct outcome);

	r->outcomes = mmap(NULL, n, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->outcomes == MAP_FAILED)
		err(3, "mmap");
	run_points(r);
	return tell(r);
}

static int run_watched(char **argv)
{
	char folder[FOLDER_PATH_BYTES];
	int status = -1;
	pid_t pid;

	folder_make(folder);
	folder_watch(folder);
	pid = fork();
	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(3);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(3, "wait");
	unsetenv("LD_PRELOAD");
	folder_remove(folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
	struct run r = { .first = 1, .points = POINTS, .jobs = JOBS,
			 .seed = 1 };
	int option;

	if (!disk_fail)
		return run_watched(argv);
	while ((option = getopt(argc, argv, "n:s:j:p:")) != -1)
		switch (option) {
		case 'n': r.points = strtoull(optarg, NULL, 10); break;
		case 's': r.seed = strtoull(optarg, NULL, 10); break;
		case 'j': r.jobs = strtoull(optarg, NULL, 10); break;
		case 'p':
			r.first = strtoull(optarg, NULL, 10);
			r.points = 1;
			break;
		default: return 2;
		}
	if (kith_init())
		return 1;
	/* It would be full of what we do to it. */
	if (!freopen("/dev/null", "w", stderr))
		err(3, "/dev/null");
	store_signals();
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	return run_all(&r);
}
