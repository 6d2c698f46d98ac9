#include "src/net/internal.h"

#include <signal.h>
#include <stdlib.h>

struct net_timer {
	uv_timer_t handle;
	void (*fn)(void *arg);
	void *arg;
};

enum kith_err net_err(int uv)
{
	switch (uv) {
	case 0: return KITH_OK;
	case UV_ENOMEM: return KITH_ENOMEM;
	case UV_EADDRINUSE: return KITH_EBUSY;
	case UV_EACCES:
	case UV_EPERM: return KITH_EDENIED;
	default: return KITH_EIO;
	}
}

static void on_wake(uv_async_t *handle)
{
	struct net *n = handle->data;

	if (n->on_wake)
		n->on_wake(n->wake_arg);
}

static void on_signal(uv_signal_t *handle, int signal)
{
	struct net *n = handle->data;

	if (n->on_signal)
		n->on_signal(n->signal_arg, signal);
}

/* The handles that every loop has; true if all were made. */
static bool init_handles(struct net *n)
{
	if (uv_async_init(&n->loop, &n->wake, on_wake))
		return false;
	n->wake.data = n;
	/* These two cannot fail on an initialised loop. */
	uv_signal_init(&n->loop, &n->interrupt);
	uv_signal_init(&n->loop, &n->terminate);
	n->interrupt.data = n->terminate.data = n;
	return true;
}

struct net *net_new(void)
{
	struct net *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	if (uv_loop_init(&n->loop)) {
		free(n);
		return NULL;
	}
	if (!init_handles(n)) {
		uv_loop_close(&n->loop);
		free(n);
		return NULL;
	}
	/* A peer that is gone shows as an error of the write. */
	signal(SIGPIPE, SIG_IGN);
	return n;
}

void net_free(struct net *n)
{
	if (!n)
		return;
	uv_close((uv_handle_t *)&n->wake, NULL);
	uv_close((uv_handle_t *)&n->interrupt, NULL);
	uv_close((uv_handle_t *)&n->terminate, NULL);
	uv_run(&n->loop, UV_RUN_DEFAULT);
	uv_loop_close(&n->loop);
	free(n);
}

void net_run(struct net *n)
{
	uv_run(&n->loop, UV_RUN_DEFAULT);
	while (n->conns) {
		for (struct conn *c = n->conns; c; c = c->next)
			conn_close(c);
		uv_run(&n->loop, UV_RUN_ONCE);
	}
}

void net_stop(struct net *n)
{
	uv_stop(&n->loop);
}

int64_t net_now_ms(const struct net *n)
{
	(void)n;
	return (int64_t)(uv_hrtime() / 1000000);
}

enum kith_err net_on_signal(struct net *n, void (*fn)(void *arg, int signal),
			    void *arg)
{
	int err;

	n->on_signal = fn;
	n->signal_arg = arg;
	err = uv_signal_start(&n->interrupt, on_signal, SIGINT);
	if (!err)
		err = uv_signal_start(&n->terminate, on_signal, SIGTERM);
	return net_err(err);
}

void net_on_wake(struct net *n, void (*fn)(void *arg), void *arg)
{
	n->on_wake = fn;
	n->wake_arg = arg;
}

void net_wake(struct net *n)
{
	uv_async_send(&n->wake);
}

/* --- workers --- */

struct work {
	uv_work_t req;
	void (*fn)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

static void on_work(uv_work_t *req)
{
	struct work *w = req->data;

	w->fn(w->arg);
}

static void after_work(uv_work_t *req, int status)
{
	struct work *w = req->data;

	(void)status; /* work is never cancelled */
	w->done(w->arg);
	free(w);
}

enum kith_err net_work(struct net *n, void (*fn)(void *arg),
		       void (*done)(void *arg), void *arg)
{
	struct work *w = calloc(1, sizeof(*w));

	if (!w)
		return KITH_ENOMEM;
	*w = (struct work){ .fn = fn, .done = done, .arg = arg };
	w->req.data = w;
	if (uv_queue_work(&n->loop, &w->req, on_work, after_work)) {
		free(w);
		return KITH_ENOMEM;
	}
	return KITH_OK;
}

/* --- timers --- */

static void on_timer(uv_timer_t *handle)
{
	struct net_timer *t = handle->data;

	t->fn(t->arg);
}

struct net_timer *net_timer_new(struct net *n, void (*fn)(void *arg),
				void *arg)
{
	struct net_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	uv_timer_init(&n->loop, &t->handle);
	t->handle.data = t;
	t->fn = fn;
	t->arg = arg;
	return t;
}

void net_timer_set(struct net_timer *t, int64_t at_ms)
{
	/* libuv counts from the time it last looked, not from now.  Never at
	 * once: a timer that its own callback sets for a time gone by would
	 * keep the loop from everything else, net_stop included. */
	int64_t wait = at_ms - (int64_t)uv_now(t->handle.loop);

	uv_timer_start(&t->handle, on_timer, wait > 1 ? (uint64_t)wait : 1, 0);
}

static void free_timer(uv_handle_t *handle)
{
	free(handle->data);
}

void net_timer_free(struct net_timer *t)
{
	if (t)
		uv_close((uv_handle_t *)&t->handle, free_timer);
}
