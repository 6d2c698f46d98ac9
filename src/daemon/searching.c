#include "src/daemon/searching.h"

#include "src/daemon/daemon.h"

enum {
	PAUSE_MS = 1000,    /* without news */
	LATEST_MS = 30000,  /* behind the first of them */
	SWEEP_MS = 5000,    /* more of a feed may be going */
	FAILED_MS = 60000
};

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- the worker --- */

static void turn(void *arg)
{
	struct searching *s = arg;

	s->error = (struct kith_error){ 0 };
	s->err = s->search ? KITH_OK
			   : search_open(s->daemon->home, &s->search,
					 &s->error);
	if (!s->err)
		s->err = search_catch_up(s->search, s->daemon->store,
					 &s->slice, &s->error);
	if (!s->err && s->slice.sweep)
		s->err = search_drop_private(s->daemon->home, &s->error);
}

/* --- the loop --- */

static void tell(struct searching *s)
{
	if (s->err && s->err != KITH_EBUSY && !s->told)
		log_warn(LOG_STORE, "search finds nothing new: %s",
			 s->error.text);
	else if (!s->err && s->told)
		log_info(LOG_STORE, "search finds what is new again");
	s->told = s->err && (s->told || s->err != KITH_EBUSY);
}

static void plan(struct daemon *d, struct searching *s)
{
	int64_t now_ms = daemon_now_ms(d);

	if (s->err)
		s->due_ms = now_ms +
			    (s->err == KITH_EBUSY ? PAUSE_MS : FAILED_MS);
	else if (s->slice.more)
		s->due_ms = now_ms;
	else if (s->news)
		s->due_ms = now_ms + PAUSE_MS;
	if (!s->err && s->slice.stale && s->sweep_ms == INT64_MAX)
		s->sweep_ms = now_ms + SWEEP_MS;
	else if (!s->err && !s->slice.stale)
		s->sweep_ms = INT64_MAX;
	s->latest_ms = INT64_MAX;
}

static void turned(void *arg)
{
	struct searching *s = arg;
	struct daemon *d = s->daemon;

	s->running = false;
	if (s->over)
		return;
	tell(s);
	plan(d, s);
	daemon_settle(d);
}

void searching_due(struct daemon *d, int64_t now_ms)
{
	struct searching *s = &d->searching;

	if (s->running || now_ms < searching_deadline_ms(d))
		return;
	s->slice.messages = SEARCH_SLICE_MESSAGES;
	s->slice.sweep = now_ms >= s->sweep_ms;
	s->news = false;
	s->due_ms = INT64_MAX;
	s->running = !net_work(d->net, turn, turned, s);
	if (!s->running)
		s->due_ms = now_ms + FAILED_MS;
}

int64_t searching_deadline_ms(const struct daemon *d)
{
	const struct searching *s = &d->searching;

	if (s->running || d->stopping)
		return INT64_MAX;
	return sooner(s->due_ms, s->sweep_ms);
}

void searching_look(struct daemon *d)
{
	struct searching *s = &d->searching;
	int64_t now_ms = daemon_now_ms(d);

	s->news = true;
	if (s->running)
		return;
	if (s->latest_ms == INT64_MAX)
		s->latest_ms = now_ms + LATEST_MS;
	s->due_ms = sooner(now_ms + PAUSE_MS, s->latest_ms);
}

void searching_start(struct daemon *d)
{
	d->searching = (struct searching){
		.daemon = d,
		.due_ms = daemon_now_ms(d) + PAUSE_MS,
		.latest_ms = INT64_MAX,
		.sweep_ms = INT64_MAX,
	};
}

void searching_stop(struct daemon *d)
{
	d->searching.over = true;
}

void searching_free(struct daemon *d)
{
	search_close(d->searching.search);
}
