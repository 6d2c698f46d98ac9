/*
 * What follows the log, on the writer's thread: at rest soon after the last
 * commit; in a flood every few seconds, and those that gather also when much
 * waits, in turn with the messages.  Publishes never wait for more than a slice
 * of it.
 */
#include "src/ingest/ingest_private.h"

/* After what could not be done: a damaged row stays damaged; but a reader is to
 * be had again soon. */
enum { AGAIN_MS = 5000, LOOK_AGAIN_MS = 500 };

static bool is_behind(const struct following *f)
{
	return f->place.position < f->place.end;
}

void following_look(struct ingest *in)
{
	struct following *f = &in->following;
	struct follow_place now;
	int64_t now_ms;

	if (!in->config.follow || (f->look_known && !f->look))
		return;
	now_ms = room_now_ms();
	f->blind = follow_place(in->config.follow, &now);
	if (f->blind) {
		if (f->not_before_ms < now_ms + LOOK_AGAIN_MS)
			f->not_before_ms = now_ms + LOOK_AGAIN_MS;
		return;
	}
	if (now.end != f->place.end || !f->look_known)
		f->changed_ms = now_ms;
	if (!is_behind(f) || now.position != f->place.position)
		f->moved_ms = now_ms;
	f->look_known = true;
	f->look = false;
	f->place = now;
	f->pays = follow_pays(&now);
}

int64_t following_due_ms(const struct ingest *in)
{
	const struct following *f = &in->following;
	int64_t due_ms = f->moved_ms + FOLLOW_FLOOD_MS;

	if (f->blind)
		return f->not_before_ms; /* they may be */
	if (!is_behind(f))
		return INT64_MAX;
	if (!in->queue.first)
		due_ms = f->changed_ms + FOLLOW_REST_MS;
	else if (f->last)
		return INT64_MAX; /* messages first */
	else if (f->pays)
		due_ms = 0;
	return due_ms > f->not_before_ms ? due_ms : f->not_before_ms;
}

bool following_is_due(const struct ingest *in)
{
	int64_t due_ms = following_due_ms(in);

	return due_ms < INT64_MAX && due_ms <= room_now_ms();
}

static bool is_flood(struct ingest *in)
{
	bool flood;

	pthread_mutex_lock(&in->lock);
	flood = in->queue.first;
	pthread_mutex_unlock(&in->lock);
	return flood;
}

/* Who publishes in a flood waits for commits of messages as well. */
static enum kith_err let_follow(struct ingest *in, struct kith_error *e)
{
	struct follow *follow = in->config.follow;
	bool more;

	if (!is_flood(in))
		return follow_some(follow, FOLLOW_SLICE_MS, &more, e);
	if (room_now_ms() - in->following.moved_ms < FOLLOW_FLOOD_MS)
		return follow_gather(follow, FOLLOW_LONG_SLICE_MS, &more, e);
	return follow_some(follow, FOLLOW_LONG_SLICE_MS, &more, e);
}

void following_run(struct ingest *in)
{
	struct following *f = &in->following;
	struct kith_error e = { 0 };

	f->look = true;
	if (!let_follow(in, &e))
		return;
	f->not_before_ms = room_now_ms() + AGAIN_MS;
	log_limited(&in->failures, LOG_LEVEL_ERROR, LOG_INGEST,
		    "what follows the log stays behind: %s", e.text);
}
