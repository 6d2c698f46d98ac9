#include "src/fsck/child.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/store/pages.h"

enum { TICK_MS = 200, TRIES_MAX = 64, STEP_FIRST = 64, SAID_MAX = 4096 };

/* What comes through the pipe: findings, then the end. */
struct message {
	bool end;
	struct fsck_finding finding;
	struct fsck_summary summary;
	enum kith_err err;
	struct kith_error error;
};

struct parent {
	fsck_run_fn *run;
	const struct fsck_config *config;
	struct fsck_config now; /* of the next child */
	struct fsck_progress *progress;
	uint64_t step, findings;
	bool again; /* a child has died: what it said may come again */
	struct fsck_finding *said;
	size_t said_count;
	struct message last;
};

/* --- the child ------------------------------------------------------------ */

static void send(int fd, const struct message *m)
{
	const uint8_t *p = (const uint8_t *)m;
	size_t left = sizeof(*m);

	while (left) {
		ssize_t n = write(fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1); /* nobody listens any more */
		p += n;
		left -= (size_t)n;
	}
}

static void send_finding(void *arg, const struct fsck_finding *f)
{
	const int *fd = arg;
	struct message m;

	memset(&m, 0, sizeof(m));
	m.finding = *f;
	send(*fd, &m);
}

_Noreturn static void be_child(struct parent *g, int fd)
{
	static const struct rlimit none = { 0, 0 };
	struct fsck_config config = g->now;
	struct message m;

	/* A death here is a finding, not a file. */
	setrlimit(RLIMIT_CORE, &none);
	config.finding = send_finding;
	config.arg = &fd;
	config.progress = g->progress;
	memset(&m, 0, sizeof(m));
	m.end = true;
	m.err = g->run(&config, &m.summary, &m.error);
	send(fd, &m);
	_exit(0);
}

/* --- the parent ----------------------------------------------------------- */

static bool same(const struct fsck_finding *a, const struct fsck_finding *b)
{
	return a->class == b->class && a->sequence == b->sequence &&
	       a->last == b->last && a->rx == b->rx && a->page == b->page &&
	       kith_feed_equal(&a->feed, &b->feed) && !strcmp(a->text, b->text);
}

static bool was_said(struct parent *g, const struct fsck_finding *f)
{
	for (size_t i = 0; g->again && i < g->said_count; i++)
		if (same(&g->said[i], f))
			return true;
	if (g->said_count < SAID_MAX)
		g->said[g->said_count++] = *f;
	return false;
}

static void tell(struct parent *g, const struct fsck_finding *f)
{
	if (was_said(g, f))
		return;
	g->findings++;
	g->config->finding(g->config->arg, f);
}

/* A whole message into *m; false: the child is gone.  -1 of poll is a
 * signal: tick knows. */
static bool receive(struct parent *g, int fd, struct message *m, bool *stop)
{
	uint8_t *p = (uint8_t *)m;
	size_t left = sizeof(*m);
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	while (left) {
		int ready = poll(&poller, 1, TICK_MS);
		ssize_t n = 0;

		*stop = g->config->tick &&
			!g->config->tick(g->config->arg, g->progress);
		if (*stop)
			return false;
		if (ready <= 0)
			continue;
		n = read(fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		left -= (size_t)n;
	}
	return true;
}

/* True: the child came to its end, which is in g->last. */
static bool listen_to(struct parent *g, int fd, bool *stop)
{
	while (receive(g, fd, &g->last, stop)) {
		if (g->last.end)
			return true;
		tell(g, &g->last.finding);
	}
	return false;
}

static const char *table_name(int table)
{
	return table >= 0 && table < TABLE_COUNT
		       ? store_table_name((enum store_table)table)
		       : "the pages";
}

/* Where to go on: behind the row, farther each time; else without the table.
 * False: there is no way on. */
static bool step_over(struct parent *g, int status)
{
	const struct fsck_progress *p = g->progress;
	struct fsck_finding f = { .class = FSCK_CORRUPT, .table = -1 };
	int table = p->table;

	if (table < 0)
		return false;
	if (table < TABLE_COUNT)
		f.table = table;
	if (table == TABLE_LOG)
		f.rx = p->rx;
	snprintf(f.text, sizeof(f.text), "the check of %s died of %s",
		 table_name(table),
		 WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
				     : "an unknown cause");
	tell(g, &f);
	g->again = true;
	if (table == TABLE_LOG && p->rx + g->step > g->now.skip_rx &&
	    g->step < UINT32_MAX) {
		g->now.skip_rx = p->rx + g->step;
		g->step *= 2;
		return true;
	}
	if (g->now.skip_tables >> table & 1)
		return false;
	g->now.skip_tables |= UINT64_C(1) << table;
	return true;
}

static enum kith_err end_child(pid_t pid, bool kill_it, int *status)
{
	if (kill_it)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return KITH_EIO;
	return KITH_OK;
}

/* One child from start to end; *done: its end is in g->last. */
static enum kith_err run_child(struct parent *g, bool *done, int *status,
			       struct kith_error *e)
{
	int ends[2];
	bool stop = false;
	enum kith_err err;
	pid_t pid;

	g->progress->table = -1;
	g->progress->verified = g->config->verified;
	g->progress->verified_id = g->config->verified_id;
	if (pipe(ends))
		return kith_fail(e, KITH_EIO, 0, "no pipe: %s",
				 strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return kith_fail(e, KITH_ENOMEM, 0, "no process: %s",
				 strerror(errno));
	}
	if (!pid) {
		close(ends[0]);
		be_child(g, ends[1]);
	}
	close(ends[1]);
	*done = listen_to(g, ends[0], &stop);
	close(ends[0]);
	err = end_child(pid, stop, status);
	return stop ? kith_fail(e, KITH_EBUSY, 0, "interrupted") : err;
}

static enum kith_err run_children(struct parent *g, struct kith_error *e)
{
	enum kith_err err;
	bool done = false;
	int status = 0;

	for (int i = 0; i < TRIES_MAX; i++) {
		err = run_child(g, &done, &status, e);
		if (err)
			return err;
		if (done)
			return g->last.err ? kith_fail(e, g->last.err, 0, "%s",
						       g->last.error.text)
					   : KITH_OK;
		if (!step_over(g, status))
			break;
	}
	return kith_fail(e, KITH_EIO, 0,
			 "the check dies wherever it starts (%s)",
			 WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
					     : "cause unknown");
}

enum kith_err child_run(fsck_run_fn *run, const struct fsck_config *config,
			struct fsck_summary *out, struct kith_error *e)
{
	struct parent g = { .run = run, .config = config, .now = *config,
			   .step = STEP_FIRST };
	enum kith_err err;

	g.said = calloc(SAID_MAX, sizeof(*g.said));
	g.progress = mmap(NULL, sizeof(*g.progress), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!g.said || g.progress == MAP_FAILED) {
		free(g.said);
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	err = run_children(&g, e);
	if (config->progress)
		*config->progress = *g.progress;
	if (!err) {
		*out = g.last.summary;
		out->findings = g.findings;
	}
	munmap(g.progress, sizeof(*g.progress));
	free(g.said);
	return err;
}
