#include "src/daemon/space.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/daemon/daemon.h"

/* --- the limit --- */

static void sate(struct daemon *d, bool sated)
{
	d->space.sated = sated;
	ebt_sate(d->replicate.ebt, sated);
	if (sated)
		log_warn(LOG_STORE, "the limit is reached: nothing more is "
				    "taken from others limit=%" PRId64,
			 d->config.store_limit);
	else
		log_info(LOG_STORE, "there is room again below the limit");
}

void space_look(struct daemon *d)
{
	enum store_room room;
	struct txn *t;

	if (!d->config.store_limit || !daemon_read(d, &t))
		return;
	room = txn_room(t);
	txn_end(t);
	if (!d->space.sated && room < STORE_ROOM_ALL)
		sate(d, true);
	else if (d->space.sated && room == STORE_ROOM_AMPLE)
		sate(d, false);
}

/* --- retention --- */

enum kith_err space_rule(struct daemon *d, struct retaining *r)
{
	struct graph *g = d->replicate.graph;
	int max = (int)d->config.retention_hops - 1, hops;
	struct kith_feed_id feed;
	size_t at = 0, n = 0;

	*r = (struct retaining){ .days = d->config.retention_days,
				 .wall_ms = daemon_wall_ms() };
	while (graph_next(g, max, &at, &feed, &hops))
		n++;
	r->near = calloc(n + 1, sizeof(*r->near));
	if (!r->near)
		return KITH_ENOMEM;
	at = 0;
	while (r->near_count < n &&
	       graph_next(g, max, &at, &r->near[r->near_count], &hops))
		r->near_count++;
	return KITH_OK;
}

void space_stepped(struct daemon *d, const struct retaining *r)
{
	for (size_t i = 0; !r->dry && i < r->changed_count; i++)
		replicate_removed(d, d->intake.shows, &r->changed[i]);
	space_look(d);
}

static struct space *of_task(struct intake_task *task)
{
	char *embedded = (char *)task - offsetof(struct space, task);

	return (struct space *)(void *)embedded;
}

static enum kith_err step(struct store *s, void *task, struct kith_error *e)
{
	struct space *space = of_task(task);

	return retain_some(s, &space->retaining, &space->more, e);
}

static void finish(struct daemon *d)
{
	struct space *s = &d->space;
	struct retaining *r = &s->retaining;

	s->running = false;
	s->due_ms = daemon_now_ms(d) + SPACE_EVERY_MS;
	free(r->near);
	r->near = NULL;
	s->feeds += r->feeds;
	s->messages += r->messages;
	s->bytes += r->bytes;
	if (r->messages)
		log_info(LOG_STORE, "retention removed messages=%zu feeds=%zu "
				    "bytes=%zu", (size_t)r->messages,
			 (size_t)r->feeds, (size_t)r->bytes);
}

static void on_stepped(struct daemon *d, struct intake_task *task,
		       const struct ingest_done *outcome)
{
	struct space *s = of_task(task);

	space_stepped(d, &s->retaining);
	if (outcome->code)
		log_warn(LOG_STORE, "retention: %s", outcome->error.text);
	if (outcome->code || !s->more || d->stopping ||
	    intake_run(d, step, &s->task))
		finish(d);
}

void space_due(struct daemon *d, int64_t now_ms)
{
	struct space *s = &d->space;

	if (now_ms < s->due_ms)
		return;
	s->due_ms = now_ms + SPACE_EVERY_MS;
	if (space_rule(d, &s->retaining))
		return;
	s->task.done = on_stepped;
	if (intake_run(d, step, &s->task)) {
		finish(d);
		return;
	}
	s->running = true;
	s->due_ms = INT64_MAX;
}

int64_t space_deadline_ms(const struct daemon *d)
{
	return d->space.due_ms;
}

/* --- life --- */

void space_start(struct daemon *d)
{
	d->space.due_ms = d->config.retention_days
				  ? daemon_now_ms(d) + SPACE_FIRST_MS
				  : INT64_MAX;
	space_look(d);
}

void space_stop(struct daemon *d)
{
	free(d->space.retaining.near);
}
